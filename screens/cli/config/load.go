package config

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// systemFile is where a shop's administrator puts the settings of all users.
const systemFile = "/etc/counterfoil/counterfoil.toml"

// maxFile bounds the configuration file, in bytes: a wrong path may be a database.
const maxFile = 1 << 20

// Where says where settings are looked for.
type Where struct {
	File    string   // --config; it must exist
	Environ []string // as os.Environ
}

func (w Where) getenv(name string) (string, bool) {
	for i := len(w.Environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(w.Environ[i], name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// home returns the directory of an XDG variable, or its fallback in the home
// directory; "" when neither is known. A relative value is ignored, as the
// XDG base directory rules ask.
func (w Where) home(variable, fallback string) string {
	if dir, _ := w.getenv(variable); filepath.IsAbs(dir) {
		return dir
	}
	if dir, _ := w.getenv("HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, fallback)
	}
	return ""
}

// DataFolder returns the data folder used where --data is not given, "" where
// the environment names no home.
func (w Where) DataFolder() string {
	dir := w.home("XDG_STATE_HOME", ".local/state")
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "counterfoil")
}

// find returns the configuration file in force, "" for none.
func (w Where) find() string {
	if w.File != "" {
		return w.File
	}
	if dir := w.home("XDG_CONFIG_HOME", ".config"); dir != "" {
		file := filepath.Join(dir, "counterfoil", "counterfoil.toml")
		// A file that is there but cannot be read must be an error, not skipped.
		if _, err := os.Stat(file); err == nil || !errors.Is(err, os.ErrNotExist) {
			return file
		}
	}
	if _, err := os.Stat(systemFile); err == nil || !errors.Is(err, os.ErrNotExist) {
		return systemFile
	}
	return ""
}

// Load finds, reads and checks the configuration. The error is an *Error.
func Load(w Where) (*Config, error) {
	c := &Config{Written: Defaults(), Sources: map[string]string{}}
	c.Path = w.find()
	lines := map[string]int{}
	if c.Path != "" {
		abs, err := filepath.Abs(c.Path)
		if err != nil {
			return nil, fail(err, "cli.config.unreadable", map[string]any{"File": c.Path})
		}
		c.Path, c.Dir = abs, filepath.Dir(abs)
		text, err := readBounded(c.Path)
		if err != nil {
			return nil, fail(err, "cli.config.unreadable", map[string]any{"File": c.Path})
		}
		if lines, err = c.decode(text); err != nil {
			return nil, err
		}
	}
	if err := c.environment(w); err != nil {
		return nil, err
	}
	if err := c.check(lines); err != nil {
		return nil, err
	}
	if err := c.secrets(w, lines); err != nil {
		return nil, err
	}
	return c, nil
}

func readBounded(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.IsDir() || info.Size() > maxFile {
		return nil, errors.New("not a configuration file")
	}
	return os.ReadFile(file)
}

// decode reads the text strictly over the defaults and notes which keys it set
// and on which lines.
func (c *Config) decode(text []byte) (map[string]int, error) {
	dec := toml.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c.Written); err != nil {
		return nil, c.decodeError(err, text)
	}
	lines, err := keyLines(text)
	if err != nil {
		return nil, c.decodeError(err, text)
	}
	for key := range lines {
		c.Sources[key] = c.Path
	}
	return lines, nil
}

func (c *Config) decodeError(err error, text []byte) *Error {
	var missing *toml.StrictMissingError
	if errors.As(err, &missing) && len(missing.Errors) > 0 {
		first := &missing.Errors[0]
		line, _ := first.Position()
		return fail(err, "cli.config.unknown_key", map[string]any{
			"File": c.Path, "Line": line, "Setting": strings.Join(first.Key(), "."),
		})
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, _ := bad.Position()
		if key, first, again := repeated(text); key != "" && again == line {
			return fail(err, "cli.config.twice", map[string]any{"File": c.Path, "Line": line, "Setting": key, "First": first})
		}
		if len(bad.Key()) > 0 {
			return fail(err, "cli.config.wrong_kind", map[string]any{
				"File": c.Path, "Line": line, "Setting": strings.Join(bad.Key(), "."),
			})
		}
		return fail(err, "cli.config.not_toml", map[string]any{"File": c.Path, "Line": line})
	}
	return fail(err, "cli.config.unreadable", map[string]any{"File": c.Path})
}

// CheckText reads a configuration from memory, without its secrets' files, and
// says what is wrong with it.
func CheckText(text []byte) error {
	c := &Config{Written: Defaults(), Sources: map[string]string{}}
	lines, err := c.decode(text)
	if err != nil {
		return err
	}
	return c.check(lines)
}
