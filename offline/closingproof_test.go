package offline_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/offline/sqlite"
)

func TestACloseThatWasChangedDoesNotVerify(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"a posting's amount":              `UPDATE postings SET fen = fen + 1 WHERE seq = (SELECT min(seq) FROM postings)`,
		"a posting gone":                  `DELETE FROM postings WHERE seq = (SELECT max(seq) FROM postings)`,
		"a heading":                       `UPDATE headings SET operator = 'eve'`,
		"a pair of postings for no event": `INSERT INTO postings SELECT (SELECT max(seq) FROM events), n, 3000, 1 FROM headings`,
		"who was accepted":                `UPDATE operations SET accepted_seq = accepted_seq - 1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			s.known(reel)
			s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
			s.closedOnce()
			s.Stop()
			db, err := sqlite.Open(sqlite.Name(filepath.Join(s.Settings.Data, "counterfoil.db"), ""))
			s.Must(err)
			s.Must(db.Script(change))
			s.Must(db.Close())
			s.Reopen()
			if _, err := s.Desk.Verify(context.Background(), nil); offline.KindOf(err) != offline.ErrChain {
				t.Errorf("verify says %v", err)
			}
		})
	}
}

func TestAReportThatDoesNotBalanceIsNotWritten(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	s.Stop()
	db, err := sqlite.Open(sqlite.Name(filepath.Join(s.Settings.Data, "counterfoil.db"), ""))
	s.Must(err)
	s.Must(db.Script(`DELETE FROM postings WHERE seq = (SELECT max(seq) FROM postings)`))
	s.Must(db.Close())
	s.Reopen()
	ctx := context.Background()
	if _, err := s.Desk.ReportX(ctx, s.Manager); offline.KindOf(err) != offline.ErrUnbalanced {
		t.Errorf("X says %v", err)
	}
	if _, err := s.Desk.CloseDay(ctx, s.Manager, offline.CloseRequest{}); offline.KindOf(err) != offline.ErrUnbalanced || asDeskError(err).Args["Posted"] != int64(1) {
		t.Errorf("the close says %v", err)
	}
	if list, err := s.Desk.Closes(ctx, s.Manager); err != nil || len(list) > 0 {
		t.Errorf("it was written: %v, %v", list, err)
	}
}

func TestACloseNamesItsJournalAndAnotherCountersSaysSo(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	first := s.closedOnce()
	other := openShop(t)
	if second := other.closedOnce(); first.Journal == "" || first.Journal == second.Journal {
		t.Errorf("two counters' reports are of the journals %q and %q", first.Journal, second.Journal)
	}
	s.Settings.CounterName, s.Settings.Number = "C02", 2 // the folder is put on another counter
	s.Reopen()
	if _, err := s.Desk.Verify(context.Background(), nil); offline.KindOf(err) != offline.ErrGap {
		t.Errorf("verify says %v", err)
	}
}

func TestAReopenedOperationIsInTheBalance(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.StatusForwardOnly = false })
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "late:300ms"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Unknown)
	_, err := s.Desk.Settle(context.Background(), s.Manager, op.Op, offline.SettleNoEffect, "gone")
	s.Must(err)
	first := s.closedOnce()
	if first.Outcomes.Settled.Ops != 1 || first.StillOpen.Ops != 0 {
		t.Fatalf("the first close counts %+v", first.Book)
	}
	s.Must(s.Sandbox.WaitLate(within(t, 5*time.Second)))
	s.Clock.Forward(2 * time.Hour)
	s.Eventually("the later look", func() bool { return s.replayed(op).State == offline.Attention })
	second := s.closedOnce()
	if second.Reopened.Ops != 1 || second.Reopened.Fen != 3000 || second.StillOpen.Ops != 1 || second.Accepted.Ops != 0 {
		t.Errorf("the second close counts %+v", second.Book)
	}
	s.wantBalanced()
}
