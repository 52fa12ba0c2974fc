package offline_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/offlinetest"
)

// storedTime matches an operation's row up to the first digit of its time of
// acceptance; the chain's snapshots are JSON and do not match.
const storedTime = `amyC012`

// crowd accepts enough operations that their rows fill several pages: what the
// desk has in memory of one page, it writes over the damage.
const crowd = 40

// wantHealed waits until the desk accepts again and returns the figures of what it says it found.
func (s *shop) wantHealed(kind offline.ErrorKind) map[string]any {
	s.TB.Helper()
	s.Eventually("well again", func() bool {
		st := s.Desk.Status()
		return st.Fault == nil && st.Healed != nil
	})
	healed := s.Desk.Status().Healed
	if healed.Kind != kind {
		s.TB.Fatalf("it says %s (%v), want %s", healed.Kind, healed.Args, kind)
	}
	return healed.Args
}

func (s *shop) allDone(n int) func() bool {
	return func() bool {
		if s.Desk.Status().All() > 0 {
			return false // without reading them all for each step
		}
		done, err := s.Desk.Operations(context.Background(), offline.Query{States: []offline.State{offline.Done}})
		return err == nil && len(done) == n
	}
}

func TestATurnedByteInAStoredTimeIsMendedFromTheChainWhileTheCounterRuns(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ids := s.codesOf(1, 1, crowd)
	s.Down()
	var ops []offline.Operation
	for _, id := range ids[:crowd-1] {
		ops = append(ops, s.accept(offline.Activate, id, waiting))
	}
	s.Reopen() // a closed folder has all rows
	s.Desk.Start()
	first := ops[0]
	s.damage("byte", "counterfoil.db", `amyC01`+regexp.QuoteMeta(first.AcceptedAt.Format(time.RFC3339Nano)[:19]))
	// A new commit has readers read the pages anew.
	s.accept(offline.Activate, ids[crowd-1], waiting)
	list, err := s.Desk.Operations(context.Background(), offline.Query{})
	if err != nil || len(list) == 0 {
		t.Fatalf("what can be read is not shown: %d, %v", len(list), err)
	}
	healed := s.wantHealed(offline.ErrSalvaged)
	if healed["Operations"] != int64(crowd) || healed["Lost"] != int64(0) {
		t.Errorf("found %v", healed)
	}
	for _, op := range ops {
		got, err := s.Desk.Operation(context.Background(), op.Op)
		s.Must(err)
		if !got.AcceptedAt.Equal(op.AcceptedAt) {
			t.Errorf("accepted at %v, was %v", got.AcceptedAt, op.AcceptedAt)
		}
	}
	s.Up()
	s.Desk.TryNow()
	s.Eventually("all are done", s.allDone(crowd))
	s.WantEffects(crowd)
	if v, err := s.Desk.Verify(context.Background(), nil); offline.KindOf(err) != offline.ErrGap || len(v.Gaps) == 0 {
		t.Fatalf("the damage is not documented until a manager acknowledges it: %v %v", v, err)
	}
}

func TestDamageWhileAQueueDrainsLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]struct {
		what, pattern string
		crowd         int
		struck        []int // after so many effects
	}{
		"pages of the operations": {"page", storedTime, crowd, []int{4, 16}},
		"their stored times":      {"byte", storedTime, crowd, []int{4}},
		// The rows of attempts follow when many wait for them.
		"pages of the attempts": {"page", `[0-9]{23}[{]"trace":"2`, 240, []int{220}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits = offline.Limits{} })
			ids := s.codesOf(1, 1, how.crowd)
			s.Down()
			for _, id := range ids {
				s.accept(offline.Activate, id, waiting)
			}
			s.Reopen()
			s.Faults(sandbox.Fault{Action: api.ActionActivate, Do: "delay:20ms"},
				sandbox.Fault{Probability: 0.1, Do: "drop_answer"})
			s.Up()
			s.Desk.Start()
			s.Desk.TryNow()
			for _, sent := range how.struck {
				s.Eventually("some were sent", func() bool { return len(s.Sandbox.Effects()) >= sent })
				s.Eventually("it is struck", func() bool { return s.tryDamage(how.what, "counterfoil.db", how.pattern) == nil })
			}
			s.Eventually("all are done", s.allDone(how.crowd))
			s.WantEffects(how.crowd)
			s.Eventually("the chain fits, perhaps after what verify met was mended", func() bool {
				_, err := s.Desk.Verify(context.Background(), nil)
				if offline.KindOf(err) == offline.ErrChain {
					t.Fatal(err)
				}
				// A row that was written anew before anybody read it leaves no gap.
				return (err == nil || offline.KindOf(err) == offline.ErrGap) && s.Desk.Status().Fault == nil
			})
		})
	}
}

func TestAnOperationOnItsWayWhenTheDatabaseBreaksIsAskedAbout(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ids := s.codesOf(1, 1, crowd)
	for _, id := range ids {
		s.accept(offline.Activate, id, waiting)
	}
	s.Must(s.Desk.Replay(context.Background(), nil))
	s.Reopen()
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "delay:300ms"})
	s.Desk.Start()
	s.known(reel)
	s.damage("page", "counterfoil.db", storedTime)
	op := s.accept(offline.Activate, reel)
	_, _ = s.Desk.Operations(context.Background(), offline.Query{}) // meets the damage
	got := s.sent(op)
	if got.State == offline.Done && len(got.Evidence) == 0 {
		t.Fatalf("closed on an answer that could not be stored: %+v", got)
	}
	s.wantHealed(offline.ErrSalvaged)
	s.Eventually("it is done", func() bool { return s.state(op.Op) == offline.Done })
	got, err := s.Desk.Operation(context.Background(), op.Op)
	s.Must(err)
	if got.Attempts[0].Cause != "journal_reopened" || len(got.Evidence) == 0 {
		t.Errorf("attempts %+v, evidence %+v", got.Attempts, got.Evidence)
	}
	onReel := 0
	for _, e := range s.Sandbox.Effects() {
		if e.ID == string(reel) {
			onReel++
		}
	}
	if onReel != 1 {
		t.Errorf("%d effects", onReel)
	}
}

func TestARowThatIsNotWhatTheDeskStoredIsReadBackFromTheChain(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ids := s.codesOf(1, 1, 2)
	s.Down()
	op := s.accept(offline.Activate, ids[0], waiting)
	s.Reopen()
	s.Desk.Start()
	s.Eventually("nobody tries to send", func() bool { return s.Desk.Status().Link == offline.Offline })
	s.damage("sql", "counterfoil.db", `UPDATE operations SET id='`+string(ids[1])+`' WHERE op='`+op.Op+`'`)
	var got offline.Operation
	var err error
	s.Eventually("the last try to send it is over", func() bool {
		got, err = s.Desk.Withdraw(context.Background(), s.Cashier, op.Op)
		return offline.KindOf(err) != offline.ErrCannotWithdraw
	})
	s.wantHealed(offline.ErrSalvaged) // nothing is stored over a row that is not ours
	if err != nil {
		got, err = s.Desk.Withdraw(context.Background(), s.Cashier, op.Op)
	}
	s.Must(err)
	if got.State != offline.Withdrawn || got.ID != string(ids[0]) {
		t.Fatalf("withdrew %+v", got)
	}
	s.Up()
	s.Desk.TryNow()
	s.accept(offline.Activate, ids[1], waiting)
	s.Eventually("the other is done", s.allDone(1))
	s.WantEffects(1)
}

func TestAStartMendsWhatOnlyReadingFindsDamaged(t *testing.T) {
	t.Parallel()
	for name, pattern := range map[string]string{"a time": storedTime, "an id": `activate%s`, "a state": `codequeue[d]`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			id := s.codesOf(1, 1, 1)[0]
			s.Down()
			op := s.accept(offline.Activate, id, waiting)
			s.Reopen()
			s.damage("byte", "counterfoil.db", strings.ReplaceAll(pattern, "%s", regexp.QuoteMeta(string(id))))
			s.Reopen()
			got, err := s.Desk.Operation(context.Background(), op.Op)
			s.Must(err)
			if got.State != offline.Queued || got.ID != string(id) || !got.AcceptedAt.Equal(op.AcceptedAt) {
				t.Fatalf("stands as %+v", got)
			}
			if h := s.Desk.Status().Healed; h == nil || h.Kind != offline.ErrSalvaged {
				t.Errorf("the start says %v", h)
			}
		})
	}
}

func TestADamagedCatalogStopsNoSaleAndIsMadeAnew(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ids := s.codesOf(1, 1, crowd)
	s.Desk.Start()
	s.damage("page", "catalog.db", `(?s).{512}`)
	for _, id := range ids[:4] {
		_, err := s.Desk.Lookup(context.Background(), id, nil)
		s.Must(err)
		s.wantState(s.sent(s.accept(offline.Activate, id)), offline.Done)
	}
	s.WantEffects(4)
	s.Eventually("the catalog keeps again", func() bool {
		_, _ = s.Desk.Lookup(context.Background(), ids[0], nil)
		n, ok, err := s.Desk.Node(context.Background(), ids[0])
		return err == nil && ok && n.Status == "00" && s.have("catalog.db.aside") > 0
	})
}

func TestReadersOutliveAReopening(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ids := s.codesOf(1, 1, 5*crowd)
	s.Down()
	for range crowd / 2 {
		s.accept(offline.Activate, ids[0], waiting)
		ids = ids[1:]
	}
	s.Must(s.Desk.Stop()) // folds the log in: what is struck is the database itself
	s.Reopen()
	desk := s.Desk
	desk.Start()
	ctx, end := context.WithCancel(context.Background())
	var readers errgroup.Group
	for range 4 {
		readers.Go(func() error {
			breath := time.NewTicker(time.Millisecond) // two cores are to heal, too
			defer breath.Stop()
			for ctx.Err() == nil {
				<-breath.C
				_, err := desk.Operations(context.Background(), offline.Query{Whole: true})
				if k := offline.KindOf(err); k != "" && k != offline.ErrDamaged {
					return err
				}
				_, _ = desk.Shift(context.Background(), s.Cashier)
				_ = desk.Status()
			}
			return nil
		})
	}
	for n := range 3 {
		s.Eventually("set aside and mended", func() bool {
			if desk.Status().Fault != nil {
				return false // let it heal: each new blow lengthens its pauses
			}
			if s.have("counterfoil.db.damaged-*Z")+s.have("counterfoil.db.damaged-*Z-[0-9]") > n {
				return true
			}
			// It may hit the file that is just being set aside; then the next one does.
			_ = s.tryDamage("page", "counterfoil.db", storedTime)
			// What readers hold in memory counts as long as nothing is committed.
			if _, err := s.tryAccept(offline.Activate, ids[0], waiting); err == nil {
				ids = ids[1:]
			}
			return false
		})
	}
	end()
	s.Must(readers.Wait())
}

// have counts the files of the data folder whose names match.
func (s *shop) have(pattern string) int {
	names, err := filepath.Glob(filepath.Join(s.Settings.Data, pattern))
	s.Must(err)
	return len(names)
}

func TestAnIndexHidesNoDocumentFromTheStatus(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Stop()
	s.Must(os.Remove(filepath.Join(s.Settings.Data, "chain.head")))
	s.Reopen()
	s.Stop()
	s.damage("sql", "counterfoil.db", `DROP INDEX events_apart; CREATE INDEX events_apart ON events (event, seq) WHERE op = 'none';
		PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql=replace(sql, '''none''', '''''') WHERE name='events_apart'`)
	s.Reopen()
	if s.Desk.Status().Healed != nil {
		t.Fatal("the index hides nothing")
	}
	s.Start()
	s.wantHealed(offline.ErrGap)
}

func TestAnEventThatSomebodyAddsBesideACounterIsSaidBeforeAnythingIsDone(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Start()
	v, err := s.Desk.Verify(context.Background(), nil)
	s.Must(err)
	e := chain.Event{Seq: v.Head.Seq + 1, At: "2026-11-22T10:15:03+08:00", Name: "forged", Data: "{}", Prev: v.Head.Hash}
	s.damage("sql", "counterfoil.db", fmt.Sprintf(`INSERT INTO events VALUES (%d, '%s', '', '%s', '%s', '%s', '%s')`, e.Seq, e.At, e.Name, e.Data, e.Prev, e.Sum()))
	s.wantHealed(offline.ErrGap)
}
