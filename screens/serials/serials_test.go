package serials_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
	"counterfoil/ui"
)

func TestMain(m *testing.M) { screenstest.Main(m) }

// b2b has a shop's platform take serial ranges.
func b2b(s *offlinetest.Shop) {
	s.Client.B2B = api.B2B{PartnerID: 1504, MerchantID: "10001"}
	s.Settings.Rules.Batch.Count, s.Settings.Rules.Batch.TotalFen = 5000, 50_000_000
}

// opened opens the screen for the manager of a shop whose platform takes ranges.
func opened(t *testing.T, width, height int, lang string, change ...func(*offlinetest.Shop)) *screenstest.Counter {
	t.Helper()
	s := screenstest.OnShop(offlinetest.Open(t, append([]func(*offlinetest.Shop){b2b}, change...)...), width, height, lang)
	s.Keys("f7")
	s.Until(s.Words.T("serials.begin")[:9])
	return s
}

// fill types a range of vouchers from the top of an empty form; "" leaves a field.
func fill(s *screenstest.Counter, values ...string) {
	s.Keys("left")
	write(s, values...)
}

// write types values into the fields below the type.
func write(s *screenstest.Counter, values ...string) {
	for _, v := range values {
		s.Keys("tab")
		for _, r := range v {
			s.Keys(string(r))
		}
	}
}

var (
	good    = []string{"7020", "0000041", "0000045", "", "100", "88.88"}
	example = []string{"7020", "0000041", "0000045", "14", "88.88", "100"} // the interface description's own
)

// ranges are the ranges in the journal, the newest first.
func ranges(s *screenstest.Counter) []offline.Operation {
	s.TB.Helper()
	ops, err := s.Desk.Operations(s.TB.Context(), offline.Query{Kind: offline.Range, Whole: true})
	s.Must(err)
	return ops
}

// become waits until the newest range is in a state.
func become(s *screenstest.Counter, state offline.State) {
	s.TB.Helper()
	s.Eventually(string(state), func() bool { all := ranges(s); return len(all) > 0 && all[0].State == state })
}

func TestARangeIsActivatedOnceItsCountWasTyped(t *testing.T) {
	t.Parallel()
	s := opened(t, 120, 40, ui.English)
	fill(s, good...)
	s.Until("Nothing speaks against it")
	for _, text := range []string{"5 pieces", "0000041 – 0000045", "¥ 500.00", "¥ 444.40", "¥ 55.60", "No range of BIN 7020"} {
		if !s.Shows(text) {
			t.Errorf("%q is not in the preview:\n%s", text, s.Screen())
		}
	}
	s.Keys("enter")
	s.Until("Activate this serial range?")
	s.Until("Activate 5 vouchers 7020 0000041–0000045. Selling ¥ 500.00")
	s.Until("This cannot be undone here")
	s.Keys("enter") // an empty field means no
	s.UntilNot("Activate this serial range?")
	s.Keys("enter")
	s.Until("Activate this serial range?")
	s.Keys("4", "enter")
	s.Until("That is not the number of pieces")
	if n := len(ranges(s)); n != 0 {
		t.Fatalf("%d ranges in the journal before the count was typed", n)
	}
	s.Keys("backspace", "5", "enter")
	s.Until("NOT KNOWN YET")
	become(s, offline.Done)
	s.Until("ACTIVE – THE WHOLE RANGE")
	if strings.Contains(s.Screen(), "%") {
		t.Errorf("a percentage is shown:\n%s", s.Screen())
	}
	s.WantEffects(1)
	if op := ranges(s)[0]; op.Operator != "mgr" || op.ApprovedBy != "" || op.Range.SellingFen != 10000 || op.Range.CostFen != 8888 {
		t.Errorf("%+v %+v", op, op.Range)
	}
	fill(s, "7020", "0000045", "0000046", "", "100")
	s.Until("It overlaps 7020:0000041-0000045: active")
	s.Keys("enter", "enter", "enter", "enter")
	s.Until("what it would be")
	if s.Shows("Activate this serial range?") {
		t.Error("a range that overlaps another can be confirmed")
	}
}

func TestARangeIsInTheShiftsSumAndToldWithoutAScan(t *testing.T) {
	t.Parallel()
	s := opened(t, 120, 40, ui.English)
	s.Faults(sandbox.Fault{Action: "activeByPartNo", Times: 1, Do: "in_process"})
	fill(s, good...)
	s.Until("Nothing speaks against it")
	s.Keys("enter")
	s.Until("Type 5")
	s.Keys("5", "enter")
	s.Until("asked once")
	s.Keys("f5")
	s.Until("? not known")
	s.Keys("s")
	s.Until("range · 5 codes")
	s.Keys("esc", "f1")
	s.Desk.TryNow() // not after a pause
	become(s, offline.Done)
	s.Until("7020:0000041-0000045 is ACTIVE, the whole range")
	s.Until("1 active ¥500")
}

func TestTheInterfaceDescriptionsExampleIsRefusedInWords(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{ui.English, ui.Chinese} {
		s := opened(t, 80, 24, lang)
		whole := func(screen, text string) bool { return strings.Contains(squeezed(screen), squeezed(text)) }
		write(s, example...)
		s.Wait("what it lacks", func(screen string) bool { return whole(screen, s.Words.T("range.type")) }) // it has no code type
		s.Keys("tab", "tab", "tab", "left")
		count := s.Words.T("range.count", map[string]any{"From": "0000041", "To": "0000045", "Size": 5, "Count": 14})
		s.Wait("the contradictions", func(screen string) bool {
			return whole(screen, count) && whole(screen, s.Words.T("range.cost", map[string]any{"CostFen": "¥ 100.00", "SellingFen": "¥ 88.88"}))
		})
		s.Keys("enter", "enter", "enter", "enter", "enter", "enter", "enter", "enter", "enter")
		s.Wait("the first of them at the top", func(screen string) bool { return strings.Contains(screen, count) })
		if n := len(ranges(s)); n != 0 || s.Shows(s.Words.T("serials.title_confirm")) {
			t.Errorf("%s: %d journaled\n%s", lang, n, s.Screen())
		}
		s.WantEffects(0)
	}
}

// squeezed is the text of the box at the right without frames and line breaks.
func squeezed(text string) string {
	var all strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		if _, right, ok := strings.Cut(line, "││"); ok {
			line = right
		}
		all.WriteString(strings.NewReplacer(" ", "", "│", "").Replace(line))
	}
	return all.String()
}

func TestAValidityThatEndsAsItBeginsIsAContradiction(t *testing.T) {
	t.Parallel()
	s := opened(t, 120, 40, ui.English)
	if s.Shows("Valid from   20") {
		t.Errorf("an empty form reads as if it had a validity:\n%s", s.Screen())
	}
	const day = "2036-12-01 00:00:00"
	fill(s, append(slices.Clone(good), day, day)...)
	s.Until("The validity ends at 2036-12-01")
	if s.Shows("Nothing speaks against it") {
		t.Errorf("a validity of no length can be sold:\n%s", s.Screen())
	}
}

func TestARangeAboveALimitNeedsASecondManager(t *testing.T) {
	t.Parallel()
	s := opened(t, 120, 40, ui.English)
	s.Must(s.Desk.AddOperator(t.Context(), s.Manager, "li", offline.Manager, "8888"))
	fill(s, "7020", "0000001", "0005001", "", "1")
	s.Until("More than 5,000 pieces")
	s.Keys("enter")
	s.Until("Type 5001:")
	s.Answer("5001")
	s.Until("A manager is needed")
	s.Until("■ li") // nobody is asked about her own request
	if s.Shows("□ mgr") {
		t.Errorf("offered to approve her own request:\n%s", s.Screen())
	}
	s.Keys("tab", "8", "8", "8", "8", "enter")
	become(s, offline.Done)
	if op := ranges(s)[0]; op.Operator != "mgr" || op.ApprovedBy != "li" {
		t.Errorf("by %s, approved by %s", op.Operator, op.ApprovedBy)
	}
	s.WantEffects(1)
}

func TestTheFormOutlastsALockForItsWriterAlone(t *testing.T) {
	t.Parallel()
	s := opened(t, 100, 30, ui.English)
	s.Must(s.Desk.AddOperator(t.Context(), s.Manager, "li", offline.Manager, "8888"))
	fill(s, good...)
	s.Until("Nothing speaks against it")
	s.Keys("f5", "f7")
	s.Until("Nothing speaks against it")
	signIn := func(name, pin string) {
		s.Keys("ctrl+l")
		s.Until("Sign in")
		for range 3 {
			if !s.Shows("▸ " + name) {
				s.Keys("down")
			}
		}
		s.Answer(pin)
		s.Until(s.Words.T("counter.empty"))
		s.Keys("f7")
	}
	signIn("mgr", "9999")
	s.Until("Nothing speaks against it")
	s.Keys("enter")
	s.Until("Type 5:")
	signIn("li", "8888")
	s.Until("Choose the type")
	if s.Shows("0000041") || s.Shows("Type 5:") {
		t.Errorf("another manager meets it:\n%s", s.Screen())
	}
	signIn("mgr", "9999")
	s.Until("Nothing speaks against it")
}

func TestAScanFillsInWhatItTells(t *testing.T) {
	t.Parallel()
	s := opened(t, 100, 30, ui.English, func(s *offlinetest.Shop) { s.Settings.Rules.Codes.Voucher = "BBBB??????SSSSSSS??" })
	s.Scan("7020123456000004199")
	s.Until("BIN          7020")
	s.Until("First        0000041")
	s.Until("■ vouchers")
	s.Clock.Forward(5 * time.Second)
	s.Scan("7020123456000004599")
	s.Until("5 pieces")
	s.Keys("up", "up", "up", "up")
	s.Typed("7020123456000004999\r", 60) // a slow scanner, into the BIN
	s.Until("9 pieces")
	s.Clock.Forward(5 * time.Second)
	s.Scan(offlinetest.ReelCode)
	s.Until("does not tell a serial")
	s.Scan("7021:0000001-0000003")
	s.Until("3 pieces")
	s.Until("BIN          7021")
	s.Keys("tab", "tab") // to the selling price
	s.Typed("99999\r", 60)
	s.Until("Vouchers need a selling price")
}

func TestWhatAMachineTypesSlowlyIsNoPrice(t *testing.T) {
	t.Parallel()
	s := opened(t, 100, 30, ui.English)
	fill(s, "7020", "0000041", "0000045", "")
	s.Keys("tab", "5")
	s.Until("Selling ¥    5")
	s.Typed("\t", 100)
	s.Typed("99999\r", 60)
	s.Until("Cost ¥")
	if s.Shows("99999") {
		t.Errorf("a machine's price stands:\n%s", s.Screen())
	}
}

func TestWithoutTheNetworkARangeIsAcceptedOnlyWhereTheSettingsSay(t *testing.T) {
	t.Parallel()
	for _, waits := range []bool{false, true} {
		s := opened(t, 120, 40, ui.English, func(s *offlinetest.Shop) { s.Settings.RangesWait = waits })
		fill(s, good...)
		s.Until("Nothing speaks against it")
		s.Outage()
		s.Keys("enter")
		s.Until("Type 5:")
		s.Answer("5")
		if waits {
			s.Until("NOT ACTIVE YET")
			s.Answer("5")
			s.Until("QUEUED")
		} else {
			s.Until("a range is not accepted offline")
		}
		if n := len(ranges(s)); n != map[bool]int{true: 1}[waits] {
			t.Errorf("bulk.offline %v: %d in the journal", waits, n)
		}
	}
}

func TestACashierSellsARangeWithinTheLimitsOnAScreenThatAManagerOpened(t *testing.T) {
	t.Parallel()
	s := opened(t, 120, 40, ui.English)
	s.Keys("ctrl+l")
	s.Until("▸ mgr")
	s.Keys("up")
	s.Answer(offlinetest.CashierPIN)
	s.Until(s.Words.T("counter.empty"))
	s.Keys("f7")
	s.Until("A manager is needed")
	s.Keys("tab")
	s.Answer(offlinetest.ManagerPIN)
	s.Until("Choose the type")
	fill(s, "7020", "0000001", "0005001", "", "1")
	s.Until("More than 5,000 pieces")
	s.Keys("enter")
	s.Until("Type 5001:")
	s.Answer("5001")
	s.Until("A manager is needed") // and that one cannot open a cashier's range above a limit
	s.Keys("tab")
	s.Answer(offlinetest.ManagerPIN)
	s.UntilNot("A manager is needed")
	s.Keys("delete")
	fill(s, good...)
	s.Until("Nothing speaks against it")
	s.Keys("enter")
	s.Until("Type 5:")
	s.Answer("5")
	become(s, offline.Done)
	if all := ranges(s); len(all) != 1 || all[0].Operator != "amy" || all[0].ApprovedBy != "mgr" {
		t.Errorf("%+v", all)
	}
}

func TestSerialRangesAreReadInASCII(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 80, 24, screenstest.ASCII, b2b)
	s.Keys("down")
	s.Answer(offlinetest.ManagerPIN)
	s.Until(s.Words.T("counter.empty"))
	s.Keys("f7")
	s.Until("Choose the")
	fill(s, example...)
	s.Until("[/] From 0000041")
	s.Keys("delete")
	fill(s, good...)
	s.Until("[ok] Nothing speaks")
	s.Keys("enter")
	s.Until("Type 5:")
	_, body, _ := strings.Cut(s.Screen(), "\n")
	if at := strings.IndexFunc(body, func(r rune) bool { return r > unicode.MaxASCII }); at >= 0 || !strings.Contains(body, "CNY 500.00") {
		t.Errorf("%s", body)
	}
}

func TestSerialRangesLookAsTheyShould(t *testing.T) {
	screenstest.Looks(t, [][2]int{{80, 24}, {120, 40}, {160, 50}}, func(t *testing.T, width, height int, lang string) {
		s := opened(t, width, height, lang)
		for _, one := range []struct{ first, last, fault string }{{"0000001", "0000040", "refuse:97"}, {"0000100", "0004099", "refuse:81"}, {"0000050", "0000059", "refuse:100"}} {
			s.Faults(sandbox.Fault{Action: api.ActionRange, Do: one.fault})
			o := offline.RangeOrder{Type: offline.RangeVouchers, BIN: "7020", From: one.first, To: one.last, SellingFen: 1000, CostFen: 900}
			o.Count, _ = o.Size()
			op, err := s.Desk.AcceptRange(t.Context(), offline.RangeRequest{Order: o, Operator: s.Manager})
			s.Must(err)
			_, err = s.Desk.Wait(t.Context(), op.Op)
			s.Must(err)
		}
		s.Until("! 1 ")
		s.Until("◷ 0 ")
		s.Clock.Forward(2*time.Minute + 20*time.Second) // ages that stay for the test
		fill(s, "7020", "0000041", "0000145", "14", "88.88", "100")
		cost := s.Words.T("range.cost", map[string]any{"CostFen": "¥ 100.00", "SellingFen": "¥ 88.88"})
		s.Wait("the preview", func(screen string) bool { return strings.Contains(squeezed(screen), squeezed(cost)) })
		s.Golden()
	})
}

func TestAnEmptyFormSaysThatItIsEmpty(t *testing.T) {
	t.Parallel()
	s := opened(t, 80, 24, ui.English)
	s.Keys("?")
	s.Until("The form is empty")
}
