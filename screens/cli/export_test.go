package cli_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// closedOnce is a counter with an active code, a queued one that was closed once.
func closedOnce(t *testing.T) (*world, func(args ...string) said) {
	t.Helper()
	w := newWorld(t)
	w.people()
	run := func(args ...string) said { return w.runIn(asMgr, append([]string{"--operator", "mgr"}, args...)...) }
	run("activate", codeA, "--amount", "15").want(t, 0)
	run("activate", otherCode, "--amount", "20", "--offline").want(t, 4)
	run("close", "--open", "1").want(t, 0)
	run("queue", "replay").want(t, 0)
	run("activate", codeB, "--amount", "15").want(t, 0)
	return w, run
}

func TestAnExportSaysUnderWhichReportEachOperationStands(t *testing.T) {
	t.Parallel()
	w, run := closedOnce(t)
	rows := run("export", "--json").want(t, 0).objects(t)
	if len(rows) != 3 || rows[0]["z_no"] != 1.0 || rows[0]["late_for_z"] != nil || rows[1]["z_no"] != 1.0 || rows[1]["late_for_z"] != 1.0 || rows[2]["z_no"] != nil {
		t.Fatalf("%v", rows)
	}
	if rows[0]["id"] == codeA || rows[0]["amount_fen"] != 1500.0 || rows[0]["business_day"] == "" || rows[0]["trace_no"] == "" || rows[0]["platform_code"] == "" {
		t.Errorf("%v", rows[0])
	}
	key, err := os.ReadFile(filepath.Join(w.data(), "export.key"))
	w.must(err)
	sum := hmac.New(sha256.New, []byte(strings.TrimSpace(string(key))))
	sum.Write([]byte(codeA))
	if rows[0]["code_ref"] != hex.EncodeToString(sum.Sum(nil)) {
		t.Errorf("code_ref is %v", rows[0]["code_ref"])
	}
	if info, err := os.Stat(filepath.Join(w.data(), "export.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v %v", info, err)
	}
	if of := run("export", "--z", "1", "--json").want(t, 0).objects(t); len(of) != 2 {
		t.Errorf("Z 1 has %v", of)
	}
	run("close").want(t, 0)
	if of := run("export", "--z", "2", "--json").want(t, 0).objects(t); len(of) != 1 || of[0]["z_no"] != 2.0 {
		t.Errorf("Z 2 has %v", of)
	}
	for _, filter := range [][]string{{"--state", "queued"}, {"--kind", "void"}, {"--day", "2020-01-01"}} {
		if none := run(append([]string{"export", "--json"}, filter...)...).want(t, 0); none.out != "" {
			t.Errorf("%v: %s", filter, none.out)
		}
	}
	run("export", "--z", "9").want(t, 1)
	for _, wrong := range [][]string{{"--z", "0"}, {"--z", "1", "--day", "2026-11-22"}, {"--day", "today"}, {"--day", ""}, {"--format", "xls"}, {"--format", ""}, {"--format", "xlsx"},
		{"--state", "gone"}, {"--kind", "sell"}, {"--for", "word"}, {"--out", ""}, {"--json", "--format", "csv"}} {
		run(append([]string{"export"}, wrong...)...).want(t, 2)
	}
}

func TestAnExportedFileAppearsWholeWithItsManifest(t *testing.T) {
	t.Parallel()
	w, run := closedOnce(t)
	for _, name := range []string{"day.csv", "day.json", "day.xlsx"} {
		file := filepath.Join(w.home, name)
		printed := run("export", "--out", file, "--json").want(t, 0).one(t)
		text, err := os.ReadFile(file)
		w.must(err)
		about, err := os.ReadFile(file + ".manifest.json")
		w.must(err)
		var m map[string]any
		w.must(json.Unmarshal(about, &m))
		head, _ := m["head"].(map[string]any)
		for _, at := range []any{m["at"], printed["at"]} {
			if text, _ := at.(string); !strings.HasSuffix(text, "+08:00") {
				t.Errorf("written at %v", at)
			}
		}
		printed["at"] = m["at"] // one ends in zeros
		if head["seq"] == nil || head["hash"] == nil || !reflect.DeepEqual(m, printed) {
			t.Errorf("printed %v, beside the file stands %v", printed, m)
		}
		sum := sha256.Sum256(text)
		if m["sha256"] != hex.EncodeToString(sum[:]) || m["rows"] != 3.0 || m["amount_fen"] != 5000.0 || m["format"] != strings.TrimPrefix(filepath.Ext(name), ".") || m["file"] != name {
			t.Errorf("%s", about)
		}
		for _, made := range []string{file, file + ".manifest.json"} {
			if info, err := os.Stat(made); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", made, info, err)
			}
		}
		if strings.Contains(string(text), codeA) {
			t.Errorf("%s shows a code", name)
		}
	}
	before, err := os.ReadDir(w.home)
	w.must(err)
	pipe, link := filepath.Join(w.home, "pipe"), filepath.Join(w.home, "link")
	w.must(unix.Mkfifo(pipe, 0o600))
	w.must(os.Symlink(filepath.Join(w.home, "elsewhere"), link))
	for _, there := range []string{pipe, link, w.file("there.csv", "mine"), w.home} {
		run("export", "--out", there).want(t, 1)
	}
	w.file("half.csv.manifest.json", "mine")
	run("export", "--out", filepath.Join(w.home, "half.csv")).want(t, 1)
	run("export", "--out", filepath.Join(w.home, "no", "folder.csv")).want(t, 1)
	after, err := os.ReadDir(w.home)
	w.must(err)
	if len(after) != len(before)+4 {
		t.Errorf("something was left: %v", after)
	}
}

func TestWholeCodesLeaveOnlyWithAnEventThatSaysWho(t *testing.T) {
	t.Parallel()
	w, run := closedOnce(t)
	rows := func() float64 { return run("verify", "--json").want(t, 0).one(t)["rows"].(float64) }
	before := rows()
	if s := run("export", "--open-codes", "--format", "csv").want(t, 0); !strings.Contains(s.out, `"`+codeA+`"`) {
		t.Errorf("%s", s.out)
	}
	if rows() != before+1 {
		t.Error("the journal does not say who saw whole codes")
	}
	w.runIn(asAmy, "--operator", "amy", "export").want(t, 6)
	approved := w.runIn(append(asAmy, "COUNTERFOIL_APPROVE_PIN=9999"), "--operator", "amy", "--approve", "mgr", "export", "--open-codes")
	if approved.want(t, 0); !strings.Contains(approved.out, codeA) || rows() != before+2 {
		t.Errorf("approved: %s", approved.out)
	}
	w.runIn(asAmy, "--operator", "amy", "export", "--open-codes").want(t, 6)
}

func TestAnExportOfOneDayTellsWhatTheRulesAboutOperatorsSay(t *testing.T) {
	t.Parallel()
	w, run := closedOnce(t)
	text, err := os.ReadFile(w.config)
	w.must(err)
	w.file("counterfoil.toml", string(text)+"\n[review.marks]\ntyped = \"3, 20%\"\n")
	all := run("export", "--json").want(t, 0).objects(t)
	for i, filter := range [][]string{{"--day", all[0]["business_day"].(string)}, {"--z", "1"}} {
		rows := run(append([]string{"export", "--json"}, filter...)...).want(t, 0).objects(t)
		if want := []int{3, 2}[i]; len(rows) != want {
			t.Fatalf("%v: %v", filter, rows)
		}
		for _, r := range rows {
			if r["mark"] != "typed" {
				t.Errorf("%v: %v is marked %q: all three ids were typed that day", filter, r["op"], r["mark"])
			}
		}
	}
}
