package api

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"testing"
)

func TestAnRSASignatureCoversEveryFieldAndIsReadFromPEM(t *testing.T) {
	t.Parallel()
	made, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	pkcs8, err8 := x509.MarshalPKCS8PrivateKey(made)
	pkix, errPKIX := x509.MarshalPKIXPublicKey(&made.PublicKey)
	fields := map[string]string{"ver": "2", "type": "2", "bin": "7020", "codeType": ""}
	for _, private := range []string{text("PRIVATE KEY", pkcs8, err8), text("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(made), nil)} {
		for _, public := range []string{text("PUBLIC KEY", pkix, errPKIX), text("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&made.PublicKey), nil)} {
			var s RSASigner
			var err error
			if s.Key, err = ParseRSAKey(private); err != nil {
				t.Fatal(err)
			}
			if s.Public, err = ParseRSAPublicKey(public); err != nil {
				t.Fatal(err)
			}
			sign, err := s.Sign(fields)
			if err != nil || s.Verify(fields, sign) != nil {
				t.Fatalf("%v, %v", err, s.Verify(fields, sign))
			}
			for name, value := range map[string]string{"bin": "7021", "type": "", "codeType": "3", "more": "x"} {
				other := maps.Clone(fields)
				other[name] = value
				if s.Verify(other, sign) == nil {
					t.Errorf("%s = %q fits the signature too", name, value)
				}
			}
			if s.Verify(fields, "") == nil || s.Verify(fields, "skip") == nil {
				t.Error("no signature fits")
			}
		}
	}
	for _, bad := range []string{"", "skip", text("PUBLIC KEY", []byte("x"), nil)} {
		if _, err := ParseRSAKey(bad); err == nil {
			t.Errorf("a private key from %q", bad)
		}
		if _, err := ParseRSAPublicKey(bad); err == nil {
			t.Errorf("a public key from %q", bad)
		}
	}
	if sign, err := (RSASigner{}).Sign(fields); err != nil || sign != "skip" {
		t.Errorf("without a key %q, %v", sign, err)
	}
}
