package screens

import (
	"regexp"
	"strings"
	"testing"

	"counterfoil/offline"
)

func TestTheScannerTestCountsEveryCharacter(t *testing.T) {
	s := openShop(t, 120, 40, "en")
	s.Keys("f9")
	s.Until("Scanner")
	s.Scan(strings.Repeat("1", 500))
	s.Wait("a scan of 500", regexp.MustCompile(s.model.env.T("scanner.length")+` +500 `).MatchString)
	s.Until(s.model.env.T("scanner.is_scan"))
}

func TestWhatTheDoctorFindsIsNeverCut(t *testing.T) {
	s := openShop(t, 80, 24, "en", func(o *offline.Settings) { o.Rules.StatusForwardOnly = false })
	s.Keys("f9")
	s.Until("neither status_forward_only")
	s.Until("repeated safely")
}
