package offline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/offlinetest"
	"counterfoil/offline/sqlite"
)

// closed closes the day with what is open now.
func (s *shop) closed() []offline.DayReport {
	s.TB.Helper()
	reports, err := s.Desk.CloseDay(context.Background(), s.Manager, offline.CloseRequest{})
	for offline.KindOf(err) == offline.ErrStillOpen { // others may sell meanwhile
		n := asDeskError(err).Args["Count"].(int)
		reports, err = s.Desk.CloseDay(context.Background(), s.Manager, offline.CloseRequest{Open: n})
	}
	s.Must(err)
	return reports
}

// closedOnce closes the day, which must be one report.
func (s *shop) closedOnce() offline.DayReport {
	s.TB.Helper()
	reports := s.closed()
	if len(reports) != 1 {
		s.TB.Fatalf("%d reports, want one: %+v", len(reports), reports)
	}
	return reports[0]
}

func asDeskError(err error) *offline.Error {
	e, _ := err.(*offline.Error) //nolint:errorlint // the desk's errors come bare
	return e
}

// counted is a reader of the events that shares nothing with the reports: what
// they say of (from..to], and how many operations are open then.
type counted struct{ accepted, closed, reopened, open, fenAccepted, fenOpen int64 }

func (s *shop) count(from, to int64) (c counted) {
	s.TB.Helper()
	db, err := sqlite.Open(sqlite.Name(filepath.Join(s.Settings.Data, "counterfoil.db"), sqlite.ReadOnly))
	s.Must(err)
	defer func() { s.Must(db.Close()) }()
	type standing struct {
		Kind, State string
		Fen         int64 `json:"amount_fen"`
	}
	open := func(state string) bool {
		return slices.Contains([]string{"queued", "sending", "unknown", "attention"}, state)
	}
	stands := map[string]standing{}
	s.Must(db.Each(`SELECT seq, op, data FROM events WHERE op <> '' ORDER BY seq`, nil, func(row sqlite.Row) error {
		seq, op := row.Int(0), row.Text(1)
		var now standing
		if err := json.Unmarshal([]byte(row.Text(2)), &now); err != nil || seq > to {
			return err
		}
		was, known := stands[op]
		stands[op] = now
		if seq <= from {
			return nil
		}
		if !known {
			c.accepted++
			c.fenAccepted += now.Fen
		}
		if known && !open(was.State) && open(now.State) {
			c.reopened++
		}
		if (!known || open(was.State)) && !open(now.State) {
			c.closed++
		}
		return nil
	}))
	for _, now := range stands {
		if open(now.State) {
			c.open++
			c.fenOpen += now.Fen
		}
	}
	return c
}

// wantBalanced holds every close against that count, and the closes against each other.
func (s *shop) wantBalanced() []offline.DayReport {
	s.TB.Helper()
	all, err := s.Desk.Closes(context.Background(), s.Manager)
	s.Must(err)
	slices.Reverse(all)
	last := offline.DayReport{}
	for _, r := range all {
		out := r.Outcomes
		have := counted{
			r.Accepted.Ops, out.Active.Ops + out.Void.Ops + out.Refused.Ops + out.Withdrawn.Ops + out.Settled.Ops,
			r.Reopened.Ops, r.StillOpen.Ops, r.Accepted.Fen, r.StillOpen.Fen,
		}
		if want := s.count(r.From, r.To); have != want {
			s.TB.Fatalf("Z %d counts %+v, the events %+v", r.Z, have, want)
		}
		fen := out.Active.Fen + out.Void.Fen + out.Refused.Fen + out.Withdrawn.Fen + out.Settled.Fen + r.StillOpen.Fen
		if r.Z != last.Z+1 || r.From != last.To || r.OpenBefore != last.StillOpen || len(r.Open) != int(r.StillOpen.Ops) ||
			r.OpenBefore.Fen+r.Accepted.Fen+r.Reopened.Fen != fen || r.Ever.Active.Ops != last.Ever.Active.Ops+out.Active.Ops {
			s.TB.Fatalf("Z %d does not follow from the one before:\n%+v\n%+v", r.Z, r, last)
		}
		last = r
	}
	return all
}

func TestASaleInTheVerySecondOfTheCloseIsInExactlyOneZ(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	codes := s.codesOf(1, 1, 24)
	s.Start()
	var sales sync.WaitGroup
	for _, id := range codes {
		sales.Go(func() { s.sent(s.accept(offline.Activate, id)) })
	}
	for range 6 {
		s.closed()
	}
	sales.Wait()
	s.closed()
	active := int64(0)
	for _, r := range s.wantBalanced() {
		active += r.Outcomes.Active.Ops
	}
	if active != int64(len(codes)) {
		t.Errorf("%d sales in all reports, want %d", active, len(codes))
	}
}

func TestAnOutcomeAfterTheCloseIsLateAndTheFirstReportStandsAsItWas(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.Faults(sandbox.Fault{Action: "*", Do: "drop_answer"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Unknown)
	if _, err := s.Desk.CloseDay(context.Background(), s.Manager, offline.CloseRequest{}); offline.KindOf(err) != offline.ErrStillOpen {
		t.Fatalf("closed with an unconfirmed number of open operations: %v", err)
	}
	first := s.closedOnce()
	if first.Z != 1 || len(first.Open) != 1 || first.Open[0].ID != string(reel) || first.StillOpen.Fen != 3000 {
		t.Fatalf("the first report is %+v", first)
	}
	s.Faults()
	s.Eventually("the outcome", func() bool { return s.replayed(op).State == offline.Done })
	second := s.closedOnce()
	if second.Z != 2 || second.Part != 2 || len(second.Late) != 1 || second.Late[0].Z != 1 || second.Late[0].Fen != 3000 || second.Accepted.Ops != 0 {
		t.Errorf("the second report is %+v", second)
	}
	again, _, err := s.Desk.Reprint(context.Background(), s.Manager, 1)
	s.Must(err)
	if again.Copy != 1 {
		t.Errorf("copy %d, want 1", again.Copy)
	}
	again.Copy = 0
	wantSame(t, first, again)
	s.wantBalanced()
}

func wantSame(t *testing.T, a, b offline.DayReport) {
	t.Helper()
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	if !bytes.Equal(x, y) {
		t.Errorf("a report changed:\n%s\n%s", x, y)
	}
}

func TestClosingAgainCountsWhatIsNewAlone(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	first := s.closedOnce()
	for n := range 2 {
		copied := s.closedOnce()
		if copied.Z != 1 || copied.Copy != n+1 {
			t.Errorf("closing with nothing new is Z %d copy %d", copied.Z, copied.Copy)
		}
	}
	s.known(reel)
	s.wantState(s.sent(s.accept(offline.Void, reelCode)), offline.Done)
	second := s.closedOnce()
	if second.Z != 2 || second.Part != 2 || second.Accepted.Ops != 1 || second.Outcomes.Void.Ops != 1 || second.Outcomes.Active.Ops != 0 {
		t.Errorf("the second close counts %+v", second)
	}
	if second.Ever.Active != first.Ever.Active || second.Ever.Void.Ops != 1 {
		t.Errorf("ever: %+v after %+v", second.Ever, first.Ever)
	}
	s.wantBalanced()
}

func TestForgottenDaysAreClosedOldestFirst(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits = offline.Limits{} })
	codes := s.codesOf(1, 1, 6)
	var waits offline.Operation
	for day := range 3 {
		s.known(codes[2*day])
		s.wantState(s.sent(s.accept(offline.Activate, codes[2*day])), offline.Done)
		s.CutOff()
		op := s.accept(offline.Activate, codes[2*day+1], waiting)
		if day == 0 {
			waits = op
		}
		s.Faults()
		s.Desk.Probe(context.Background())
		if day > 0 {
			s.Clock.Forward(time.Second)
		}
		s.Clock.Forward(24 * time.Hour)
	}
	// The third day's evening: the two before were forgotten.
	s.Clock.Forward(-24 * time.Hour)
	x, err := s.Desk.ReportX(context.Background(), s.Manager)
	s.Must(err)
	if x.Accepted.Ops != 6 || x.Z != 0 {
		t.Errorf("X counts %+v", x)
	}
	s.replayed(waits)
	reports := s.closed()
	var days []string
	for _, r := range reports {
		days = append(days, fmt.Sprintf("%d %d %s %d", r.Z, r.Part, r.Day, r.Accepted.Ops))
	}
	if want := []string{"1 1 2026-11-22 2", "2 1 2026-11-23 2", "3 1 2026-11-24 2"}; !slices.Equal(days, want) {
		t.Errorf("closed %q, want %q", days, want)
	}
	if open := reports[0].Open; len(open) != 1 || open[0].Op != waits.Op || open[0].State != offline.Queued {
		t.Errorf("open at the end of the first day: %+v", open)
	}
	if late := reports[2].Late; len(late) != 2 || late[0].Z != 1 || late[1].Z != 2 {
		t.Errorf("late on the third day: %+v", late)
	}
	for saved := range 4 { // a kill between any two of the slips
		missing, err := s.Desk.UnsavedSlips(context.Background())
		s.Must(err)
		if len(missing) != 3-saved || saved < 3 && missing[0].Z != reports[saved].Z {
			t.Fatalf("with %d slips written these are missing: %+v", saved, missing)
		}
		if saved < 3 {
			_, err := s.Desk.SaveSlip(&reports[saved], "slip\n")
			s.Must(err)
		}
	}
	s.wantBalanced()
}

func TestASaleOfTheNightBelongsToItsBusinessDayWhateverTheZone(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Zone = zone })
	for at, want := range map[string]string{
		"2026-03-29T03:59:00+02:00": "2026-03-28", "2026-03-29T04:00:00+02:00": "2026-03-29", // the night is an hour shorter
		"2026-10-25T03:59:00+01:00": "2026-10-24", "2026-10-25T04:00:00+01:00": "2026-10-25", // an hour longer
		"2026-10-25T02:30:00+02:00": "2026-10-24", "2026-11-22T00:00:00+01:00": "2026-11-21",
	} {
		moment, err := time.Parse(time.RFC3339, at)
		s.Must(err)
		s.Clock.Forward(moment.Sub(s.Clock.Now()) + time.Second)
		if day := s.Desk.Day(); day != want {
			t.Errorf("%s is of %s, want %s", at, day, want)
		}
	}
}

func TestTotalsWhileOperationsAreWrittenRaiseNoFalseAlarm(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	codes := s.codesOf(1, 1, 40)
	s.Start()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, id := range codes {
			s.sent(s.accept(offline.Activate, id))
		}
	}()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		x, err := s.Desk.ReportX(context.Background(), s.Manager)
		s.Must(err)
		want := s.count(0, x.To)
		if x.Accepted.Ops != want.accepted || x.StillOpen.Ops != want.open {
			t.Fatalf("X says %+v, the events %+v", x.Book, want)
		}
	}
}

func TestOnlyAManagerReportsAndCloses(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx := context.Background()
	for name, try := range map[string]func() error{
		"X":       func() error { _, err := s.Desk.ReportX(ctx, s.Cashier); return err },
		"close":   func() error { _, err := s.Desk.CloseDay(ctx, s.Cashier, offline.CloseRequest{}); return err },
		"reprint": func() error { _, _, err := s.Desk.Reprint(ctx, s.Cashier, 1); return err },
		"list":    func() error { _, err := s.Desk.Closes(ctx, s.Cashier); return err },
	} {
		if err := try(); offline.KindOf(err) != offline.ErrNeedsManager {
			t.Errorf("%s by a cashier: %v", name, err)
		}
	}
	if _, _, err := s.Desk.Reprint(ctx, s.Manager, 1); offline.KindOf(err) != offline.ErrNoClose {
		t.Errorf("a close that there is not: %v", err)
	}
}

// neverPosted makes the chain one of a program that knew no postings.
func neverPosted(db *sqlite.Conn, dir string) error {
	var all []chain.Event
	prev := ""
	err := db.Each(`SELECT `+chain.EventColumns+` FROM events ORDER BY seq`, nil, func(row sqlite.Row) error {
		e := chain.EventOf(row)
		e.Data, e.Prev = strings.Replace(e.Data, `,"posts":true`, "", 1), prev
		e.Hash = e.Sum()
		prev, all = e.Hash, append(all, e)
		return nil
	})
	for _, e := range all {
		err = errors.Join(err, db.Exec(`UPDATE events SET data=?, prev=?, hash=? WHERE seq=?`, e.Data, e.Prev, e.Hash, e.Seq),
			db.Exec(`UPDATE operations SET hash=? WHERE seq=?`, e.Hash, e.Seq))
	}
	return errors.Join(err, os.WriteFile(filepath.Join(dir, "chain.head"), fmt.Appendf(nil, "%d %s\n", len(all), prev), 0o600))
}

func TestAJournalFromBeforeBeginsAtZ1WithWhatIsOpen(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	s.CutOff()
	op := s.accept(offline.Activate, offlinetest.FreeCode, waiting)
	s.Stop()
	db, err := sqlite.Open(sqlite.Name(filepath.Join(s.Settings.Data, "counterfoil.db"), ""))
	s.Must(err)
	s.Must(neverPosted(db, s.Settings.Data))
	s.Must(db.Script(`ALTER TABLE operations DROP COLUMN accepted_seq; ALTER TABLE operations DROP COLUMN settle_asked_by; DROP TABLE postings; DROP TABLE headings;
		DELETE FROM goose_db_version WHERE version_id >= 7`))
	s.Must(db.Close())
	s.Faults()
	s.Reopen()
	x, err := s.Desk.ReportX(context.Background(), s.Manager)
	s.Must(err)
	if x.OpenBefore.Ops != 1 || x.OpenBefore.Fen != 3000 || x.Accepted.Ops != 0 || x.Ever.Active.Ops != 1 {
		t.Errorf("it begins with %+v, ever %+v", x.Book, x.Ever)
	}
	s.wantState(s.replayed(op), offline.Done)
	r := s.closedOnce()
	if r.Z != 1 || r.Outcomes.Active.Ops != 1 || len(r.Late) != 1 || r.Late[0].Z != 0 || r.Ever.Active.Ops != 2 {
		t.Errorf("the first close is %+v", r)
	}
	if _, err := s.Desk.Verify(context.Background(), nil); err != nil {
		t.Error(err)
	}
}
