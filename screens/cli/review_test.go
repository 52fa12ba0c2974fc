package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"counterfoil/api/sandbox"
)

// reviewing is a counter that can ask for records, with its people.
func reviewing(t *testing.T) (*world, map[string]sandbox.Story) {
	t.Helper()
	w := newWorld(t)
	w.people()
	w.environ = append(w.environ, patient...)
	text, err := os.ReadFile(w.config)
	w.must(err)
	w.file("app_secret", sandbox.DefaultAppSecret+"\n")
	more := strings.Replace(string(text), "[platform]\n", "[platform]\npaas_url = \""+w.server.PaaSURL()+"\"\n", 1)
	more = strings.Replace(more, "[platform.secrets]\n", "[platform.paas]\napp_id = \""+sandbox.DefaultAppID+"\"\nlang = \"zh_CN\"\n[platform.secrets]\napp_secret_file = \"app_secret\"\n", 1)
	w.file("counterfoil.toml", more)
	list, err := w.sandbox.Stories(time.Now().Add(-2 * time.Hour))
	w.must(err)
	stories := map[string]sandbox.Story{}
	for _, s := range list {
		stories[s.Mark] = s
	}
	return w, stories
}

func (w *world) reviewAs(who string, args ...string) said {
	w.t.Helper()
	pin := map[string][]string{"amy": asAmy, "mgr": asMgr}[who]
	args = append([]string{"review"}, args...)
	if who != "" {
		args = append([]string{"--operator", who}, args...)
	}
	return w.runIn(pin, args...)
}

func TestAReviewPrintsOneRecordALineAndItsSum(t *testing.T) {
	t.Parallel()
	w, stories := reviewing(t)
	lines := w.reviewAs("mgr", stories["two_shops"].Reel, "--json").want(t, 0).objects(t)
	last := lines[len(lines)-1]
	if len(lines) != 4 || last["complete"] != true || last["codes"] != 1.0 || last["records"] != 3.0 || last["unanswered"] != 0.0 || last["seen_at"] == "" {
		t.Fatalf("%v", lines)
	}
	if marks := last["marks"].(map[string]any); marks["two_shops"] != 1.0 {
		t.Errorf("marks %v", marks)
	}
	for _, key := range []string{"code", "at", "kind", "type", "return_code", "message", "shop_no", "shop_name", "mid", "tid", "swift", "extend", "marks"} {
		if _, is := lines[1][key]; !is {
			t.Errorf("a record lacks %s: %v", key, lines[1])
		}
	}
	if at, err := time.Parse(time.RFC3339, lines[1]["at"].(string)); err != nil || lines[1]["kind"] != "used" || lines[1]["code"] != stories["two_shops"].Codes[0] || at.IsZero() {
		t.Errorf("%v %v", lines[1], err)
	}
	one := w.reviewAs("mgr", stories["two_shops"].Reel, "--json", "--shop", "1501", "--kind", "used").want(t, 0).objects(t)
	if len(one) != 2 || one[0]["shop_no"] != "1501" || one[1]["records"] != 1.0 || one[1]["codes"] != 1.0 {
		t.Errorf("filtered: %v", one)
	}
	if none := w.reviewAs("mgr", stories["two_shops"].Reel, "--json", "--to", "2026-11-02").want(t, 0).objects(t); none[len(none)-1]["records"] != 1.0 {
		t.Errorf("until the day of making: %v", none)
	}
	at := strings.Replace(lines[1]["at"].(string)[:19], "T", " ", 1)
	for _, to := range []string{at, at[:16], at[:10], lines[1]["at"].(string)} { // what is written is taken in whole
		found := w.reviewAs("mgr", stories["two_shops"].Reel, "--json", "--from", to, "--to", to).want(t, 0).objects(t)
		if len(found) < 2 || found[0]["at"] != lines[1]["at"] {
			t.Errorf("of %s: %v", to, found)
		}
	}
	if none := w.reviewAs("mgr", stories["two_shops"].Reel, "--json", "--mark", "walk").want(t, 0).objects(t); len(none) != 1 {
		t.Errorf("with another mark: %v", none)
	}
	w.reviewAs("mgr", stories["two_shops"].Reel, "--mark", "fraud").want(t, 2)
	w.reviewAs("mgr", stories["two_shops"].Reel, "--from", "yesterday").want(t, 2)
}

func TestWhoSeesWhatInAReview(t *testing.T) {
	t.Parallel()
	w, stories := reviewing(t)
	reel, code := stories["walk"].Reel, stories["walk"].Codes[0]
	w.reviewAs("amy", reel).want(t, 6)
	w.reviewAs("", reel).want(t, 2)
	for _, who := range []string{"", "amy", "mgr"} {
		if s := w.reviewAs(who, code, "--json").want(t, 0); !strings.Contains(s.out, code) {
			t.Errorf("the code that %q asked for is masked: %s", who, s.out)
		}
	}
	if s := w.runIn(append(asAmy, "COUNTERFOIL_APPROVE_PIN=9999"), "--operator", "amy", "--approve", "mgr", "review", reel).want(t, 0); !strings.Contains(s.out, "walk") {
		t.Errorf("approved: %s", s.out)
	}
	unmasked := func() int {
		s := w.runIn(nil, "verify", "--json").want(t, 0).one(t)
		return int(s["rows"].(float64))
	}
	before := unmasked()
	if s := w.reviewAs("mgr", reel).want(t, 0); !strings.Contains(s.out, code) {
		t.Errorf("a manager does not see whole codes: %s", s.out)
	}
	if unmasked() != before+1 {
		t.Error("that whole codes were shown is not in the journal")
	}
	_, release := w.hold()
	s := w.reviewAs("mgr", reel).want(t, 0)
	release()
	if strings.Contains(s.out, code) || unmasked() != before+1 {
		t.Errorf("beside another program, where it cannot be kept, whole codes are shown: %s", s.out)
	}
}

func TestAReviewBesideACounterStoresNothing(t *testing.T) {
	t.Parallel()
	w, stories := reviewing(t)
	temporary := func() []string {
		folders, err := filepath.Glob(filepath.Join(os.TempDir(), "counterfoil-review-*"))
		w.must(err)
		return folders
	}
	others := temporary() // of programs that were killed, too
	w.reviewAs("mgr", stories["walk"].Reel).want(t, 0)
	_, release := w.hold()
	w.faults(`[{"action":"_queryCodeDetailList","do":"drop_request"}]`)
	if s := w.reviewAs("mgr", stories["walk"].Reel, "--json").want(t, 0).objects(t); len(s) != 21 {
		t.Errorf("%d lines of what is stored", len(s))
	}
	w.faults(`[]`)
	before, err := os.Stat(w.path("records.db"))
	w.must(err)
	if s := w.reviewAs("mgr", stories["two_shops"].Reel, "--json").want(t, 0).objects(t); len(s) != 4 {
		t.Errorf("%v", s)
	}
	release()
	after, err := os.Stat(w.path("records.db"))
	if err != nil || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("records.db was changed: %v", err)
	}
	for _, folder := range temporary() { // another test's may be in use
		gone := func() bool { _, err := os.Stat(folder); return os.IsNotExist(err) }
		for deadline := time.Now().Add(time.Minute); !gone() && !slices.Contains(others, folder); runtime.Gosched() {
			if time.Now().After(deadline) {
				t.Fatalf("left behind: %s", folder)
			}
		}
	}
}

func TestCodesWithoutAnAnswerAreNamedAndEndWithOne(t *testing.T) {
	t.Parallel()
	w, _ := reviewing(t)
	w.faults(`[{"action":"_queryCodeDetailList","do":"silent_tenth"}]`)
	s := w.reviewAs("mgr", sandbox.StoryBox, "--json").want(t, 1)
	lines := s.objects(t)
	last := lines[len(lines)-1]
	silent := last["unanswered"].(float64)
	if silent < 2 || silent > 20 || last["codes"] != 66.0 || !strings.Contains(s.err, fmt.Sprintf("could not be had: %v", silent)) {
		t.Errorf("%v\n%s", last, s.err)
	}
	w.faults(`[]`)
	lines = w.reviewAs("mgr", sandbox.StoryBox, "--json").want(t, 0).objects(t)
	if last := lines[len(lines)-1]; last["unanswered"] != 0.0 {
		t.Errorf("asked again: %v", last)
	}
}

func TestACaseFileHoldsTheSameAsTextAndAsJSON(t *testing.T) {
	t.Parallel()
	w, stories := reviewing(t)
	code := stories["void_used"].Codes[0]
	w.runIn(asAmy, "--operator", "amy", "void", code).want(t, 0)
	w.reviewAs("mgr", stories["void_used"].Reel, "--case", w.path("dispute.txt")).want(t, 0)
	text, err := os.ReadFile(w.path("dispute.txt"))
	w.must(err)
	raw, err := os.ReadFile(w.path("dispute.json"))
	w.must(err)
	var c struct {
		ID         string
		Records    []map[string]any
		Operations []map[string]any
		Marks      []map[string]any
		Head       map[string]any
	}
	if err := json.Unmarshal(raw, &c); err != nil || len(c.Records) != 3 || len(c.Operations) != 1 || c.ID != stories["void_used"].Reel {
		t.Fatalf("%v %s", err, raw)
	}
	for _, want := range []string{code, "void_used", c.ID} {
		if !strings.Contains(string(text), want) || !strings.Contains(string(raw), want) {
			t.Errorf("the case lacks %s:\n%s", want, text)
		}
	}
	info, err := os.Stat(w.path("dispute.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	w.reviewAs("mgr", stories["void_used"].Reel, "--case", w.path("dispute.txt")).want(t, 1)
}
