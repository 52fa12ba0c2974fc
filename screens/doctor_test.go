package screens

import (
	"regexp"
	"strings"
	"testing"
)

func TestTheScannerTestCountsEveryCharacter(t *testing.T) {
	s := openShop(t, 120, 40, "en")
	s.keys("f9")
	s.until("Scanner")
	s.scan(strings.Repeat("1", 500))
	s.wait("a scan of 500", regexp.MustCompile(s.model.env.T("scanner.length")+` +500 `).MatchString)
	s.until(s.model.env.T("scanner.is_scan"))
}
