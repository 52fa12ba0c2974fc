package cli_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf16"
)

func utf16Of(text string, order binary.AppendByteOrder) string {
	out := order.AppendUint16(nil, 0xfeff)
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func TestAListIsReadHoweverItWasSaved(t *testing.T) {
	t.Parallel()
	plain := codeA + "\r\n\r\nno id 中文\r\n" + codeB + "\r\n"
	for name, text := range map[string]string{
		"UTF-8": plain, "with a byte order mark": "\ufeff" + plain, "of a Mac": strings.ReplaceAll(plain, "\r\n", "\r"),
		"UTF-16 LE": utf16Of(plain, binary.LittleEndian), "UTF-16 BE": utf16Of(plain, binary.BigEndian), "without a last end": strings.TrimSuffix(plain, "\r\n"),
		"a line beyond bounds": codeA + "\n\n" + strings.Repeat("no id 中文", 20_000) + "\n" + codeB,
		"CSV":                  "name,ID\n,\nx,no id 中文\nx," + codeA + "\n\"a, b\"," + codeB + "\n",
		"CSV of Excel":         utf16Of("id\tamount\r\n"+codeA+"\t\r\nno id 中文\t\r\n"+codeB+"\t15.00\r\n", binary.LittleEndian),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := w.run("activate", "--amount", "15", "--from", w.file("list", text)).want(t, 1)
			if w.applied(codeA) != 1 || w.applied(codeB) != 1 || len(w.sandbox.Effects()) != 2 {
				t.Errorf("%v\n%s\n%s", w.sandbox.Effects(), s.out, s.err)
			}
			if !strings.Contains(s.err, "line 3: “no id 中文") {
				t.Errorf("stderr %s", s.err)
			}
		})
	}
}

func TestACSVsAmountsAreItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := w.file("list.csv", "amount;id\n14.00;"+codeA+"\n;"+codeB+"\nmany;"+otherCode+"\n0;"+otherCode+"\n\"open;"+otherCode+"\n")
	s := w.run("activate", "--from", list, "--json").want(t, 1)
	ops := s.objects(t)
	if len(ops) != 2 || ops[0]["amount_fen"] != 1400.0 || ops[1]["amount_fen"] != 1500.0 || ops[0]["entered"] != "file" || strings.Count(s.err, "left out") != 3 {
		t.Errorf("%v\n%s", ops, s.err)
	}
	// Given again, what is done is said and skipped.
	w.file("list.csv", codeA+"\n"+codeB+"\n"+codeA+"\n")
	if s := w.run("activate", "--from", list).want(t, 0); strings.Count(s.err, "already") != 3 || s.out != "" {
		t.Errorf("again: %s\n%s", s.out, s.err)
	}
	if n := len(w.sandbox.Effects()); n != 2 {
		t.Errorf("%d effects", n)
	}
	w.run("void", "--from", list).want(t, 0)
	if w.sandbox.Status(codeA) != "05" || w.sandbox.Status(codeB) != "05" {
		t.Error("a list is not voided")
	}
}

func TestOfSeveralIDsWhatIsDoneOrOpenHereIsSkipped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("activate", codeA, "--amount", "15").want(t, 0)
	if s := w.run("activate", codeA, codeB, codeB, "--amount", "15").want(t, 0); strings.Count(s.err, "already") != 2 {
		t.Errorf("%s\n%s", s.out, s.err)
	}
	w.run("activate", codeA, "--amount", "15").want(t, 1) // by itself it is a refusal
	w.run("void", codeA, codeA).want(t, 0)
	w.run("void", codeA, codeB).want(t, 0)
	if w.sandbox.Status(codeA) != "05" || w.sandbox.Status(codeB) != "05" || len(w.sandbox.Effects()) != 4 {
		t.Errorf("%v", w.sandbox.Effects())
	}
	w.run("activate", otherCode, "--amount", "15", "--offline").want(t, 4)
	w.run("activate", otherCode, otherCode, "--amount", "15", "--offline").want(t, 0)
}

func TestTheFirstLineOfAnIDCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.faults(`[{"action":"queryVerifyInfo","times":1,"probability":1,"do":"delay:100ms"}]`)
	s := w.run("activate", "--from", w.file("list.csv", "id,amount\n"+codeA+",14\n"+codeA+",13\n"+codeA+",12\n"), "--json").want(t, 0)
	if op := s.one(t); op["amount_fen"] != 1400.0 || !strings.Contains(s.err, "line 3: ") || !strings.Contains(s.err, "line 4: ") {
		t.Errorf("%v\n%s", op, s.err)
	}
}

func TestStrictSendsNothingUnlessEveryLineIsRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stdin = codeA + "\nnonsense\n"
	s := w.run("activate", "--amount", "15", "--strict", "--from", "-").want(t, 1)
	if len(w.sandbox.Effects()) != 0 || !strings.Contains(s.err, "line 2: “nonsense”") || !strings.Contains(s.err, "Nothing was sent") {
		t.Errorf("stderr %s", s.err)
	}
	w.stdin = codeA + "\n" + codeB + "\n"
	w.run("activate", "--amount", "15", "--strict", "--from", "-").want(t, 0)
	if n := len(w.sandbox.Effects()); n != 2 {
		t.Errorf("%d effects", n)
	}
}

func TestADryRunTouchesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.itself = true
	list := w.file("list.csv", "id,amount\n"+codeA+",14\nnonsense,\n")
	s := w.run("activate", reel, "--dry-run", "--from", list, "--json").want(t, 1)
	lines := s.objects(t)
	if len(lines) != 2 || lines[0]["id"] != reel || lines[1]["amount_fen"] != 1400.0 || lines[1]["dry_run"] != true || lines[1]["kind"] != "activate" {
		t.Errorf("%v", lines)
	}
	if s := w.run("void", "--dry-run", "--from", list).want(t, 1); !strings.Contains(s.out, codeA) || strings.Contains(s.out, "14") {
		t.Errorf("%s", s.out)
	}
	if _, err := os.Stat(w.data()); err == nil || len(w.sandbox.Effects()) != 0 {
		t.Errorf("a dry run left %v, %v", err, w.sandbox.Effects())
	}
}

// TestADryRunSaysWhatTheRunThenDoes holds each line of a dry run against the same line of the run.
func TestADryRunSaysWhatTheRunThenDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	waiting := "R156A001-0000491-0505"
	for _, id := range []string{waiting, codeA, codeB, otherCode} {
		w.run("lookup", id).want(t, 0)
	}
	w.run("activate", codeA, codeB, "--amount", "15").want(t, 0)
	w.run("void", codeA).want(t, 0)
	w.run("activate", waiting, "--amount", "15", "--offline").want(t, 4)
	list := w.file("list", strings.Join([]string{codeA, codeB, waiting, otherCode, codeB, otherCode}, "\n"))
	foreseen := func(args ...string) string {
		var all []string
		for _, l := range w.run(append(args, "--dry-run", "--json", "--from", list)...).want(t, 0).objects(t) {
			why, _ := l["why"].(string)
			all = append(all, strings.TrimSpace(l["would"].(string)+" "+why))
		}
		return strings.Join(all, ", ")
	}
	// A void that is there already, of what the counter voided, is skipped as one that is open or done.
	if got, want := foreseen("activate", "--amount", "15"), "send, skip already_active, skip open_here, send, skip already_active, skip twice"; got != want {
		t.Errorf("activate: %s\nwant %s", got, want)
	}
	if got, want := foreseen("void"), "skip already_void, send, withdraw, ask never_active, skip twice, ask never_active"; got != want {
		t.Errorf("void: %s\nwant %s", got, want)
	}
	s := w.run("activate", "--amount", "15", "--from", list, "--json")
	done := map[any]any{}
	for _, op := range s.objects(t) {
		done[op["id"]] = op["state"]
	}
	if len(done) != 2 || done[codeA] != "refused" || done[otherCode] != "done" || strings.Count(s.err, ", line ") != 4 {
		t.Errorf("%v\n%s", done, s.err)
	}
}

func TestADryRunAsksForTheAmountsAndTheManagerThatTheRunAsksFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	pack := "B1123-6430582-102F5"
	w.run("lookup", reelBox).want(t, 0)
	w.environ = append(w.environ, "COUNTERFOIL_BULK_MAX_COUNT=2")
	// Nobody offers an amount for a package: its line is refused, and takes no part of the batch.
	list := w.file("list.csv", "id,amount\n"+pack+",\n"+codeA+",5000.01\n"+codeB+",15\n")
	var said []string
	for _, l := range w.run("activate", "--from", list, "--dry-run", "--json").want(t, 0).objects(t) {
		said = append(said, fmt.Sprintf("%v %v %v", l["would"], l["why"], l["amount_fen"]))
	}
	if got, want := strings.Join(said, ", "), "refuse amount_needed 0, ask over_limit 500001, send <nil> 1500"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if s := w.run("activate", "--from", list).want(t, 6); w.applied(codeB) != 1 || len(w.sandbox.Effects()) != 1 {
		t.Errorf("%s%s", s.out, s.err)
	}
}

func TestALineThatComesAgainTakesNoSecondPartOfTheBatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.environ = append(w.environ, "COUNTERFOIL_BULK_MAX_COUNT=2")
	s := w.run("activate", "--amount", "15", "--from", w.file("list", codeA+"\n"+codeA+"\n"+codeB+"\n")).want(t, 0)
	if w.applied(codeA) != 1 || w.applied(codeB) != 1 {
		t.Errorf("%s%s", s.out, s.err)
	}
}

// TestIDsAreCleanedAlikeWhereverTheyComeFrom holds the command line and lists to
// what a scan is cleaned by.
func TestIDsAreCleanedAlikeWhereverTheyComeFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dirty := "\u200b" + codeA[:8] + "\u200d" + codeA[8:] + "\ufeff\u00a0"
	s := w.run("activate", dirty, "--amount", "15", "--json").want(t, 0)
	if s.one(t)["id"] != codeA {
		t.Errorf("%s", s.out)
	}
	w.run("activate", "--amount", "15", "--from", w.file("list", "\u2060"+codeB[:8]+"\u00ad"+codeB[8:]+"\n")).want(t, 0)
	if w.applied(codeA) != 1 || w.applied(codeB) != 1 {
		t.Errorf("%v", w.sandbox.Effects())
	}
}

func TestAVoidTakesBackWhatWaitsBeforeTheQueueGoesOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, ids := range [][]string{{codeA}, {codeA, codeB}} {
		for _, id := range ids {
			w.run("activate", id, "--amount", "15", "--offline").want(t, 4)
		}
		for _, done := range w.run(append([]string{"void", "--json"}, ids...)...).want(t, 0).objects(t) {
			if done["state"] != "withdrawn" {
				t.Errorf("%v", done)
			}
		}
	}
	w.run("queue", "replay").want(t, 0)
	if n := len(w.sandbox.Effects()); n != 0 {
		t.Errorf("%d effects", n)
	}
}

func TestAListOfVoidsThatIsGivenAgainLeavesOutWhatIsVoid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("activate", codeA, otherCode, "--amount", "15").want(t, 0)
	w.run("void", codeA).want(t, 0)
	// What the second line's look-up showed is too old by the time that the first one has its turn.
	w.environ = append(w.environ, "COUNTERFOIL_PLATFORM_PRELOOK_MAX_AGE=10ms")
	w.faults(`[{"action":"queryVerifyInfo","id":"` + otherCode + `","times":1,"do":"delay:100ms"}]`)
	s := w.run("void", "--from", w.file("list", otherCode+"\n"+codeA+"\n"), "--json").want(t, 0)
	if op := s.one(t); op["id"] != otherCode || !strings.Contains(s.err, "line 2: "+codeA+" was voided at this counter already") {
		t.Errorf("%v\n%s", op, s.err)
	}
}

func TestOneIDForManyCodesWaitsForASecondPersonAboveALimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.environ = append(w.environ, "COUNTERFOIL_BULK_MAX_COUNT=3")
	box, err := w.sandbox.Generate(1, 1, 4)
	w.must(err)
	small, err := w.sandbox.Generate(1, 1, 3)
	w.must(err)
	as := func(who []string, name string, args ...string) said {
		return w.runIn(append([]string{"COUNTERFOIL_APPROVE_PIN=9999"}, who...), append([]string{"--operator", name}, args...)...)
	}
	activate := []string{"activate", box, "--amount", "40"}
	const why = "A batch may have 3 pieces at most"
	for _, s := range []said{as(asAmy, "amy", activate...).want(t, 6), as(asMgr, "mgr", activate...).want(t, 6)} {
		if !strings.Contains(s.err, why) {
			t.Errorf("%s", s.err)
		}
	}
	if s := as(asAmy, "amy", append(activate, "--dry-run")...).want(t, 0); !strings.Contains(s.out, why) {
		t.Errorf("%s%s", s.out, s.err)
	}
	as(asMgr, "mgr", append(activate, "--approve", "mgr")...).want(t, 6) // nobody approves her own
	as(asAmy, "amy", "void", box).want(t, 6)
	as(asAmy, "amy", "activate", small, "--amount", "40").want(t, 0)
	if w.applied(box) != 0 || w.applied(small) != 1 {
		t.Errorf("%v", w.sandbox.Effects())
	}
	op := as(asAmy, "amy", append(activate, "--approve", "mgr", "--json")...).want(t, 0).one(t)
	if op["operator"] != "amy" || op["approved_by"] != "mgr" || w.applied(box) != 1 {
		t.Errorf("%v", op)
	}
	if s := as(asAmy, "amy", "void", box).want(t, 6); !strings.Contains(s.err, why) {
		t.Errorf("%s", s.err)
	}
	as(asAmy, "amy", "void", box, "--approve", "mgr").want(t, 0)
	as(asAmy, "amy", "void", small).want(t, 0)
}
