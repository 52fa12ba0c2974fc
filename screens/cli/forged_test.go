package cli_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
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
