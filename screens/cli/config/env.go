package config

import (
	"reflect"
	"strconv"
	"strings"
)

const envPrefix = "COUNTERFOIL_"

// EnvName returns the variable that sets a key: platform.posp_url is COUNTERFOIL_PLATFORM_POSP_URL.
func EnvName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// environment sets what variables say, over what the file said. A list is
// written with commas. A variable of one of our sections that is no key is an
// error, as in the file: a misspelt setting must not be lost silently.
func (c *Config) environment(w Where) error {
	known := map[string]bool{}
	var first error
	walk(&c.Written, func(key string, field reflect.Value) {
		name := EnvName(key)
		known[name] = true
		value, ok := w.getenv(name)
		if !ok || first != nil {
			return
		}
		if err := setField(field, value); err != nil {
			first = fail(err, "cli.config.env_kind", map[string]any{"Variable": name, "Setting": key, "Value": clip(value)})
			return
		}
		c.Sources[key] = "$" + name
	})
	if first != nil {
		return first
	}
	for _, entry := range w.Environ {
		name, _, _ := strings.Cut(entry, "=")
		if !known[name] && ourSection(name) {
			return fail(nil, "cli.config.env_unknown", map[string]any{"Variable": name})
		}
	}
	return nil
}

func ourSection(name string) bool {
	t := reflect.TypeFor[File]()
	for i := range t.NumField() {
		if strings.HasPrefix(name, EnvName(t.Field(i).Tag.Get("toml"))+"_") {
			return true
		}
	}
	return false
}

func setField(field reflect.Value, text string) error {
	switch field.Kind() {
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return err
		}
		field.SetBool(b)
	case reflect.Int64:
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return err
		}
		field.SetInt(n)
	case reflect.Slice:
		list := []string{}
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		field.Set(reflect.ValueOf(list))
	default:
		field.SetString(text)
	}
	return nil
}
