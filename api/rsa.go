package api

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
)

// RSASigner is a signature for the B2B gateway: the fields but sign, empty ones
// dropped, sorted by name, joined k=v with & as in the POSP rule; RSA with
// SHA-256, PKCS #1 v1.5, in Base64. An answer's signature has the size of
// RSA-2048; the platform's own hash, padding and text are not known (platform.md
// §3.3), so nothing of this is said to be its rule.
type RSASigner struct {
	Key    *rsa.PrivateKey // ours; nil sends the literal "skip"
	Public *rsa.PublicKey  // the platform's; nil takes its answers unsigned
}

// Sign signs the fields of a request.
func (s RSASigner) Sign(fields map[string]string) (string, error) {
	if s.Key == nil {
		return b2bUnsigned, nil
	}
	sum := sha256.Sum256(canonical(fields, everyField))
	sign, err := rsa.SignPKCS1v15(rand.Reader, s.Key, crypto.SHA256, sum[:])
	return base64.StdEncoding.EncodeToString(sign), err
}

// Checks reports that answers must be signed.
func (s RSASigner) Checks() bool { return s.Public != nil }

// Verify tells whether sign is the platform's under the fields.
func (s RSASigner) Verify(fields map[string]string, sign string) error {
	raw, err := base64.StdEncoding.DecodeString(sign)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(canonical(fields, everyField))
	return rsa.VerifyPKCS1v15(s.Public, crypto.SHA256, sum[:], raw)
}

var errNoRSAKey = errors.New("no RSA key in PEM form")

// ParseRSAKey reads a private key: PEM of PKCS #8 or PKCS #1.
func ParseRSAKey(text string) (*rsa.PrivateKey, error) {
	return parseRSA(text, x509.ParsePKCS1PrivateKey, x509.ParsePKCS8PrivateKey)
}

// ParseRSAPublicKey reads a public key: PEM of PKIX or PKCS #1.
func ParseRSAPublicKey(text string) (*rsa.PublicKey, error) {
	return parseRSA(text, x509.ParsePKCS1PublicKey, x509.ParsePKIXPublicKey)
}

// parseRSA reads PEM of PKCS #1, or of the form that names its kind of key.
func parseRSA[K any](text string, bare func([]byte) (*K, error), named func([]byte) (any, error)) (*K, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errNoRSAKey
	}
	if key, err := bare(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := named(block.Bytes)
	key, ok := parsed.(*K)
	if !ok {
		return nil, errors.Join(errNoRSAKey, err)
	}
	return key, nil
}
