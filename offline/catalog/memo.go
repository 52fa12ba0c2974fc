package catalog

// memo is what a transaction has read, and what it will write in its end. One
// that a connection keeps serves its next transaction too, as long as no other
// has changed anything in between.
type memo struct {
	rows map[int64]*row
	// chunks keeps those read, and the changed ones until flush, where a call
	// goes to many codes of few chunks; nil for none.
	chunks map[int64]*chunk
	last   [2]place // where codes were found last
	// alone says that a code found in one place stands in no other, and that no
	// row has the id of a code; asked that this is known.
	alone, asked bool
	state        uint64 // value of Catalog.changes that it is of; unsure for none
}

// What a connection keeps between its transactions, at most.
const (
	memoRows   = 256
	memoChunks = 16
)

func (m *memo) forget() {
	if m.rows == nil || len(m.rows) > memoRows {
		m.rows = map[int64]*row{}
	}
	if m.chunks == nil || len(m.chunks) > memoChunks {
		m.chunks = map[int64]*chunk{}
	}
	clear(m.rows)
	clear(m.chunks)
	*m = memo{rows: m.rows, chunks: m.chunks}
}

// unsure is the state of a memo that is of none in particular.
const unsure = 0

// keep has the memo serve the next transaction, if that finds the same state.
func (m *memo) keep(state uint64) {
	if state == unsure || len(m.rows) > memoRows || len(m.chunks) > memoChunks {
		m.forget()
	}
	m.state = state
}

// nearby looks for a code where the last ones were found: those asked for one
// behind the other mostly lie in one chunk.
func (t *tx) nearby(id string) (at, bool, error) {
	if t.chunks == nil || id == "" || id[0] < '0' || id[0] > '9' {
		return at{}, false, nil
	}
	for k := range t.last {
		p := &t.last[k]
		if p.chunk == nil {
			break
		}
		i := p.chunk.findFrom(id, p.i)
		if i < 0 {
			continue
		}
		if !t.asked {
			_, doubt, err := t.conn.number("SELECT 1 FROM moves UNION ALL SELECT 1 FROM nodes WHERE id>='0' AND id<':' LIMIT 1")
			if err != nil {
				return at{}, false, err
			}
			t.alone, t.asked = !doubt, true
		}
		p.i = i
		return at{p.chain, p.chunk, i}, t.alone, nil
	}
	return at{}, false, nil
}

func (t *tx) found(p place) {
	if t.last[0].chunk != p.chunk {
		t.last[1] = t.last[0]
	}
	t.last[0] = p
}
