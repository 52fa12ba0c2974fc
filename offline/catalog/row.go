package catalog

import (
	"errors"
	"fmt"
	"time"

	"counterfoil/api"
)

// looseKey is the row that codes without a known parent hang under. It has no
// id and is never shown.
const looseKey = 1

const (
	flagWhole  = 1 // all below was in an answer to a look-up of it or of something above it
	flagRagged = 2 // the ords of its nodes, or the chunks of its codes, have gaps
)

// row is a box, package or reel as stored. parent is 0 at a live root, below 0
// where it is staged or cut off.
type row struct {
	key, parent, ord int64
	id               string
	level            int
	load, flags      int64
	ver              int64 // of counts
	mark, mver       int64 // status set on everything below, in version mver; 0 for never
	mseen            int64 // ms
	floor            int64 // marks above of this version or older do not hold here
	seen             int64 // ms
	kids, next       int64 // nodes directly below; ord of the next
	own, chunks      int64 // codes directly below; number of the next chunk
	codes, sum       int64 // codes at or below; sum of the hashes of own codes
	counts           tally
	dirty            bool
}

const rowColumns = "key, parent, ord, id, level, load, flags, ver, mark, mver, mseen, floor, seen, " +
	"kids, next, own, chunks, codes, sum, counts"

func scanRow(s *record) (*row, error) {
	r := row{
		key: s.int(0), parent: s.int(1), ord: s.int(2), id: s.text(3), level: int(s.int(4)), load: s.int(5), flags: s.int(6),
		ver: s.int(7), mark: s.int(8), mver: s.int(9), mseen: s.int(10), floor: s.int(11), seen: s.int(12),
		kids: s.int(13), next: s.int(14), own: s.int(15), chunks: s.int(16), codes: s.int(17), sum: s.int(18),
	}
	var err error
	r.counts, err = unpackTally(s.bytes(19))
	return &r, err
}

var levels = []api.Level{"", api.LevelBox, api.LevelPackage, api.LevelReel, api.LevelCode}

func levelNumber(l api.Level) int {
	for i, known := range levels {
		if l == known {
			return i
		}
	}
	return 0
}

// tx is what a call sees: one transaction of one connection. Rows read in it
// are kept, changed ones are written by flush.
type tx struct {
	cat  *Catalog
	conn *conn
	*memo
	writes bool
}

// row returns the row of key, nil where there is none.
func (t *tx) row(key int64) (*row, error) {
	if r, ok := t.rows[key]; ok {
		return r, nil
	}
	var r *row
	err := t.conn.each("SELECT "+rowColumns+" FROM nodes WHERE key=?", []any{key}, func(s *record) (err error) {
		r, err = scanRow(s)
		return err
	})
	if err != nil || r == nil {
		return nil, err
	}
	t.rows[key] = r
	return r, nil
}

// insert adds a new row.
func (t *tx) insert(r *row) error {
	t.rows[r.key] = r
	r.dirty = false
	return t.conn.exec("INSERT INTO nodes (key, parent, ord, id, level, load, flags, ver, mark, mver, mseen, floor, seen, "+
		"kids, next, own, chunks, codes, has, sum, counts) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		r.key, r.parent, r.ord, r.id, r.level, r.load, r.flags, r.ver, r.mark, r.mver, r.mseen, r.floor, r.seen,
		r.kids, r.next, r.own, r.chunks, r.codes, r.counts.has(), r.sum, r.counts.pack())
}

// save writes what may change of a row.
func (t *tx) save(r *row) error {
	r.dirty = false
	return t.conn.exec("UPDATE nodes SET parent=?, ord=?, flags=?, ver=?, mark=?, mver=?, mseen=?, floor=?, seen=?, "+
		"kids=?, next=?, own=?, chunks=?, codes=?, has=?, sum=?, counts=? WHERE key=?",
		r.parent, r.ord, r.flags, r.ver, r.mark, r.mver, r.mseen, r.floor, r.seen,
		r.kids, r.next, r.own, r.chunks, r.codes, r.counts.has(), r.sum, r.counts.pack(), r.key)
}

func (t *tx) flush() error {
	for _, r := range t.rows {
		if r.dirty {
			if err := t.save(r); err != nil {
				return err
			}
		}
	}
	for _, c := range t.chunks {
		if c != nil && c.changed != unchanged {
			if err := t.writeChunk(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// chain is a row and its ancestors, the nearest first.
type chain []*row

// live reports whether the chain leads to a root.
func (c chain) live() bool { return len(c) > 0 && c[len(c)-1].parent == 0 }

func (t *tx) chain(key int64) (chain, error) {
	var c chain
	for key > 0 {
		r, err := t.row(key)
		if err != nil {
			return nil, err
		}
		if r == nil { // its parent was cleared away
			return nil, nil
		}
		if c = append(c, r); len(c) > len(levels)+2 {
			return nil, fmt.Errorf("%w: a node above itself", ErrDamaged)
		}
		key = r.parent
	}
	return c, nil
}

// mark is a status set on everything below a node.
type mark struct {
	status uint8
	ver    int64
	seen   int64
}

// inherited is the newest mark that holds for what lies directly below c[0].
func (c chain) inherited() mark { return c.marks(true) }

// above is the newest mark that holds for c[0] from above it.
func (c chain) above() mark { return c.marks(false) }

func (c chain) marks(own bool) (m mark) {
	floor := int64(0)
	for i, r := range c {
		if (own || i > 0) && r.mver > floor && r.mver > m.ver {
			m = mark{uint8(r.mark), r.mver, r.mseen}
		}
		floor = max(floor, r.floor)
	}
	return m
}

// counts are those of c[0] with what holds from above.
func (c chain) counts() tally {
	if m := c.above(); m.ver > c[0].ver {
		return c[0].counts.as(m.status)
	}
	return c[0].counts
}

// change adds delta, which is none of theirs, to the counts of c[0] and everything above it.
func (c chain) change(delta tally, version int64) {
	n := delta.total()
	for i, r := range c {
		r.counts = c[i:].counts() // those of others change nothing here
		r.counts.addAll(delta, 1)
		r.ver, r.dirty = version, true
		r.codes += n
	}
}

// find returns the live row of an id with its ancestors, nil where nothing is known.
func (t *tx) find(id string) (chain, error) {
	heads, err := t.heads(id)
	if err != nil {
		return nil, err
	}
	for _, h := range heads {
		if c, err := t.chain(h.key); err != nil || c.live() {
			return c, err
		}
	}
	return nil, nil
}

// head is as much of a row as tells where it belongs.
type head struct{ key, parent, load int64 }

// heads returns every row of an id: live, staged and cut off.
func (t *tx) heads(id string) (out []head, err error) {
	err = t.conn.each("SELECT key, parent, load FROM nodes WHERE id=?", []any{id}, func(r *record) error {
		out = append(out, head{r.int(0), r.int(1), r.int(2)})
		return nil
	})
	return out, err
}

func (t *tx) newKey() int64 {
	k := t.cat.nextKey
	t.cat.nextKey++
	return k
}

func (t *tx) newVersion() int64 {
	t.cat.version++
	return t.cat.version
}

// node shows c[0].
func (t *tx) node(c chain) Node {
	r := c[0]
	n := Node{
		Key: r.ord + 1, ID: r.id, Level: levels[r.level], Remaining: -1,
		Children: r.kids + r.own, Codes: r.codes, SeenAt: t.seenAt(r),
		Partial: r.flags&flagWhole == 0,
	}
	if len(c) > 1 {
		n.Parent = c[1].id
	}
	if m := c.inherited(); m.seen > t.seen(r) {
		n.SeenAt = time.UnixMilli(m.seen)
	}
	t.fill(&n, c.counts())
	return n
}

// fill says counts in words.
func (t *tx) fill(n *Node, counts tally) {
	n.Counts = make(map[string]int, len(counts))
	n.Values = make([]Value, 0, len(counts))
	for _, c := range counts {
		status, _ := t.cat.words.say(t.conn, c.status)
		n.Counts[status] += int(c.n)
		n.Values = append(n.Values, Value{status, t.cat.words.sayFace(t.conn, c.face), c.n})
	}
}

var errPacked = errors.New("packed form broken")
