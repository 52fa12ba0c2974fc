package cli_test

import (
	"encoding/binary"
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
