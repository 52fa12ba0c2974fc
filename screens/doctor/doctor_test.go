package doctor_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

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

func TestAScannerTooSlowToBeToldFromAHandIsNamedWithTheSettingThatHelps(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 100, 30, "en")
	s.Keys("f9")
	s.Until("Scanner")
	s.Typed(offlinetest.Reel+"\r", 90)
	s.Until(s.Words.T("scanner.is_typed"))
	s.Until(offlinetest.Reel)
	s.Until("burst_gap")
}

func TestAScansControlCharactersAreNamed(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 100, 30, "en")
	s.Keys("f9")
	s.Until("Scanner")
	defer s.Clock.Stop()() // the keys of one scan
	s.Clock.Forward(time.Second)
	s.Type("]C11090")
	s.Send(screenstest.Press("ctrl+]"))
	s.Type("12345")
	s.Send(screenstest.Press("enter"))
	s.Until("1090<GS>12345")
	s.Until("AIM ]C1")
}
