package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// maxSecret bounds a secret's file, in bytes; an RSA key in PEM has under 4 kB.
const maxSecret = 16 << 10

// secrets reads the keys. A systemd credential wins over a file: it was handed
// to this very process.
func (c *Config) secrets(w Where, lines map[string]int) error {
	f := &c.Written.Platform
	ca, err := c.authority(f.CAFile, lines)
	if err != nil {
		return err
	}
	c.client.CA = ca
	if c.client.MACKey, err = c.secret(w, lines, "mac_key", f.Secrets.MACKeyFile); err != nil {
		return err
	}
	if c.client.MACKey != "" && !hexForm.MatchString(c.client.MACKey) {
		return c.badSecret(nil, "mac_key", f.Secrets.MACKeyFile, "cli.config.secret_not_hex", lines)
	}
	if c.client.AppSecret, err = c.secret(w, lines, "app_secret", f.Secrets.AppSecretFile); err != nil {
		return err
	}
	// The B2B signature's form is not documented, so the key is only checked to
	// be there; calls carry the literal "skip" (platform.md §3.3).
	_, err = c.secret(w, lines, "b2b_key", f.Secrets.B2BKeyFile)
	return err
}

var hexForm = regexp.MustCompile(`^[0-9A-Fa-f]{16,128}$`)

func (c *Config) secret(w Where, lines map[string]int, name, file string) (string, error) {
	if dir, _ := w.getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		credential := filepath.Join(dir, name)
		text, err := readSecret(credential, 0o777)
		if err == nil {
			c.Sources["platform.secrets."+name+"_file"] = credential
			return text, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return "", c.badSecret(err, name, credential, "cli.config.secret_unreadable", lines)
		}
	}
	if file == "" {
		return "", nil
	}
	file = c.beside(file)
	text, err := readSecret(file, 0o600)
	switch {
	case errors.Is(err, errOpenToOthers):
		return "", c.badSecret(err, name, file, "cli.config.secret_mode", lines)
	case errors.Is(err, os.ErrNotExist):
		return "", c.badSecret(err, name, file, "cli.config.secret_missing", lines)
	case err != nil:
		return "", c.badSecret(err, name, file, "cli.config.secret_unreadable", lines)
	}
	return text, nil
}

func (c *Config) badSecret(cause error, name, file, id string, lines map[string]int) *Error {
	key := "platform.secrets." + name + "_file"
	return fail(cause, id, map[string]any{"Setting": key, "File": file, "Where": c.where(key, lines)})
}

var (
	errOpenToOthers = errors.New("others may read the secret")
	errEmptySecret  = errors.New("the file holds no secret of a sane size")
)

// readSecret reads a secret whose file has no mode bit outside of allowed. The
// mode is asked of the open file, so that it cannot be exchanged in between.
func readSecret(file string, allowed os.FileMode) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if mode := info.Mode().Perm(); mode&^allowed != 0 {
		return "", fmt.Errorf("mode %04o: %w", mode, errOpenToOthers)
	}
	if !info.Mode().IsRegular() || info.Size() > maxSecret {
		return "", errEmptySecret
	}
	text := make([]byte, info.Size())
	n, err := f.Read(text)
	if err != nil && n == 0 {
		return "", errEmptySecret
	}
	secret := strings.TrimSpace(string(text[:n]))
	if secret == "" {
		return "", errEmptySecret
	}
	return secret, nil
}

func (c *Config) authority(file string, lines map[string]int) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	file = c.beside(file)
	text, err := readBounded(file)
	if err == nil && !x509.NewCertPool().AppendCertsFromPEM(text) {
		err = errors.New("no certificate in it")
	}
	if err != nil {
		return nil, fail(err, "cli.config.bad_ca", map[string]any{
			"File": file, "Where": c.where("platform.ca_file", lines),
		})
	}
	return text, nil
}

func (c *Config) beside(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(c.Dir, file)
}
