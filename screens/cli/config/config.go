// Package config reads the counter's settings: one TOML file, the environment
// and the secrets beside it, checked key by key before anything starts. It may
// open files but no database and no connection, prints nothing, and leaves the
// words of its errors to the caller.
package config

import (
	"fmt"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
)

// Config is a configuration that was found, read and checked.
type Config struct {
	Path    string            // the file in force, "" for none
	Sources map[string]string // key → file or $VARIABLE; keys at their default are absent
	Screens Screens

	dir      string // the file's folder: relative paths stand in it; "" for the current one
	settings []setting
	values   map[string]any // as written, by key
	lines    map[string]int // of the keys that the file sets
	desk     offline.Settings
	client   api.Settings
	// signRanges has ranges go out with a signature.
	signRanges bool
}

// Screens are the settings that only the screens want.
type Screens struct {
	Language string // as ui has it, or auto
	// How scans are told from typing, as scan.Settings has it.
	Prefix             string
	BurstGap, SameScan time.Duration
	MinLength          int
	IdleLock           time.Duration // 0 for never
	MaskCodes          bool
	Theme              string // auto, dark or light
}

// defaults returns the settings of an empty file.
func defaults() *Config {
	c := &Config{Sources: map[string]string{}, values: map[string]any{}, lines: map[string]int{}}
	c.settings = c.table()
	for _, s := range c.settings {
		c.values[s.key] = s.fallback
	}
	return c
}

// Setting is one setting in force.
type Setting struct {
	Key    string `json:"key"`
	Value  any    `json:"value"`
	Source string `json:"source"` // "default", a file, or a variable as $NAME
}

// List returns every setting in force and where it comes from, in the order of
// the example. Secrets are not among them: only the names of their files.
func (c *Config) List() []Setting {
	var list []Setting
	for _, s := range c.settings {
		source, ok := c.Sources[s.key]
		if !ok {
			source = "default"
		}
		list = append(list, Setting{Key: s.key, Value: c.values[s.key], Source: source})
	}
	return list
}

// where names the place a value came from: file:line, a variable, or the default.
func (c *Config) where(key string) any {
	source, ok := c.Sources[key]
	if !ok {
		return Phrase{ID: "cli.source.default"}
	}
	if line := c.lines[key]; line > 0 && source == c.Path {
		return fmt.Sprintf("%s:%d", source, line)
	}
	return source
}

// Client returns the client's settings.
func (c *Config) Client() api.Settings { return c.client }

// Desk returns the desk's settings for a data folder.
func (c *Config) Desk(data string) offline.Settings {
	desk := c.desk
	desk.Data = data
	return desk
}

// Unused names the first setting that is set and has no effect in this version, ""
// for none. The envelope of the platform's total check is not known.
func (c *Config) Unused() string {
	if c.values[reconcileAction] != "" {
		return reconcileAction
	}
	return ""
}

// Missing names the first setting without which the platform cannot be asked
// for anything, "" where nothing is missing.
func (c *Config) Missing() string {
	switch {
	case c.client.POSPURL == "":
		return "platform.posp_url"
	case c.client.Device.DeviceNo == "":
		return "platform.device.device_no"
	case c.client.MACKey == "":
		return "platform.secrets.mac_key_file"
	}
	return ""
}
