package journal

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
)

// Few random runs by default, as many as one likes with -rapid.checks.
func init() { _ = flag.Set("rapid.checks", "8") }

// inMemory makes a folder in memory where the machine has such a place: these
// tests are about what is read, not about the disk.
func inMemory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "counterfoil-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// crashed is a copy of the folder as a power cut would leave it now.
func crashed(t testing.TB, dir string) string {
	t.Helper()
	to := inMemory(t)
	for _, name := range []string{DatabaseName, DatabaseName + "-wal", "chain.head", lockName} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// model is what the journal must say.
type model struct {
	ops   map[string]operation.Operation
	trace int
}

func (m *model) where(is func(*operation.Operation) bool) []operation.Operation {
	var list []operation.Operation
	for _, o := range m.ops {
		if is(&o) {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b operation.Operation) int { return cmp.Compare(b.Op, a.Op) })
	return list
}

func text(t testing.TB, list []operation.Operation) string {
	t.Helper()
	all := ""
	for i := range list {
		s, err := chain.EncodeOperation(&list[i])
		if err != nil {
			t.Fatal(err)
		}
		all += s + "\n"
	}
	return all
}

// holds asks a journal everything it can be asked and holds it against the model.
func (m *model) holds(t testing.TB, who string, j *Journal) {
	t.Helper()
	ctx := context.Background()
	same := func(what string, list []operation.Operation, err error, want []operation.Operation) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s, %s: %v", who, what, err)
		}
		if have, want := text(t, list), text(t, want); have != want {
			t.Fatalf("%s, %s:\n%swant\n%s", who, what, have, want)
		}
	}
	all := m.where(func(*operation.Operation) bool { return true })
	open := m.where(func(o *operation.Operation) bool { return o.State.Open() })
	list, err := j.Operations(ctx, Query{Whole: true})
	same("all", list, err, all)
	list, err = j.OpenOperations(ctx)
	slices.Reverse(list)
	same("open", list, err, open)
	list, err = j.Rechecks(ctx)
	slices.Reverse(list)
	same("rechecks", list, err, m.where(func(o *operation.Operation) bool {
		return o.NextAt != nil && (o.State == operation.Refused || o.State == operation.Settled)
	}))
	for _, day := range []string{"2026-11-22", "2026-11-23"} {
		ofDay := m.where(func(o *operation.Operation) bool { return o.Day == day })
		list, err = j.Operations(ctx, Query{Day: day, Whole: true})
		same(day, list, err, ofDay)
		if n, err := j.CountDay(ctx, day); err != nil || n != len(ofDay) {
			t.Fatalf("%s: %d operations on %s, want %d (%v)", who, n, day, len(ofDay), err)
		}
		totals, err := j.DayTotals(ctx, day)
		sum := Totals{}
		for _, c := range totals {
			sum.Count, sum.Fen = sum.Count+c.Count, sum.Fen+c.Fen
			if n := len(m.where(func(o *operation.Operation) bool {
				return o.Day == day && o.Kind == c.Kind && o.State == c.State && o.Why == c.Why && o.Operator == c.Operator
			})); n != c.Count {
				t.Fatalf("%s: %+v, want %d", who, c, n)
			}
		}
		if err != nil || sum.Count != len(ofDay) || sum.Fen != int64(3000*len(ofDay)) {
			t.Fatalf("%s, %s: %+v, %v", who, day, sum, err)
		}
	}
	counts, oldest, err := j.CountOpen(ctx)
	n := 0
	for _, c := range counts {
		n += c.Count
	}
	if err != nil || n != len(open) || (n > 0 && !oldest.Equal(open[n-1].AcceptedAt)) {
		t.Fatalf("%s: %d open since %v, want %d, %v", who, n, oldest, len(open), err)
	}
	if len(all) > 2 {
		middle := all[len(all)/2]
		got, err := j.Operation(ctx, middle.Op)
		same("one", []operation.Operation{got}, err, []operation.Operation{middle})
		list, err = j.Operations(ctx, Query{Before: middle.Op, Limit: 3, Whole: true})
		after := all[len(all)/2+1:]
		same("a page", list, err, after[:min(3, len(after))])
		list, err = j.Operations(ctx, Query{IDs: []string{middle.ID}, Whole: true})
		same("an id", list, err, m.where(func(o *operation.Operation) bool { return o.ID == middle.ID }))
	}
}

// step changes one operation, or makes a new one.
func (m *model) step(r *rapid.T, n int) operation.Operation {
	all := m.where(func(*operation.Operation) bool { return true })
	if len(all) == 0 || rapid.IntRange(0, 2).Draw(r, "what") == 0 {
		o := journaltest.Operation(n)
		o.ID = fmt.Sprintf("R112102F-%07d-2585", n%7)
		o.Day = rapid.SampledFrom([]string{"2026-11-22", "2026-11-23"}).Draw(r, "day")
		return o
	}
	o := all[rapid.IntRange(0, len(all)-1).Draw(r, "which")]
	o.State = rapid.SampledFrom(operation.States()).Draw(r, "state")
	o.Attempts, o.Evidence = slices.Clone(o.Attempts), slices.Clone(o.Evidence)
	at := start.Add(time.Duration(n) * time.Second)
	switch rapid.IntRange(0, 3).Draw(r, "change") {
	case 0:
		m.trace++
		o.Attempts = append(o.Attempts, operation.Attempt{Trace: fmt.Sprintf("20261122000001%09d", m.trace), SentAt: at})
	case 1:
		o.Evidence = append(o.Evidence, operation.Evidence{At: at, Asked: "lookup", Outcome: "answered", Message: fmt.Sprint(n)},
			operation.Evidence{At: at, Asked: "activeResultQuery", Outcome: "unanswered"})
	case 2:
		o.NextAt, o.Why = &at, "by_status"
		if len(o.Attempts) > 0 {
			o.Attempts[len(o.Attempts)-1].Outcome = "answered"
		}
	default:
		o.NextAt, o.FinishedAt = nil, &at
	}
	return o
}

func TestWhatIsReadIsWhatTheEventsSayHoweverFarTheRowsAre(t *testing.T) {
	t.Parallel()
	errNo := errors.New("no")
	rapid.Check(t, func(r *rapid.T) {
		dir := inMemory(t)
		j := openIn(t, dir)
		defer func() { _ = j.Close() }()
		m := model{ops: map[string]operation.Operation{}}
		for n := range rapid.IntRange(1, 60).Draw(r, "steps") {
			changed := map[string]operation.Operation{}
			err := j.Write(context.Background(), func(tx *Tx) error {
				for range rapid.IntRange(1, 3).Draw(r, "together") {
					o := m.step(r, n*3+len(changed))
					if _, twice := changed[o.Op]; twice {
						continue
					}
					if err := errors.Join(tx.Put(&o, "changed"), journaltest.Mint(tx, &o)); err != nil {
						return err
					}
					changed[o.Op] = o
				}
				if rapid.IntRange(0, 9).Draw(r, "fails") == 0 {
					return errNo
				}
				return nil
			})
			switch {
			case err == nil:
				for op, o := range changed {
					m.ops[op] = o
				}
			case !errors.Is(err, errNo):
				t.Fatal(err)
			}
			switch rapid.IntRange(0, 11).Draw(r, "then") {
			case 0:
				m.holds(t, "the counter", j)
			case 1:
				projected(t, j)
			case 2:
				beside := openIn(t, dir, func(o *Options) { o.ReadOnly = true })
				m.holds(t, "beside the counter", beside)
				closeNow(t, beside)
			case 3: // crash: the next start goes on from a copy
				dir = crashed(t, dir)
				beside := openIn(t, dir, func(o *Options) { o.ReadOnly = true })
				m.holds(t, "after the crash, reading", beside)
				if _, err := beside.Verify(context.Background(), nil); err != nil {
					t.Fatal(err)
				}
				closeNow(t, beside)
				closeNow(t, j)
				j = openIn(t, dir)
				m.holds(t, "after the crash", j)
			}
		}
		m.holds(t, "the counter, at the end", j)
		if _, err := j.Verify(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		if n := len(j.w.pending.byOp); n > 0 {
			t.Fatalf("%d operations without their rows after verify", n)
		}
		m.holds(t, "the rows", j)
	})
}

func TestTheRowsNeverLagFurtherThanAStartLooksBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	ops := make([]operation.Operation, 40)
	for i := range ops {
		ops[i] = journaltest.Operation(i)
	}
	for n := range 4 * chain.MaxBehind {
		op := &ops[n%len(ops)]
		op.Asked = n
		if op.State = operation.Sending; n%3 == 0 {
			op.State = operation.Unknown
		}
		put(t, j, op, "changed")
		if n%100 != 0 {
			continue
		}
		beside := openIn(t, dir, func(o *Options) { o.ReadOnly = true })
		if _, err := beside.Verify(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		closeNow(t, beside)
		if behind := j.w.head.Load().Seq - j.w.tx.checkpoint; behind >= chain.MaxBehind {
			t.Fatalf("at event %d the rows lag %d behind", n, behind)
		}
	}
	// More at once than may lag.
	many := make([]operation.Operation, chain.MaxBehind+1)
	err := j.Write(context.Background(), func(tx *Tx) error {
		for i := range many {
			many[i] = journaltest.Operation(1000 + i)
			if err := tx.Put(&many[i], "accepted"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(j.w.pending.byOp) != 0 {
		t.Fatalf("%d wait for their rows, %v", len(j.w.pending.byOp), err)
	}
}

func TestEventsOfNoOperationLeaveNoCheckpointBehind(t *testing.T) {
	t.Parallel()
	j := openIn(t, t.TempDir())
	note := func(n int) {
		for range n {
			if err := j.Write(context.Background(), func(tx *Tx) error { return tx.Append("skew", 1) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	op := journaltest.Operation(1)
	put(t, j, &op, "accepted")
	for range 3 {
		note(chain.MaxBehind / 2)
		beside := openIn(t, j.o.Dir, func(o *Options) { o.ReadOnly = true })
		if _, err := beside.Verify(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		closeNow(t, beside)
	}
}

func TestARowThatWasChangedBesideAnOpenJournalDoesNotVanishBehindTheNextEvent(t *testing.T) {
	t.Parallel()
	for name, strike := range map[string]string{
		"amount":  `UPDATE operations SET amount_fen=1`,
		"attempt": `UPDATE attempts SET data=replace(data, 'A00', 'A01')`,
		"nothing": `UPDATE operators SET failures=1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			j := openIn(t, dir)
			op := journaltest.Operation(1)
			put(t, j, &op, "accepted")
			send(t, j, &op, 1)
			projected(t, j)
			tamper(t, dir, strike)
			put(t, j, &op, "changed")
			err := j.projectAll(context.Background())
			if found := errors.Is(err, ErrDamaged); found != (name != "nothing") {
				t.Fatalf("%v", err)
			}
		})
	}
}
