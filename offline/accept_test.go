package offline_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

func TestARequestThatCannotBeMeantIsRefusedAndLeavesNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for name, c := range map[string]struct {
		kind   offline.Kind
		change func(*offline.Request)
		want   offline.ErrorKind
	}{
		"what is no id":                  {offline.Activate, func(r *offline.Request) { r.ID = "none" }, offline.ErrNotAnID},
		"a kind that is not accepted so": {offline.Range, func(*offline.Request) {}, offline.ErrInternal},
		"an activation of no amount":     {offline.Activate, func(r *offline.Request) { r.AmountFen = 0 }, offline.ErrAmountNeeded},
		"an amount below nothing":        {offline.Activate, func(r *offline.Request) { r.AmountFen = -1 }, offline.ErrBadAmount},
		"a void of an amount":            {offline.Void, func(r *offline.Request) { r.AmountFen = 1 }, offline.ErrBadAmount},
	} {
		for _, later := range []bool{true, false} {
			if _, err := s.tryAccept(c.kind, offlinetest.FreeCode, c.change, func(r *offline.Request) { r.Offline = later }); offline.KindOf(err) != c.want {
				t.Errorf("%s, offline %v: %v", name, later, err)
			}
		}
	}
	s.known(offlinetest.FreeCode)
	gone, leave := context.WithCancel(context.Background())
	leave()
	r := offline.Request{Kind: offline.Activate, ID: offlinetest.FreeCode, AmountFen: 3000, Operator: s.Cashier, Offline: true}
	if _, err := s.Desk.Accept(gone, r); !errors.Is(err, context.Canceled) {
		t.Errorf("asked by somebody who left: %v", err)
	}
	if ops, err := s.Desk.Operations(context.Background(), offline.Query{}); err != nil || len(ops) != 0 {
		t.Errorf("accepted %+v, %v", ops, err)
	}
}

func TestASecondOperationOnAnIDIsRefusedWhileOneIsOpen(t *testing.T) {
	t.Parallel()
	active := func(s *shop) { s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done) }
	for name, c := range map[string]struct {
		before func(*shop) // the first is accepted
		first  offline.Kind
		lost   bool // its answer
		second offline.Kind
		want   offline.ErrorKind
	}{
		"an activation behind one that waits":                {nil, offline.Activate, false, offline.Activate, offline.ErrOpenHere},
		"an activation behind one that is unknown":           {nil, offline.Activate, true, offline.Activate, offline.ErrOpenHere},
		"a void behind an activation with an answer to come": {nil, offline.Activate, true, offline.Void, ""},
		"a void behind a void that waits":                    {active, offline.Void, false, offline.Void, offline.ErrOpenHere},
		"a void behind one that is unknown":                  {active, offline.Void, true, offline.Void, offline.ErrOpenHere},
		"an activation behind a void that waits":             {nil, offline.Void, false, offline.Activate, offline.ErrOpenHere},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			s.known(reel)
			if c.before != nil {
				c.before(s)
			}
			first, want := s.accept(c.first, reel, waiting, func(r *offline.Request) { r.Operator = s.Manager }), offline.Queued
			if c.lost {
				s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Do: "drop_answer"}, sandbox.Fault{Action: api.ActionReelVoid, Do: "drop_answer"})
				first, want = s.sent(first), offline.Unknown
			}
			s.wantState(first, want)
			second, err := s.tryAccept(c.second, reel, waiting)
			if offline.KindOf(err) != c.want {
				t.Fatalf("%+v, %v", second, err)
			}
			s.wantState(s.read(first), want)
			if c.want == "" && (second.Op == first.Op || s.read(second).WaitsFor != first.Op) {
				t.Errorf("it does not wait: %+v", second)
			}
		})
	}
}

func TestWhatCouldNotBeStoredHoldsUpNothing(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]bool{"with its attempt": true, "by itself": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			if known {
				s.known(reel)
			}
			s.Start()
			s.Must(s.Desk.Fill(true))
			if op, err := s.tryAccept(offline.Activate, reel); offline.KindOf(err) != offline.ErrDiskFull {
				t.Fatalf("%+v, %v", op, err)
			}
			if waits := s.Desk.Status().Waiting; waits != 0 {
				t.Errorf("%d wait", waits)
			}
			s.Must(s.Desk.Fill(false))
			op := s.accept(offline.Activate, reel)
			s.Eventually("it is done", func() bool { return s.state(op.Op) == offline.Done })
			s.WantEffects(1)
		})
	}
}

func TestWhatIsKnownHereOfAVoucherDecidesWhatIsRefused(t *testing.T) {
	t.Parallel()
	seen := func(s *shop) { s.known(reelCode) }
	do := func(kind offline.Kind) func(*shop) {
		return func(s *shop) { s.wantState(s.sent(s.accept(kind, reelCode)), offline.Done) }
	}
	later := func(s *shop) { s.Clock.Forward(s.Settings.Calls.PrelookMaxAge + time.Second) }
	elsewhere := func(s *shop) { // another till's void
		a := s.NewClient().Void(context.Background(), api.VoidRequest{TraceNo: s.Now().Format("20060102") + "000009000000001", ID: reelCode})
		if !a.Success() {
			t.Errorf("%+v", a)
		}
	}
	type steps = []func(*shop)
	activated, voided := steps{seen, do(offline.Activate)}, steps{seen, do(offline.Activate), do(offline.Void)}
	for name, c := range map[string]struct {
		before steps
		kind   offline.Kind
		want   offline.ErrorKind
	}{
		"activated here":                              {activated, offline.Activate, offline.ErrAlreadyActive},
		"activated here and seen active":              {slices.Concat(activated, steps{seen}), offline.Activate, offline.ErrAlreadyActive},
		"activated here, voided elsewhere":            {slices.Concat(activated, steps{elsewhere}), offline.Activate, offline.ErrAlreadyActive},
		"activated here, seen voided elsewhere":       {slices.Concat(activated, steps{elsewhere, seen}), offline.Activate, ""},
		"a void of what is active":                    {activated, offline.Void, ""},
		"a void of what is seen active":               {slices.Concat(activated, steps{seen}), offline.Void, ""},
		"a void of what was never seen":               {nil, offline.Void, ""},
		"a void of what is seen inactive":             {steps{seen}, offline.Void, offline.ErrNeedsManager},
		"a void of what was seen inactive long ago":   {steps{seen, later}, offline.Void, ""},
		"a void of what a waiting reel will activate": {steps{seen, func(s *shop) { s.accept(offline.Activate, reel, waiting) }}, offline.Void, ""},
		"voided here just now":                        {voided, offline.Void, offline.ErrAlreadyVoid},
		"voided here just now, and activated again":   {voided, offline.Activate, ""},
		"voided here long ago":                        {slices.Concat(voided, steps{later}), offline.Void, ""},
		"voided here long ago and seen void":          {slices.Concat(voided, steps{later, seen}), offline.Void, offline.ErrAlreadyVoid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			for _, step := range c.before {
				step(s)
			}
			op, err := s.tryAccept(c.kind, reelCode, waiting)
			if offline.KindOf(err) != c.want || err == nil && op.State != offline.Queued {
				t.Errorf("%s, %v; want %q", op.State, err, c.want)
			}
		})
	}
}

func TestAManagersVoidWithdrawsACashiersWaitingActivation(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	op := s.accept(offline.Activate, reel, waiting)
	got := s.accept(offline.Void, reel, waiting, func(r *offline.Request) { r.Operator = s.Manager })
	if got.Op != op.Op || got.State != offline.Withdrawn || got.SettledBy != offlinetest.ManagerName || got.SettleAskedBy != "" {
		t.Errorf("%+v", got)
	}
}
