package offline_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/day"
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
	other := openShop(t, func(s *offlinetest.Shop) { s.Settings.CounterName, s.Settings.Number = "C03", 3 })
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
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "late:1h"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Unknown)
	_, err := s.Desk.Settle(context.Background(), s.Manager, op.Op, offline.SettleNoEffect, "gone")
	s.Must(err)
	first := s.closedOnce()
	if first.Outcomes.Settled.Ops != 1 || first.StillOpen.Ops != 0 {
		t.Fatalf("the first close counts %+v", first.Book)
	}
	s.Sandbox.ApplyLate()
	s.Clock.Forward(2 * time.Hour)
	s.Eventually("the later look", func() bool { return s.replayed(op).State == offline.Attention })
	second := s.closedOnce()
	if second.Reopened.Ops != 1 || second.Reopened.Fen != 3000 || second.StillOpen.Ops != 1 || second.Accepted.Ops != 0 {
		t.Errorf("the second close counts %+v", second.Book)
	}
	s.wantBalanced()
}

func TestACloseIsWrittenOnlyWithTheNumberThatIsOpen(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx := t.Context()
	op := s.accept(offline.Activate, reel, waiting)
	for _, open := range []int{0, 2} {
		_, err := s.Desk.CloseDay(ctx, s.Manager, offline.CloseRequest{Open: open})
		if offline.KindOf(err) != offline.ErrStillOpen || asDeskError(err).Args["Count"] != 1 {
			t.Errorf("confirmed %d: %v", open, err)
		}
	}
	if all, err := s.Desk.Closes(ctx, s.Manager); err != nil || len(all) != 0 {
		t.Errorf("%d closes, %v", len(all), err)
	}
	x, err := s.Desk.ReportX(ctx, s.Manager)
	s.Must(err)
	if x.Report != "X" || x.Z != 0 || x.Part != 0 || x.Day != "2026-11-22" || x.Head.Hash == "" || len(x.Open) != 1 || x.Open[0].Op != op.Op {
		t.Errorf("%+v", x)
	}
	for part := 1; part <= 2; part++ {
		reports, err := s.Desk.CloseDay(ctx, s.Manager, offline.CloseRequest{Open: part})
		s.Must(err)
		if z := reports[0]; len(reports) != 1 || z.Report != "Z" || z.Z != int64(part) || z.Part != part || z.Day != x.Day || len(z.Open) != part || z.Copy != 0 {
			t.Errorf("%+v", reports)
		}
		if part == 1 {
			s.accept(offline.Activate, offlinetest.FreeCode, waiting)
		}
	}
}

func TestAReportIsOfTheDayThatWasSoldOnAndCountsItsParts(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ids := s.codesOf(1, 1, 5)
	sell := func() {
		t.Helper()
		s.known(ids[0])
		s.wantState(s.sent(s.accept(offline.Activate, ids[0])), offline.Done)
		ids = ids[1:]
	}
	want := func(day string, part int) {
		t.Helper()
		if z := s.closedOnce(); z.Day != day || z.Part != part {
			t.Errorf("Z %d is part %d of %s, want %d of %s", z.Z, z.Part, z.Day, part, day)
		}
	}
	sell()
	want("2026-11-22", 1)
	sell()
	s.Clock.Forward(24 * time.Hour)
	if x, err := s.Desk.ReportX(t.Context(), s.Manager); err != nil || x.Day != "2026-11-22" {
		t.Errorf("X is of %s, %v", x.Day, err)
	}
	want("2026-11-22", 2) // it was forgotten
	sell()
	want("2026-11-23", 1)
	s.Clock.Forward(-24 * time.Hour)
	sell()
	want("2026-11-22", 3) // the clock was set back
	s.Clock.Forward(48 * time.Hour)
	sell()
	want("2026-11-24", 1)
	s.wantBalanced()
}

func TestWhatIsOpenOverForgottenDaysIsListedOnceInEachReport(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits = offline.Limits{} })
	s.known(reel)
	old := s.accept(offline.Activate, reel, waiting)
	s.closed()
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Do: "drop_answer"})
	s.wantState(s.sent(old), offline.Unknown)
	untouched := s.accept(offline.Activate, offlinetest.FreeCode, waiting)
	s.closed()
	other := s.accept(offline.Activate, "R151102F-0000241-2555", waiting)
	_, err := s.Desk.Settle(t.Context(), s.Manager, old.Op, offline.SettleDone, "asked")
	s.Must(err)
	s.Clock.Forward(24 * time.Hour)
	last := s.accept(offline.Activate, s.codesOf(1, 1, 1)[0], waiting)
	reports := s.closed()
	if len(reports) != 2 {
		t.Fatalf("%d reports", len(reports))
	}
	for i, want := range [][]string{{untouched.Op, other.Op}, {untouched.Op, other.Op, last.Op}} {
		var got []string
		for _, o := range reports[i].Open {
			got = append(got, o.Op)
		}
		if !slices.Equal(got, want) {
			t.Errorf("report %d lists %v, want %v", i, got, want)
		}
	}
	s.wantBalanced()
}

func TestOutcomesOfSeveralEarlierClosesAreListedByTheClose(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	codes := s.codesOf(1, 1, 3)
	for _, id := range codes {
		s.accept(offline.Activate, id, waiting)
		s.closed()
	}
	s.Must(s.Desk.Replay(t.Context(), nil))
	z := s.closedOnce()
	var closes []int64
	for _, late := range z.Late {
		closes = append(closes, late.Z)
		if late.Ops != 1 || late.Fen != 3000 {
			t.Errorf("%+v", late)
		}
	}
	if !slices.Equal(closes, []int64{1, 2, 3}) || z.Checked != (day.Checked{Of: 3, Silent: 3, Skipped: true}) {
		t.Errorf("late of %v; the platform's side is %+v", closes, z.Checked)
	}
}
