package doctor_test

import (
	"regexp"
	"strings"
	"testing"

	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

func TestTheScannerTestCountsEveryCharacter(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 120, 40, "en")
	s.Keys("f9")
	s.Until("Scanner")
	s.Scan(strings.Repeat("1", 500))
	s.Wait("a scan of 500", regexp.MustCompile(s.Words.T("scanner.length")+` +500 `).MatchString)
	s.Until(s.Words.T("scanner.is_scan"))
}

func TestWhatTheDoctorFindsIsNeverCut(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 80, 24, "en", func(s *offlinetest.Shop) { s.Settings.Rules.StatusForwardOnly = false })
	s.Keys("f9")
	s.Until("neither status_forward_only")
	s.Until("repeated safely")
}
