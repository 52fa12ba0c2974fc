package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const key = "94365019BBF9CEEAB0DF658E67754A70"

func withKey(t *testing.T, mode os.FileMode) string {
	t.Helper()
	file := put(t, "[platform.secrets]\nmac_key_file = \"mac_key\"\n")
	secret := filepath.Join(filepath.Dir(file), "mac_key")
	if err := os.WriteFile(secret, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(secret, mode); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestASecretsModeIs0600OrStricterAndSaidWhereItIsNot(t *testing.T) {
	t.Parallel()
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644, 0o620, 0o700, 0o500} {
		_, err := Load(Where{File: withKey(t, mode)})
		if e := wantError(t, err, "cli.config.secret_mode"); e.Args["Mode"] != fmt.Sprintf("%04o", uint32(mode)) {
			t.Errorf("mode %04o is said to be %v", mode, e.Args["Mode"])
		}
	}
	for _, mode := range []os.FileMode{0o600, 0o400} {
		c, err := Load(Where{File: withKey(t, mode)})
		if err != nil || c.Client().MACKey != key {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestSecretsFileIsSoughtBesideTheConfiguration(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := Load(Where{File: withKey(t, 0o600)})
	if err != nil || c.Client().MACKey != key {
		t.Errorf("got %v", err)
	}
}

func TestMissingSecretIsNamed(t *testing.T) {
	t.Parallel()
	file := put(t, "[platform.secrets]\nmac_key_file = \"mac_key\"\n")
	_, err := Load(Where{File: file})
	e := wantError(t, err, "cli.config.secret_missing")
	if e.Args["File"] != filepath.Join(filepath.Dir(file), "mac_key") {
		t.Errorf("got %v", e.Args)
	}
}

func TestSystemdCredentialWinsOverTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other := strings.Repeat("AB", 16)
	if err := os.WriteFile(filepath.Join(dir, "mac_key"), []byte(other), 0o440); err != nil {
		t.Fatal(err)
	}
	c, err := Load(Where{File: withKey(t, 0o600), Environ: []string{"CREDENTIALS_DIRECTORY=" + dir}})
	if err != nil || c.Client().MACKey != other {
		t.Errorf("got %q %v", c.Client().MACKey, err)
	}
}

func TestSecretThatIsNoKeyIsRefused(t *testing.T) {
	t.Parallel()
	file := put(t, "[platform.secrets]\nmac_key_file = \"mac_key\"\n")
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), "mac_key"), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(Where{File: file})
	_ = wantError(t, err, "cli.config.secret_not_hex")
}

func TestSecretsStayOutOfTheListAndOfErrors(t *testing.T) {
	t.Parallel()
	c, err := Load(Where{File: withKey(t, 0o600)})
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(c.List()); strings.Contains(text, key) || !strings.Contains(text, "mac_key") {
		t.Errorf("the list of settings: %s", text)
	}
}
