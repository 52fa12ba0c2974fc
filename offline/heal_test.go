package offline_test

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
)

// storedTime matches an operation's row up to the first digit of its time of
// acceptance; the chain's snapshots are JSON and do not match.
const storedTime = `amyC012`

// crowd accepts enough operations that their rows fill several pages: what the
// desk has in memory of one page, it writes over the damage.
const crowd = 40

// wantHealed waits until the desk accepts again and returns the figures of what it says it found.
func (s *shop) wantHealed(kind offline.ErrorKind) map[string]any {
	s.t.Helper()
	s.until("well again", func() bool {
		st := s.desk.Status()
		return st.Fault == nil && st.Healed != nil
	})
	healed := s.desk.Status().Healed
	if healed.Kind != kind {
		s.t.Fatalf("it says %s (%v), want %s", healed.Kind, healed.Args, kind)
	}
	return healed.Args
}

// others gives so many codes that nothing was done to yet.
func (s *shop) others(n int) []api.ID {
	s.t.Helper()
	box, err := s.box.Generate(1, 1, n)
	s.must(err)
	_, err = s.desk.Lookup(context.Background(), api.ID(box), nil)
	s.must(err)
	parent := box
	for {
		nodes, err := s.desk.Children(context.Background(), offline.Page{Parent: parent, Limit: n})
		s.must(err)
		if nodes[0].Level != api.LevelCode {
			parent = nodes[0].ID
			continue
		}
		ids := make([]api.ID, len(nodes))
		for i := range nodes {
			ids[i] = api.ID(nodes[i].ID)
		}
		return ids
	}
}

func (s *shop) allDone(n int) func() bool {
	return func() bool {
		done, err := s.desk.Operations(context.Background(), offline.Query{States: []offline.State{offline.Done}})
		return err == nil && len(done) == n
	}
}

func TestATurnedByteInAStoredTimeIsMendedFromTheChainWhileTheCounterRuns(t *testing.T) {
	s := openShop(t)
	ids := s.others(crowd)
	s.down()
	var ops []offline.Operation
	for _, id := range ids[:crowd-1] {
		ops = append(ops, s.accept(offline.Activate, id, waiting))
	}
	s.restarted() // a closed folder has all rows
	s.desk.Start()
	first := ops[0]
	s.damage("byte", "counterfoil.db", `amyC01`+regexp.QuoteMeta(first.AcceptedAt.Format(time.RFC3339Nano)[:19]))
	// A new commit has readers read the pages anew.
	s.accept(offline.Activate, ids[crowd-1], waiting)
	list, err := s.desk.Operations(context.Background(), offline.Query{})
	if err != nil || len(list) == 0 {
		t.Fatalf("what can be read is not shown: %d, %v", len(list), err)
	}
	healed := s.wantHealed(offline.ErrSalvaged)
	if healed["Operations"] != int64(crowd) || healed["Lost"] != int64(0) {
		t.Errorf("found %v", healed)
	}
	for _, op := range ops {
		got, err := s.desk.Operation(context.Background(), op.Op)
		s.must(err)
		if !got.AcceptedAt.Equal(op.AcceptedAt) {
			t.Errorf("accepted at %v, was %v", got.AcceptedAt, op.AcceptedAt)
		}
	}
	s.up()
	s.desk.TryNow()
	s.until("all are done", s.allDone(crowd))
	s.wantEffects(crowd)
	_, err = s.desk.Verify(context.Background(), nil)
	s.must(err)
}

func TestDamageWhileAQueueDrainsLosesAndDoublesNothing(t *testing.T) {
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
			s := openShop(t, func(s *shop) { s.limits = offline.Limits{} })
			ids := s.others(how.crowd)
			s.down()
			for _, id := range ids {
				s.accept(offline.Activate, id, waiting)
			}
			s.restarted()
			s.faults(sandbox.Fault{Action: api.ActionActivate, Do: "delay:20ms"},
				sandbox.Fault{Probability: 0.1, Do: "drop_answer"})
			s.up()
			s.desk.Start()
			s.desk.TryNow()
			for _, sent := range how.struck {
				s.until("some were sent", func() bool { return len(s.box.Effects()) >= sent })
				s.damage(how.what, "counterfoil.db", how.pattern)
			}
			s.until("all are done", s.allDone(how.crowd))
			s.wantEffects(how.crowd)
			s.until("the chain fits, perhaps after what verify met was mended", func() bool {
				_, err := s.desk.Verify(context.Background(), nil)
				if offline.KindOf(err) == offline.ErrChain {
					t.Fatal(err)
				}
				return err == nil && s.desk.Status().Fault == nil
			})
		})
	}
}

func TestAnOperationOnItsWayWhenTheDatabaseBreaksIsAskedAbout(t *testing.T) {
	s := openShop(t, func(s *shop) { s.calls.AnswerTimeout = 5 * time.Second })
	ids := s.others(crowd)
	for _, id := range ids {
		s.accept(offline.Activate, id, waiting)
	}
	s.must(s.desk.Replay(context.Background(), nil))
	s.restarted()
	s.faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "delay:300ms"})
	s.desk.Start()
	_, err := s.desk.Lookup(context.Background(), reel, nil)
	s.must(err)
	s.damage("page", "counterfoil.db", storedTime)
	op := s.accept(offline.Activate, reel)
	_, _ = s.desk.Operations(context.Background(), offline.Query{}) // meets the damage
	got := s.sent(op)
	if got.State == offline.Done && len(got.Evidence) == 0 {
		t.Fatalf("closed on an answer that could not be stored: %+v", got)
	}
	s.wantHealed(offline.ErrSalvaged)
	s.until("it is done", func() bool { return s.state(op.Op) == offline.Done })
	got, err = s.desk.Operation(context.Background(), op.Op)
	s.must(err)
	if got.Attempts[0].Cause != "journal_reopened" || len(got.Evidence) == 0 {
		t.Errorf("attempts %+v, evidence %+v", got.Attempts, got.Evidence)
	}
	onReel := 0
	for _, e := range s.box.Effects() {
		if e.ID == string(reel) {
			onReel++
		}
	}
	if onReel != 1 {
		t.Errorf("%d effects", onReel)
	}
}

func TestARowThatIsNotWhatTheDeskStoredIsReadBackFromTheChain(t *testing.T) {
	s := openShop(t)
	ids := s.others(2)
	s.down()
	op := s.accept(offline.Activate, ids[0], waiting)
	s.restarted()
	s.desk.Start()
	s.until("nobody tries to send", func() bool { return s.desk.Status().Link == offline.Offline })
	s.damage("sql", "counterfoil.db", `UPDATE operations SET id='`+string(ids[1])+`' WHERE op='`+op.Op+`'`)
	if got, err := s.desk.Withdraw(context.Background(), amy, op.Op); err == nil {
		t.Fatalf("a change was stored over a row that is not ours: %+v", got)
	}
	s.wantHealed(offline.ErrSalvaged)
	got, err := s.desk.Withdraw(context.Background(), amy, op.Op)
	s.must(err)
	if got.State != offline.Withdrawn || got.ID != string(ids[0]) {
		t.Fatalf("withdrew %+v", got)
	}
	s.up()
	s.desk.TryNow()
	s.accept(offline.Activate, ids[1], waiting)
	s.until("the other is done", s.allDone(1))
	s.wantEffects(1)
}

func TestAStartMendsWhatOnlyReadingFindsDamaged(t *testing.T) {
	for name, pattern := range map[string]string{"a time": storedTime, "an id": `activate%s`, "a state": `codequeue[d]`} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t)
			id := s.others(1)[0]
			s.down()
			op := s.accept(offline.Activate, id, waiting)
			s.restarted()
			s.damage("byte", "counterfoil.db", strings.ReplaceAll(pattern, "%s", regexp.QuoteMeta(string(id))))
			s.must(s.desk.Stop())
			s.reopen()
			got, err := s.desk.Operation(context.Background(), op.Op)
			s.must(err)
			if got.State != offline.Queued || got.ID != string(id) || !got.AcceptedAt.Equal(op.AcceptedAt) {
				t.Fatalf("stands as %+v", got)
			}
			if h := s.desk.Status().Healed; h == nil || h.Kind != offline.ErrSalvaged {
				t.Errorf("the start says %v", h)
			}
		})
	}
}

func TestADamagedCatalogStopsNoSaleAndIsMadeAnew(t *testing.T) {
	s := openShop(t)
	ids := s.others(crowd)
	s.desk.Start()
	s.damage("page", "catalog.db", `(?s).{512}`)
	for _, id := range ids[:4] {
		_, err := s.desk.Lookup(context.Background(), id, nil)
		s.must(err)
		s.wantState(s.sent(s.accept(offline.Activate, id)), offline.Done)
	}
	s.wantEffects(4)
	s.until("the catalog keeps again", func() bool {
		_, _ = s.desk.Lookup(context.Background(), ids[0], nil)
		n, ok, err := s.desk.Node(context.Background(), ids[0])
		return err == nil && ok && n.Status == "00" && s.have("catalog.db.aside") > 0
	})
}

func TestReadersOutliveAReopening(t *testing.T) {
	s := openShop(t)
	ids := s.others(5 * crowd)
	s.down()
	for range crowd / 2 {
		s.accept(offline.Activate, ids[0], waiting)
		ids = ids[1:]
	}
	s.must(s.desk.Stop()) // folds the log in: what is struck is the database itself
	s.reopen()
	desk := s.desk
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
				_, _ = desk.Shift(context.Background(), amy)
				_ = desk.Status()
			}
			return nil
		})
	}
	for n := range 3 {
		s.until("set aside and mended", func() bool {
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
	s.must(readers.Wait())
}

// have counts the files of the data folder whose names match.
func (s *shop) have(pattern string) int {
	names, err := filepath.Glob(filepath.Join(s.dir, pattern))
	s.must(err)
	return len(names)
}
