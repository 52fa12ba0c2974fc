package send_test

import (
	"slices"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/link"
	"counterfoil/offline/operation"
	"counterfoil/offline/worklist"
)

// waitRange has a range of serials wait in the queue.
func (l *till) waitRange() operation.Operation {
	l.t.Helper()
	r := operation.RangeOrder{OrderID: "01HZORDER", Type: operation.RangeVouchers, BIN: "7020", From: "0000041", To: "0000045", Count: 5, SellingFen: 10000}
	op, _ := operation.Accepted(operation.Operation{
		Kind: operation.Range, ID: r.ID(), Level: string(api.LevelRange), Range: &r, AmountFen: r.TotalFen(),
		Operator: "mgr", Counter: "C01", AcceptedAt: l.options.Clock.Now(), Day: "2026-11-22",
	})
	return l.queue(l.place(worklist.New(op, nil)), operation.EventAccepted)
}

func TestARangeIsSentWithoutALookUpAndAskedAboutByTheSameOrder(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.forward(11*time.Hour + 59*time.Minute + 50*time.Second) // an order's number has no day
	op := l.waitRange()
	l.faults(sandbox.Fault{Action: api.ActionRange, Times: 1, Do: "drop_answer"})
	missed := l.link.Missed()
	l.Drive(op.Op)
	got := l.wantState(op.Op, operation.Unknown)
	if a := got.Attempts[0]; a.Trace != op.Range.OrderID || a.Before != nil {
		t.Errorf("sent as %+v", a)
	}
	if l.link.Missed() != missed || l.link.State() == link.Shaky {
		t.Error("the gateway of ranges is another server than the one that the link is about")
	}
	l.forward(time.Minute)
	l.run()
	l.until("it is done", func() bool { l.list.DropPauses(false); l.Wake(); return l.count(operation.Done) == 1 })
	got = l.wantState(op.Op, operation.Done)
	if len(got.Attempts) != 1 || got.Range.Polls != 1 || got.Evidence[0].Asked != operation.AskedRepeat || got.Evidence[0].Trace != op.Range.OrderID {
		t.Errorf("attempts %+v, evidence %+v", got.Attempts, got.Evidence)
	}
	l.front.mu.Lock()
	defer l.front.mu.Unlock()
	if calls := slices.DeleteFunc(slices.Clone(l.front.calls), func(action string) bool { return action == api.ActionRange }); len(calls) != 0 {
		t.Errorf("also called: %v", calls)
	}
	if effects := l.sandbox.Effects(); len(effects) != 1 || effects[0].Trace != op.Range.OrderID || effects[0].Codes != 5 {
		t.Errorf("effects %+v", effects)
	}
}
