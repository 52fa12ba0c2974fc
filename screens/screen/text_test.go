package screen_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screen"
	"counterfoil/screens/screenstest"
	"counterfoil/ui"
)

func bare(t *testing.T, lang string) *screen.Env {
	t.Helper()
	return screenstest.Env(t, lang, func() time.Time { return offlinetest.Opening })
}

var states = []offline.State{offline.Queued, offline.Sending, offline.Unknown, offline.Attention, offline.Done, offline.Refused, offline.Withdrawn, offline.Settled}

// Colours fail, and people skim: a state is known by its symbol alone and by its
// word alone, and only what is done looks good.
func TestEveryStateLooksLikeNoOther(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{ui.English, ui.Chinese, screenstest.ASCII} {
		e := bare(t, lang)
		symbols, words := map[string]string{}, map[string]string{}
		for _, state := range states {
			for _, kind := range []offline.Kind{offline.Activate, offline.Void} {
				m := e.Mark(offline.Operation{Kind: kind, State: state})
				name := string(state)
				if state == offline.Done {
					name += string(kind)
				}
				for what, seen := range map[string]map[string]string{m.Symbol: symbols, m.Word: words} {
					if other, is := seen[what]; what == "" || is && other != name {
						t.Errorf("%s: %q stands for %s and for %s", lang, what, other, name)
					}
					seen[what] = name
				}
				if good := m.Tone == ui.Good; good != (state == offline.Done && kind == offline.Activate) {
					t.Errorf("a %s that is %s looks good: %v", kind, state, good)
				}
			}
		}
	}
}

func TestARowHasItsWidthAndItsAmount(t *testing.T) {
	t.Parallel()
	envs := []*screen.Env{bare(t, ui.English), bare(t, ui.Chinese), bare(t, screenstest.ASCII)}
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom(envs).Draw(t, "language")
		op := offline.Operation{
			Kind: rapid.SampledFrom([]offline.Kind{offline.Activate, offline.Void, offline.Range}).Draw(t, "kind"), State: rapid.SampledFrom(states).Draw(t, "state"),
			ID: rapid.SampledFrom([]string{offlinetest.Reel, offlinetest.FreeCode, offlinetest.Box}).Draw(t, "id"), Level: "code",
			AmountFen: rapid.Int64Range(0, 99_999_00).Draw(t, "fen"), Name: rapid.SampledFrom([]string{"", "中杯饮品券中杯饮品券中杯饮品券"}).Draw(t, "name"),
			WaitsFor:   rapid.SampledFrom([]string{"", offlinetest.FreeCode}).Draw(t, "waits for"),
			AcceptedAt: offlinetest.Opening.Add(-time.Duration(rapid.IntRange(0, 99).Draw(t, "hours")) * time.Hour),
		}
		width := rapid.IntRange(60, 200).Draw(t, "width")
		row := e.Row(op, width)
		if got := ui.Width(row); got > width {
			t.Fatalf("%d columns of %d: %q", got, width, row)
		}
		if op.Kind != offline.Void && !strings.Contains(row, e.Money(op.AmountFen)) {
			t.Fatalf("%d fen are cut off in %d columns: %q", op.AmountFen, width, row)
		}
		if strings.Contains(row, offlinetest.FreeCode) {
			t.Fatalf("a whole code is shown: %q", row)
		}
	})
}

func TestTimesAreOfTheShopAndTellAnotherDay(t *testing.T) {
	t.Parallel()
	e := bare(t, ui.English)
	midnight := time.Date(2026, 11, 22, 0, 0, 0, 0, offlinetest.Zone)
	for at, want := range map[time.Time]string{
		midnight.UTC(): "00:00:00", midnight.Add(-time.Second).UTC(): "11-21 23:59", midnight.AddDate(-1, 0, 0): "11-22 00:00", offlinetest.Opening: "10:15:00",
	} {
		if got := e.When(at); got != want {
			t.Errorf("%v is written %q, want %q", at, got, want)
		}
	}
	for ago, want := range map[time.Duration]string{
		-time.Hour: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min", 59 * time.Minute: "59 min", time.Hour: "1 h", 47 * time.Hour: "47 h", 48 * time.Hour: "2 days",
	} {
		if got := e.Ago(offlinetest.Opening.Add(-ago)); !strings.HasPrefix(got, want) {
			t.Errorf("%v ago is written %q, want %q", ago, got, want)
		}
	}
}

func TestWhatHoldsAThingGivesWayFromAbove(t *testing.T) {
	t.Parallel()
	e := bare(t, ui.English)
	path := []offline.Node{{ID: "box1", Level: "box"}, {ID: "package1", Level: "package"}, {ID: "reel1", Level: "reel"}}
	whole := "box1 › package1 › reel1"
	for room := range 40 {
		got := ui.Bare(e.Holders(path, false, room))
		if !strings.HasSuffix(got, "reel1") || room >= len("box1 > package1 > reel1") && got != whole {
			t.Errorf("in %d columns: %q", room, got)
		}
		if w := ui.Width(got); w > max(room, len("reel1")+4) {
			t.Errorf("%d columns where there is room for %d: %q", w, room, got)
		}
	}
}

func TestAReasonIsToldInTheLanguageOfNow(t *testing.T) {
	t.Parallel()
	at := offlinetest.Opening
	for _, c := range []struct {
		op   offline.Operation
		want string
	}{
		{offline.Operation{State: offline.Refused, Attempts: []offline.Attempt{{Code: "A01", Message: "old"}, {Code: "A02", Message: "不存在"}}}, "不存在 (A02)"},
		{offline.Operation{State: offline.Refused, Attempts: []offline.Attempt{{Code: "A02"}}}, "A02"},
		{offline.Operation{State: offline.Queued, WaitsFor: offlinetest.Reel, ApprovedBy: "mgr"}, offlinetest.Reel},
		{offline.Operation{State: offline.Done, Operator: "mgr", ApprovedBy: "mgr"}, ""}, // nobody else
		{offline.Operation{State: offline.Done, Operator: "amy", ApprovedBy: "mgr"}, "mgr"},
		{offline.Operation{State: offline.Settled, SettledBy: "mgr", Reason: "counted", FinishedAt: &at}, "counted"},
		{offline.Operation{State: offline.Done}, ""},
	} {
		for _, lang := range []string{ui.English, ui.Chinese} {
			got := bare(t, lang).Because(c.op)
			if !strings.Contains(got, c.want) || c.want == "" && got != "" || strings.Contains(got, "because.") {
				t.Errorf("%s: %+v is told as %q, want %q", lang, c.op, got, c.want)
			}
		}
	}
}

func TestAnErrorOfNoKindHasASentenceToo(t *testing.T) {
	t.Parallel()
	e := bare(t, ui.English)
	if got := e.Problem(nil); got != "" {
		t.Errorf("nothing is told as %q", got)
	}
	wrapped := fmt.Errorf("within: %w", &offline.Error{Kind: offline.ErrWrongPIN, Args: map[string]any{"Left": 3}})
	if got := e.Problem(wrapped); !strings.Contains(got, "3") {
		t.Errorf("a wrong PIN is told as %q", got)
	}
	if got := e.Problem(errors.New("disk on fire")); got == "" || strings.HasPrefix(got, "error.") || strings.Contains(got, "fire") {
		t.Errorf("an error that no person can be told is told as %q", got)
	}
}

func TestAScreenThatAManagerOpenedIsForMoreAndNothingElse(t *testing.T) {
	t.Parallel()
	e := bare(t, ui.English)
	if e.SignedIn() || e.May(offline.Sell) {
		t.Error("nobody may sell")
	}
	e.Session.Role = offline.Cashier
	e.Opened = offline.Day
	for act, want := range map[offline.Act]bool{offline.Day: true, offline.Export: true, offline.Sell: true, offline.Review: false, offline.Unmask: false} {
		if e.May(act) != want {
			t.Errorf("on a day that a manager opened a cashier may %s: %v", act, !want)
		}
	}
}

func TestACodeInAnErrorIsMaskedUnlessSomebodyAskedForIt(t *testing.T) {
	t.Parallel()
	e := bare(t, ui.English)
	err := &offline.Error{Kind: offline.ErrOpenHere, Args: map[string]any{"ID": offlinetest.ReelCode}}
	masked := api.ID(offlinetest.ReelCode).Masked()
	for asked, want := range map[api.ID]string{"": masked, "R112102F-0000242-2585": masked, offlinetest.ReelCode: offlinetest.ReelCode} {
		if said := e.Problem(err, asked); !strings.Contains(said, "on "+want+" is") {
			t.Errorf("where %q was asked for: %s", asked, said)
		}
	}
}
