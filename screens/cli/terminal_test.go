package cli_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"counterfoil/offline/offlinetest"
	"counterfoil/ui/vterm"
)

func ascii(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}

func TestOnlyASCIIAndEnglishLeaveWhereChineseCannotBeShown(t *testing.T) {
	t.Parallel()
	for name, environ := range offlinetest.Some(2, map[string][]string{
		"GBK": {"LANG=zh_CN.GBK"}, "GB 2312": {"LANG=zh_CN"}, "ASCII": {"LANG=C"}, "POSIX": {"LC_ALL=POSIX", "LANG=zh_CN.UTF-8"},
		"GB 18030": {"LC_CTYPE=zh_CN.GB18030", "LANG=zh_CN.UTF-8"}, "the console": {"LANG=zh_CN.UTF-8", "TERM=linux"},
		"no terminal's ways": {"LANG=zh_CN.UTF-8", "TERM=dumb"}, "Chinese asked for": {"LANG=C", "COUNTERFOIL_COUNTER_LANGUAGE=zh"},
	}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for _, args := range [][]string{
				{"activate", reel, "--amount", "30"}, {"activate", reel}, {"lookup", reelBox}, {"lookup", reelBox, "--json"}, {"lookup", noSuch},
				{"activate", codeA, "--offline"}, {"queue", "--state", "done"}, {"queue"}, {"help"}, {"activate", "--help"}, {"man"},
				{"doctor"}, {"config"}, {"verify"}, {"version", "--selftest"}, {"nonsense"}, {"é"}, {"--lang", "中文", "queue"},
			} {
				s := w.runIn(environ, args...)
				if args[len(args)-1] != "--json" && !ascii(s.out) || !ascii(s.err) {
					t.Errorf("%v:\n%s\n%s", args, s.out, s.err)
				}
			}
			s := w.runIn(environ, "queue", "--lang", "zh")
			if strings.Count(s.err, "cannot show Chinese") != 1 || !ascii(s.out+s.err) {
				t.Errorf("asked for Chinese: %s\n%s", s.out, s.err)
			}
		})
	}
	w := newWorld(t)
	if s := w.runIn([]string{"LANG=C.UTF-8", "TERM=xterm"}, "queue", "--lang", "zh").want(t, 1); ascii(s.err) {
		t.Errorf("Chinese that can be shown is not: %q", s.err)
	}
}

// nasty is what a person may have typed, pasted or been sent.
const nasty = "\x1b[31mred\x1b]0;title\a \u009b2J\u202eright\u200b\x07\r\nACTIVE \u2066x\x7f"

func harmless(t *testing.T, what, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			t.Errorf("%s: %q", what, text)
			return
		}
	}
	if strings.Contains(text, "\nACTIVE") {
		t.Errorf("%s makes a line of its own: %q", what, text)
	}
}

func TestWhatOthersWroteIsCleanedBeforeItIsKeptAndShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("activate", codeA, "--amount", "15").want(t, 0)
	op := w.run("activate", reel, "--amount", "30", "--json").want(t, 6).one(t)["op"].(string)
	if s := w.run("queue", "settle", op, "--as", "no-effect", "--reason", "\u200b\x1b[0m\u202e"); s.code != 2 {
		t.Errorf("a reason that shows nothing: exit %d", s.code)
	}
	harmless(t, "settled", w.run("queue", "settle", op, "--as", "no-effect", "--reason", nasty).want(t, 0).out)
	s := w.run("queue", "show", op)
	harmless(t, "shown", s.out)
	if !strings.Contains(s.out, "red right ACTIVE x") {
		t.Errorf("the reason is gone: %s", s.out)
	}
	s = w.run("queue", "show", op, "--json")
	harmless(t, "JSON", s.out)
	if reason := s.one(t)["reason"]; reason != "red right ACTIVE x" {
		t.Errorf("kept as %q", reason)
	}
	for _, args := range [][]string{
		{nasty}, {"lookup", nasty}, {"activate", reel, "--amount", nasty}, {"activate", "--from", nasty}, {"queue", "--state", nasty},
		{"queue", "show", nasty}, {"--lang", nasty, "queue"}, {"--" + nasty}, {"backup", "/nowhere/" + nasty}, {"help", nasty},
		{"operators", "add", "x", "--role", nasty}, {"sandbox", "--seed", nasty}, {"verify", nasty}, {"completion", nasty},
		{"activate", "--from", w.file("list", "R"+nasty+"\n"), "--amount", "3"},
	} {
		s := w.run(args...)
		harmless(t, strings.Join(args[:1], ""), s.out+s.err)
		if s.code == 0 {
			t.Errorf("%q: exit 0", args)
		}
	}
}

func TestScreensDrawASCIIOnlyWhereNothingElseCanBeShown(t *testing.T) {
	t.Parallel()
	for _, environ := range []string{"LANG=zh_CN.GBK", "LANG=C", "TERM=linux"} {
		w := newWorld(t)
		w.environ = append(w.environ, environ)
		term := w.onTerminal("demo", "--lang", "zh")
		term.WaitFor(`(?s)amy.*1111`)
		term.Type("?")
		term.WaitFor(`Hand it over`)
		term.Type("\x1b[21~") // F10
		term.Type("?")
		term.End()
		if text := string(term.Output()); !ascii(text) || !strings.Contains(text, "cannot show Chinese") {
			t.Errorf("%s:\n%s", environ, text)
		}
	}
}

// What a list's progress leaves on the terminal: one row under the results, there
// from the first time on.
func TestAListsProgressStaysOnOneRowUnderTheResults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.codes(120)
	w.faults(`[{"do":"delay:20ms","times":100000,"probability":1}]`)
	term := w.onTerminal("--config", w.config, "--data", w.data(), "activate", "--amount", "15", "--from", w.file("list", strings.Join(ids, "\n")))
	term.Resize(vterm.Size{Cols: 40, Rows: 24})
	if code := term.WaitExit(); code != 0 {
		t.Fatalf("exit %d:\n%s", code, term.Output())
	}
	drawn := string(term.Output())
	first := regexp.MustCompile(`\r\d+ lines: `).FindStringIndex(drawn)
	if first == nil {
		t.Fatalf("no progress:\n%s", drawn)
	}
	drawn = drawn[first[0]:]
	for i, part := range strings.Split(drawn, "lines: ") {
		if results := strings.Count(part, "ACTIVE"); results > 1 {
			t.Errorf("%d results behind progress %d", results, i)
		}
	}
	for part := range strings.SplitSeq(drawn, "\r") {
		if text, erased := strings.CutSuffix(part, "\x1b[K"); erased && ansi.StringWidth(text) >= 40 {
			t.Errorf("does not fit: %q", text)
		}
	}
}

func TestTheSumOfAListAddsUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := w.file("list", codeA+"\nno id\n"+codeB+"\n"+codeA+"\n")
	term := w.onTerminal("--config", w.config, "--data", w.data(), "activate", "--offline", "--amount", "15", "--from", list)
	term.WaitFor(`4 lines: 0 done, 2 open, 1 here already, 1 not done`)
	term.WaitExit()
	w.faults(`[{"action":"reelActiveVoucher","do":"refuse:A05"},{"action":"activeVoucher","do":"refuse:A05"}]`)
	w.run("queue", "replay")
	term = w.onTerminal("--config", w.config, "--data", w.data(), "activate", "--amount", "15", "--from", list)
	term.WaitFor(`4 lines: 0 done, 0 here already, 4 not done`)
	term.WaitExit()
}
