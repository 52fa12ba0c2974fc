package config

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
)

func TestRangesAreSignedAndCheckedAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	made, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(made)})
	public := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&made.PublicKey)})
	const ours, theirs, sign = "b2b_key_file = \"ours\"\n", "b2b_public_key_file = \"theirs\"\n", "[bulk]\nsign = \"rsa-sha256-pkcs1v15\"\n"
	for _, c := range []struct {
		name, text    string
		signs, checks bool
		fails         string
	}{
		{"nothing", "", false, false, ""},
		{"a key that is not used", ours, false, false, ""},
		{"their key alone", theirs, false, true, ""},
		{"signed", ours + sign, true, false, ""},
		{"signed and checked", ours + theirs + sign, true, true, ""},
		{"signed without a key", sign, false, false, "cli.config.bad_value"},
		{"their key for ours", "b2b_key_file = \"theirs\"\n", false, false, "cli.config.secret_not_pem"},
		{"our key for theirs", "b2b_public_key_file = \"ours\"\n", false, false, "cli.config.secret_not_pem"},
	} {
		file := put(t, "[platform.secrets]\n"+c.text)
		for name, text := range map[string][]byte{"ours": private, "theirs": public} {
			if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		settings, err := Load(Where{File: file})
		if c.fails != "" {
			_ = wantError(t, err, c.fails)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		signer := settings.Client().B2BSigner
		if word, err := signer.Sign(map[string]string{"ver": "2"}); err != nil || word != "skip" != c.signs || signer.Checks() != c.checks {
			t.Errorf("%s: signed %q, %v; checked: %v", c.name, word, err, signer.Checks())
		}
	}
}

func TestACodesFormHoldsItsBINAndItsSerial(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "[bulk]\nvoucher_code = \"BBBB??????SSSSSSS??\"\ncard_code = \"BBBBBBSSSSSSS\"\n")
	if got := c.Desk("x").Rules.Codes; got.Voucher != "BBBB??????SSSSSSS??" || got.Card != "BBBBBBSSSSSSS" {
		t.Errorf("%+v", got)
	}
	for _, text := range []string{"voucher_code = \"BBBBBBSSSSSSS\"", "card_code = \"BBBBSSSSSSS\"", "voucher_code = \"7020\""} {
		_, err := load(t, "[bulk]\n"+text+"\n")
		_ = wantError(t, err, "cli.config.bad_value")
	}
}
