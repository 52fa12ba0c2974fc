package journal

import "counterfoil/offline/sqlite"

// ofDay selects a business day: from its first run to the end of its last. A day
// has one run, unless a clock was set across a day's border.
const ofDay = `op >= (SELECT min(op) FROM days WHERE day=?)
	AND op < ifnull((SELECT min(op) FROM days WHERE op > (SELECT max(op) FROM days WHERE day=?)), '~')
	AND day=?`

// noteDay begins a new run where a new operation's day is not that of the one before it.
func (t *Tx) noteDay(op, day string) error {
	before, err := t.c.Text(`SELECT day FROM days WHERE op < ? ORDER BY op DESC LIMIT 1`, op)
	if err != nil || before == day {
		return err
	}
	// Operations may be committed in another order than their ids: the one after
	// this keeps its own day.
	err = t.c.Each(`SELECT op, day FROM operations WHERE op > ? ORDER BY op LIMIT 1`, []any{op}, func(row sqlite.Row) error {
		return t.c.Exec(`INSERT OR IGNORE INTO days (op, day) VALUES (?,?)`, row[0], row[1])
	})
	if err != nil {
		return err
	}
	return t.c.Exec(`INSERT OR REPLACE INTO days (op, day) VALUES (?,?)`, op, day)
}
