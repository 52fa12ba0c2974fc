package config

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"counterfoil/offline/files"
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

// home returns the directory of an XDG variable, or its fallback in the home
// directory; "" when neither is known. A relative value is ignored, as the
// XDG base directory rules ask.
func (w Where) home(variable, fallback string) string {
	if dir, _ := w.Getenv(variable); filepath.IsAbs(dir) {
		return dir
	}
	if dir, _ := w.Getenv("HOME"); filepath.IsAbs(dir) {
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

// find returns the configuration file in force, "" for none. A file that is
// there but cannot be read must be an error, not skipped.
func (w Where) find() string {
	if w.File != "" {
		return w.File
	}
	candidates := []string{systemFile}
	if dir := w.home("XDG_CONFIG_HOME", ".config"); dir != "" {
		candidates = []string{filepath.Join(dir, "counterfoil", "counterfoil.toml"), systemFile}
	}
	for _, file := range candidates {
		if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
			return file
		}
	}
	return ""
}

// Load finds, reads and checks the configuration. The error is an *Error.
func Load(w Where) (*Config, error) {
	c := defaults()
	if file := w.find(); file != "" {
		abs, err := filepath.Abs(file)
		if err != nil {
			return nil, fail(err, "cli.config.unreadable", map[string]any{"File": file})
		}
		c.Path, c.dir = abs, filepath.Dir(abs)
		text, _, err := files.ReadNamed(abs, maxFile)
		if err != nil {
			return nil, fail(err, "cli.config.unreadable", map[string]any{"File": abs})
		}
		if err := c.decode(text); err != nil {
			return nil, err
		}
	}
	if err := c.environment(w); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := c.secrets(w); err != nil {
		return nil, err
	}
	return c, nil
}

// decode reads the text strictly over the defaults and notes which keys it set
// and on which lines. A key is a setting only as the table has it, letter by letter.
func (c *Config) decode(text []byte) error {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var tree map[string]any
	if err := toml.Unmarshal(text, &tree); err != nil {
		return c.decodeError(err, text)
	}
	for _, e := range entries(text) {
		key := e.key
		if whole, ok := c.tableOf(key); ok {
			key = whole
		}
		value := at(tree, key)
		_, table := value.(map[string]any)
		known := slices.IndexFunc(c.settings, func(s setting) bool { return s.key == key })
		section := slices.ContainsFunc(c.settings, func(s setting) bool { return strings.HasPrefix(s.key, key+".") })
		inside := slices.ContainsFunc(c.settings, func(s setting) bool { return strings.HasPrefix(key, s.key+".") })
		if section && table {
			continue
		}
		wrong := map[string]any{"File": c.Path, "Line": e.line, "Setting": e.key}
		if value == nil || known < 0 && !section && !inside {
			return fail(nil, "cli.config.unknown_key", wrong)
		}
		if known < 0 || !sameKind(&value, c.settings[known].fallback) {
			return fail(nil, "cli.config.wrong_kind", wrong)
		}
		c.values[key], c.lines[key], c.Sources[key] = value, e.line, c.Path
	}
	return nil
}

// tableOf is the setting that a key is in where that setting is itself a table.
func (c *Config) tableOf(key string) (string, bool) {
	for _, s := range c.settings {
		if _, table := s.fallback.(map[string]string); table && (key == s.key || strings.HasPrefix(key, s.key+".")) {
			return s.key, true
		}
	}
	return "", false
}

// at finds a key's value in the decoded text.
func at(tree map[string]any, key string) any {
	table, rest, deeper := strings.Cut(key, ".")
	if !deeper {
		return tree[key]
	}
	below, _ := tree[table].(map[string]any)
	return at(below, rest)
}

// sameKind makes a list or a table of texts of the decoder's, and reports whether the
// value is of the type of the default.
func sameKind(value *any, fallback any) bool {
	if list, ok := (*value).([]any); ok {
		texts := []string{}
		for _, item := range list {
			text, ok := item.(string)
			if !ok {
				return false
			}
			texts = append(texts, text)
		}
		*value = texts
	}
	if table, ok := (*value).(map[string]any); ok {
		texts := map[string]string{}
		for name, item := range table {
			if texts[name], ok = item.(string); !ok {
				return false
			}
		}
		*value = texts
	}
	return reflect.TypeOf(*value) == reflect.TypeOf(fallback)
}

func (c *Config) decodeError(err error, text []byte) *Error {
	var bad *toml.DecodeError
	if !errors.As(err, &bad) {
		return fail(err, "cli.config.unreadable", map[string]any{"File": c.Path})
	}
	line, _ := bad.Position()
	where := map[string]any{"File": c.Path, "Line": line}
	seen := map[string]int{}
	for _, e := range entries(text) {
		where["Setting"] = e.key
		if first, again := seen[e.key]; again && e.line == line {
			where["First"] = first
			return fail(err, "cli.config.twice", where)
		}
		if e.line == line { // it could be parsed, but is no value
			return fail(err, "cli.config.wrong_kind", where)
		}
		seen[e.key] = e.line
	}
	return fail(err, "cli.config.not_toml", where)
}

// CheckText reads a configuration from memory, without its secrets' files, and
// says what is wrong with it.
func CheckText(text []byte) error {
	c := defaults()
	if err := c.decode(text); err != nil {
		return err
	}
	return c.check()
}
