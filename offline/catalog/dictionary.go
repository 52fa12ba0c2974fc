package catalog

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
}

// remembered bounds the keys in memory.
const remembered = 4096

// share returns the key of attributes, and stores new ones.
func (d *dictionary) share(t *tx, a attributes) (int64, error) {
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
