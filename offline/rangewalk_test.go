package offline_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
)

// Clocks that jump, midnights, starts with other settings, cut answers and a
// platform that stays at work, in any order: the order's number and its fields
// never change, and the range is active exactly once.
func TestARangeIsActiveOnceWhateverHappensMeanwhile(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := openB2B(t)
		defer s.Close()
		faults := []string{"in_process", "drop_answer", "drop_request", "html", "status:503"}
		s.Faults(sandbox.Fault{Action: api.ActionRange, Do: rapid.SampledFrom(faults).Draw(rt, "first")})
		op, err := s.sells(serials("0000041", "0000045", 5))
		s.Must(err)
		s.sent(op)
		var ahead time.Duration
		rt.Repeat(map[string]func(*rapid.T){
			"time passes": func(rt *rapid.T) {
				s.Clock.Forward(time.Duration(rapid.IntRange(1, 20*3600).Draw(rt, "seconds")) * time.Second)
			},
			"the counter's clock jumps": func(rt *rapid.T) {
				ahead = time.Duration(rapid.IntRange(-48, 48).Draw(rt, "hours")) * time.Hour
				s.SetWrong(ahead)
			},
			"something goes wrong": func(rt *rapid.T) {
				s.Faults(sandbox.Fault{Action: api.ActionRange, Do: rapid.SampledFrom(faults).Draw(rt, "fault")})
			},
			"nothing does":      func(*rapid.T) { s.Faults() },
			"it is asked about": func(*rapid.T) { s.Must(s.Desk.Replay(context.Background(), nil)) },
			"it is sold again": func(rt *rapid.T) {
				if _, err := s.sells(serials("0000045", "0000046", 2)); offline.KindOf(err) != offline.ErrRangeOverlap {
					rt.Fatalf("a range over it: %v", err)
				}
			},
			"the next start has other settings": func(rt *rapid.T) {
				s.Client.B2B.PartnerID = rapid.IntRange(1, 9999).Draw(rt, "partner")
				s.Client.B2BSigner = nil
				if rapid.Bool().Draw(rt, "signed") {
					s.Client.B2BSigner = api.RSASigner{Key: key}
				}
				s.Settings.Rules.Codes.Voucher = rapid.SampledFrom([]string{"", "BBBBSSSSSSS"}).Draw(rt, "form")
				s.Settings.RangesWait = rapid.Bool().Draw(rt, "waits")
				s.Settings.Rules.AbsentAfter = time.Duration(rapid.IntRange(1, 3600).Draw(rt, "absent")) * time.Second
				s.Reopen()
			},
			"": func(rt *rapid.T) {
				got := s.read(op)
				want := *op.Range
				if want.Polls = got.Range.Polls; *got.Range != want || len(got.Attempts) > 1 && got.Attempts[0].Trace != got.Attempts[1].Trace {
					rt.Fatalf("the order changed: %+v, was %+v", got.Range, op.Range)
				}
				if got.State != offline.Unknown && got.State != offline.Done && got.State != offline.Queued {
					rt.Fatalf("%s %s", got.State, got.Why)
				}
			},
		})
		s.Faults()
		s.SetWrong(0)
		for range 4 {
			s.Clock.Forward(time.Hour)
			s.replayed(op)
		}
		effects := s.Sandbox.Effects()
		if got := s.read(op); got.State != offline.Done || len(effects) != 1 || effects[0].Trace != op.Range.OrderID || effects[0].Codes != 5 {
			rt.Fatalf("%s %s, effects %+v", got.State, got.Why, effects)
		}
	})
}
