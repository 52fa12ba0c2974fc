package catalog

import (
	"fmt"
	"sync"

	"counterfoil/offline/sqlite"
)

// attributes are what many codes have in common.
type attributes struct {
	status     string // the status that statusText was said of
	statusText string
	name, face string
	from, to   string
	remaining  int
}

// dictionary remembers the keys of attributes, of which a box has few, and the
// text last seen with each status. The writer lock guards it.
type dictionary struct {
	keys  map[attributes]int64
	texts map[string]string
	last  attributes
	key   int64 // of last; 0 for none
}

// remembered bounds the keys in memory.
const remembered = 4096

func (d *dictionary) forget() { *d = dictionary{} }

// share returns the key of attributes, and stores new ones.
func (d *dictionary) share(t *tx, a attributes) (int64, error) {
	if d.key != 0 && a == d.last {
		return d.key, nil
	}
	if err := d.text(t, a.status, a.statusText); err != nil {
		return 0, err
	}
	key := d.keys[a]
	if key == 0 {
		var err error
		key, err = t.conn.Int("INSERT INTO attributes (status, status_text, name, face, valid_from, valid_to, remaining) VALUES (?,?,?,?,?,?,?) "+
			"ON CONFLICT DO UPDATE SET status=status RETURNING key", a.status, a.statusText, a.name, a.face, a.from, a.to, a.remaining)
		if err != nil {
			return 0, err
		}
		if d.keys == nil || len(d.keys) >= remembered {
			d.keys = map[attributes]int64{}
		}
		d.keys[a] = key
	}
	d.last, d.key = a, key
	return key, nil
}

// text notes that a status was seen, and its text where that is not empty.
func (d *dictionary) text(t *tx, status, text string) error {
	if known, ok := d.texts[status]; ok && (text == "" || text == known) {
		return nil
	}
	if d.texts == nil || len(d.texts) >= remembered {
		d.texts = map[string]string{}
	}
	d.texts[status] = text
	return t.conn.Exec("INSERT INTO statuses (code, text) VALUES (?1,?2) ON CONFLICT (code) DO UPDATE SET text=?2 WHERE ?2<>''", status, text)
}

// readAttributes are those that were read, by key; their rows never change.
type readAttributes struct {
	mu    sync.RWMutex
	byKey map[int64]*attributes
}

func (a *readAttributes) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byKey = nil
}

func (a *readAttributes) read(t *tx, key int64) (*attributes, error) {
	a.mu.RLock()
	known := a.byKey[key]
	a.mu.RUnlock()
	if known != nil {
		return known, nil
	}
	err := t.each("SELECT status, status_text, name, face, valid_from, valid_to, remaining FROM attributes WHERE key=?", []any{key}, func(r row) error {
		known = &attributes{r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4), r.Text(5), int(r.Int(6))}
		return r.Check("tttttti")
	})
	if err == nil && known == nil {
		err = fmt.Errorf("%w: a code without attributes", sqlite.ErrUnreadable)
	}
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.byKey == nil || len(a.byKey) >= remembered {
		a.byKey = map[int64]*attributes{}
	}
	a.byKey[key] = known
	return known, nil
}
