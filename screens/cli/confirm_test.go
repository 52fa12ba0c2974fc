package cli_test

import "testing"

func TestAVoidIsConfirmedOnATerminalByTheEndOfTheNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("activate", reel, "--amount", "30").want(t, 0)
	w.environ = append(w.environ, "COUNTERFOIL_PIN=1111", "LANG=C.UTF-8")
	list := w.file("voids", reel+"\n"+codeA+"\nno id\n")
	for _, c := range []struct {
		args    []string
		asks    string
		typed   string
		says    string
		effects int // on the reel
	}{
		{[]string{reel}, `reel\s+` + reel + `.*2.*¥30.00`, "", "Nothing was voided", 1},
		{[]string{reel}, "last 4 characters", reel, "Nothing was voided", 1},
		{[]string{reel, codeA}, "voided for good: 2", "2585", "Nothing was voided", 1},
		{[]string{"--from", list}, "voided for good: 2", "3", "Nothing was voided", 1},
		{[]string{reel}, "last 4 characters", "2585", "VOID", 2},
	} {
		term := w.onTerminal(append([]string{"--data", w.data(), "--config", w.config, "void", "--operator", "amy"}, c.args...)...)
		term.WaitFor(c.asks)
		term.Type(c.typed + "\r")
		term.WaitFor(c.says)
		term.WaitExit()
		if n := w.applied(reel); n != c.effects {
			t.Errorf("%v, %q: %d effects, want %d", c.args, c.typed, n, c.effects)
		}
	}
}

func TestAnAmountFarAboveTheFaceValueIsTypedTwiceOnATerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.environ = append(w.environ, "COUNTERFOIL_PIN=1111", "LANG=C.UTF-8")
	for _, c := range []struct {
		amount, typed, says string
		effects             int
	}{{"300.01", "300", "not activated", 0}, {"300.01", "", "not activated", 0}, {"300.01", "300.01", "ACTIVE", 1}} {
		term := w.onTerminal("--data", w.data(), "--config", w.config, "activate", reel, "--amount", c.amount, "--operator", "amy")
		term.WaitFor(`ten times its face value of ¥30\.00`)
		term.Type(c.typed + "\r")
		term.WaitFor(c.says)
		term.WaitExit()
		if n := w.applied(reel); n != c.effects {
			t.Errorf("%q: %d effects, want %d", c.typed, n, c.effects)
		}
	}
	w.run("activate", "R151102F-0000241-2555", "--amount", "2000", "--operator", "amy").want(t, 0) // no terminal: the argument is the confirmation
}

// The number that is typed belongs to the close that was approved.
func TestAnApprovedCloseAsksForTheNumberOfWhatIsOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.runIn(asMgr, "--operator", "mgr", "activate", otherCode, "--amount", "20", "--offline").want(t, 4)
	w.environ = append(w.environ, "COUNTERFOIL_PIN=1111", "COUNTERFOIL_APPROVE_PIN=9999", "LANG=C.UTF-8")
	for _, c := range []struct{ typed, says string }{{"2", "still open: 1"}, {"", "still open: 1"}, {"1", "The slip is kept"}} {
		term := w.onTerminal("--data", w.data(), "--config", w.config, "close", "--operator", "amy", "--approve", "mgr", "--no-check")
		term.WaitFor(`still open +1`)
		term.Type(c.typed + "\r")
		term.WaitFor(c.says)
		term.WaitExit()
	}
}
