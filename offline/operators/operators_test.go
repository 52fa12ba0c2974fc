package operators

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

var start = time.Date(2026, 11, 22, 10, 15, 3, 120_000_000, time.FixedZone("", 8*3600))

// clock is a time that only the test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time      { return c.t }
func (c *clock) add(d time.Duration) { c.t = c.t.Add(d) }

// shop is a data folder whose journal a test may open again.
type shop struct {
	*People
	dir string
	j   *journal.Journal
	c   clock
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{dir: t.TempDir(), c: clock{start}}
	s.People = New(func() *journal.Journal { return s.j }, s.c.now, true, func() {})
	s.open(t)
	t.Cleanup(func() { _ = s.j.Close() })
	return s
}

func (s *shop) open(t *testing.T) {
	t.Helper()
	if s.j != nil {
		if err := s.j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	s.j, err = journal.Open(context.Background(), journal.Options{Dir: s.dir, Now: s.c.now, Reserve: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
}

// number reads one number over the journal.
func (s *shop) number(t *testing.T, query string) (n int64) {
	t.Helper()
	if err := s.j.Each(context.Background(), query, nil, func(row sqlite.Row) error { n = row.Int(0); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOperatorsRules(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ctx := context.Background()
	by := ""
	add := func(name string, role Role, pin string) error { return s.Add(ctx, chain.Who{By: by}, name, role, pin) }
	for _, c := range []struct {
		what string
		err  error
		want error
	}{
		{"first a cashier", add("amy", Cashier, "1111"), ErrFirstMustBeManager},
		{"PIN too short", add("mgr", Manager, "111"), ErrBadPIN},
		{"PIN too long", add("mgr", Manager, "111111111"), ErrBadPIN},
		{"PIN of letters", add("mgr", Manager, "12a4"), ErrBadPIN},
		{"PIN of other digits", add("mgr", Manager, "١٢٣٤"), ErrBadPIN},
		{"no name", add("", Manager, "9999"), ErrBadName},
		{"name of nothing", add("\u200b\u3164\u202e\ufe0f\n", Manager, "9999"), ErrBadName},
		{"name too long", add(strings.Repeat("长", 33), Manager, "9999"), ErrBadName},
		{"no such role", add("mgr", "owner", "9999"), ErrBadRole},
		{"first a manager", add("mgr", Manager, "9999"), nil},
		{"a second first one", add("eve", Manager, "9999"), ErrSignedOut},
		{"then a cashier", func() error { by = "mgr"; return add("王小明", Cashier, "1111") }(), nil},
		{"the same again", add("mgr", Manager, "9999"), ErrOperatorExists},
		{"last manager disabled", s.SetDisabled(ctx, chain.Who{By: "mgr"}, "mgr", true), ErrLastManager},
		{"nobody disabled", s.SetDisabled(ctx, chain.Who{By: "mgr"}, "eve", true), ErrNoOperator},
		{"last manager demoted", s.SetRole(ctx, chain.Who{By: "mgr"}, "mgr", Cashier), ErrLastManager},
		{"nobody's PIN", s.ResetPIN(ctx, chain.Who{By: "mgr"}, "eve", "1234"), ErrNoOperator},
		{"a bad new PIN", s.ResetPIN(ctx, chain.Who{By: "mgr"}, "mgr", "1"), ErrBadPIN},
		{"cashier disabled", s.SetDisabled(ctx, chain.Who{By: "mgr"}, "王小明", true), nil},
		{"disabled twice", s.SetDisabled(ctx, chain.Who{By: "mgr"}, "王小明", true), nil},
		{"second manager", add("boss", Manager, "8888"), nil},
		{"now the first may go", s.SetDisabled(ctx, chain.Who{By: "boss"}, "mgr", true), nil},
	} {
		if !errors.Is(c.err, c.want) || (c.want == nil && c.err != nil) {
			t.Errorf("%s: %v, want %v", c.what, c.err, c.want)
		}
	}
	if _, err := s.CheckPIN(ctx, "王小明", "1111"); !errors.Is(err, ErrOperatorDisabled) {
		t.Error(err)
	}
	if _, err := s.CheckPIN(ctx, "eve", "1111"); !errors.Is(err, ErrNoOperator) {
		t.Error(err)
	}
	if o, err := s.CheckPIN(ctx, "boss", "8888"); err != nil || o.Role != Manager || o.Name != "boss" {
		t.Error(o, err)
	}
	list, err := s.List(ctx)
	if err != nil || len(list) != 3 || list[0].Name != "boss" || !list[1].Disabled || !list[0].CreatedAt.Equal(start) {
		t.Error(list, err)
	}
	added := s.number(t, `SELECT count(*) FROM events WHERE event='operator.added'`)
	disabled := s.number(t, `SELECT count(*) FROM events WHERE event='operator.disabled'`)
	if added != 3 || disabled != 2 {
		t.Errorf("%d added and %d disabled are chained", added, disabled)
	}
	if _, err := s.j.Verify(ctx, nil); err != nil {
		t.Error(err)
	}
}

func TestLockOutIsKeptOverARestart(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newShop(t)
	c := &s.c
	if err := s.Add(ctx, chain.Who{}, "mgr", Manager, "9999"); err != nil {
		t.Fatal(err)
	}
	reopen := func() { t.Helper(); s.open(t) }
	wrong := func(left int) {
		t.Helper()
		_, err := s.CheckPIN(ctx, "mgr", "0000")
		var w *WrongPINError
		if !errors.Is(err, ErrWrongPIN) || !errors.As(err, &w) || w.Left != left {
			t.Fatalf("%v, want %d left", err, left)
		}
	}
	locked := func(pin string, until time.Time) {
		t.Helper()
		_, err := s.CheckPIN(ctx, "mgr", pin)
		var l *LockedOutError
		if !errors.As(err, &l) || !l.Until.Equal(until) {
			t.Fatalf("%v, want a lock-out until %v", err, until)
		}
	}
	wrong(4)
	wrong(3)
	if _, err := s.CheckPIN(ctx, "mgr", "9999"); err != nil {
		t.Fatal(err)
	}
	// A right one starts the count anew, also the fifth, and where nobody waits for it
	// any more; a restart does not.
	for left := 4; left > 0; left-- {
		wrong(left)
	}
	gone, leave := context.WithCancel(ctx)
	leaving := New(func() *journal.Journal { return s.j }, func() time.Time { leave(); return c.now() }, true, func() {})
	if _, err := leaving.CheckPIN(gone, "mgr", "9999"); err != nil || gone.Err() == nil {
		t.Fatal(err)
	}
	wrong(4)
	wrong(3)
	reopen()
	wrong(2)
	wrong(1)
	until := start.Add(5 * time.Minute)
	locked("0000", until)
	locked("9999", until)
	reopen()
	c.add(5*time.Minute - time.Nanosecond)
	locked("9999", until)
	c.add(time.Nanosecond)
	wrong(4)
	if o, err := s.CheckPIN(ctx, "mgr", "9999"); err != nil || o.Failures != 0 {
		t.Fatal(o, err)
	}
	// A reset lifts it.
	for range 5 {
		_, _ = s.CheckPIN(ctx, "mgr", "0000")
	}
	locked("9999", c.now().Add(5*time.Minute))
	if err := s.ResetPIN(ctx, chain.Who{By: "boss"}, "mgr", "4321"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CheckPIN(ctx, "mgr", "4321"); err != nil {
		t.Fatal(err)
	}
	// A clock set back by years does not make it last for years.
	for range 5 {
		_, _ = s.CheckPIN(ctx, "mgr", "0000")
	}
	c.add(-3 * 365 * 24 * time.Hour)
	locked("4321", c.now().Add(5*time.Minute))
	c.add(5 * time.Minute)
	if _, err := s.CheckPIN(ctx, "mgr", "4321"); err != nil {
		t.Fatal(err)
	}
	if n := s.number(t, `SELECT count(*) FROM events WHERE event='operator.locked_out'`); n != 3 {
		t.Fatalf("%d lock-outs are chained", n)
	}
}

func TestGuessesInParallelDoNotOutrunTheLockOut(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ctx := context.Background()
	if err := s.Add(ctx, chain.Who{}, "mgr", Manager, "9999"); err != nil {
		t.Fatal(err)
	}
	results := make(chan error, 40)
	for range cap(results) {
		go func() { _, err := s.CheckPIN(ctx, "mgr", "0000"); results <- err }()
	}
	wrong := 0
	for range cap(results) {
		if errors.Is(<-results, ErrWrongPIN) {
			wrong++
		}
	}
	if wrong != 4 {
		t.Fatalf("%d guesses were answered before the lock-out", wrong)
	}
}

// beside are the people as a program sees them that only reads while s is open.
func (s *shop) beside(t *testing.T) *People {
	t.Helper()
	j, err := journal.Open(context.Background(), journal.Options{Dir: s.dir, Now: s.c.now, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return New(func() *journal.Journal { return j }, s.c.now, true, func() {})
}

func TestAPINThatWasJustGivenCountsBesideTheCounterThatGaveIt(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), context.Background()
	if err := errors.Join(s.Add(ctx, chain.Who{}, "mgr", Manager, "9999"), s.Add(ctx, chain.Who{By: "mgr"}, "amy", Cashier, "1111")); err != nil {
		t.Fatal(err)
	}
	p := s.beside(t)
	for _, pin := range []string{"1234", "4321"} { // the copy of the head follows a little later
		p.journal().Follows(ctx)
		if err := s.ResetPIN(ctx, chain.Who{By: "mgr"}, "amy", pin); err != nil {
			t.Fatal(err)
		}
		if _, err := p.CheckPIN(ctx, "amy", pin); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhereAWrongPINCannotBeCountedNoneIsJudged(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), context.Background()
	if err := s.Add(ctx, chain.Who{}, "mgr", Manager, "9999"); err != nil {
		t.Fatal(err)
	}
	p := s.beside(t)
	if _, err := p.CheckPIN(ctx, "mgr", "0000"); !errors.Is(err, ErrWrongPIN) {
		t.Fatal(err)
	}
	if _, err := p.CheckPIN(ctx, "mgr", "9999"); err != nil {
		t.Fatal(err)
	}
	writing, err := sqlite.Open(sqlite.Name(filepath.Join(s.dir, "counterfoil.db"), "mode=rw"))
	if err != nil {
		t.Fatal(err)
	}
	defer writing.Close()
	if err := writing.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	var tries sync.WaitGroup // each waits its two seconds for the database
	for _, pin := range []string{"9999", "0000"} {
		p := s.beside(t)
		tries.Go(func() {
			if _, err := p.CheckPIN(ctx, "mgr", pin); !errors.Is(err, ErrUncounted) {
				t.Errorf("%s: %v", pin, err)
			}
		})
	}
	tries.Wait()
}

func TestPINIsNowhereInTheFolderAndCostsWhatItShould(t *testing.T) {
	ctx := context.Background()
	t.Parallel()
	s := newShop(t)
	s.cost = pinCost
	const pin = "73915264"
	if err := s.Add(ctx, chain.Who{}, "mgr", Manager, pin); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := s.CheckPIN(ctx, "mgr", pin); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	t.Logf("a sign-in took %v", took)
	_, stored, err := find(s.reading(ctx), "mgr")
	if err != nil || !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,") {
		t.Fatal(stored, err)
	}
	s.open(t)
	files, err := filepath.Glob(filepath.Join(s.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if b, _ := os.ReadFile(f); strings.Contains(string(b), pin) {
			t.Errorf("%s holds the PIN", f)
		}
	}
}

func TestStoredPINThatCannotBeReadMatchesNothing(t *testing.T) {
	for _, stored := range []string{"", "$", "1111", "$argon2id$v=19$m=64,t=1,p=1$$", "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5",
		"$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5", "$argon2id$v=19$m=64,t=0,p=0$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5"} {
		if pinMatches(stored, "1111") {
			t.Errorf("%q matches", stored)
		}
	}
}

func TestADamagedTimeKeepsNobodyFromSigningIn(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), context.Background()
	if err := s.Add(ctx, chain.Who{}, "mgr", Manager, "9999"); err != nil {
		t.Fatal(err)
	}
	if err := s.j.Write(ctx, func(tx *journal.Tx) error {
		return tx.Conn().Exec(`UPDATE operators SET created_at='x', locked_until='y'`)
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CheckPIN(ctx, "mgr", "9999"); err != nil {
		t.Fatal(err)
	}
}

func given(pin string) func(string) (string, error) {
	return func(string) (string, error) { return pin, nil }
}

func TestARecoveredManagerIsDocumentedUntilAcknowledged(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), context.Background()
	if _, err := s.Recover(ctx, "", given("1234")); !errors.Is(err, ErrNoManager) {
		t.Fatal(err)
	}
	if err := s.Add(ctx, chain.Who{}, "mgr", Manager, "9999"); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		_, _ = s.CheckPIN(ctx, "mgr", "0000")
	}
	if name, err := s.Recover(ctx, "", given("1234")); err != nil || name != "mgr" {
		t.Fatal(name, err)
	}
	if _, err := s.CheckPIN(ctx, "mgr", "1234"); err != nil {
		t.Fatal(err)
	}
	if docs, err := s.j.Documents(ctx, chain.Unindexed); err != nil || len(docs) != 1 || docs[0].AcknowledgedBy != "" {
		t.Fatal(docs, err)
	}
	if _, err := s.j.Verify(ctx, nil, Check); err != nil {
		t.Fatal(err)
	}
	if err := s.Add(ctx, chain.Who{By: "mgr"}, "boss", Manager, "8888"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recover(ctx, "", given("1234")); !errors.Is(err, ErrSeveralManagers) {
		t.Fatal(err)
	}
}

func TestTheTableOfWhoMayWhat(t *testing.T) {
	t.Parallel()
	for act, needs := range least {
		for role, may := range map[Role]bool{"": needs == "", Cashier: needs != Manager, Manager: true, "owner": needs == ""} {
			if role.May(act) != may {
				t.Errorf("%q may %s: %t", role, act, !may)
			}
		}
	}
	if Manager.May("anything") {
		t.Error("what is not in the table is allowed")
	}
}
