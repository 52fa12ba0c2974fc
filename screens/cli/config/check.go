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

	"counterfoil/api"
	"counterfoil/offline"
)

// taker checks a value as written and puts what it means where it is used; nil
// where it is allowed.
type taker func(value any) *refusal

// refusal is a value that is not allowed, and what would be.
type refusal struct {
	value   string
	allowed Phrase
}

func refuse(value any, allowed string, args map[string]any) *refusal {
	return &refusal{fmt.Sprint(value), Phrase{ID: "cli.allowed." + allowed, Args: args}}
}

// parsed takes what a parser makes of the value; what it makes nothing of is
// refused with what is allowed.
func parsed[V, T any](to *T, allowed string, args map[string]any, parse func(V) (T, bool)) taker {
	return func(value any) *refusal {
		result, ok := parse(value.(V)) // of the type of the default
		if !ok {
			return refuse(value, allowed, args)
		}
		*to = result
		return nil
	}
}

// matching takes a text as it stands, if it fits.
func matching(to *string, allowed string, args map[string]any, fits func(string) bool) taker {
	return parsed(to, allowed, args, func(value string) (string, bool) { return value, fits(value) })
}

// unchecked is for the names of files: opening them tells.
func unchecked(any) *refusal { return nil }

func yesNo(to *bool) taker {
	return parsed(to, "", nil, func(value bool) (bool, bool) { return value, true })
}

func text(to *string, least, most int) taker {
	return matching(to, "text", map[string]any{"Min": least, "Max": most}, func(value string) bool {
		n := utf8.RuneCountInString(value)
		return n >= least && n <= most && utf8.ValidString(value) && !strings.ContainsFunc(value, hidden)
	})
}

func hidden(r rune) bool { return !api.Shown(r) }

func number(to *int, least, most int64) taker {
	return parsed(to, "number", map[string]any{"Min": least, "Max": most}, func(value int64) (int, bool) {
		return int(value), value >= least && value <= most
	})
}

func oneOf(to *string, allowed ...string) taker {
	list := map[string]any{"List": `"` + strings.Join(allowed, `", "`) + `"`}
	return matching(to, "one_of", list, func(value string) bool { return slices.Contains(allowed, value) })
}

// means is for a choice of words; the one is what it is about.
func means(to *bool, one string, allowed ...string) taker {
	var word string
	take := oneOf(&word, allowed...)
	return func(value any) *refusal {
		no := take(value)
		*to = word == one
		return no
	}
}

func duration(to *time.Duration, least, most time.Duration) taker {
	return parsed(to, "duration", map[string]any{"Min": short(least), "Max": short(most)}, func(value string) (time.Duration, bool) {
		d, err := time.ParseDuration(value)
		return d, err == nil && d >= least && d <= most
	})
}

var noughts = regexp.MustCompile(`([hm])(0[ms])+$`)

// short writes a duration as one would in the file: 24h, not 24h0m0s.
func short(d time.Duration) string { return noughts.ReplaceAllString(d.String(), "$1") }

// money takes a limit. Nought is none: it reads as "nothing at all", and would be no
// limit to the desk.
func money(to *int64) taker {
	return parsed(to, "money", nil, func(value string) (int64, bool) {
		fen, err := offline.ParseYuan(value)
		return fen, err == nil && fen > 0
	})
}

func clock(to *time.Duration) taker {
	return parsed(to, "clock", nil, func(value string) (time.Duration, bool) {
		t, err := time.Parse("15:04", value)
		return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, err == nil && len(value) == 5
	})
}

// hours takes "08:00-22:00"; both stay alike for "", where they are not known.
func hours(opens, closes *time.Duration) taker {
	return parsed(opens, "hours", nil, func(value string) (time.Duration, bool) {
		*closes = 0
		if value == "" {
			return 0, true
		}
		first, last, ok := strings.Cut(value, "-")
		var from time.Duration
		ok = ok && clock(&from)(first) == nil && clock(closes)(last) == nil && from != *closes
		return from, ok
	})
}

// rangeForm takes where a type's numbers hold BIN and serial.
func rangeForm(to *string, kind int) taker {
	bin := map[int]int{offline.RangeCards: 6, offline.RangeVouchers: 4}[kind]
	return matching(to, "code_form", map[string]any{"BIN": bin}, func(value string) bool { return offline.GoodCodeForm(value, kind) })
}

// kinds takes what the platform's types of records mean.
func kinds(to *map[string]string) taker {
	return parsed(to, "kinds", nil, func(value map[string]string) (map[string]string, bool) {
		for kind, means := range value {
			if !codeForm.MatchString(kind) || !slices.Contains([]string{"made", "used", "cancelled"}, means) {
				return nil, false
			}
		}
		return value, true
	})
}

// markRule takes the threshold of one rule.
func markRule(to *map[string]offline.MarkThreshold, rule offline.MarkRule) taker {
	return func(value any) *refusal {
		t, err := offline.ParseMark(rule.Name, value.(string))
		if err != nil {
			return refuse(value, "mark", map[string]any{"Default": rule.Default})
		}
		if *to == nil {
			*to = map[string]offline.MarkThreshold{}
		}
		(*to)[rule.Name] = t
		return nil
	}
}

func zone(to **time.Location) taker {
	return parsed(to, "zone", nil, func(value string) (*time.Location, bool) {
		z, err := time.LoadLocation(value)
		return z, err == nil && value != "" && value != "Local"
	})
}

var codeForm = regexp.MustCompile(`^[0-9A-Za-z]{1,12}$`)

func codes(to *[]string) taker {
	return func(value any) *refusal {
		*to = value.([]string) // of the type of the default
		for _, code := range *to {
			if !codeForm.MatchString(code) {
				return refuse(code, "codes", nil)
			}
		}
		return nil
	}
}

// address takes https anywhere and http on loopback only: keys sign what is
// sent, they do not hide it.
func address(to *string) taker {
	return parsed(to, "url", nil, func(value string) (string, bool) {
		if value == "" {
			return "", true
		}
		u, err := url.Parse(value)
		return strings.TrimRight(value, "/"), err == nil && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" &&
			(u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()))
	})
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

var actionForm = regexp.MustCompile(`^[0-9A-Za-z_]{1,40}$`)

// action takes a name that can stand at the end of an address, or one of besides.
func action(to *string, besides ...string) taker {
	return matching(to, "action", nil, func(value string) bool { return actionForm.MatchString(value) || slices.Contains(besides, value) })
}

// scanPrefix takes control characters too: scanners send them.
func scanPrefix(to *string) taker {
	return matching(to, "prefix", nil, func(value string) bool { return len(value) <= 8 && utf8.ValidString(value) })
}

// clip keeps an error sentence readable whatever stands in the file.
func clip(s string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if hidden(r) {
			return '·'
		}
		return r
	}, s))
	if len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return string(runes)
}
