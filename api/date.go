package api

import (
	"strings"
	"time"
)

// ParseDate reads a date as the platform writes it: yyyyMMdd, yyyyMMddHHmmss
// (also with two digits more, which are dropped), or yyyy-MM-dd HH:mm:ss, in
// the given zone (nil: UTC). It reports false for all zeros, which mean "no
// limit" or "not set", and for all else (platform.md §6.3).
func ParseDate(s string, zone *time.Location) (time.Time, bool) {
	if zone == nil {
		zone = time.UTC
	}
	s = strings.TrimSpace(s)
	var layout string
	switch len(s) {
	case 8:
		layout = "20060102"
	case 14:
		layout = "20060102150405"
	case 16:
		if !digits(s[14:]) {
			return time.Time{}, false
		}
		s, layout = s[:14], "20060102150405"
	case 19:
		layout = time.DateTime
	default:
		return time.Time{}, false
	}
	t, err := time.ParseInLocation(layout, s, zone)
	if err != nil || t.Year() == 0 {
		return time.Time{}, false
	}
	return t, true
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}
