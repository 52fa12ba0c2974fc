package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"counterfoil/api"
	"counterfoil/offline/files"
)

// maxSecret bounds a secret's file, in bytes; an RSA key in PEM has under 4 kB.
const maxSecret = 16 << 10

// secrets reads the keys.
func (c *Config) secrets(w Where) (err error) {
	if c.client.CA, err = c.authority(); err != nil {
		return err
	}
	if c.client.MACKey, err = c.word(w, "mac_key"); err != nil {
		return err
	}
	if c.client.MACKey != "" && !hexForm.MatchString(c.client.MACKey) {
		return c.badSecret(nil, "mac_key", c.file(secretKey("mac_key")), "cli.config.secret_not_hex")
	}
	if c.client.AppSecret, err = c.word(w, "app_secret"); err != nil {
		return err
	}
	if c.desk.ExportKey, err = c.word(w, "export_key"); err != nil {
		return err
	}
	return c.rangeKeys(w)
}

// rangeKeys reads the keys of serial ranges. Without bulk.sign they go out with
// the literal "skip", also where there is a key; without the platform's key its
// answers are taken unsigned (platform.md §3.3).
func (c *Config) rangeKeys(w Where) error {
	var signer api.RSASigner
	ours, err := c.pem(w, "b2b_key", func(text string) (err error) {
		signer.Key, err = api.ParseRSAKey(text)
		return err
	})
	if err != nil {
		return err
	}
	switch {
	case !c.signRanges:
		signer.Key = nil
	case !ours:
		return c.refuse(bulkSign, refuse(signRSA, "sign_key", nil))
	}
	_, err = c.pem(w, "b2b_public_key", func(text string) (err error) {
		signer.Public, err = api.ParseRSAPublicKey(text)
		return err
	})
	c.client.B2BSigner = signer
	return err
}

// pem reads a key in PEM form; false where none is named.
func (c *Config) pem(w Where, name string, parse func(string) error) (bool, error) {
	text, err := c.secret(w, name)
	if text == "" || err != nil {
		return false, err
	}
	if err := parse(text); err != nil {
		return false, c.badSecret(err, name, c.file(secretKey(name)), "cli.config.secret_not_pem")
	}
	return true, nil
}

// word reads a secret that is one word, as it was sent: without a byte order
// mark, and without quotes around it. What else an editor or a person put there
// is refused: the platform would call it a wrong signature.
func (c *Config) word(w Where, name string) (string, error) {
	secret, err := c.secret(w, name)
	for _, quote := range []string{`"`, "'"} {
		if inner, is := strings.CutPrefix(secret, quote); is && len(inner) > 1 && strings.HasSuffix(inner, quote) {
			secret = strings.TrimSpace(strings.TrimSuffix(inner, quote))
			break
		}
	}
	strange := func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\'' }
	if err == nil && (strings.ContainsFunc(secret, strange) || strings.HasPrefix(secret, "#")) {
		err = c.badSecret(nil, name, c.file(secretKey(name)), "cli.config.secret_not_word")
	}
	return secret, err
}

var hexForm = regexp.MustCompile(`^[0-9A-Fa-f]{16,128}$`)

// secretKey is the setting that names a secret's file.
func secretKey(name string) string { return "platform.secrets." + name + "_file" }

// file is the name of a file as a setting has it.
func (c *Config) file(key string) string { return fmt.Sprint(c.values[key]) }

// secret reads one secret, "" where no file is named. A systemd credential wins
// over the file: it was handed to this very process.
func (c *Config) secret(w Where, name string) (string, error) {
	if dir, _ := w.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		credential := filepath.Join(dir, name)
		text, err := readSecret(credential, 0o777)
		if err == nil {
			c.Sources[secretKey(name)] = credential
			return text, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return "", c.badSecret(err, name, credential, "cli.config.secret_unreadable")
		}
	}
	file := c.file(secretKey(name))
	if file == "" {
		return "", nil
	}
	file = c.beside(file)
	text, err := readSecret(file, 0o600)
	var loose looseModeError
	switch {
	case errors.As(err, &loose):
		refused := c.badSecret(err, name, file, "cli.config.secret_mode")
		refused.Args["Mode"] = loose.octal()
		return "", refused
	case errors.Is(err, os.ErrNotExist):
		return "", c.badSecret(err, name, file, "cli.config.secret_missing")
	case err != nil:
		return "", c.badSecret(err, name, file, "cli.config.secret_unreadable")
	}
	return text, nil
}

func (c *Config) badSecret(cause error, name, file, id string) *Error {
	key := secretKey(name)
	return fail(cause, id, map[string]any{"Setting": key, "File": file, "Where": c.where(key)})
}

var errEmptySecret = errors.New("the file holds no secret of a sane size")

// looseModeError is a secret's file with another mode than 0600 or stricter.
type looseModeError os.FileMode

func (e looseModeError) Error() string { return "the secret's file has the mode " + e.octal() }

func (e looseModeError) octal() string { return fmt.Sprintf("%04o", uint32(e)) }

// readSecret reads a secret whose file has no mode bit outside of allowed. The
// mode is asked of the open file, so that it cannot be exchanged in between.
func readSecret(file string, allowed os.FileMode) (string, error) {
	text, mode, err := files.ReadNamed(file, maxSecret)
	if mode &= 0o777; mode&^allowed != 0 {
		return "", looseModeError(mode)
	}
	secret := strings.TrimSpace(strings.TrimPrefix(string(text), "\ufeff"))
	if err == nil && secret == "" {
		err = errEmptySecret
	}
	return secret, err
}

// authority reads the private certificate authority, nil for none.
func (c *Config) authority() ([]byte, error) {
	const key = "platform.ca_file"
	if c.file(key) == "" {
		return nil, nil
	}
	file := c.beside(c.file(key))
	text, _, err := files.ReadNamed(file, maxFile)
	if err == nil && !x509.NewCertPool().AppendCertsFromPEM(text) {
		err = errors.New("no certificate in it")
	}
	if err != nil {
		return nil, fail(err, "cli.config.bad_ca", map[string]any{"File": file, "Where": c.where(key)})
	}
	return text, nil
}

func (c *Config) beside(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(c.dir, file)
}
