package cli_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// sumOf is an event's hash: of its columns in their order, each behind its length.
func sumOf(columns ...string) string {
	var text []byte
	for _, c := range columns {
		text = append(binary.BigEndian.AppendUint64(text, uint64(len(c))), c...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// db is the closed database, over one connection.
func (w *world) db(use func(db *sql.DB) error) {
	w.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+w.path("counterfoil.db")+"?_busy_timeout=5000")
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	w.must(use(db))
}

// forge adds an event to the closed database as somebody does who knows how the
// chain is made, and returns its number. %d in data becomes that.
func (w *world) forge(op, event, data string) (seq int64) {
	w.t.Helper()
	w.db(func(db *sql.DB) error {
		at, prev := "", ""
		if err := db.QueryRow(`SELECT seq+1, at, hash FROM events ORDER BY seq DESC LIMIT 1`).Scan(&seq, &at, &prev); err != nil {
			return err
		}
		if strings.Contains(data, "%d") {
			data = fmt.Sprintf(data, seq)
		}
		_, err := db.Exec(`INSERT INTO events (seq, at, op, event, data, prev, hash) VALUES (?,?,?,?,?,?,?)`,
			seq, at, op, event, data, prev, sumOf(fmt.Sprint(seq), at, op, event, data, prev))
		if err == nil && op == "" {
			_, err = db.Exec(`UPDATE meta SET value=? WHERE key='journal.projected'`, seq)
		}
		return err
	})
	return seq
}

// schema changes what the database is said to be made of.
func (w *world) schema(statement string) {
	w.t.Helper()
	w.db(func(db *sql.DB) error {
		_, err := db.Exec(`PRAGMA writable_schema=ON; ` + statement)
		return err
	})
}

// newest is the newest event's data, of an operation or of one of that name, as
// a form of forge with its number left open.
func (w *world) newest(where string) (data string) {
	w.t.Helper()
	w.db(func(db *sql.DB) error {
		seq := 0
		err := db.QueryRow(`SELECT seq, data FROM events WHERE `+where+` ORDER BY seq DESC LIMIT 1`).Scan(&seq, &data)
		data = strings.ReplaceAll(strings.ReplaceAll(data, "%", "%%"), fmt.Sprintf(`"seq":%d`, seq), `"seq":%d`)
		return err
	})
	return data
}

// forgeries are tamperings by somebody who knows how the chain and SQLite work,
// and leaves the copy of the head alone.
var forgeries = map[string]func(w *world, done, waits string){
	"a role given in the chain": func(w *world, _, _ string) {
		w.forge("", "operator.role", `{"by":"mgr","name":"amy","role":"manager"}`)
		w.sql(`UPDATE operators SET role='manager' WHERE name='amy'`)
	},
	"a role given in the chain alone": func(w *world, _, _ string) {
		w.forge("", "operator.role", `{"by":"mgr","name":"amy","role":"manager"}`)
	},
	"a withdrawal put into the chain": func(w *world, _, waits string) {
		w.forge(waits, "withdrawn", strings.Replace(w.newest(`op='`+waits+`'`), `"state":"queued"`, `"state":"withdrawn"`, 1))
	},
	"an acknowledgement put into the chain": func(w *world, _, _ string) {
		w.sql(`UPDATE operators SET role='manager' WHERE name='amy'`)
		w.startAndStop()
		w.forge("", "gap.acknowledged", fmt.Sprintf(`{"gap":%s,"by":"mgr","reason":"x"}`, w.documented()))
	},
	"a close put into the chain": func(w *world, _, _ string) {
		w.runIn(asMgr, "close", "--open", "1", "--operator", "mgr").want(w.t, 0)
		w.forge("", "day.closed", strings.Replace(w.newest(`event='day.closed'`), `"z":1`, `"z":7`, 1))
	},
	"an event that is not its operation's": func(w *world, _, waits string) { w.forge(waits, "withdrawn", `{"op":"another"}`) },
	"an event of a state that there is not": func(w *world, _, waits string) {
		w.forge(waits, "frozen", strings.Replace(w.newest(`op='`+waits+`'`), `"state":"queued"`, `"state":"frozen"`, 1))
	},
	"a document that cannot be read": func(w *world, _, _ string) { w.forge("", "salvaged", `[]`) },
	"an event at the end of all numbers": func(w *world, _, _ string) {
		seq := w.forge("", "x", `{}`)
		w.sql(fmt.Sprintf(`UPDATE events SET seq=9223372036854775807 WHERE seq=%d`, seq))
	},
	"an older copy of the head": func(w *world, _, _ string) {
		w.db(func(db *sql.DB) error {
			hash := ""
			err := db.QueryRow(`SELECT hash FROM events WHERE seq=2`).Scan(&hash)
			w.must(os.WriteFile(w.path("chain.head"), []byte("2 "+hash+"\n"), 0o600))
			return err
		})
	},
	"a table of a module that there is not": func(w *world, _, _ string) {
		w.schema(`INSERT INTO sqlite_master VALUES ('table', 'f', 'f', 0, 'CREATE VIRTUAL TABLE f USING none(a)')`)
	},
	"a statement of the schema garbled": func(w *world, _, _ string) {
		w.schema(`UPDATE sqlite_master SET sql='CREATE TABLE days(' WHERE name='days'`)
	},
	"a table that is named as SQLite's own": func(w *world, _, _ string) {
		w.sql(`CREATE TABLE notes (n)`)
		w.schema(`UPDATE sqlite_master SET name='sqlite_n', tbl_name='sqlite_n', sql='CREATE TABLE sqlite_n (n)' WHERE name='notes'`)
	},
	"an index beside the program's": func(w *world, _, _ string) { w.sql(`CREATE INDEX i ON goose_db_version (tstamp)`) },
}

// documented is the number of the newest event that restored an operator.
func (w *world) documented() (seq string) {
	w.t.Helper()
	w.db(func(db *sql.DB) error {
		return db.QueryRow(`SELECT max(seq) FROM events WHERE event='operators.restored'`).Scan(&seq)
	})
	return seq
}

func TestASchemaThatIsGarbledLosesNothing(t *testing.T) {
	t.Parallel()
	w, done, waits := sold(t)
	forgeries["a statement of the schema garbled"](w, done, waits)
	w.startAndStop()
	w.runIn(asMgr, "verify", "--acknowledge", "--reason", "a test", "--operator", "mgr").want(t, 0)
	for _, op := range []string{done, waits} {
		w.run("queue", "show", op).want(t, 0)
	}
}

// standings are what somebody does to a closed folder, mostly at the end of the
// chain and in the table, who knows amy's PIN and wants the manager's rights. Where
// they touch the manager, only the folder's owner gets over it.
var standings = map[string]func(w *world){
	"a role": func(w *world) {
		w.forge("", "operator.role", `{"by":"mgr","name":"amy","role":"manager"}`)
		w.sql(`UPDATE operators SET role='manager' WHERE name='amy'`)
	},
	"a PIN": func(w *world) {
		w.forge("", "operator.pin_reset", `{"by":"mgr","name":"mgr","pin":"`+w.pinOf("amy")+`"}`)
		w.sql(`UPDATE operators SET pin=(SELECT pin FROM operators WHERE name='amy') WHERE name='mgr'`)
	},
	"a PIN in the chain alone": func(w *world) {
		w.forge("", "operator.pin_changed", `{"by":"mgr","name":"mgr","pin":"`+w.pinOf("amy")+`"}`)
	},
	"somebody new": func(w *world) {
		w.forge("", "operator.added", `{"by":"mgr","name":"eve","role":"manager","pin":"`+w.pinOf("amy")+`"}`)
		w.sql(`INSERT INTO operators SELECT 'eve', 'manager', pin, 0, 0, '', created_at FROM operators WHERE name='amy'`)
	},
	"the manager disabled": func(w *world) {
		w.forge("", "operator.disabled", `{"by":"mgr","name":"mgr","disabled":true}`)
		w.sql(`UPDATE operators SET disabled=1 WHERE name='mgr'`)
	},
	"the manager a cashier": func(w *world) {
		w.forge("", "operator.role", `{"by":"mgr","name":"mgr","role":"cashier"}`)
		w.forge("", "operator.role", `{"by":"mgr","name":"amy","role":"manager"}`)
	},
	"a manager recovered": func(w *world) {
		w.forge("", "operator.recovered", `{"name":"mgr","role":"manager","pin":"`+w.pinOf("amy")+`"}`)
	},
	"what was done called added": func(w *world) {
		seq := 0
		w.db(func(db *sql.DB) error {
			return db.QueryRow(`SELECT seq FROM events WHERE event='operator.role'`).Scan(&seq)
		})
		w.forge("", "head.behind", fmt.Sprintf(`{"seq":%d,"hash":""}`, seq-1))
	},
	"an older copy of the head": func(w *world) {
		seq, hash := 0, ""
		w.db(func(db *sql.DB) error {
			return db.QueryRow(`SELECT seq, hash FROM events WHERE event='operator.role'`).Scan(&seq, &hash)
		})
		w.must(os.WriteFile(w.path("chain.head"), fmt.Appendln(nil, seq, hash), 0o600))
	},
	"a table put right": func(w *world) {
		w.forge("", "operators.restored", `{"seq":1,"why":"x","operators":[{"name":"amy","role":"manager","pin":"`+w.pinOf("amy")+`"}]}`)
	},
}

// pinOf is an operator's PIN as it is stored.
func (w *world) pinOf(name string) (pin string) {
	w.t.Helper()
	w.db(func(db *sql.DB) error {
		return db.QueryRow(`SELECT pin FROM operators WHERE name=?`, name).Scan(&pin)
	})
	return pin
}

func TestEventsInDoubtGiveNobodyAnything(t *testing.T) {
	t.Parallel()
	template, _, waits := sold(t)
	template.cheaply(func(desk *offline.Desk) error {
		mgr, err := desk.SignIn(t.Context(), "mgr", "9999")
		return errors.Join(err, desk.AddOperator(t.Context(), mgr, "ben", offline.Cashier, "2222"))
	})
	for _, role := range []string{"manager", "cashier"} {
		template.runIn(asMgr, "operators", "role", "amy", role, "--operator", "mgr").want(t, 0)
	}
	for name, forge := range offlinetest.Some(4, standings) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := template.twin(t)
			w.itself = true
			forge(w)
			refused := func() {
				t.Helper()
				for _, args := range [][]string{{"queue", "settle", waits, "--as", "done", "--reason", "x"}, {"verify", "--acknowledge", "--reason", "x"}} {
					if s := w.runIn(asAmy, append(args, "--operator", "amy")...); s.code != 6 {
						t.Errorf("amy, %v: %d %s%s", args, s.code, s.out, s.err)
					}
				}
				for _, as := range []string{"mgr", "eve"} { // with amy's PIN
					if s := w.runIn(asAmy, "verify", "--acknowledge", "--reason", "x", "--operator", as); s.code != 1 {
						t.Errorf("as %s: %d %s%s", as, s.code, s.out, s.err)
					}
				}
			}
			for as, args := range map[string][]string{"amy": {"day"}, "mgr": {"export", "--out", w.path("../x.csv")}, "eve": {"backup", w.path("../copy.db")}} { // before any start
				if s := w.runIn(asAmy, append(args, "--operator", as)...); s.code != 1 && s.code != 6 {
					t.Errorf("%v as %s: %d %s%s", args, as, s.code, s.out, s.err)
				}
			}
			refused()
			approved := []string{"COUNTERFOIL_PIN=2222", "COUNTERFOIL_APPROVE_PIN=1111"}
			if s := w.runIn(approved, "backup", w.path("../copy.db"), "--operator", "ben", "--approve", "amy"); s.code != 6 {
				t.Errorf("she approves: %d %s%s", s.code, s.out, s.err)
			}
			if strings.Contains(name, "manager") || strings.Contains(name, "PIN") {
				w.runIn(asMgr, "verify", "--acknowledge", "--reason", "x", "--operator", "mgr").want(t, 1)
				w.cheaply(func(desk *offline.Desk) error {
					_, err := desk.Recover(t.Context(), "", func(string) (string, error) { return "9999", nil })
					return err
				})
			}
			w.runIn(asMgr, "verify", "--acknowledge", "--reason", "she forged it", "--operator", "mgr").want(t, 0)
			refused()
			w.runIn(asMgr, "operators", "role", "amy", "manager", "--operator", "mgr").want(t, 0)
			w.runIn(asAmy, "backup", w.path("../copy.db"), "--operator", "amy").want(t, 0)
			w.run("verify").want(t, 0)
		})
	}
}

func TestDeletingTheEndOfARoleDoesNotGiveItBack(t *testing.T) {
	t.Parallel()
	template, _, waits := sold(t)
	for _, role := range []string{"manager", "cashier"} {
		template.runIn(asMgr, "operators", "role", "amy", role, "--operator", "mgr").want(t, 0)
	}
	for name, tamper := range map[string]string{
		"deleted": `DELETE FROM events WHERE event='operator.role' AND data LIKE '%cashier%'`,
		"changed": `UPDATE events SET data=replace(data, 'cashier', 'manager') WHERE event='operator.role'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := template.twin(t)
			w.itself = true
			w.sql(tamper)
			refused := func() {
				t.Helper()
				for _, args := range [][]string{{"queue", "settle", waits, "--as", "done", "--reason", "x"}, {"verify", "--acknowledge", "--reason", "x"}} {
					if s := w.runIn(asAmy, append(args, "--operator", "amy")...); s.code == 0 {
						t.Errorf("amy, %v: %d %s%s", args, s.code, s.out, s.err)
					}
				}
				w.run("verify").want(t, 1)
			}
			refused()
			w.startAndStop()
			refused()
			w.runIn(asMgr, "verify", "--acknowledge", "--reason", "she deleted it", "--operator", "mgr").want(t, 0)
			w.run("verify").want(t, 0)
			w.runIn(asAmy, "verify", "--acknowledge", "--reason", "x", "--operator", "amy").want(t, 6)
		})
	}
}

// A gap that was acknowledged is nothing that anybody can build on: events put into
// it, and another event in front of it, which no later one names.
func TestWhatStandsAroundAnAcknowledgedGapGivesNoRole(t *testing.T) {
	t.Parallel()
	template, _, _ := sold(t)
	for _, role := range []string{"manager", "cashier"} {
		template.runIn(asMgr, "operators", "role", "amy", role, "--operator", "mgr").want(t, 0)
	}
	template.runIn(asAmy, "void", codeA, "--operator", "amy").want(t, 0)
	const end = `(SELECT max(seq) FROM events WHERE event='operator.role')`
	template.sql(`DELETE FROM events WHERE seq IN (` + end + `+1, ` + end + `+2)`)
	template.runIn(asMgr, "verify", "--acknowledge", "--reason", "the disk", "--operator", "mgr").want(t, 0)
	for name, put := range map[string]int64{"in it": 1, "in front of it": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := template.twin(t)
			w.itself = true
			w.db(func(db *sql.DB) error {
				seq, at, prev, hash := int64(0), "", "", ""
				if err := db.QueryRow(`SELECT seq, at, prev, hash FROM events WHERE seq=`+end).Scan(&seq, &at, &prev, &hash); err != nil {
					return err
				}
				if seq += put; put > 0 {
					prev = hash
				}
				const event, data = "operator.role", `{"by":"mgr","name":"amy","role":"manager"}`
				_, err := db.Exec(`INSERT OR REPLACE INTO events (seq, at, op, event, data, prev, hash) VALUES (?,?,?,?,?,?,?)`,
					seq, at, "", event, data, prev, sumOf(fmt.Sprint(seq), at, "", event, data, prev))
				return err
			})
			w.run("verify").want(t, 1)
			w.startAndStop()
			w.run("verify").want(t, 1)
			if s := w.runIn(asAmy, "verify", "--acknowledge", "--reason", "x", "--operator", "amy"); s.code == 0 {
				t.Errorf("%s%s", s.out, s.err)
			}
			w.runIn(asMgr, "verify", "--acknowledge", "--reason", "she put it there", "--operator", "mgr").want(t, 0)
			w.run("verify").want(t, 0)
			w.runIn(asAmy, "verify", "--acknowledge", "--reason", "x", "--operator", "amy").want(t, 6)
		})
	}
}

func TestACopyOfTheHeadFromBeforeAllPeopleGivesNobodyAnything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.itself, w.staffed = true, true
	w.startAndStop() // the first event says whose journal it is
	w.cheaply(func(desk *offline.Desk) error {
		return desk.AddOperator(t.Context(), offline.Session{}, "mgr", offline.Manager, "9999")
	})
	w.cheaply(func(desk *offline.Desk) error {
		mgr, err := desk.SignIn(t.Context(), "mgr", "9999")
		return errors.Join(err, desk.AddOperator(t.Context(), mgr, "amy", offline.Cashier, "1111"))
	})
	w.forge("", "operator.role", `{"by":"mgr","name":"amy","role":"manager"}`)
	w.db(func(db *sql.DB) error {
		hash := ""
		err := db.QueryRow(`SELECT hash FROM events WHERE seq=1`).Scan(&hash)
		w.must(os.WriteFile(w.path("chain.head"), []byte("1 "+hash+"\n"), 0o600))
		return err
	})
	for _, args := range [][]string{{"day"}, {"verify", "--acknowledge", "--reason", "x"}} {
		w.runIn(asAmy, append(args, "--operator", "amy")...).want(t, 1)
		w.runIn(asMgr, append(args, "--operator", "mgr")...).want(t, 1)
	}
	w.cheaply(func(desk *offline.Desk) error {
		_, err := desk.Recover(t.Context(), "", func(string) (string, error) { return "9999", nil })
		return err
	})
	w.runIn(asMgr, "verify", "--acknowledge", "--reason", "an old copy", "--operator", "mgr").want(t, 0)
	w.runIn(asMgr, "operators", "enable", "amy", "--operator", "mgr").want(t, 0)
	w.runIn([]string{"COUNTERFOIL_PIN=9999", "COUNTERFOIL_NEW_PIN=1111"}, "operators", "reset-pin", "amy", "--operator", "mgr").want(t, 0)
	w.runIn(asAmy, "day", "--operator", "amy").want(t, 6)
	w.run("verify").want(t, 0)
}

func TestAnAcknowledgementFromBeforeItsDocumentCountsForNothing(t *testing.T) {
	t.Parallel()
	w, _, _ := sold(t)
	const acknowledged = 4
	seq := w.forge("", "operator.role", `{"by":"mgr","name":"amy","role":"manager"}`)
	for n := range int64(acknowledged) { // of what the next start will document
		w.forge("", "gap.acknowledged", fmt.Sprintf(`{"gap":%d,"by":"mgr","reason":"x"}`, seq+acknowledged+1+n))
	}
	w.must(os.Remove(w.path("chain.head")))
	w.startAndStop()
	w.run("verify").want(t, 1)
	w.run("doctor").want(t, 1)
}
