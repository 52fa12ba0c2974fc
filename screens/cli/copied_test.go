package cli_test

import (
	"strings"
	"testing"
)

// What a copy from a slip, a chat or a table brings along is no part of a number or a name.

func TestAnOperationsNumberIsTakenWithoutWhatStandsAroundIt(t *testing.T) {
	t.Parallel()
	w, done, waits := sold(t)
	for _, around := range []string{" %s ", "\u3000%s\u00a0", "\"%s\"", "\t%s\r\n", "\u200b%s", "\ufeff“%s”"} {
		written := strings.ReplaceAll(around, "%s", strings.ToLower(done))
		if op := w.run("queue", "show", written, "--json").want(t, 0).one(t); op["op"] != done {
			t.Errorf("%q shows %v", written, op["op"])
		}
	}
	w.run("queue", "show", " ").want(t, 2)
	if s := w.runIn(asMgr, "--operator", "mgr", "queue", "settle", " "+done+" ", "--as", "done", "--reason", "x").want(t, 1); strings.Contains(s.err, "no operation") {
		t.Errorf("%s", s.err)
	}
	if op := w.runIn(asMgr, "--operator", "mgr", "queue", "withdraw", " "+waits+" ", "--json").want(t, 0).one(t); op["op"] != waits {
		t.Errorf("withdrawn: %v", op)
	}
}

func TestAnOperatorsNameIsTakenAsItIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	const amy, mgr = " amy\u3000", "\tmgr\u200b "
	by := func(environ []string, args ...string) said {
		return w.runIn(environ, append([]string{"--json", "operators"}, args...)...)
	}
	for _, args := range [][]string{{"disable", amy}, {"enable", amy}, {"role", amy, "manager"}, {"role", amy, "cashier"}, {"reset-pin", amy}} {
		s := by([]string{"COUNTERFOIL_PIN=9999", "COUNTERFOIL_NEW_PIN=1111"}, append(args, "--operator", mgr)...).want(t, 0)
		if o := s.one(t); o["name"] != "amy" || strings.Contains(s.err, amy) {
			t.Errorf("%v: %v, %q", args, o, s.err)
		}
	}
	by([]string{"COUNTERFOIL_PIN=1111", "COUNTERFOIL_APPROVE_PIN=9999"}, "disable", "amy", "--operator", amy, "--approve", mgr).want(t, 0)
	w.runIn([]string{"COUNTERFOIL_NEW_PIN=7777"}, "operators", "recover", mgr).want(t, 0)
	for _, args := range [][]string{{"operators", "--operator", " "}, {"operators", "enable", " ", "--operator", "mgr"}, {"queue", "--approve", "\u3000"}} {
		w.runIn(asMgr, args...).want(t, 2)
	}
}

func TestDigitsOfAnInputMethodAreDigits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	op := w.sells("--bin", "７０２０", "--from", " ０００００４１", "--to", "０００００４５ ", "--count", "５", "--valid-from", "2026－01－01 ００：００：００", "--selling", "１００").want(t, 5).one(t)
	if op["id"] != rangeID || op["amount_fen"] != 50000.0 {
		t.Errorf("%v for %v", op["id"], op["amount_fen"])
	}
	run := func(args ...string) said { return w.runIn(asMgr, append(args, "--operator", "mgr")...) }
	run("close", "--no-check", "--open", "１").want(t, 0)
	if z := run("close", "--show", "０００００１", "--json").want(t, 0).one(t); z["z"] != 1.0 {
		t.Errorf("shown: %v", z)
	}
	for _, args := range [][]string{{"--day", "２０２６－１１－３０"}, {"--z", " 1"}} {
		run(append([]string{"export", "--format", "json"}, args...)...).want(t, 0)
	}
	if s := w.run("review", codeA, "--from", "２０２６-01-01 08：30"); s.code == 2 {
		t.Errorf("%s", s.err)
	}
	run("export", "--z", "一").want(t, 2)
}
