package config

import (
	"slices"
	"strconv"
	"strings"
)

const envPrefix = "COUNTERFOIL_"

// EnvName returns the variable that sets a key: platform.posp_url is COUNTERFOIL_PLATFORM_POSP_URL.
func EnvName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// Getenv returns a variable's value, the last one set winning, and whether it is set.
func (w Where) Getenv(name string) (string, bool) {
	for _, entry := range slices.Backward(w.Environ) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// environment sets what variables say, over what the file said. A list is
// written with commas, a table as 1=made,2=used. A variable of one of our sections that is no key is an
// error, as in the file: a misspelt setting must not be lost silently.
func (c *Config) environment(w Where) error {
	known, sections := map[string]bool{}, map[string]bool{}
	for _, s := range c.settings {
		name := EnvName(s.key)
		section, _, _ := strings.Cut(s.key, ".")
		known[name], sections[EnvName(section)+"_"] = true, true
		text, ok := w.Getenv(name)
		if !ok {
			continue
		}
		value, err := valueOf(text, s.fallback)
		if err != nil {
			return fail(err, "cli.config.env_kind", map[string]any{"Variable": name, "Setting": s.key, "Value": clip(text)})
		}
		c.values[s.key], c.Sources[s.key] = value, "$"+name
	}
	for _, entry := range w.Environ {
		name, _, _ := strings.Cut(entry, "=")
		for section := range sections {
			if strings.HasPrefix(name, section) && !known[name] {
				return fail(nil, "cli.config.env_unknown", map[string]any{"Variable": name})
			}
		}
	}
	return nil
}

// valueOf reads a variable as a value of the type of the default.
func valueOf(text string, fallback any) (any, error) {
	switch fallback.(type) {
	case bool:
		return strconv.ParseBool(text)
	case int64:
		return strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	case map[string]string:
		table := map[string]string{}
		for part := range strings.SplitSeq(text, ",") {
			name, value, ok := strings.Cut(part, "=")
			if !ok {
				return nil, strconv.ErrSyntax
			}
			table[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
		return table, nil
	case []string:
		list := []string{}
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		return list, nil
	}
	return text, nil
}
