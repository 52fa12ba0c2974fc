package cli_test

import (
	"strings"
	"testing"
)

func TestActivationThatIsDoneExitsZeroWithOneEffect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	op := w.run("activate", reel, "--amount", "30.00", "--json").want(t, 0).one(t)
	if op["state"] != "done" || op["amount_fen"] != 3000.0 || op["entered"] != "typed" || w.applied(reel) != 1 {
		t.Errorf("%v, %d effects", op, w.applied(reel))
	}
}

func TestFaceValueStandsInForTheAmount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	op := w.run("activate", reel, "--json").want(t, 0).one(t)
	if op["amount_fen"] != 3000.0 {
		t.Errorf("amount %v, want two codes of 15 yuan", op["amount_fen"])
	}
}

func TestSecondActivationIsRefusedHereAndNothingIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("activate", reel, "--amount", "30").want(t, 0)
	s := w.run("activate", reel, "--amount", "30").want(t, 1)
	if s.out != "" || !strings.Contains(s.err, "already") || w.applied(reel) != 1 {
		t.Errorf("stdout %q, stderr %q, %d effects", s.out, s.err, w.applied(reel))
	}
}

func TestRefusalExitsThree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.faults(`[{"action":"reelActiveVoucher","skip":0,"times":9,"probability":1,"do":"refuse:A05"}]`)
	op := w.run("activate", reel, "--amount", "30", "--json").want(t, 3).one(t)
	if op["state"] != "refused" {
		t.Errorf("%v", op)
	}
	attempts := op["attempts"].([]any)
	if last := attempts[len(attempts)-1].(map[string]any); last["code"] != "A05" || len(last["trace"].(string)) != 23 {
		t.Errorf("attempt %v", last)
	}
}

func TestUnknownIDIsRefusedWithThePlatformsWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	if s := w.run("lookup", noSuch).want(t, 3); s.out != "" || !strings.Contains(s.err, "H10") {
		t.Errorf("stdout %q, stderr %q", s.out, s.err)
	}
	op := w.run("activate", noSuch, "--amount", "1", "--json").want(t, 3).one(t)
	if op["state"] != "refused" || len(op["attempts"].([]any)) != 0 {
		t.Errorf("%v", op)
	}
}

func TestUnreachablePlatformQueuesAndReplayBringsItHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.faults(`[{"action":"","skip":0,"times":1000,"probability":1,"do":"refuse_connection"}]`)
	op := w.run("activate", reel, "--amount", "30", "--json").want(t, 4).one(t)
	if op["state"] != "queued" {
		t.Fatalf("%v", op)
	}
	w.run("queue", "replay").want(t, 4)
	w.faults(`[]`)
	s := w.run("queue", "replay", "--json").want(t, 0)
	if ops := s.objects(t); len(ops) != 1 || ops[0]["state"] != "done" || ops[0]["op"] != op["op"] {
		t.Errorf("replay said %s", s.out)
	}
	if w.applied(reel) != 1 {
		t.Errorf("%d effects", w.applied(reel))
	}
}

func TestOfflineOnlyAccepts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	op := w.run("activate", reel, "--amount", "30", "--offline", "--json").want(t, 4).one(t)
	if op["state"] != "queued" || op["offline"] != true || w.applied(reel) != 0 {
		t.Errorf("%v, %d effects", op, w.applied(reel))
	}
}

func TestLostAnswerExitsFiveAndReplayAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.faults(`[{"action":"reelActiveVoucher","skip":0,"times":1,"probability":1,"do":"drop_answer"},
		{"action":"activeResultQuery","skip":0,"times":1000,"probability":1,"do":"drop_answer"}]`)
	op := w.run("activate", reel, "--amount", "30", "--json").want(t, 5).one(t)
	if op["state"] != "unknown" {
		t.Fatalf("%v", op)
	}
	w.faults(`[]`)
	w.run("queue", "replay").want(t, 0)
	shown := w.run("queue", "show", op["op"].(string), "--json").want(t, 0).one(t)
	if shown["state"] != "done" || len(shown["evidence"].([]any)) == 0 || w.applied(reel) != 1 {
		t.Errorf("%v, %d effects", shown, w.applied(reel))
	}
}

func TestMixedReelNeedsAManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("activate", codeA, "--amount", "15").want(t, 0)
	op := w.run("activate", reel, "--amount", "30", "--json").want(t, 6).one(t)
	if op["state"] != "attention" || w.applied(reel) != 0 {
		t.Fatalf("%v, %d effects", op, w.applied(reel))
	}
	w.run("queue", "settle", op["op"].(string), "--as", "no-effect", "--reason", "sold as single codes").want(t, 0)
	w.run("queue", "replay").want(t, 0)
}

func TestSeveralIDsExitWithTheHighestCodeInTheirOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.run("activate", codeA, noSuch, codeB, "--amount", "15", "--json").want(t, 3)
	var ids []string
	for _, op := range s.objects(t) {
		ids = append(ids, op["id"].(string))
	}
	if strings.Join(ids, " ") != strings.Join([]string{codeA, noSuch, codeB}, " ") {
		t.Errorf("got %v", ids)
	}
}

func TestWrongUsageExitsTwoAndDoesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, args := range [][]string{
		{"nonsense"}, {"activate"}, {"activate", "--amount"}, {"activate", reel, "--amuont", "3"},
		{"activate", reel, "--amount", "3,50"}, {"activate", reel, "--amount", "0"}, {"activate", reel, "??"},
		{"lookup"}, {"lookup", reel, codeA}, {"lookup", "%%"}, {"queue", "nonsense"}, {"queue", "--state", "gone"},
		{"queue", "show"}, {"queue", "settle", "01", "--as", "maybe", "--reason", "x"},
		{"queue", "settle", "01", "--as", "done"}, {"operators", "add", "x"}, {"operators", "add", "x", "--role", "owner"},
		{"verify", "now"}, {"--lang", "de", "verify"}, {"completion", "csh"}, {"help", "nonsense"}, {"sandbox", "--seed", "many"},
		{}, {"demo"}, {"backup"},
	} {
		s := w.run(args...)
		if s.code != 2 || s.out != "" || s.err == "" {
			t.Errorf("%v: exit %d, stdout %q, stderr %q", args, s.code, s.out, s.err)
		}
	}
	if n := len(w.sandbox.Effects()); n != 0 {
		t.Errorf("%d effects", n)
	}
}

func TestAmountIsNeededWhereNoFaceValueIsKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if s := w.run("activate", reelBox).want(t, 2); !strings.Contains(s.err, reelBox) {
		t.Errorf("stderr %q", s.err)
	}
}

func TestFlagsStandBeforeOrAfterArguments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bare(nil, "activate", "--amount", "15", codeA, "--data", w.data(), "--json", "--config="+w.config).want(t, 0).one(t)
	w.bare(nil, "--json", "--data="+w.data(), "--config", w.config, "activate", codeB, "--amount=15").want(t, 0).one(t)
	w.bare(nil, "--config", w.config, "lookup", "--data", w.data(), codeA).want(t, 0)
}

func TestMissingSettingIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config = w.file("empty.toml", "")
	s := w.run("activate", reel, "--amount", "30").want(t, 1)
	if !strings.Contains(s.err, "platform.posp_url") || s.out != "" {
		t.Errorf("stderr %q", s.err)
	}
	if s := w.run("lookup", reel).want(t, 1); !strings.Contains(s.err, "platform.posp_url") {
		t.Errorf("stderr %q", s.err)
	}
	w.run("activate", reel, "--amount", "30", "--offline").want(t, 4)
}

func TestSettingsThatCannotBeUsedStopEverythingWithTheirLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config = w.file("bad.toml", "[platform]\nparallel = 0\n")
	for _, args := range [][]string{{"lookup", reel}, {"activate", reel}, {"queue"}, {"config"}, {"verify"}} {
		if s := w.run(args...).want(t, 1); !strings.Contains(s.err, "bad.toml:2") || !strings.Contains(s.err, "platform.parallel") {
			t.Errorf("%v: stderr %q", args, s.err)
		}
	}
	w.config = w.file("typo.toml", "[platform]\n\nposp_ulr = \"x\"\n")
	if s := w.run("queue").want(t, 1); !strings.Contains(s.err, "typo.toml:3") {
		t.Errorf("stderr %q", s.err)
	}
	s := w.run("doctor", "--json").want(t, 1)
	if line := s.one(t); line["name"] != "settings" || line["level"] != "fail" {
		t.Errorf("doctor: %v", line)
	}
	w.bare(nil, "config", "--example", "--config", w.config).want(t, 0)
}
