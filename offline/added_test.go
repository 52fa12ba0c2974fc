package offline_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"counterfoil/offline"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
)

// forged is an event of an operation behind the head, as somebody makes it who knows
// how the chain is made.
func forged(head offline.Head, op offline.Operation) (statement string, err error) {
	op.Seq, op.Hash = head.Seq+1, ""
	data, err := chain.EncodeOperation(&op)
	e := chain.Event{Seq: op.Seq, At: chain.Stamp(op.AcceptedAt), Op: op.Op, Name: "accepted", Data: data, Prev: head.Hash}
	return fmt.Sprintf(`INSERT INTO events VALUES (%d, '%s', '%s', '%s', '%s', '%s', '%s')`, e.Seq, e.At, e.Op, e.Name, e.Data, e.Prev, e.Sum()), err
}

func TestWhatNoCounterWroteOfAnOperationIsNotSentAndAManagerDecides(t *testing.T) {
	t.Parallel()
	for _, state := range []offline.State{offline.Queued, offline.Sending, offline.Unknown} {
		for _, beside := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, beside a counter: %t", state, beside), func(t *testing.T) {
				t.Parallel()
				s := openShop(t)
				op := s.accept(offline.Activate, reel, waiting)
				_, err := s.Desk.Withdraw(context.Background(), s.Cashier, op.Op)
				s.Must(err)
				op.State, op.Op = state, op.Op[:25]+string('0'+(op.Op[25]+1-'0')%10)
				if state != offline.Queued {
					op.Attempts = []offline.Attempt{{Trace: "20261122000001000000001", SentAt: op.AcceptedAt}}
				}
				if state == offline.Unknown {
					op.Attempts[0].EndedAt, op.Attempts[0].Outcome = &op.AcceptedAt, "unanswered"
				}
				v, err := s.Desk.Verify(context.Background(), nil)
				s.Must(err)
				statement, err := forged(v.Head, op)
				s.Must(err)
				if beside {
					s.Start()
					s.damage("sql", "counterfoil.db", statement)
					s.wantHealed(offline.ErrGap)
				} else {
					s.Stop()
					s.damage("sql", "counterfoil.db", statement)
					s.Reopen()
				}
				s.SetWrong(time.Hour) // long enough for a further attempt
				op = s.replayed(op)
				s.WantEffects(0)
				s.wantState(op, offline.Attention)
				if op.Why != operation.WhyAdded {
					t.Errorf("it is for a person because of %s", op.Why)
				}
			})
		}
	}
}
