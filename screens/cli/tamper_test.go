package cli_test

import (
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// sql changes the closed database as somebody with a database tool would.
func (w *world) sql(statements ...string) {
	w.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(w.data(), "counterfoil.db")+"?_busy_timeout=5000")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			w.t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// hollow makes an index empty and has the schema say what it said before.
func (w *world) hollow(index, on string) {
	w.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+w.path("counterfoil.db")+"?_busy_timeout=5000")
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	said := ""
	if err := db.QueryRow(`SELECT sql FROM sqlite_master WHERE name=?`, index).Scan(&said); err != nil {
		w.t.Fatal(err)
	}
	for _, s := range []string{`DROP INDEX ` + index, `CREATE INDEX ` + index + ` ON ` + on + ` WHERE rowid < 0`,
		`PRAGMA writable_schema=ON`, `UPDATE sqlite_master SET sql='` + strings.ReplaceAll(said, "'", "''") + `' WHERE name='` + index + `'`} {
		if _, err := db.Exec(s); err != nil {
			w.t.Fatalf("%s: %v", s, err)
		}
	}
}

// empty deletes all rows.
func (w *world) empty(too ...string) {
	for _, table := range append(too, "events", "operations", "attempts", "evidence", "operators", "traces", "meta", "days") {
		w.sql(`DELETE FROM ` + table)
	}
}

func (w *world) path(name string) string { return filepath.Join(w.data(), name) }

func (w *world) copyFile(from, to string) {
	w.t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// noLog removes the log of a closed database, which another database must not meet.
func (w *world) noLog() {
	for _, suffix := range []string{"-wal", "-shm"} {
		_ = os.Remove(w.path("counterfoil.db" + suffix))
	}
}

// startAndStop opens the counter as the screens do, and closes it again.
func (w *world) startAndStop() {
	w.t.Helper()
	client, err := api.New(api.Settings{})
	if err != nil {
		w.t.Fatal(err)
	}
	number := 1
	if text, err := os.ReadFile(w.config); err == nil && strings.Contains(string(text), "number = 7") {
		number = 7
	}
	desk, err := offline.Open(w.t.Context(), offline.Settings{Data: w.data(), CounterName: "C01", Number: number}, client)
	if err != nil {
		w.t.Fatal(err)
	}
	desk.Start()
	if err := desk.Stop(); err != nil {
		w.t.Fatal(err)
	}
}

// whole is the exit code of verify and of doctor.
func (w *world) whole() (verify, doctor int) {
	w.t.Helper()
	return w.run("verify").code, w.run("doctor").code
}

var starts = flag.Int("starts", 0, "how many more starts and commands follow a tampering")

func TestNoStartTurnsWhatDoesNotFitIntoWhole(t *testing.T) {
	t.Parallel()
	everywhere := func(op string) []string {
		var all []string
		for _, table := range []string{"events", "operations", "attempts", "evidence"} {
			all = append(all, fmt.Sprintf(`DELETE FROM %s WHERE op='%s'`, table, op))
		}
		return all
	}
	last := `DELETE FROM events WHERE seq=(SELECT max(seq) FROM events)`
	cases := map[string]func(w *world, done, waits string){
		"an operation deleted everywhere":         func(w *world, done, _ string) { w.sql(everywhere(done)...) },
		"a waiting operation deleted everywhere":  func(w *world, _, waits string) { w.sql(everywhere(waits)...) },
		"a waiting operation deleted, head too":   func(w *world, _, waits string) { w.sql(everywhere(waits)...); _ = os.Remove(w.path("chain.head")) },
		"the last event deleted and no head":      func(w *world, _, _ string) { w.sql(last); _ = os.Remove(w.path("chain.head")) },
		"the last event deleted and head garbled": func(w *world, _, _ string) { w.sql(last); _ = os.WriteFile(w.path("chain.head"), []byte("x"), 0o600) },
		"only the head removed":                   func(w *world, _, _ string) { _ = os.Remove(w.path("chain.head")) },
		"the head cannot be read": func(w *world, _, _ string) {
			_ = os.WriteFile(w.path("chain.head"), make([]byte, 4096), 0o600) // too large to be read: not missing
			if said := w.run("verify").out; !strings.Contains(said, "cannot be read") {
				w.t.Errorf("%s", said)
			}
		},
		"an event edited": func(w *world, done, _ string) {
			w.sql(`UPDATE events SET data=replace(data, '3000', '1') WHERE op='` + done + `'`)
		},
		"the last event edited": func(w *world, _, _ string) {
			w.sql(`UPDATE events SET data='{}' WHERE seq=(SELECT max(seq) FROM events)`)
		},
		"a closed operation edited":  func(w *world, done, _ string) { w.sql(`UPDATE operations SET amount_fen=1 WHERE op='` + done + `'`) },
		"a waiting operation edited": func(w *world, _, waits string) { w.sql(`UPDATE operations SET amount_fen=1 WHERE op='` + waits + `'`) },
		"a waiting operation withdrawn": func(w *world, _, waits string) {
			w.sql(`UPDATE operations SET state='withdrawn' WHERE op='` + waits + `'`)
		},
		"a row deleted": func(w *world, done, _ string) { w.sql(`DELETE FROM operations WHERE op='` + done + `'`) },
		"an attempt edited": func(w *world, done, _ string) {
			w.sql(`UPDATE attempts SET data=replace(data, 'A00', 'A01') WHERE op='` + done + `'`)
		},
		"a cashier made manager": func(w *world, _, _ string) { w.sql(`UPDATE operators SET role='manager' WHERE name='amy'`) },
		"a manager made cashier": func(w *world, _, _ string) { w.sql(`UPDATE operators SET role='cashier' WHERE name='mgr'`) },
		"a manager disabled":     func(w *world, _, _ string) { w.sql(`UPDATE operators SET disabled=1 WHERE name='mgr'`) },
		"a manager's PIN exchanged": func(w *world, _, _ string) {
			w.sql(`UPDATE operators SET pin=(SELECT pin FROM operators WHERE name='amy')`)
		},
		"operators deleted": func(w *world, _, _ string) { w.sql(`DELETE FROM operators`) },
		"the database and its head deleted": func(w *world, _, _ string) {
			w.noLog()
			_ = os.Remove(w.path("counterfoil.db"))
			_ = os.Remove(w.path("chain.head"))
		},
		"an operator put in": func(w *world, _, _ string) {
			w.sql(`INSERT INTO operators SELECT 'eve', 'manager', pin, 0, 0, '', created_at FROM operators WHERE name='mgr'`)
		},
		"an older database put back": func(w *world, _, _ string) {
			w.noLog()
			w.copyFile(filepath.Join(w.home, "older.db"), w.path("counterfoil.db"))
		},
		"an older one, and no head": func(w *world, _, _ string) {
			w.noLog()
			w.copyFile(filepath.Join(w.home, "older.db"), w.path("counterfoil.db"))
			_ = os.Remove(w.path("chain.head"))
		},
		"another counter's database": func(w *world, _, _ string) {
			other := newWorld(w.t).begun() // by itself, with another identity
			other.firstSales()
			w.noLog()
			w.copyFile(other.path("counterfoil.db"), w.path("counterfoil.db"))
		},
		"a waiting operation's state as a blob": func(w *world, _, waits string) {
			w.sql(`UPDATE operations SET state=CAST(state AS BLOB) WHERE op='` + waits + `'`)
		},
		"an operation's id and kind as blobs": func(w *world, done, _ string) {
			w.sql(`UPDATE operations SET id=CAST(id AS BLOB), kind=CAST(kind AS BLOB) WHERE op='` + done + `'`)
		},
		"attempts and evidence as blobs": func(w *world, _, _ string) {
			w.sql(`UPDATE attempts SET data=CAST(data AS BLOB)`, `UPDATE evidence SET data=CAST(data AS BLOB)`)
		},
		"operators' roles as blobs": func(w *world, _, _ string) { w.sql(`UPDATE operators SET role=CAST(role AS BLOB)`) },
		"an index that leaves out the queue": func(w *world, _, _ string) {
			w.hollow("operations_open", "operations (op, state, amount_fen, accepted_at)")
		},
		"an index that leaves out the codes": func(w *world, _, _ string) { w.hollow("operations_id", "operations (id, op)") },
		"an index that leaves out who may what": func(w *world, _, _ string) {
			w.hollow("events_apart", "events (event, seq)")
			w.sql(`UPDATE operators SET role='manager' WHERE name='amy'`)
		},
		"operators' names as blobs": func(w *world, _, _ string) { w.sql(`UPDATE operators SET name=CAST(name AS BLOB)`) },
		"attempts of no operation": func(w *world, _, _ string) {
			w.sql(`INSERT INTO attempts SELECT 'ghost', n, 'x' || n, data FROM attempts`)
		},
		"a foreign trigger": func(w *world, _, _ string) {
			w.sql(`CREATE TRIGGER t AFTER INSERT ON events WHEN NEW.event='x' BEGIN DELETE FROM operations; END`)
		},
		"a foreign table": func(w *world, _, _ string) { w.sql(`CREATE TABLE notes (n)`) },
		"a foreign view":  func(w *world, _, _ string) { w.sql(`CREATE VIEW v AS SELECT * FROM operations`) },
		"a guard dropped": func(w *world, _, _ string) { w.sql(`DROP INDEX attempts_trace`) },
		"events before the first": func(w *world, _, _ string) {
			w.sql(`INSERT INTO events SELECT 0, at, op, event, data, prev, hash FROM events WHERE seq=1`)
		},
		"a head of nothing": func(w *world, _, _ string) { _ = os.WriteFile(w.path("chain.head"), []byte("0 \n"), 0o600) },
		"a checkpoint beyond the head": func(w *world, _, _ string) {
			w.sql(`UPDATE meta SET value='9999' WHERE key='journal.projected'`)
		},
		"the checkpoint deleted":         func(w *world, _, _ string) { w.sql(`DELETE FROM meta`) },
		"a checkpoint that is no number": func(w *world, _, _ string) { w.sql(`UPDATE meta SET value='x' WHERE key='journal.projected'`) },
		"a checkpoint set back":          func(w *world, _, _ string) { w.sql(`UPDATE meta SET value=value-2 WHERE key='journal.projected'`) },
		"another business day":           func(w *world, _, _ string) { w.sql(`UPDATE days SET day='2020-01-01'`) },
		"a business day deleted":         func(w *world, _, _ string) { w.sql(`DELETE FROM days`) },
		"a business day put in":          func(w *world, _, waits string) { w.sql(`INSERT INTO days VALUES ('` + waits + `', '2020-01-01')`) },
		"a business day of no operation": func(w *world, _, _ string) { w.sql(`INSERT INTO days VALUES ('0', '2020-01-01')`) },
		"a sequence beyond its end":      func(w *world, _, _ string) { w.sql(`UPDATE traces SET last=9999999999`) },
		"a sequence set back":            func(w *world, _, _ string) { w.sql(`UPDATE traces SET last=1`) },
		"a sequence deleted":             func(w *world, _, _ string) { w.sql(`DELETE FROM traces`) },
		"a day's sequence as a text":     func(w *world, _, _ string) { w.sql(`UPDATE traces SET last='x'`) },
		"attempts renumbered":            func(w *world, done, _ string) { w.sql(`UPDATE attempts SET n=n+7 WHERE op='` + done + `'`) },
		"evidence of no event": func(w *world, _, waits string) {
			w.sql(`INSERT INTO evidence VALUES ('` + waits + `', 0, 99999, '{"at":"2026-01-01T00:00:00Z","asked":"lookup","outcome":"answered"}')`)
		},
		"a posting of no operation": func(w *world, _, _ string) {
			w.sql(`INSERT INTO postings SELECT 1, heading, 9900, 1 FROM postings LIMIT 1`)
		},
		"a posting beyond the head": func(w *world, _, _ string) {
			w.sql(`INSERT INTO postings SELECT 9999, heading, 9900, 1 FROM postings LIMIT 1`)
		},
		"a posting's amount":   func(w *world, _, _ string) { w.sql(`UPDATE postings SET fen=fen+1`) },
		"a heading's operator": func(w *world, _, _ string) { w.sql(`UPDATE headings SET operator='eve'`) },
		"the first report begun anew": func(w *world, _, _ string) {
			w.sql(`INSERT OR REPLACE INTO meta VALUES ('day.begin', 'due')`, `UPDATE postings SET fen=1`)
		},
		"the first report begun anew, with nothing posted": func(w *world, _, _ string) {
			w.sql(`INSERT OR REPLACE INTO meta VALUES ('day.begin', 'due')`, `DELETE FROM postings`)
		},
		"an older schema": func(w *world, _, _ string) {
			w.sql(`DROP TABLE postings`, `DROP TABLE headings`, `ALTER TABLE operations DROP COLUMN accepted_seq`, `DELETE FROM goose_db_version WHERE version_id>=7`)
		},
		"an older schema's number":       func(w *world, _, _ string) { w.sql(`DELETE FROM goose_db_version WHERE version_id>2`) },
		"no number of a schema":          func(w *world, _, _ string) { w.sql(`DELETE FROM goose_db_version`) },
		"a migration said to be missing": func(w *world, _, _ string) { w.sql(`DELETE FROM goose_db_version WHERE version_id=3`) },
		"a number where yes belongs":     func(w *world, _, _ string) { w.sql(`UPDATE operations SET offline=2 WHERE offline=1`) },
		"an acceptance said to be a reopening": func(w *world, _, _ string) {
			w.sql(`UPDATE headings SET posted='reopened' WHERE posted='accepted'`,
				`UPDATE operations SET accepted_seq=1`, `UPDATE postings SET accepted=1`)
		},
		"every row deleted, and the head": func(w *world, _, _ string) { w.empty(); _ = os.Remove(w.path("chain.head")) },
		"every row deleted, a head of nothing": func(w *world, _, _ string) {
			w.empty()
			_ = os.WriteFile(w.path("chain.head"), []byte("0 \n"), 0o600)
		},
		"every row deleted, goose's too": func(w *world, _, _ string) {
			w.empty("goose_db_version")
			_ = os.Remove(w.path("chain.head"))
		},
		"another counter's folder": func(w *world, _, _ string) {
			w.file("counterfoil.toml", strings.Replace(read(w), "[platform]\n", "[counter]\nnumber = 7\n[platform]\n", 1))
		},
	}
	maps.Copy(cases, forgeries)
	seed := rand.Uint64()
	template, done, waits := sold(t)
	if v, d := template.whole(); v != 0 || d != 0 {
		t.Fatalf("verify %d, doctor %d before anything was touched: %s%s", v, d, template.run("verify").err, template.run("doctor").out)
	}
	for name, tamper := range offlinetest.Some(12, cases) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := template.twin(t)
			tamper(w, done, waits)
			steps := map[string]func(){
				"start":     w.startAndStop,
				"queue":     func() { w.runIn(asAmy, "queue", "--operator", "amy") },
				"replay":    func() { w.run("queue", "replay") },
				"doctor":    func() { w.runIn(asAmy, "doctor", "--operator", "amy") },
				"operators": func() { w.run("operators", "list") },
				"verify":    func() { w.runIn(asAmy, "verify", "--operator", "amy") },
			}
			names := []string{"start", "queue", "replay", "doctor", "operators", "verify"}
			random := rand.New(rand.NewPCG(seed, 1))
			did := []string{}
			for range *starts {
				if v, d := w.whole(); v == 0 || d == 0 {
					t.Fatalf("after %q (seed %d): verify %d, doctor %d\n%s", did, seed, v, d, w.run("verify").out)
				}
				step := names[random.IntN(len(names))]
				did = append(did, step)
				steps[step]()
			}
			w.startAndStop()
			if v, d := w.whole(); v == 0 || d == 0 {
				t.Fatalf("after %q and a start (seed %d): verify %d, doctor %d\n%s", did, seed, v, d, w.run("verify").out)
			}
			if name == "the database and its head deleted" || strings.HasPrefix(name, "every row deleted") {
				w.cheaply(func(desk *offline.Desk) error {
					return desk.AddOperator(t.Context(), offline.Session{}, "mgr", offline.Manager, "9999")
				})
			} else {
				w.runIn(asAmy, "verify", "--acknowledge", "--reason", "it was me", "--operator", "amy").want(t, 6)
			}
			w.runIn(asMgr, "verify", "--acknowledge", "--reason", "a test", "--operator", "mgr").want(t, 0)
			said := w.run("verify", "--json").want(t, 0).one(t)
			if gaps, _ := said["gaps"].([]any); len(gaps) == 0 || said["ok"] != true {
				t.Fatalf("%v", said)
			}
			if s := w.run("doctor"); s.code != 0 {
				t.Fatalf("acknowledged: doctor %d: %s", s.code, s.out)
			}
		})
	}
}

func read(w *world) string {
	w.t.Helper()
	b, err := os.ReadFile(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

func TestVerifyAndDoctorWriteNothingWhoeverAsks(t *testing.T) {
	t.Parallel()
	w, done, _ := sold(t)
	w.sql(`UPDATE operations SET amount_fen=1 WHERE op='` + done + `'`)
	before := w.files()
	for _, args := range [][]string{{"verify"}, {"doctor"}, {"verify", "--operator", "mgr"}, {"doctor", "--operator", "mgr"}} {
		w.runIn(asMgr, args...).want(t, 1)
		if after := w.files(); after != before {
			t.Fatalf("%q changed the folder:\n%s\n%s", args, before, after)
		}
	}
}

// files lists the folder's files with length and time of change, but for SQLite's index of its log.
func (w *world) files() string {
	all := ""
	for _, dir := range []string{w.data()} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, e := range entries {
			info, err := e.Info()
			if errors.Is(err, os.ErrNotExist) || strings.HasSuffix(e.Name(), "-shm") || strings.HasSuffix(e.Name(), "-wal") && info.Size() == 0 {
				continue
			}
			all += fmt.Sprintln(e.Name(), info.Size(), info.ModTime())
		}
	}
	return all
}

func TestAPrintedHeadShowsAFolderThatWasSetBack(t *testing.T) {
	t.Parallel()
	w, _, _ := sold(t)
	head, _ := w.run("verify", "--json").want(t, 0).one(t)["head"].(map[string]any)
	printed := fmt.Sprintf("%v:%v", head["seq"], head["hash"])
	w.run("verify", "--head", printed).want(t, 0)
	w.run("verify", "--head", "7").want(t, 2)
	w.sql(`DELETE FROM events WHERE op='' AND seq=(SELECT max(seq) FROM events)`)
	w.run("verify", "--head", strings.Replace(printed, ":", "9:", 1)).want(t, 1)
}
