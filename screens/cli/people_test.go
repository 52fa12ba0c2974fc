package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
)

func TestFirstOperatorMustBeAManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.itself = true
	w.runIn([]string{"COUNTERFOIL_NEW_PIN=1111"}, "operators", "add", "amy", "--role", "cashier").want(t, 1)
	w.runIn([]string{"COUNTERFOIL_NEW_PIN=9999"}, "operators", "add", "mgr", "--role", "manager").want(t, 0)
	pins := []string{"COUNTERFOIL_NEW_PIN=1111", "COUNTERFOIL_PIN=9999"}
	w.runIn(pins, "operators", "add", "amy", "--role", "cashier").want(t, 2)
	w.runIn(pins, "operators", "add", "amy", "--role", "cashier", "--operator", "mgr").want(t, 0)
	lines := w.run("operators", "--json").want(t, 0).objects(t)
	if len(lines) != 2 || lines[0]["name"] != "amy" || lines[0]["role"] != "cashier" || lines[0]["disabled"] != false {
		t.Errorf("%v", lines)
	}
}

func TestBeforeTheFirstManagerOneCanOnlyReadAndAddOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	w.itself = true
	for _, args := range [][]string{
		{"activate", codeA, "--amount", "15"}, {"void", codeA}, {"queue", "withdraw", "x"}, {"backup", w.home + "/x.db"},
		{"queue", "settle", "x", "--as", "done", "--reason", "x"}, {"operators", "disable", "x"}, {"operators", "reset-pin", "x"},
	} {
		for _, as := range [][]string{nil, {"--operator", "nobody"}} {
			s := w.runIn([]string{"COUNTERFOIL_PIN=1"}, append(as, args...)...).want(t, 6)
			if !strings.Contains(s.err, "operators add") {
				t.Errorf("%v: %s", args, s.err)
			}
		}
	}
	if len(w.sandbox.Effects()) > 0 {
		t.Error("nobody activated something")
	}
	for _, args := range [][]string{{"lookup", codeA}, {"queue"}, {"operators"}, {"verify"}, {"doctor"}, {"config"}, {"queue", "replay"}} {
		w.runIn([]string{"COUNTERFOIL_PIN=1"}, append(args, "--operator", "nobody")...).want(t, 0)
	}
}

func TestActingNeedsAnOperatorOnceThereIsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	if s := w.run("activate", codeA, "--amount", "15").want(t, 2); !strings.Contains(s.err, "--operator") {
		t.Errorf("stderr %q", s.err)
	}
	if s := w.run("activate", codeA, "--amount", "15", "--operator", "amy").want(t, 2); !strings.Contains(s.err, "COUNTERFOIL_PIN") {
		t.Errorf("stderr %q", s.err)
	}
	w.runIn([]string{"COUNTERFOIL_PIN=4321"}, "activate", codeA, "--amount", "15", "--operator", "amy").want(t, 1)
	if w.applied(codeA) != 0 {
		t.Fatal("somebody activated without a PIN")
	}
	op := w.runIn(asAmy, "activate", codeA, "--amount", "15", "--operator", "amy", "--json").want(t, 0).one(t)
	if op["operator"] != "amy" || op["id"] != codeA {
		t.Errorf("%v", op)
	}
	w.run("queue", "replay").want(t, 0)
	w.run("verify").want(t, 0)
}

func TestACashierNeedsAManagerToManage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	pin := append([]string{"COUNTERFOIL_NEW_PIN=2222"}, asAmy...)
	w.runIn(pin, "operators", "add", "bob", "--role", "cashier", "--operator", "amy").want(t, 6)
	for _, args := range []string{"add bob --role cashier", "reset-pin amy"} { // before a new PIN is asked for
		w.runIn(asAmy, append([]string{"operators", "--operator", "amy"}, strings.Fields(args)...)...).want(t, 6)
	}
	w.runIn(append(pin, "COUNTERFOIL_APPROVE_PIN=9999"), "operators", "add", "bob", "--role", "cashier", "--operator", "amy", "--approve", "mgr").want(t, 0)
	w.runIn(append(pin, "COUNTERFOIL_APPROVE_PIN=2222"), "operators", "disable", "amy", "--operator", "amy", "--approve", "bob").want(t, 6)
	w.runIn(append(asMgr, "COUNTERFOIL_NEW_PIN=3333"), "operators", "reset-pin", "bob", "--operator", "mgr").want(t, 0)
	w.runIn(asMgr, "operators", "disable", "bob", "--operator", "mgr").want(t, 0)
	w.runIn([]string{"COUNTERFOIL_PIN=3333"}, "activate", codeA, "--amount", "15", "--operator", "bob").want(t, 1)
	w.runIn(asMgr, "operators", "disable", "mgr", "--operator", "mgr").want(t, 1)
}

func TestADemonstrationsFolderOpensForNoRealCounter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.itself = true
	open := func(public bool) error {
		client, err := api.New(api.Settings{})
		w.must(err)
		desk, err := offline.Open(t.Context(), offline.Settings{Data: w.data(), CounterName: "C01", Number: 1, PublicPINs: public}, client)
		if err == nil {
			w.must(desk.Stop())
		}
		return err
	}
	w.must(open(true))
	for _, args := range [][]string{{"queue"}, {"verify"}, {"doctor"}, {"operators"}, {"queue", "replay"}, {"activate", codeA, "--amount", "15"}, {"lookup", codeA}} {
		s := w.runIn([]string{"COUNTERFOIL_PIN=9999"}, append(args, "--operator", "mgr", "--lang", "en")...).want(t, 1)
		if !strings.Contains(s.out+s.err, "made by the demo") {
			t.Errorf("%v: %s%s", args, s.out, s.err)
		}
	}
	w.must(open(true))
	w.must(os.RemoveAll(w.data()))
	w.must(open(false))
	if err := open(true); offline.KindOf(err) != offline.ErrTraining {
		t.Errorf("the demonstration opens a real folder: %v", err)
	}
	w.must(open(false))
}

func TestPeopleAreManagedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	by := func(env []string, name string, args ...string) said {
		return w.runIn(env, append([]string{"--operator", name, "--lang", "en", "operators"}, args...)...)
	}
	by(asAmy, "amy", "role", "amy", "manager").want(t, 6)
	by(asAmy, "amy", "enable", "amy").want(t, 6)
	by(asMgr, "mgr", "role", "mgr", "cashier").want(t, 1)
	by(asMgr, "mgr", "role", "amy", "owner").want(t, 2)
	by(asMgr, "mgr", "role", "amy").want(t, 2)
	by(asMgr, "mgr", "disable", "amy").want(t, 0)
	by(asAmy, "amy", "pin").want(t, 1)
	by(asMgr, "mgr", "enable", "amy").want(t, 0)
	by(append([]string{"COUNTERFOIL_NEW_PIN=4321"}, asAmy...), "amy", "pin").want(t, 0)
	by(append([]string{"COUNTERFOIL_NEW_PIN=12"}, "COUNTERFOIL_PIN=4321"), "amy", "pin").want(t, 1)
	by(append([]string{"COUNTERFOIL_NEW_PIN=2222"}, asMgr...), "mgr", "add", "аmy", "--role", "cashier").want(t, 1) // a Cyrillic а
	by([]string{"COUNTERFOIL_PIN=4321"}, "amy", "role", "amy", "cashier").want(t, 6)
	by(asMgr, "mgr", "role", "amy", "manager").want(t, 0)
	by([]string{"COUNTERFOIL_PIN=4321"}, "amy", "disable", "mgr").want(t, 0)
	w.run("verify").want(t, 0)

	newPIN := []string{"COUNTERFOIL_NEW_PIN=7777"}
	w.runIn(newPIN, "operators", "recover").want(t, 0)
	for _, check := range []string{"verify", "doctor"} {
		w.run(check).want(t, 1)
	}
	w.runIn([]string{"COUNTERFOIL_PIN=7777"}, "verify", "--acknowledge", "--reason", "forgotten", "--operator", "amy").want(t, 0)
	for _, check := range []string{"verify", "doctor"} {
		w.run(check).want(t, 0)
	}
}

func TestACashierCannotSettleWithoutAManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	op := w.runIn(asAmy, "activate", reel, "--amount", "30", "--offline", "--operator", "amy", "--json").want(t, 4).one(t)["op"].(string)
	settle := []string{"queue", "settle", op, "--as", "no-effect", "--reason", "customer left", "--operator", "amy"}
	w.runIn(asAmy, settle...).want(t, 6)
	done := w.runIn(append(asAmy, "COUNTERFOIL_APPROVE_PIN=9999"), append(settle, "--approve", "mgr", "--json")...).want(t, 0).one(t)
	if done["state"] != "settled" || done["settled_by"] != "mgr" || done["settle_asked_by"] != "amy" {
		t.Errorf("%v", done)
	}
}

func TestAWithdrawalThatAManagerApprovedKeepsWhoAskedForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.runIn(append(slices.Clone(asMgr), "COUNTERFOIL_NEW_PIN=2222"), "operators", "add", "bob", "--role", "cashier", "--operator", "mgr").want(t, 0)
	asBob := []string{"COUNTERFOIL_PIN=2222", "COUNTERFOIL_APPROVE_PIN=9999"}
	op := w.runIn(asAmy, "activate", reel, "--amount", "30", "--offline", "--operator", "amy", "--json").want(t, 4).one(t)["op"].(string)
	done := w.runIn(asBob, "queue", "withdraw", op, "--operator", "bob", "--approve", "mgr", "--json").want(t, 0).one(t)
	if done["state"] != "withdrawn" || done["operator"] != "amy" || done["settled_by"] != "mgr" || done["settle_asked_by"] != "bob" {
		t.Errorf("%v", done)
	}
	if page := w.run("queue", "show", op, "--lang", "en").want(t, 0).out; !strings.Contains(page, "closed by         mgr\nasked for by      bob\n") {
		t.Error(page)
	}
	w.runIn(asAmy, "activate", codeA, "--amount", "15", "--offline", "--operator", "amy").want(t, 4)
	done = w.runIn(asBob, "void", codeA, "--offline", "--operator", "bob", "--approve", "mgr", "--json").want(t, 0).one(t)
	if done["state"] != "withdrawn" || done["settled_by"] != "mgr" || done["settle_asked_by"] != "bob" {
		t.Errorf("voided by its id: %v", done)
	}
	w.run("verify").want(t, 0)
}

func TestVoidOfWhatWasNeverActiveNeedsAManagersPIN(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.runIn(asAmy, "void", codeA, "--operator", "amy").want(t, 6)
	op := w.runIn(append(asAmy, "COUNTERFOIL_APPROVE_PIN=9999"), "void", codeA, "--operator", "amy", "--approve", "mgr", "--json").want(t, 0).one(t)
	if op["operator"] != "amy" || op["approved_by"] != "mgr" || op["state"] != "done" {
		t.Errorf("%v", op)
	}
	if reasons, _ := op["approved_for"].([]any); !slices.Equal(reasons, []any{"over_limit", "void_inactive"}) {
		t.Errorf("approved for %v", op["approved_for"])
	}
	if page := w.run("queue", "show", op["op"].(string), "--lang", "en").want(t, 0).out; !strings.Contains(page, "mgr  over a limit  void, never active") {
		t.Error(page)
	}
}

func TestAnApprovalIsOfOneID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	pins := append(asAmy, "COUNTERFOIL_APPROVE_PIN=9999")
	who := []string{"--operator", "amy", "--approve", "mgr"}
	w.runIn(pins, append(who, "void", codeA, codeB)...).want(t, 2)
	w.runIn(pins, append(who, "activate", "--from", w.file("ids", codeA+"\n"), "--amount", "15")...).want(t, 2)
	w.runIn(pins, append(who, "activate", codeA, "--from", "-", "--amount", "15")...).want(t, 2)
	if len(w.sandbox.Effects()) > 0 {
		t.Error("something was sent")
	}
	w.runIn(pins, append(who, "activate", codeA, "--amount", "15")...).want(t, 0)
}

func TestWithdrawTakesBackWhatWasNeverSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	op := w.run("activate", reel, "--amount", "30", "--offline", "--json").want(t, 4).one(t)["op"].(string)
	gone := w.run("queue", "withdraw", strings.ToLower(op), "--json").want(t, 0).one(t)
	if gone["state"] != "withdrawn" {
		t.Errorf("%v", gone)
	}
	w.run("queue", "withdraw", op).want(t, 1)
	w.run("queue", "replay").want(t, 0)
	if w.applied(reel) != 0 {
		t.Error("a withdrawn activation went out")
	}
}

func TestWhatCannotBeAPINIsNoGuess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	for range 3 {
		for _, pin := range []string{"11", "123456789", "12a4", "\x1b[A\x1b[B", " 1111", "١١١١", "\ufffd111"} {
			w.runIn([]string{"COUNTERFOIL_PIN=" + pin}, "queue", "--operator", "amy").want(t, 1)
		}
	}
	for _, pin := range []string{"1111\r", "１１１１", "1111\r\n"} {
		w.runIn([]string{"COUNTERFOIL_PIN=" + pin}, "queue", "--operator", "amy").want(t, 0)
	}
}

func TestTheLogHoldsNoCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("activate", codeA, otherCode, "--amount", "15").want(t, 0)
	w.run("activate", codeA, "--amount", "15").want(t, 1)
	w.offTheNet()
	w.run("lookup", codeB)
	w.run("activate", codeB, "--amount", "15").want(t, 4)
	log, err := os.ReadFile(filepath.Join(w.data(), "counterfoil.log"))
	if err != nil {
		t.Fatal(err)
	}
	if len(log) == 0 {
		t.Fatal("nothing was logged")
	}
	for _, code := range []string{codeA, codeB, otherCode} {
		if strings.Contains(string(log), code[20:]) {
			t.Errorf("the log holds %s:\n%s", code, log)
		}
	}
	info, err := os.Stat(w.data())
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the data folder has mode %v %v", info.Mode(), err)
	}
}

func TestALockOutsEndIsToldInTheShopsZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	for range 5 { // the fifth locks
		w.runIn([]string{"COUNTERFOIL_PIN=0000"}, "queue", "--operator", "amy")
	}
	until := time.Now().Add(5 * time.Minute).In(time.FixedZone("shop", 8*3600))
	told := regexp.MustCompile(`until (\d\d:\d\d)`)
	for _, text := range []string{
		w.runIn([]string{"COUNTERFOIL_PIN=0000"}, "queue", "--operator", "amy").err, w.run("operators").out,
	} {
		found := told.FindStringSubmatch(text)
		if found == nil || found[1] != until.Format("15:04") && found[1] != until.Add(-time.Minute).Format("15:04") {
			t.Errorf("want %s: %s", until.Format("15:04"), text)
		}
	}
}

func TestARecoveryNamesWhosePINItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{2, "PIN of mgr", nil}, {2, "PIN of mgr", []string{"mgr"}}, {2, "mgr 的 PIN", []string{"--lang", "zh"}},
		{1, "“amy” is a cashier", []string{"amy"}}, {1, "“amy”是收银员", []string{"amy", "--lang", "zh"}}, {1, "no operator “eve”", []string{"eve"}},
	} {
		if s := w.run(append([]string{"operators", "recover"}, c.args...)...).want(t, c.code); !strings.Contains(s.err, c.says) {
			t.Errorf("recover %v: %s", c.args, s.err)
		}
	}
}
