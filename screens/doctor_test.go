package screens

import (
	"regexp"
	"strings"
	"testing"
)

func TestTheScannerTestCountsEveryCharacter(t *testing.T) {
	s := openShop(t, 120, 40, "en")
	s.Keys("f9")
	s.Until("Scanner")
	s.Scan(strings.Repeat("1", 500))
	s.Wait("a scan of 500", regexp.MustCompile(s.model.env.T("scanner.length")+` +500 `).MatchString)
	s.Until(s.model.env.T("scanner.is_scan"))
}
