package offline_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// openB2B opens a shop whose platform takes serial ranges.
func openB2B(t *testing.T, change ...func(*offlinetest.Shop)) *shop {
	t.Helper()
	b2b := func(s *offlinetest.Shop) { s.Client.B2B = api.B2B{PartnerID: 1504, MerchantID: "10001"} }
	return openShop(t, append([]func(*offlinetest.Shop){b2b}, change...)...)
}

func serials(from, to string, count int) offline.RangeOrder {
	return offline.RangeOrder{Type: offline.RangeVouchers, BIN: "7020", From: from, To: to, Count: count, SellingFen: 10000, CostFen: 8888}
}

func (s *shop) sells(o offline.RangeOrder) (offline.Operation, error) {
	return s.Desk.AcceptRange(context.Background(), offline.RangeRequest{Order: o, Operator: s.Manager, Offline: true})
}

func TestARangeKeepsItsOrderOverACutAMidnightARestartAndOtherSettings(t *testing.T) {
	t.Parallel()
	s := openB2B(t, func(s *offlinetest.Shop) { s.Clock.Forward(13*time.Hour + 44*time.Minute + 50*time.Second) }) // ten seconds before midnight
	cut := sandbox.Fault{Action: api.ActionRange, Do: "drop_answer"}
	s.Faults(cut)
	accepted, err := s.sells(serials("0000041", "0000045", 5))
	s.Must(err)
	order := accepted.Range.OrderID
	if op := s.sent(accepted); op.State != offline.Unknown || len(op.Attempts) != 1 || op.Attempts[0].Trace != order {
		t.Fatalf("%s, %+v", op.State, op.Attempts)
	}
	s.Clock.Forward(5 * time.Minute)
	s.Faults(sandbox.Fault{Action: api.ActionRange, Do: "in_process"})
	if op := s.replayed(accepted); op.State != offline.Unknown || op.Why != "in_progress" || op.Range.Polls == 0 {
		t.Fatalf("%s %s, %+v", op.State, op.Why, op.Range)
	}
	s.Client.B2B.PartnerID, s.Settings.Rules.StatusForwardOnly, s.Settings.Calls.Parallel = 1505, false, 1
	s.Reopen()
	s.Faults(cut)
	s.replayed(accepted)
	s.Faults()
	op := s.replayed(accepted)
	if op.State != offline.Done || op.Range.OrderID != order {
		t.Fatalf("%s, order %s, was %s", op.State, op.Range.OrderID, order)
	}
	effects := s.Sandbox.Effects()
	if len(effects) != 1 || effects[0].Trace != order || effects[0].Codes != 5 {
		t.Errorf("effects %+v", effects)
	}
	if _, err := s.Desk.Verify(context.Background(), nil); err != nil {
		t.Error(err)
	}
}

func TestOfOverlappingRangesOnlyOneIsAccepted(t *testing.T) {
	t.Parallel()
	s := openB2B(t)
	s.Desk.Probe(context.Background())
	var all sync.WaitGroup
	var mu sync.Mutex
	taken := 0
	for range 8 {
		all.Go(func() {
			_, err := s.sells(serials("0000041", "0000045", 5))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				taken++
			} else if offline.KindOf(err) != offline.ErrRangeOverlap {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if taken != 1 {
		t.Fatalf("%d accepted", taken)
	}
	s.Must(s.Desk.Replay(context.Background(), nil))
	s.Must(s.Desk.Replay(context.Background(), nil))
	s.WantEffects(1)
	if _, err := s.sells(serials("0000045", "0000046", 2)); offline.KindOf(err) != offline.ErrRangeOverlap {
		t.Errorf("a range over one that is done: %v", err)
	}
	if _, err := s.sells(serials("0000046", "0000047", 2)); err != nil {
		t.Errorf("the range behind it: %v", err)
	}
}

func TestARangeThatAManagerSettledIsNeverSentAgain(t *testing.T) {
	t.Parallel()
	s := openB2B(t)
	s.Faults(sandbox.Fault{Action: api.ActionRange, Do: "drop_request"})
	op, err := s.sells(serials("0000041", "0000045", 5))
	s.Must(err)
	if op = s.sent(op); op.State != offline.Unknown {
		t.Fatal(op.State)
	}
	settled, err := s.Desk.Settle(context.Background(), s.Manager, op.Op, offline.SettleNoEffect, "asked by telephone")
	s.Must(err)
	if settled.Why != "may_take_effect" {
		t.Errorf("%q", settled.Why)
	}
	s.Faults()
	if _, err := s.sells(serials("0000041", "0000045", 5)); offline.KindOf(err) != offline.ErrRangeOverlap {
		t.Errorf("before absent_after: %v", err)
	}
	s.Clock.Forward(2 * time.Hour)
	s.Must(s.Desk.Replay(context.Background(), nil))
	s.Reopen()
	s.Must(s.Desk.Replay(context.Background(), nil))
	s.WantEffects(0)
	if _, err := s.sells(serials("0000041", "0000045", 5)); err != nil {
		t.Errorf("past absent_after: %v", err)
	}
}

func TestAnUnsignedAnswerIsNoneWhereThePlatformsKeyIsSet(t *testing.T) {
	t.Parallel()
	s := openB2B(t)
	op, err := s.sells(serials("0000041", "0000045", 5))
	s.Must(err)
	if op = s.sent(op); op.Attempts[0].Cause != "unsigned" {
		t.Errorf("taken unsigned, and not noted: %+v", op.Attempts[0])
	}
	s.Client.B2BSigner = demanding{}
	s.Reopen()
	op, err = s.sells(serials("0000051", "0000055", 5))
	s.Must(err)
	if op = s.sent(op); op.State != offline.Unknown || op.Attempts[0].Outcome != string(api.Unanswered) || op.Attempts[0].Cause != string(api.ReasonSignature) {
		t.Errorf("%s, %+v", op.State, op.Attempts[0])
	}
}

// demanding signs nothing and takes no signature.
type demanding struct{}

func (demanding) Sign(map[string]string) (string, error) { return "skip", nil }
func (demanding) Checks() bool                           { return true }
func (demanding) Verify(map[string]string, string) error { return context.Canceled }

func TestARangeIsWithdrawnOnlyBeforeAByteOfItLeft(t *testing.T) {
	t.Parallel()
	s := openB2B(t, func(s *offlinetest.Shop) { s.Settings.RangesWait = true })
	s.CutOff()
	waits, err := s.sells(serials("0000041", "0000045", 5))
	s.Must(err)
	if waits.State != offline.Queued || !waits.Offline {
		t.Fatalf("%s, offline %v", waits.State, waits.Offline)
	}
	if back, err := s.Desk.Withdraw(context.Background(), s.Manager, waits.Op); err != nil || back.State != offline.Withdrawn {
		t.Errorf("%s, %v", back.State, err)
	}
	s.Faults()
	s.Desk.Probe(context.Background())
	op, err := s.sells(serials("0000041", "0000045", 5))
	s.Must(err)
	s.sent(op)
	if _, err := s.Desk.Withdraw(context.Background(), s.Manager, op.Op); offline.KindOf(err) != offline.ErrCannotWithdraw {
		t.Errorf("%v", err)
	}
}

// withGateway gives a shop's ranges a server of their own, and returns how to stop
// and start it.
func withGateway(t *testing.T, change ...func(*offlinetest.Shop)) (s *shop, down, up func()) {
	t.Helper()
	s = openB2B(t, change...)
	server, err := s.Sandbox.Listen("127.0.0.1:0")
	s.Must(err)
	s.Client.B2BURL = server.URL() + sandbox.B2BPath
	s.Reopen()
	t.Cleanup(func() { _ = server.Close() })
	return s, func() { s.Must(server.Close()) }, func() {
		server, err = s.Sandbox.Listen(strings.TrimPrefix(server.URL(), "http://"))
		s.Must(err)
	}
}

func TestARangeGoesOutWhileItsOwnGatewayAloneIsReached(t *testing.T) {
	t.Parallel()
	s, _, _ := withGateway(t)
	s.Down()
	s.Desk.Start()
	s.Eventually("the link is offline", func() bool {
		s.Desk.Probe(context.Background())
		return s.Desk.Status().Link == offline.Offline
	})
	op, err := s.sells(serials("0000041", "0000045", 5))
	s.Must(err)
	if op.Offline {
		t.Error("accepted offline")
	}
	s.Eventually("it is done after it was asked about", func() bool {
		got := s.read(op)
		return got.State == offline.Done && got.Range.Polls > 0
	})
	s.WantEffects(1)
	s.Up()
}

func TestAReplayWorksOnRangesWhileTheLinkIsDown(t *testing.T) {
	t.Parallel()
	s, _, _ := withGateway(t)
	s.Faults(sandbox.Fault{Action: api.ActionRange, Times: 1, Do: "drop_answer"})
	asked, err := s.sells(serials("0000041", "0000045", 5))
	s.Must(err)
	if asked = s.sent(asked); asked.State != offline.Unknown {
		t.Fatal(asked.State)
	}
	s.Down()
	queued, err := s.sells(serials("0000046", "0000050", 5))
	s.Must(err)
	other := s.accept(offline.Activate, reel, waiting)
	s.Clock.Forward(time.Minute)
	if got := s.replayed(queued); got.State != offline.Done {
		t.Errorf("the queued range is %s", got.State)
	}
	if got := s.read(asked); got.State != offline.Done || got.Range.Polls != 1 {
		t.Errorf("the range that was sent is %s, asked %d times", got.State, got.Range.Polls)
	}
	s.wantState(s.read(other), offline.Queued)
	s.Up()
	s.WantEffects(2)
}

func TestARangeWhoseGatewayIsOutOfReachIsNotTriedInVain(t *testing.T) {
	t.Parallel()
	s, down, up := withGateway(t)
	down()
	s.Desk.Probe(context.Background())
	if _, err := s.sells(serials("0000041", "0000045", 5)); offline.KindOf(err) != offline.ErrRangeOffline {
		t.Errorf("%v", err)
	}
	if all, err := s.Desk.Operations(context.Background(), offline.Query{Kind: offline.Range}); err != nil || len(all) > 0 {
		t.Errorf("journaled: %+v, %v", all, err)
	}
	if !slices.ContainsFunc(s.Desk.Doctor(context.Background()), func(c offline.Check) bool { return c.Detail == "doctor.ranges.unreached" }) {
		t.Error("doctor does not say so")
	}
	s.Settings.RangesWait = true
	s.Reopen()
	op, err := s.sells(serials("0000041", "0000045", 5))
	s.Must(err)
	for range 5 {
		s.Clock.Forward(2 * time.Minute)
		if got := s.replayed(op); got.State != offline.Queued || !got.Offline || len(got.Attempts) != 0 {
			t.Fatalf("%s, offline %v, attempts %+v", got.State, got.Offline, got.Attempts)
		}
	}
	up()
	s.replayed(op)
	s.Clock.Forward(time.Minute)
	if got := s.replayed(op); got.State != offline.Done || len(got.Attempts) != 1 || got.Range.OrderID != op.Range.OrderID {
		t.Errorf("%s, %+v", got.State, got.Attempts)
	}
	s.WantEffects(1)
}

func TestAFailedRangeIsRefusedOnlyWhereCodesOfItWereSeenUnchanged(t *testing.T) {
	t.Parallel()
	known := func(s *offlinetest.Shop) { s.Settings.Rules.Codes.Voucher = "BBBB??????SSSSSSS???????????" }
	order := serials("0000001", "0000005", 5) // FreeCode is its third
	order.BIN = offlinetest.FreeCode[:4]
	for _, c := range []struct {
		name   string
		change func(*offlinetest.Shop)
		before func(*shop)
		fault  string
		want   offline.State
		looked int
	}{
		{"no form of codes is known", func(*offlinetest.Shop) {}, func(s *shop) { s.LookUp(offlinetest.FreeCode) }, "refuse:81", offline.Attention, 0},
		{"no code is known", known, func(*shop) {}, "refuse:81", offline.Attention, 0},
		{"a code is unchanged", known, func(s *shop) { s.LookUp(offlinetest.FreeCode) }, "refuse:81", offline.Refused, 1},
		{"a code is active", known, func(s *shop) { s.LookUp(offlinetest.FreeCode); s.elsewhere(offlinetest.FreeCode) }, "refuse:81", offline.Attention, 1},
		{"it is done, and a code was looked up", known, func(s *shop) { s.LookUp(offlinetest.FreeCode) }, "refuse:100", offline.Done, 1},
	} {
		s := openB2B(t, c.change)
		c.before(s)
		s.Faults(sandbox.Fault{Action: api.ActionRange, Do: c.fault})
		op, err := s.sells(order)
		s.Must(err)
		op = s.sent(op)
		if op.State != c.want || len(op.Evidence) != c.looked {
			t.Errorf("%s: %s, %+v", c.name, op.State, op.Evidence)
		}
		for _, ev := range op.Evidence {
			if ev.Seen == nil || ev.Message != api.ID(offlinetest.FreeCode).Masked() {
				t.Errorf("%s: %+v", c.name, ev)
			}
		}
		s.Faults()
		if _, err := s.sells(order); (err == nil) != (c.want == offline.Refused) {
			t.Errorf("%s: sold again: %v", c.name, err)
		}
		if _, err := s.Desk.Verify(context.Background(), nil); err != nil {
			t.Error(err)
		}
		s.Close()
	}
}

func TestARefusedRangeIsLookedAtOnceMore(t *testing.T) {
	t.Parallel()
	order := serials("0000001", "0000005", 5) // FreeCode is its third
	order.BIN = offlinetest.FreeCode[:4]
	for name, c := range map[string]struct {
		fault     string
		meanwhile func(*shop)
		want      offline.State
	}{
		"nothing changed":                  {"refuse:81", func(*shop) {}, offline.Refused},
		"a code became active":             {"refuse:81", func(s *shop) { s.elsewhere(offlinetest.FreeCode) }, offline.Attention},
		"it was not taken, and took place": {"refuse:97", func(s *shop) { s.elsewhere(offlinetest.FreeCode) }, offline.Attention},
		"we sold the code":                 {"refuse:81", func(s *shop) { s.sent(s.accept(offline.Activate, offlinetest.FreeCode)) }, offline.Refused},
		"we sold the range again": {"refuse:81", func(s *shop) {
			op, err := s.sells(order)
			s.Must(err)
			s.sent(op)
			s.Clock.Forward(time.Minute)
			s.wantState(s.replayed(op), offline.Done)
			s.elsewhere(offlinetest.FreeCode) // the sandbox knows no codes of serials
		}, offline.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openB2B(t, func(s *offlinetest.Shop) { s.Settings.Rules.Codes.Voucher = "BBBB??????SSSSSSS???????????" })
			s.LookUp(offlinetest.FreeCode)
			s.Faults(sandbox.Fault{Action: api.ActionRange, Do: c.fault})
			op, err := s.sells(order)
			s.Must(err)
			op = s.sent(op)
			s.wantState(op, offline.Refused)
			s.Faults()
			c.meanwhile(s)
			s.Reopen()
			s.Clock.Forward(2 * time.Hour)
			s.Must(s.Desk.Replay(t.Context(), nil))
			got := s.read(op)
			if got.State != c.want || got.NextAt != nil {
				t.Errorf("%s %s, next at %v, %+v", got.State, got.Why, got.NextAt, got.Evidence)
			}
			if _, err := s.Desk.Verify(t.Context(), nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// elsewhere activates a code at another till.
func (s *shop) elsewhere(code string) {
	s.TB.Helper()
	client := s.NewClient()
	defer client.Close()
	answer := client.Activate(context.Background(), api.ActivateRequest{TraceNo: "20261122000099000000001", ID: api.ID(code), TotalAmount: "3000"})
	if !answer.Success() {
		s.TB.Fatalf("%+v", answer)
	}
}
