package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a till's system may have no zone files
	"unicode/utf8"

	"counterfoil/offline"
)

// checker parses values and keeps the first that is not allowed.
type checker struct {
	c     *Config
	lines map[string]int
	err   error
}

func (k *checker) refuse(key string, value any, allowed string, args map[string]any) {
	if k.err != nil {
		return
	}
	k.err = fail(nil, "cli.config.bad_value", map[string]any{
		"Setting": key, "Value": clip(fmt.Sprint(value)), "Where": k.c.where(key, k.lines),
		"Allowed": Phrase{ID: "cli.allowed." + allowed, Args: args},
	})
}

// where names the place a value came from: file:line, a variable, or the default.
func (c *Config) where(key string, lines map[string]int) any {
	source, ok := c.Sources[key]
	if !ok {
		return Phrase{ID: "cli.source.default"}
	}
	if line := lines[key]; line > 0 && source == c.Path {
		return fmt.Sprintf("%s:%d", source, line)
	}
	return source
}

func (k *checker) text(key, value string, least, most int) {
	n := utf8.RuneCountInString(value)
	control := strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f })
	if n < least || n > most || control || !utf8.ValidString(value) {
		k.refuse(key, value, "text", map[string]any{"Min": least, "Max": most})
	}
}

func (k *checker) number(key string, value, least, most int64) int {
	if value < least || value > most {
		k.refuse(key, value, "number", map[string]any{"Min": least, "Max": most})
	}
	return int(value)
}

func (k *checker) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		quoted := make([]string, len(allowed))
		for i, a := range allowed {
			quoted[i] = `"` + a + `"`
		}
		k.refuse(key, value, "one_of", map[string]any{"List": strings.Join(quoted, ", ")})
	}
}

func (k *checker) duration(key, value string, least, most time.Duration) time.Duration {
	d, err := time.ParseDuration(value)
	if err != nil || d < least || d > most {
		k.refuse(key, value, "duration", map[string]any{"Min": short(least), "Max": short(most)})
	}
	return d
}

// short writes a duration as one would in the file: 24h, not 24h0m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func (k *checker) money(key, value string) int64 {
	fen, err := offline.ParseYuan(value)
	if err != nil {
		k.refuse(key, value, "money", nil)
	}
	return fen
}

func (k *checker) clock(key, value string) time.Duration {
	t, err := time.Parse("15:04", value)
	if err != nil || len(value) != 5 {
		k.refuse(key, value, "clock", nil)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}

func (k *checker) zone(key, value string) *time.Location {
	if value == "" || value == "Local" {
		k.refuse(key, value, "zone", nil)
		return time.UTC
	}
	z, err := time.LoadLocation(value)
	if err != nil {
		k.refuse(key, value, "zone", nil)
		return time.UTC
	}
	return z
}

var codeForm = regexp.MustCompile(`^[0-9A-Za-z]{1,12}$`)

func (k *checker) codes(key string, values []string) []string {
	for _, v := range values {
		if !codeForm.MatchString(v) {
			k.refuse(key, v, "codes", nil)
		}
	}
	return values
}

// address takes https anywhere and http on loopback only: keys sign what is
// sent, they do not hide it.
func (k *checker) address(key, value string) string {
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		k.refuse(key, value, "url", nil)
		return ""
	}
	return strings.TrimRight(value, "/")
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// clip keeps an error sentence readable whatever stands in the file.
func clip(s string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '·'
		}
		return r
	}, s))
	if len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return string(runes)
}

var actionForm = regexp.MustCompile(`^[0-9A-Za-z_]{1,40}$`)

// action takes a name that can stand at the end of an address.
func (k *checker) action(key, value string) {
	if !actionForm.MatchString(value) {
		k.refuse(key, value, "action", nil)
	}
}

// scanPrefix takes control characters too: scanners send them.
func (k *checker) scanPrefix(key, value string) {
	if len(value) > 8 || !utf8.ValidString(value) {
		k.refuse(key, value, "prefix", nil)
	}
}
