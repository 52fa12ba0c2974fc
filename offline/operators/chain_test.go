package operators

import (
	"context"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "8") // they wait for the head's copy and for a busy database more than they work
	os.Exit(m.Run())
}

func TestTheTableIsMadeWhatTheChainSaysAndTheDifferenceIsDocumented(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, c := range map[string]struct {
		sql    string
		signIn map[string]string // who can sign in afterwards, with which PIN
	}{
		"a role":             {`UPDATE operators SET role='manager' WHERE name='amy'`, map[string]string{"mgr": "9999", "amy": "1111"}},
		"an end of disabled": {`UPDATE operators SET disabled=0 WHERE name='bob'`, map[string]string{"mgr": "9999", "amy": "1111"}},
		"everybody disabled": {`UPDATE operators SET disabled=1`, map[string]string{"mgr": "9999", "amy": "1111"}},
		"another's PIN":      {`UPDATE operators SET pin=(SELECT pin FROM operators WHERE name='amy')`, map[string]string{"mgr": "9999", "amy": "1111"}},
		"a row deleted":      {`DELETE FROM operators WHERE name='amy'`, map[string]string{"mgr": "9999", "amy": "1111"}},
		"all rows deleted":   {`DELETE FROM operators`, map[string]string{"mgr": "9999", "amy": "1111"}},
		"a name exchanged":   {`UPDATE operators SET name='eve' WHERE name='mgr'`, map[string]string{"mgr": "9999", "amy": "1111"}},
		"somebody put in": {
			`INSERT INTO operators SELECT 'eve', 'manager', pin, 0, 0, '', '' FROM operators WHERE name='mgr'`,
			map[string]string{"mgr": "9999", "amy": "1111"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			err := errors.Join(s.Add(ctx, chain.Who{}, "mgr", Manager, "1234"), s.Add(ctx, chain.Who{By: "mgr"}, "amy", Cashier, "1111"),
				s.Add(ctx, chain.Who{By: "mgr"}, "bob", Cashier, "2222"), s.ResetPIN(ctx, chain.Who{By: "mgr"}, "mgr", "9999"), s.SetDisabled(ctx, chain.Who{By: "mgr"}, "bob", true))
			if err == nil {
				err = s.Restore(ctx)
			}
			if all, e := s.j.Documents(ctx, chain.Unindexed); err != nil || e != nil || len(all) != 0 {
				t.Fatalf("what fits is documented: %v %v %v", all, err, e)
			}
			if err := s.j.Write(ctx, func(tx *journal.Tx) error { return tx.Conn().Exec(c.sql) }); err != nil {
				t.Fatal(err)
			}
			var misfit *chain.MisfitError
			if _, err := s.j.Verify(ctx, nil, Check); !errors.As(err, &misfit) {
				t.Fatalf("not found: %v", err)
			}
			if err := s.Restore(ctx); err != nil {
				t.Fatal(err)
			}
			if all, err := s.j.Documents(ctx, chain.Unindexed); err != nil || len(all) == 0 {
				t.Fatalf("not documented: %v", err)
			}
			if _, err := s.j.Verify(ctx, nil, Check); err != nil {
				t.Fatalf("restored: %v", err)
			}
			for _, who := range []string{"mgr", "amy", "bob", "eve"} {
				pin := map[string]string{"mgr": "9999", "amy": "1111", "bob": "2222", "eve": "9999"}[who]
				if _, err := s.CheckPIN(ctx, who, pin); (err == nil) != (c.signIn[who] != "") {
					t.Errorf("%s: %v", who, err)
				}
			}
		})
	}
}

// struck is a counter at work with a manager and a cashier, whose table somebody
// changes beside it.
func struck(t *testing.T, sql string) (s *shop, amy Session) {
	t.Helper()
	s, ctx := newShop(t), context.Background()
	err := errors.Join(s.Add(ctx, chain.Who{}, "mgr", Manager, "9999"), s.Add(ctx, chain.Who{By: "mgr"}, "amy", Cashier, "1111"), s.Restore(ctx))
	if err != nil {
		t.Fatal(err)
	}
	if amy, err = s.SignIn(ctx, "amy", "1111"); err != nil {
		t.Fatal(err)
	}
	if err := s.j.Write(ctx, func(tx *journal.Tx) error { return tx.Conn().Exec(sql) }); err != nil {
		t.Fatal(err)
	}
	return s, amy
}

func TestAnActRestsOnTheChainAlsoWhereTheTableWasChangedMeanwhile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, c := range map[string]struct {
		sql string
		try func(s *shop, amy Session) error // must be refused
	}{
		"a role raised": {`UPDATE operators SET role='manager' WHERE name='amy'`, func(s *shop, amy Session) error {
			_, err := s.May(ctx, amy, Settle)
			return err
		}},
		"another's PIN": {`UPDATE operators SET pin=(SELECT pin FROM operators WHERE name='amy') WHERE name='mgr'`, func(s *shop, _ Session) error {
			_, err := s.SignIn(ctx, "mgr", "1111")
			return err
		}},
		"somebody put in": {`INSERT INTO operators SELECT 'eve', 'manager', pin, 0, 0, '', '' FROM operators WHERE name='amy'`, func(s *shop, _ Session) error {
			_, err := s.SignIn(ctx, "eve", "1111")
			return err
		}},
		"no manager left": {`DELETE FROM operators WHERE name='mgr'`, func(s *shop, _ Session) error {
			managed, err := s.Managed(ctx)
			if managed {
				err = errors.New("nobody can add a first manager")
			}
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, amy := struck(t, c.sql)
			if err := c.try(s, amy); err == nil {
				t.Error("the table was believed")
			}
			if all, err := s.j.Documents(ctx, chain.Unindexed); err != nil || len(all) != 1 {
				t.Errorf("documented: %v %v", all, err)
			}
			if _, err := s.May(ctx, amy, Sell); err != nil {
				t.Errorf("a cashier's own act: %v", err)
			}
		})
	}
}

func TestALockOutReachedBesideACounterIsChainedByTheNextThatMayWrite(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, next := range map[string]func(s *shop, amy Session, beside *People) error{
		"a start": func(s *shop, _ Session, _ *People) error { return s.Restore(ctx) },
		"an act":  func(s *shop, amy Session, _ *People) error { _, err := s.May(ctx, amy, Sell); return err },
		"a sign-in": func(s *shop, _ Session, _ *People) error {
			s.c.add(lockOut)
			_, err := s.SignIn(ctx, "amy", "1111")
			return err
		},
		"a start after it ran out": func(s *shop, _ Session, beside *People) error {
			s.c.add(lockOut)
			if _, err := beside.CheckPIN(ctx, "amy", "1111"); err != nil {
				return err
			}
			return s.Restore(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, amy := struck(t, `SELECT 1`)
			reading, err := journal.Open(ctx, journal.Options{Dir: s.dir, Now: s.c.now, ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = reading.Close() })
			beside := New(func() *journal.Journal { return reading }, s.c.now, true, func() {})
			for range maxFailures {
				_, err = beside.CheckPIN(ctx, "amy", "0000")
			}
			var locked *LockedOutError
			if !errors.As(err, &locked) {
				t.Fatal(err)
			}
			lockOuts := func() int64 { return s.number(t, `SELECT count(*) FROM events WHERE event='operator.locked_out'`) }
			if lockOuts() != 0 {
				t.Fatal("a command beside a counter wrote into the chain")
			}
			for range 2 {
				if err := next(s, amy, beside); err != nil {
					t.Fatal(err)
				}
			}
			if n := lockOuts(); n != 1 {
				t.Fatalf("%d events", n)
			}
		})
	}
}

func TestWhereEventsAreMissingNobodyIsMoreThanTableAndChainBothSay(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	type who struct {
		role     Role
		disabled bool
		pin      string // with which she can sign in, "" for none
	}
	mgr, amy, bob := who{Manager, false, "9999"}, who{Cashier, false, "1111"}, who{Cashier, true, ""}
	for name, c := range map[string]struct {
		sql  string
		want map[string]who
	}{
		"the end of a role":            {`DELETE FROM events WHERE event='operator.role' AND data LIKE '%cashier%'`, map[string]who{"mgr": mgr, "amy": amy, "bob": bob}},
		"the end of a role, changed":   {`UPDATE events SET data=replace(data, 'cashier', 'manager') WHERE event='operator.role'`, map[string]who{"mgr": mgr, "amy": amy, "bob": bob}},
		"the end of a role, renamed":   {`UPDATE events SET event='x' WHERE event='operator.role' AND data LIKE '%cashier%'`, map[string]who{"mgr": mgr, "amy": amy, "bob": bob}},
		"being disabled":               {`DELETE FROM events WHERE event='operator.disabled'`, map[string]who{"mgr": mgr, "amy": amy, "bob": bob}},
		"a new PIN":                    {`DELETE FROM events WHERE event LIKE '%pin%' AND data LIKE '%amy%'`, map[string]who{"mgr": mgr, "amy": {Cashier, false, ""}, "bob": bob}},
		"something else, and a role":   {`DELETE FROM events WHERE event='x'; UPDATE operators SET role='manager' WHERE name='amy'`, map[string]who{"mgr": mgr, "amy": amy, "bob": bob}},
		"something else, and all rows": {`DELETE FROM events WHERE event='x'; DELETE FROM operators`, map[string]who{"mgr": mgr, "amy": amy, "bob": bob}},
		"something else, and the last manager": {`DELETE FROM events WHERE event='x'; UPDATE operators SET role='cashier' WHERE name='mgr'`,
			map[string]who{"mgr": {Manager, false, ""}, "amy": amy, "bob": bob}},
		"something else, and the last manager's PIN": {`DELETE FROM events WHERE event='x'; UPDATE operators SET pin='' WHERE name='mgr'`,
			map[string]who{"mgr": {Manager, false, ""}, "amy": amy, "bob": bob}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			err := errors.Join(s.Add(ctx, chain.Who{}, "mgr", Manager, "9999"), s.Add(ctx, chain.Who{By: "mgr"}, "amy", Manager, "1234"), s.Add(ctx, chain.Who{By: "mgr"}, "bob", Cashier, "2222"),
				s.SetRole(ctx, chain.Who{By: "mgr"}, "amy", Cashier), s.ResetPIN(ctx, chain.Who{By: "mgr"}, "amy", "1111"), s.SetDisabled(ctx, chain.Who{By: "mgr"}, "bob", true))
			for _, event := range []string{"x", "y"} {
				err = errors.Join(err, s.j.Write(ctx, func(tx *journal.Tx) error { return tx.Append(event, nil) }))
			}
			if err == nil {
				err = s.j.Write(ctx, func(tx *journal.Tx) error {
					for _, one := range strings.Split(c.sql, "; ") {
						if err := tx.Conn().Exec(one); err != nil {
							return err
						}
					}
					return nil
				})
			}
			if err == nil {
				err = s.Restore(ctx)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, again := range []string{"at first", "later"} {
				for name, want := range c.want {
					o, err := s.operator(ctx, name)
					if err != nil || o.Role != want.role || o.Disabled != want.disabled {
						t.Errorf("%s, %s: %+v %v, want %+v", again, name, o, err, want)
					}
					pin := map[string]string{"mgr": "9999", "amy": "1111", "bob": "2222"}[name]
					if _, err := s.CheckPIN(ctx, name, pin); (err == nil) != (want.pin != "") {
						t.Errorf("%s, the PIN of %s: %v", again, name, err)
					}
				}
			}
		})
	}
}
