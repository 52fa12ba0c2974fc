package cli_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// operationKeys are public interface; an operation may have more.
var operationKeys = []string{"op", "kind", "id", "level", "state", "amount_fen", "offline", "operator", "approved_by",
	"counter", "accepted_at", "finished_at", "attempts", "order_no", "evidence", "seq", "hash", "entered", "day", "why"}

var (
	momentForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00$`)
	traceForm  = regexp.MustCompile(`^\d{23}$`)
	ulidForm   = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{26}$`)
	hashForm   = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func TestOperationHasTheFormThatScriptsRelyOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	op := w.run("activate", reel, "--amount", "30.00", "--json").want(t, 0).one(t)
	for _, key := range operationKeys {
		if _, ok := op[key]; !ok {
			t.Errorf("no %s in %v", key, slices.Sorted(maps.Keys(op)))
		}
	}
	for key, want := range map[string]any{
		"kind": "activate", "id": reel, "level": "reel", "state": "done", "amount_fen": 3000.0,
		"offline": false, "operator": "amy", "approved_by": "", "counter": "C01", "entered": "typed", "why": "",
	} {
		if op[key] != want {
			t.Errorf("%s is %v, want %v", key, op[key], want)
		}
	}
	for key, form := range map[string]*regexp.Regexp{"op": ulidForm, "accepted_at": momentForm, "finished_at": momentForm, "hash": hashForm} {
		if text, _ := op[key].(string); !form.MatchString(text) {
			t.Errorf("%s is %v", key, op[key])
		}
	}
	if evidence, ok := op["evidence"].([]any); !ok || len(evidence) != 0 {
		t.Errorf("evidence %v", op["evidence"])
	}
	attempts, _ := op["attempts"].([]any)
	if len(attempts) != 1 {
		t.Fatalf("attempts %v", op["attempts"])
	}
	a := attempts[0].(map[string]any)
	if trace, _ := a["trace"].(string); !traceForm.MatchString(trace) {
		t.Errorf("trace %v", a["trace"])
	}
	if sent, _ := a["sent_at"].(string); !momentForm.MatchString(sent) || a["outcome"] != "answered" || a["code"] != "A00" || a["message"] == "" {
		t.Errorf("attempt %v", a)
	}
	if order, _ := op["order_no"].(string); order == "" {
		t.Error("no order_no")
	}
}

func TestQueueListsOpenOperationsAndOtherStatesOnRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("activate", codeA, "--amount", "15").want(t, 0)
	waiting := w.run("activate", reelBox, "--amount", "99", "--offline", "--json").want(t, 4).one(t)
	open := w.run("queue", "--json").want(t, 0).objects(t)
	if len(open) != 1 || open[0]["op"] != waiting["op"] {
		t.Errorf("open: %v", open)
	}
	done := w.run("queue", "list", "--state", "done", "--json").want(t, 0).objects(t)
	if len(done) != 1 || done[0]["state"] != "done" {
		t.Fatalf("done: %v", done)
	}
	if id := done[0]["id"].(string); strings.Contains(id, codeA[20:]) {
		t.Errorf("a list shows a whole code to nobody: %s", id)
	}
	if s := w.run("queue", "show", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--json").want(t, 1); s.out != "" {
		t.Errorf("stdout %q", s.out)
	}
	page := w.run("queue", "show", done[0]["op"].(string)).want(t, 0)
	if !strings.Contains(page.out, "A00") || !strings.Contains(page.out, "DONE") || strings.Contains(page.out, codeA) {
		t.Errorf("page:\n%s", page.out)
	}
}

func TestListOfIDsIsReadLineByLineAndBadLinesStopNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := w.file("list.txt", "\ufeff"+codeA+"\r\n\nhello \x1b[31mworld\n"+strings.Repeat("9", 200_000)+"\n  \u200b]Q3"+codeB+"\x1d  ")
	s := w.run("activate", "--from", list, "--amount", "15", "--json").want(t, 1)
	if ops := s.objects(t); len(ops) != 2 || ops[0]["id"] != codeA || ops[1]["id"] != codeB {
		t.Fatalf("%s", s.out)
	}
	if !strings.Contains(s.err, "line 3: “hello world”") && !strings.Contains(s.err, "line 3") || !strings.Contains(s.err, "line 4") {
		t.Errorf("stderr %q", s.err)
	}
	if strings.Contains(s.err, "\x1b") || len(s.err) > 2000 {
		t.Errorf("foreign text reaches the terminal as it is: %q", s.err)
	}
	w.run("activate", "--from", list+".gone", "--amount", "15").want(t, 1)
	w.stdin = otherCode + "\n"
	w.run("activate", "--from", "-", "--amount", "15").want(t, 0)
}

func TestDoctorVerifyBackupAndConfigSpeakJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("activate", codeA, "--amount", "15").want(t, 0)
	if v := w.run("verify", "--json").want(t, 0).one(t); v["ok"] != true || v["rows"].(float64) < 3 || !hashForm.MatchString(v["head"].(map[string]any)["hash"].(string)) || v["journal"] == "" || len(v["gaps"].([]any)) != 0 {
		t.Errorf("verify: %v", v)
	}
	names := map[string]bool{}
	for _, c := range w.run("doctor", "--json").want(t, 0).objects(t) {
		names[c["name"].(string)] = true
		if c["text"] == "" || strings.HasPrefix(c["text"].(string), "doctor.") {
			t.Errorf("doctor: %v", c)
		}
	}
	for _, name := range []string{"settings", "link", "skew", "signature", "database", "disk"} {
		if !names[name] {
			t.Errorf("doctor does not check %s", name)
		}
	}
	if b := w.run("backup", w.home+"/copy.db", "--json").want(t, 0).one(t); b["bytes"].(float64) == 0 {
		t.Errorf("backup: %v", b)
	}
	sources := map[string]any{}
	for _, s := range w.runIn([]string{"COUNTERFOIL_COUNTER_NAME=C09"}, "config", "--json").want(t, 0).objects(t) {
		sources[s["key"].(string)] = s["source"]
	}
	if sources["counter.name"] != "$COUNTERFOIL_COUNTER_NAME" || sources["platform.posp_url"] != w.config || sources["platform.parallel"] != "default" {
		t.Errorf("sources: %v", sources)
	}
}

func TestVerifyNamesTheFirstRowThatDoesNotFit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("activate", codeA, "--amount", "15").want(t, 0)
	w.file("data/chain.head", "9 "+strings.Repeat("0", 64)+"\n")
	s := w.run("verify", "--json").want(t, 1)
	if v := s.one(t); v["ok"] != false || v["reason"] == "" {
		t.Errorf("verify: %v", v)
	}
}

func TestSelftestPassesAndSaysWhatItChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.bare(nil, "version", "--selftest", "--json").want(t, 0)
	checks := 0
	for _, line := range s.objects(t) {
		if _, ok := line["check"]; ok {
			checks++
			if line["ok"] != true {
				t.Errorf("%v", line)
			}
		}
	}
	if checks < 5 {
		t.Errorf("%d checks", checks)
	}
	if s := w.bare(nil, "version", "--selftest").want(t, 0); !strings.Contains(s.out, "FULL") {
		t.Errorf("%s", s.out)
	}
}

func TestManualAndCompletionsKnowEveryCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, language := range []string{"en", "zh"} {
		page := w.bare(nil, "man", "--lang", language).want(t, 0).out
		for _, name := range []string{"lookup", "activate", "void", "queue", "settle", "operators", "doctor", "day", "close", "export", "demo", "sandbox"} {
			if !strings.Contains(page, name) {
				t.Errorf("%s manual lacks %s", language, name)
			}
		}
		if strings.ContainsFunc(page, han) != (language == "zh") {
			t.Errorf("the manual in %s is in another language", language)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if s := w.bare(nil, "completion", shell).want(t, 0); len(s.out) < 500 {
			t.Errorf("%s: %q", shell, s.out)
		}
	}
	if s := w.bare(nil, "__complete", "act").want(t, 0); !strings.HasPrefix(s.out, "activate\t") {
		t.Errorf("completing act: %q", s.out)
	}
}

func TestAListInUTF16IsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := "\xff\xfe"
	for _, r := range codeA + "\r\n" + codeB + "\r\n" {
		list += string([]byte{byte(r), 0})
	}
	w.run("activate", "--from", w.file("list.txt", list), "--amount", "15").want(t, 0)
	w.run("lookup", "\ufeff]Q3"+codeA+"\u200b\x1d").want(t, 0)
	if r := w.run("lookup", "r112102f-0000242-2585").want(t, 2); !strings.Contains(r.err+r.out, "Caps Lock") {
		t.Errorf("got %+v", r)
	}
}
