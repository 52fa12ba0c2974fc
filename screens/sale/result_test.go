package sale_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/sale"
	"counterfoil/screens/screenstest"
	"counterfoil/ui"
)

// Whatever an operation is, the cashier hands over for one thing alone: an
// activation that is done, and no longer than the desk lets her.
func TestOnlyAFreshActivationThatIsDoneIsHandedOver(t *testing.T) {
	t.Parallel()
	now := offlinetest.Opening
	for _, lang := range []string{ui.English, ui.Chinese} {
		env := screenstest.Env(t, lang, func() time.Time { return now })
		for _, state := range []offline.State{"", offline.Queued, offline.Sending, offline.Unknown, offline.Attention, offline.Done, offline.Refused, offline.Withdrawn, offline.Settled} {
			for _, kind := range []offline.Kind{offline.Activate, offline.Void} {
				for _, moving := range []bool{false, true} {
					for until, fresh := range map[time.Time]bool{{}: false, now.Add(-time.Second): false, now: true, now.Add(time.Minute): true} {
						s := &sale.Sale{Until: until, Moving: moving, SentAt: now}
						if state != "" {
							s.Op = &offline.Operation{Kind: kind, State: state, AcceptedAt: now, SettledAs: "done", SettledBy: "mgr"}
						}
						r := s.Result(env)
						hands := strings.Contains(r.Order+r.Word, env.T("result.hand_over")) && !strings.Contains(r.Order, env.T("result.do_not"))
						good := r.Tone == ui.Good || r.Word == env.T("result.active")
						if want := state == offline.Done && kind == offline.Activate && fresh; hands != want || good != want {
							t.Errorf("a %s that is %q, moving %v, fresh %v: %+v", kind, state, moving, fresh, r)
						}
						if waits := strings.HasPrefix(r.Word, env.T("result.sending")); waits != (state == offline.Sending || state == offline.Queued && moving) {
							t.Errorf("a %s that is %q, moving %v: %+v", kind, state, moving, r)
						}
						if r.Word == "" || r.Order == "" && state.Open() && state != offline.Sending && !moving {
							t.Errorf("a %s that is %q orders nothing: %+v", kind, state, r)
						}
					}
				}
			}
		}
	}
}

func TestASettlementTellsWhatItWasSettledAs(t *testing.T) {
	t.Parallel()
	env := screenstest.Env(t, ui.English, func() time.Time { return offlinetest.Opening })
	for as, want := range map[string]string{"done": "", "no-effect": "DO NOT HAND OVER"} {
		s := &sale.Sale{Op: &offline.Operation{Kind: offline.Activate, State: offline.Settled, SettledAs: as, SettledBy: "mgr"}}
		if r := s.Result(env); r.Order != want || r.Word != "SETTLED BY mgr" {
			t.Errorf("settled as %s: %+v", as, r)
		}
	}
}

func TestWhatGoesOnSaysForHowLongAndNeverFewerThanNoSeconds(t *testing.T) {
	t.Parallel()
	now := offlinetest.Opening
	env := screenstest.Env(t, ui.English, func() time.Time { return now })
	for since, want := range map[time.Time]int{now: 0, now.Add(-2900 * time.Millisecond): 2, now.Add(-time.Minute): 60, now.Add(time.Hour): 0} {
		if r := sale.Waiting(env, "asking", since); r.Word != fmt.Sprintf("asking, %d s", want) {
			t.Errorf("since %v it is %q, want %d s", since, r.Word, want)
		}
	}
}

func TestAnAmountIsTypedTwiceWhereTheFaceValueIsKnownAndAnother(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind         offline.Kind
		amount, face int64
		want         bool
	}{{offline.Activate, 1500, 1500, false}, {offline.Activate, 1499, 1500, true}, {offline.Activate, 0, 1500, true}, {offline.Activate, 1500, 0, false}, {offline.Void, 0, 1500, false}} {
		s := &sale.Sale{Request: offline.Request{Kind: c.kind, AmountFen: c.amount}, FaceFen: c.face}
		if s.Differs() != c.want {
			t.Errorf("%+v: differs %v", c, s.Differs())
		}
	}
}

func TestAVoidIsConfirmedByItsOwnNumberAndSeveralByHowManyTheyAre(t *testing.T) {
	t.Parallel()
	env := screenstest.Env(t, ui.English, time.Now)
	void := func(id string) *sale.Sale {
		return &sale.Sale{Request: offline.Request{Kind: offline.Void, ID: api.ID(id)}, Counted: sale.Counted{Codes: 2, Changes: 2}, FaceFen: 3000}
	}
	one, two := void(offlinetest.Reel), void(offlinetest.FreeCode)
	for _, c := range []struct {
		sales       []*sale.Sale
		right       string
		wrong, fact string
	}{{[]*sale.Sale{one}, "2585", "1", "2 codes"}, {[]*sale.Sale{one, two}, "2", "2585", "4 codes"}} {
		d := sale.VoidDialog(env, c.sales...)
		if check := d.Asks[0].Check; check(c.right) != "" || check(c.wrong) == "" || check("") == "" {
			t.Errorf("%d voids are not confirmed by %q alone", len(c.sales), c.right)
		}
		if !d.Final || !strings.Contains(d.Facts[0].Value, c.fact) {
			t.Errorf("%d voids are asked about as %+v", len(c.sales), d.Facts)
		}
	}
}

func TestASaleCountsWhereItHadEffectOrMayHave(t *testing.T) {
	t.Parallel()
	s := &sale.Sale{}
	if s.Counts(offline.Activate) {
		t.Error("one that was not begun counts")
	}
	for state, want := range map[offline.State]bool{offline.Queued: true, offline.Sending: true, offline.Unknown: true, offline.Attention: true,
		offline.Done: true, offline.Settled: true, offline.Refused: false, offline.Withdrawn: false} {
		s.Op = &offline.Operation{Kind: offline.Activate, State: state}
		if s.Counts(offline.Activate) != want || s.Counts(offline.Void) {
			t.Errorf("one that is %s counts: %v", state, !want)
		}
	}
}

func TestACodeIsOneAlsoWhereNothingElseIsKnownOfIt(t *testing.T) {
	t.Parallel()
	for id, codes := range map[string]int64{offlinetest.FreeCode: 1, offlinetest.Reel: 0} {
		s := &sale.Sale{Request: offline.Request{ID: api.ID(id), AmountFen: 5}, FaceFen: 7}
		if s.Describe(offline.Void, offline.Card{AmountFen: 9, VoidFen: 8}); s.Codes != codes || s.AmountFen != 0 || s.FaceFen != 8 {
			t.Errorf("%s: %+v", id, s)
		}
	}
}
