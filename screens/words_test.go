package screens

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"counterfoil/offline"
	"counterfoil/ui"
)

// literal finds message ids in the sources: what is handed to T, and what
// stands in a binding, a reason or a table of ids.
var literal = regexp.MustCompile(`"((?:age|basket|because|card|cause|checkup|counter|day|detail|help|holds|keys|kind|level|level_of|link|manager|notice|offline|outcome|queue|quit|reason|record|result|review|role|scanner|serials|settle|signin|slip|small|state|status|status_line|training|ui|valid|verdict|void|withdraw|error)\.[a-z0-9_]+)"`)

// made lists the ids that are put together while running.
func made() []string {
	var ids []string
	add := func(prefix string, words ...string) {
		for _, w := range words {
			ids = append(ids, prefix+w)
		}
	}
	add("state.", "queued", "sending", "unknown", "active", "void", "refused", "attention", "withdrawn", "settled")
	add("level.", "box", "package", "reel", "code", "range")
	add("kind.", "activate", "void", "range")
	add("slip.title.", "number", "day", "part", "at", "by", "accepted", "amount", "open")
	add("day.tab_", "open", "operators", "kinds", "states", "hours", "closes")
	add("serials.", "type", "bin", "first", "last", "count", "selling", "cost", "from", "to", "bulk_count", "bulk_total")
	add("range.", "what", "type", "bin", "serial", "reversed", "count", "negative", "no_price", "cost", "validity", "validity_ends", "validity_past",
		"new_bin", "price", "most", "overlaps")
	add("link.", string(offline.Unheard), string(offline.Online), string(offline.Shaky), string(offline.Offline))
	add("role.", string(offline.Cashier), string(offline.Manager))
	add("status.", "00", "03", "04", "05")
	add("level_of.", string(offline.OK), string(offline.Warn), string(offline.Fail))
	add("asked.", "activeResultQuery", "lookup", "records", "repeat")
	add("outcome.", "not_sent", "answered", "unanswered")
	add("cause.", "unreachable", "dns", "proxy", "coding", "tls", "cancelled", "timeout", "lost", "http_status", "not_json", "bad_signature",
		"other_answer", "too_large", "sink", "not_configured", "unsigned", "program_ended", "journal_reopened")
	add("verdict.", "done", "no_effect", "contradiction", "unclear", "refused")
	add("manager.", "over_limit", "void_inactive", "range", "settle", "withdraw", "this")
	add("scanner.ended_", "enter", "tab", "lf", "silence", "paste")
	add("why.", offline.Whys()...)
	return ids
}

func TestEveryMessageOfTheScreensExistsInBothLanguages(t *testing.T) {
	ids := made()
	for _, root := range []string{".", "../ui"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && (d.Name() == "cli" || d.Name() == "vterm" || d.Name() == "testdata") {
				return fs.SkipDir
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, hit := range literal.FindAllStringSubmatch(string(source), -1) {
				if !strings.HasSuffix(hit[1], "_") {
					ids = append(ids, hit[1])
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(ids) < 150 {
		t.Fatalf("only %d ids found: the test looks in the wrong place", len(ids))
	}
	for _, lang := range []string{ui.English, ui.Chinese} {
		words, err := ui.NewWords(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if words.T(id) == id {
				t.Errorf("%s: no text for %s", lang, id)
			}
		}
	}
}
