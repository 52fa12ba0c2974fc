// Package money reads and writes amounts: yuan with two places for people, whole
// fen everywhere else. It is pure.
package money

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/width"
)

// Max bounds an amount, in fen, to what no voucher reaches: a hundred million yuan.
const Max = 10_000_000_000

// Yuan writes fen as yuan with two places, "30.00".
func Yuan(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	return fmt.Sprintf("%s%d.%02d", sign, fen/100, fen%100)
}

// grouped is a whole number with its thousands set apart. It begins with no 0:
// "0,500" is half a yuan to whoever writes a comma for the point.
var grouped = regexp.MustCompile(`^[1-9][0-9]{0,2}(,[0-9]{3})+$`)

// Parse reads an amount in yuan, "30", "30.5", "30.00" or "1,500", also in
// full-width forms, as whole fen; ok is false where it is none, or above Max.
func Parse(text string) (fen int64, ok bool) {
	whole, part, point := strings.Cut(width.Fold.String(strings.TrimSpace(text)), ".")
	if grouped.MatchString(whole) {
		whole = strings.ReplaceAll(whole, ",", "")
	}
	if whole == "" || len(part) > 2 || point && part == "" {
		return 0, false
	}
	for _, r := range whole + part {
		if r < '0' || r > '9' {
			return 0, false
		}
	}
	fen, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	return fen, err == nil && fen <= Max
}

// Face reads a face value as the platform sends it, in fen or in yuan; ok is false
// where it is none, or zero, which the platform sends for not set.
func Face(value string, inFen bool) (fen int64, ok bool) {
	if inFen {
		whole, part, _ := strings.Cut(value, ".")
		fen, err := strconv.ParseInt(whole, 10, 64)
		return fen, err == nil && fen > 0 && fen <= Max && strings.Trim(part, "0") == ""
	}
	if whole, part, ok := strings.Cut(value, "."); ok && len(part) > 2 && strings.Trim(part[2:], "0") == "" {
		value = whole + "." + part[:2]
	}
	fen, ok = Parse(value)
	return fen, ok && fen > 0
}
