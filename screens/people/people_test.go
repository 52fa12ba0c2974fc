package people_test

import (
	"strings"
	"testing"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// asManager opens the screen for the shop's manager.
func asManager(t *testing.T) *screenstest.Counter {
	t.Helper()
	s := screenstest.OnShop(offlinetest.Open(t), 100, 30, "en")
	s.Keys("f12")
	s.Until("2026-11-22")
	return s
}

// person is an operator as the desk has her.
func person(s *screenstest.Counter, name string) offline.Operator {
	s.TB.Helper()
	all, err := s.Desk.Operators(s.TB.Context())
	s.Must(err)
	for _, o := range all {
		if o.Name == name {
			return o
		}
	}
	return offline.Operator{}
}

func typed(text string) []string { return strings.Split(text, "") }

func TestAManagerAddsChangesAndDisablesAPerson(t *testing.T) {
	t.Parallel()
	s := asManager(t)
	s.Keys("a")
	s.Until("Add a person")
	s.Keys(append(typed("bob"), "enter", "right", "enter", "2", "2", "2", "2", "enter", "2", "2", "2", "3", "enter")...)
	s.Until("differ")
	s.Keys("2", "2", "2", "2", "enter")
	s.Until("bob was added")
	s.Until("1–3 / 3")
	if o := person(s, "bob"); o.Role != offline.Manager {
		t.Fatalf("%+v", o)
	}
	s.As("bob", "2222")
	s.Keys("down")
	s.Chosen("bob")
	s.Keys("o")
	s.Until("Give a role")
	s.Keys("enter")
	s.Until("another role")
	s.Keys("p")
	s.Until("Give a new PIN")
	s.Keys("3", "3", "3", "3", "enter", "3", "3", "3", "3", "enter")
	s.Until("bob has a new PIN")
	bob := s.As("bob", "3333")
	s.Keys("d")
	s.Until("Disable?")
	s.Keys("esc", "d")
	s.Until("Disable?")
	s.Keys("enter")
	s.Until("bob is disabled")
	if o := person(s, "bob"); o.Role != offline.Cashier || !o.Disabled {
		t.Errorf("%+v", o)
	}
	if _, err := s.Desk.Signed(t.Context(), bob); offline.KindOf(err) != offline.ErrSignedOut {
		t.Errorf("a session of hers lives: %v", err)
	}
	s.Until("D enable")
	s.Keys("d")
	s.Until("Enable?")
	s.Keys("enter")
	s.Until("bob can sign in again")
	_, err := s.Desk.Verify(t.Context(), nil)
	s.Must(err) // every act is in the chain
}

func TestTheLastManagerStaysOne(t *testing.T) {
	t.Parallel()
	s := asManager(t)
	s.Keys("down")
	s.Chosen("mgr")
	for _, key := range []string{"d", "o"} {
		s.Keys(key)
		s.Until("last manager")
	}
	if o := person(s, "mgr"); o.Disabled || o.Role != offline.Manager {
		t.Errorf("%+v", o)
	}
}

func TestACashierSeesAndChangesOnlyHerOwnPIN(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	s.Keys("f12")
	s.Chosen("amy")
	s.Until("P change PIN")
	if s.Shows("mgr") {
		t.Errorf("others are shown:\n%s", s.Screen())
	}
	s.Keys("a", "o", "d")
	s.Drain()
	for _, d := range []string{"Add a person", "Give a role", "Disable?"} {
		if s.Shows(d) {
			t.Errorf("%q is hers", d)
		}
	}
	change := func(old, pin, again string) {
		s.Keys("p")
		s.Until("Change your PIN")
		s.Keys(append(append(append(append(typed(old), "enter"), typed(pin)...), "enter"), append(typed(again), "enter")...)...)
	}
	change("0000", "2468", "2468")
	s.Until("Wrong PIN")
	if o := person(s, "amy"); o.Failures != 1 {
		t.Errorf("a wrong PIN is not counted: %+v", o)
	}
	change("1111", "2468", "2468")
	s.Until("Your PIN is changed")
	s.As("amy", "2468")
	if s.Shows("2468") {
		t.Error("a PIN is shown")
	}
}

func TestAScanNeverLandsInAPIN(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	s.Keys("f12", "p")
	s.Until("Change your PIN")
	s.Scan(offlinetest.Reel)
	s.Until("was scanned and waits")
	for pause := 31; pause <= 120; pause += 25 {
		s.Typed("11112222\r", pause)
		s.Typed("1111\t2222\t2222\r", pause)
	}
	s.Until("Change your PIN")
	if o := person(s, "amy"); o.Failures != 0 {
		t.Errorf("what a scanner typed was tried: %+v", o)
	}
}

func TestThePeopleLookAsTheyShould(t *testing.T) {
	screenstest.Looks(t, [][2]int{{80, 24}, {160, 50}}, func(t *testing.T, width, height int, lang string) {
		s := screenstest.OnShop(offlinetest.Open(t), width, height, lang)
		s.Must(s.Desk.AddOperator(t.Context(), s.Manager, "王小明", offline.Cashier, "2222"))
		s.Must(s.Desk.DisableOperator(t.Context(), s.Manager, "王小明"))
		s.Keys("f12")
		s.Until("王小明")
		s.Golden()
	})
}
