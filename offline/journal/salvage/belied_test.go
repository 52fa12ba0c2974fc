package salvage

import (
	"fmt"
	"strings"
	"testing"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// rewrite changes an event of a closed folder, and gives it the hash that goes with it.
func rewrite(t *testing.T, dir string, seq int64, change func(e *chain.Event)) {
	t.Helper()
	j := openReadOnly(t, dir)
	var e chain.Event
	err := j.Each(t.Context(), `SELECT `+chain.EventColumns+` FROM events WHERE seq=?`, []any{seq}, func(row sqlite.Row) error {
		e = chain.EventOf(row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	closeNow(t, j)
	change(&e)
	tamper(t, dir, fmt.Sprintf(`UPDATE events SET data='%s', prev='%s', hash='%s' WHERE seq=%d`, e.Data, e.Prev, e.Sum(), seq))
}

func TestAnEventThatTheNextOneBeliesIsTheOneThatIsLost(t *testing.T) {
	t.Parallel()
	cheaper := func(e *chain.Event) { e.Data = strings.Replace(e.Data, `"amount_fen":3000`, `"amount_fen":1`, 1) }
	elsewhere := func(e *chain.Event) { e.Prev = strings.Repeat("0", len(e.Prev)) }
	for name, changes := range map[string]map[int64]func(*chain.Event){
		"what it says":                     {4: cheaper},
		"what it follows":                  {4: elsewhere},
		"two in a row":                     {4: cheaper, 5: cheaper},
		"two with a true one between them": {4: cheaper, 6: cheaper},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			ops := shop(t, dir, 6)
			for seq, change := range changes {
				rewrite(t, dir, seq, change)
			}
			markDamaged(t, dir)
			j, r := salvageIn(t, dir, nil)
			kept := map[int64]bool{}
			err := j.Each(t.Context(), `SELECT seq FROM events`, nil, func(row sqlite.Row) error { kept[row.Int(0)] = true; return nil })
			if err != nil {
				t.Fatal(err)
			}
			for seq := range int64(10) {
				_, changed := changes[seq]
				// Of two in a row the first cannot be told from a true one that is followed by a false one.
				if unsure := name == "two in a row" && seq == 4; seq > 0 && !unsure && kept[seq] == changed {
					t.Errorf("event %d: changed %v, kept %v", seq, changed, kept[seq])
				}
			}
			if len(changes) == 1 && (r.LostEvents != 1 || survivors(t, j, ops) != len(ops)) {
				t.Errorf("%d events lost, %d of %d operations as they were", r.LostEvents, survivors(t, j, ops), len(ops))
			}
		})
	}
}
