package config

import "reflect"

// Setting is one setting in force.
type Setting struct {
	Key    string `json:"key"`
	Value  any    `json:"value"`
	Source string `json:"source"` // "default", a file, or a variable as $NAME
}

// List returns every setting in force and where it comes from. Secrets are
// not among them: only the names of their files.
func (c *Config) List() []Setting {
	var list []Setting
	walk(&c.Written, func(key string, v reflect.Value) {
		source, ok := c.Sources[key]
		if !ok {
			source = "default"
		}
		list = append(list, Setting{Key: key, Value: v.Interface(), Source: source})
	})
	return list
}
