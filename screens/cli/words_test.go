package cli_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/pelletier/go-toml/v2"

	"counterfoil/assets"
	"counterfoil/ui/vterm"
)

// messages reads the command line's messages of a language.
func messages(t *testing.T, language string) map[string]string {
	t.Helper()
	text, err := assets.Languages.ReadFile("languages/cli." + language + ".toml")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]string
	if err := toml.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

var places = regexp.MustCompile(`\{\{\.[A-Za-z]+\}\}`)

func TestBothLanguagesSayEverythingWithTheSameValues(t *testing.T) {
	t.Parallel()
	en, zh := messages(t, "en"), messages(t, "zh")
	for _, id := range slices.Sorted(maps.Keys(en)) {
		theirs, ok := zh[id]
		if !ok {
			t.Errorf("%s is missing in Chinese", id)
			continue
		}
		a, b := places.FindAllString(en[id], -1), places.FindAllString(theirs, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: values %v in English, %v in Chinese", id, a, b)
		}
		if !strings.ContainsFunc(theirs, han) && !strings.HasSuffix(id, ".example") {
			t.Errorf("%s is not translated: %q", id, theirs)
		}
		if strings.ContainsFunc(places.ReplaceAllString(en[id], ""), han) {
			t.Errorf("%s has Chinese in its English: %q", id, en[id])
		}
	}
	if len(zh) != len(en) {
		t.Errorf("%d messages in Chinese, %d in English", len(zh), len(en))
	}
}

func han(r rune) bool { return unicode.Is(unicode.Han, r) }

// usedIDs are the message ids that stand in the sources, whole or, ending in a
// dot, as the beginning of a family.
var usedIDs = regexp.MustCompile(`"(cli\.[a-z_.-]*)"`)

func TestEveryMessageIsUsedAndEveryUsedMessageExists(t *testing.T) {
	t.Parallel()
	root, err := vterm.Root()
	if err != nil {
		t.Fatal(err)
	}
	known := messages(t, "en")
	var used []string
	for _, pattern := range []string{"screens/cli/*.go", "screens/cli/*/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range usedIDs.FindAllStringSubmatch(string(text), -1) {
				used = append(used, found[1])
			}
		}
	}
	for _, id := range used {
		if _, ok := known[id]; !ok && !strings.HasSuffix(id, ".") {
			t.Errorf("%s is used and has no text", id)
		}
	}
	for id := range known {
		command := strings.HasSuffix(id, ".short") || strings.HasSuffix(id, ".long")
		if !command && !slices.ContainsFunc(used, func(u string) bool {
			return id == u || strings.HasSuffix(u, ".") && u != "cli." && strings.HasPrefix(id, u)
		}) {
			t.Errorf("%s has a text and is used nowhere", id)
		}
	}
}

var commands = [][]string{
	{}, {"demo"}, {"sandbox"}, {"lookup"}, {"review"}, {"activate"}, {"void"}, {"range"}, {"queue"}, {"queue", "list"}, {"queue", "show"},
	{"queue", "replay"}, {"queue", "withdraw"}, {"queue", "settle"}, {"operators"}, {"operators", "list"},
	{"operators", "add"}, {"operators", "reset-pin"}, {"operators", "disable"}, {"operators", "enable"}, {"operators", "role"}, {"operators", "pin"}, {"operators", "recover"}, {"verify"}, {"doctor"}, {"config"},
	{"day"}, {"close"}, {"export"}, {"reconcile"}, {"backup"}, {"version"}, {"man"}, {"completion"}, {"help"},
}

// latinWords are the words of a help text in Chinese that stay as they are:
// names of commands, flags, files, variables, formats and of the program.
var latinWords = regexp.MustCompile(`(?i)^(counterfoil|json|pin|toml|id|op|name|file|command|bash|zsh|fish|powershell|zh|en|ctrl-c|md5|` +
	`done|no-effect|cashier|manager|amy|mgr|yaml|txt|show|replay|withdraw|settle|list|add|reset-pin|disable|enable|recover|lookup|review|two|shops|review\.max|age|made|used|cancelled|activate|void|range|bulk|voucher|card|pem|rsa|queue|` +
	`operators|verify|backup|export|reconcile|csv|xlsx|excel|sha|code|ref|manifest|open-codes|open|codes|format|for|out|kind|day\.csv|z128\.xlsx|doctor|config|demo|sandbox|version|completion|help|man|day|close|n|s|x|z|reels\.txt|faults\.json|h|as|role|operator|amount|faults|addr)$`)

func TestHelpIsWhollyInOneLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	word := regexp.MustCompile(`[A-Za-z][A-Za-z.-]*`)
	skip := regexp.MustCompile(`--?[a-z][a-z-]*|no-effect|reset-pin|COUNTERFOIL_[A-Z_]+|127\.0\.0\.1:[0-9]+|01[0-9A-Z]{24}|[XRB][0-9A-F]+-[0-9A-F-]+`)
	for _, c := range commands {
		zh := w.bare(nil, append(slices.Clone(c), "--help", "--lang", "zh")...).want(t, 0)
		for _, found := range word.FindAllString(skip.ReplaceAllString(zh.out, ""), -1) {
			if !latinWords.MatchString(strings.Trim(found, ".-")) {
				t.Errorf("%v in Chinese says %q:\n%s", c, found, zh.out)
			}
		}
		en := w.bare(nil, append(slices.Clone(c), "--help", "--lang", "en")...).want(t, 0)
		if strings.ContainsFunc(en.out, han) {
			t.Errorf("%v in English has Chinese in it:\n%s", c, en.out)
		}
		for _, s := range []said{zh, en} {
			if strings.Contains(s.out, "cli.") || strings.Contains(s.out, "{{") || s.err != "" {
				t.Errorf("%v: %s%s", c, s.out, s.err)
			}
		}
	}
}

func TestLanguageFollowsFlagThenSettingsThenSystem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	chinese := func(s said) bool { return strings.ContainsFunc(s.err, han) }
	zh := []string{"LANG=zh_CN.UTF-8"}
	if !chinese(w.bare(zh, "nonsense")) || chinese(w.bare(nil, "nonsense")) {
		t.Error("the system's language is not followed")
	}
	if chinese(w.bare(zh, "nonsense", "--lang", "en")) || !chinese(w.bare(nil, "--lang=zh", "nonsense")) {
		t.Error("--lang is not followed")
	}
	w.config = w.file("zh.toml", "[counter]\nlanguage = \"zh\"\n")
	if !chinese(w.run("nonsense")) {
		t.Error("the setting is not followed")
	}
	if chinese(w.runIn([]string{"COUNTERFOIL_COUNTER_LANGUAGE=en"}, "nonsense")) {
		t.Error("the variable does not win over the file")
	}
}

func TestEveryErrorIsOneWholeSentenceInEitherLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config = w.file("bad.toml", "[platform]\nabsent_after = \"1s\"\n")
	for _, language := range []string{"en", "zh"} {
		for _, args := range [][]string{
			{"nonsense"}, {"activate", "--amount"}, {"activate", "--x"}, {"lookup", "??"}, {"queue", "--state", "x"},
			{"lookup", reel}, {"sandbox", "--seed", "x"}, {},
		} {
			s := w.run(append([]string{"--lang", language}, args...)...)
			if s.code == 0 || s.err == "" || strings.Contains(s.err, "cli.") || strings.Contains(s.err, "error.") || strings.Contains(s.err, "<no value>") {
				t.Errorf("%s %v: exit %d: %q", language, args, s.code, s.err)
			}
			if (language == "zh") != strings.ContainsFunc(s.err, han) {
				t.Errorf("%s %v: %q", language, args, s.err)
			}
		}
	}
}
