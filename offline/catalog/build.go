package catalog

import (
	"fmt"
	"slices"

	"counterfoil/api"
)

// builder lays an answer down under no parent, where nobody meets it.
type builder struct {
	cat     *Catalog
	root    string
	load    int64
	ver     int64
	stack   []*frame
	rows    map[int64]*row // those of the stack, which are ahead of the database
	tops    []int64        // rows without a parent in the answer
	keys    []int64        // the first rows staged, at most seenRows of them
	many    bool           // there are more
	entries []entry
	classes map[int64]class
	// replaced are live rows that the switch will cut off.
	replaced map[int64]struct{}
	// carried are rows whose chunks from a number on are not of the answer.
	carried map[int64]int64
	pack    []byte
	words   lastWords
}

// seenRows is up to how many rows the switch stamps with its time; a larger
// load keeps it in loads.
const seenRows = 256

// frame is a node whose children are arriving.
type frame struct {
	row   *row
	below bool  // at or below the root that was asked for
	twin  int64 // live row of the same id, 0 for none
	buf   chunk
	delta tally    // counted since the frame was opened
	known []uint64 // hashes of the codes it had when it was opened again
	fresh bool     // not in the database yet
}

func (f *frame) store(t *tx) error {
	if f.fresh {
		f.fresh = false
		return t.insert(f.row)
	}
	return t.save(f.row)
}

type lastWords struct {
	set                bool
	status, text, face string
	statusNo           uint8
	faceNo             uint16
}

// in runs f with the stack's rows in place of those stored.
func (b *builder) in(t *tx, f func() error) error {
	for k, r := range b.rows {
		t.rows[k] = r
	}
	return f()
}

// add stages nodes and returns how many: fewer where somebody waits for the writer.
func (b *builder) add(t *tx, batch []api.Node) (done int, err error) {
	for i := range batch {
		if i > 0 && i%b.cat.pace.heed == 0 && b.cat.turn.wanted() {
			break
		}
		done = i + 1
		n := &batch[i]
		switch {
		case n.ID == "":
			err = fmt.Errorf("%w: no id", ErrOrder)
		case n.Level == api.LevelCode:
			err = b.code(t, n)
		default:
			err = b.inner(t, n)
		}
		if err != nil {
			return done, err
		}
	}
	// A kill must leave nothing that no row leads to.
	for _, f := range b.stack {
		if f.fresh {
			if err := f.store(t); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

// finish takes the last nodes and stores what the stack holds.
func (b *builder) finish(t *tx, batch []api.Node) error {
	for len(batch) > 0 {
		n, err := b.add(t, batch)
		if err != nil {
			return err
		}
		batch = batch[n:]
	}
	return b.popTo(t, 0)
}

// parent makes the node of id the top of the stack.
func (b *builder) parent(t *tx, id string) (*frame, error) {
	for i := len(b.stack) - 1; i >= 0; i-- {
		if b.stack[i].row.id == id {
			return b.stack[i], b.popTo(t, i+1)
		}
	}
	heads, err := t.heads(id)
	if err != nil {
		return nil, err
	}
	for _, h := range heads {
		if h.load == b.load {
			return b.reopen(t, h.key)
		}
	}
	if id == "" {
		if err := b.inner(t, &api.Node{}); err != nil {
			return nil, err
		}
		return b.stack[0], nil
	}
	return nil, fmt.Errorf("%w: parent %s has not come", ErrOrder, api.ID(id).Masked())
}

func (b *builder) push(f *frame) {
	b.stack = append(b.stack, f)
	b.rows[f.row.key] = f.row
}

func (b *builder) popTo(t *tx, height int) error {
	for len(b.stack) > height {
		f := b.stack[len(b.stack)-1]
		if f.buf.n() > 0 {
			if err := b.writeChunk(t, f); err != nil {
				return err
			}
		}
		if err := f.store(t); err != nil {
			return err
		}
		t.rows[f.row.key] = f.row
		delete(b.rows, f.row.key)
		b.stack = b.stack[:len(b.stack)-1]
		if len(b.stack) > 0 {
			up := b.stack[len(b.stack)-1]
			up.row.counts.addAll(f.delta, 1)
			up.row.codes += f.delta.total()
			up.delta.addAll(f.delta, 1)
		}
	}
	return nil
}

// reopen continues a node that was left: the platform repeats packages.
func (b *builder) reopen(t *tx, key int64) (*frame, error) {
	if err := b.popTo(t, 0); err != nil {
		return nil, err
	}
	c, err := t.chain(key)
	if err != nil {
		return nil, err
	}
	for i := len(c) - 1; i >= 0; i-- {
		f := &frame{row: c[i], below: c[i].flags&flagWhole != 0}
		if l, err := t.find(c[i].id); err != nil {
			return nil, err
		} else if len(l) > 0 {
			f.twin = l[0].key
		}
		b.push(f)
	}
	f := b.stack[len(b.stack)-1]
	f.known, err = t.hashes(f.row)
	return f, err
}

// hashes are those of a row's own codes, sorted.
func (t *tx) hashes(r *row) ([]uint64, error) {
	out := make([]uint64, 0, r.own)
	l := list{t: t, codes: chain{r}}
	err := l.walkChunks(0, false, func(ch *chunk) error {
		for i := range ch.n() {
			out = append(out, hash(ch.id(i)))
		}
		return nil
	})
	slices.Sort(out)
	return out, err
}

func (b *builder) inner(t *tx, n *api.Node) error {
	level := levelNumber(n.Level)
	if level == 0 {
		level = levelNumber(api.ID(n.ID).Level())
	}
	var up *frame
	var err error
	if n.Parent != "" {
		if up, err = b.parent(t, n.Parent); err != nil {
			return err
		}
		if up.row.level >= level {
			return fmt.Errorf("%w: %s cannot stand in %s", ErrOrder, n.ID, n.Parent)
		}
	} else if err = b.popTo(t, 0); err != nil {
		return err
	}
	others, err := t.heads(n.ID)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.load == b.load {
			_, err = b.reopen(t, o.key)
			return err
		}
	}
	r := &row{key: t.newKey(), parent: -b.load, id: n.ID, level: level, load: b.load, ver: b.ver}
	f := &frame{row: r, below: n.ID == b.root}
	if up != nil {
		f.below = f.below || up.below
		r.parent, r.ord = up.row.key, up.row.next
		up.row.next++
		up.row.kids++
	} else {
		b.tops = append(b.tops, r.key)
	}
	if f.below {
		r.flags |= flagWhole
	}
	if len(b.keys) < seenRows {
		b.keys = append(b.keys, r.key)
	} else {
		b.many = true
	}
	for _, o := range others {
		if err := b.meet(t, f, up, o); err != nil {
			return err
		}
	}
	f.fresh = true
	b.push(f)
	t.rows[r.key] = r
	return nil
}

// meet notes another row of the same id, for the switch. Both sides are noted
// where that one is staged too, so that the later of two switches knows.
func (b *builder) meet(t *tx, f, up *frame, o head) error {
	other := o.key
	if up != nil && up.below && up.twin != 0 && o.parent == up.twin {
		f.twin = other // it goes with its parent
		return nil
	}
	c, err := t.chain(other)
	if err != nil || len(c) == 0 {
		return err
	}
	top := c[len(c)-1].parent
	switch top {
	case dead:
		return nil
	case 0:
		f.twin = other
		if f.below {
			if b.replaced == nil {
				b.replaced = map[int64]struct{}{}
			}
			b.replaced[other] = struct{}{}
		}
	default:
		if err := t.conn.exec("INSERT OR IGNORE INTO twins VALUES (?,?,?)", -top, other, f.row.key); err != nil {
			return err
		}
	}
	return t.conn.exec("INSERT OR IGNORE INTO twins VALUES (?,?,?)", b.load, f.row.key, other)
}

func (b *builder) code(t *tx, n *api.Node) error {
	var f *frame
	var err error
	if len(b.stack) > 0 && b.stack[len(b.stack)-1].row.id == n.Parent {
		f = b.stack[len(b.stack)-1]
	} else if f, err = b.parent(t, n.Parent); err != nil {
		return err
	}
	if f.known != nil {
		if _, found := slices.BinarySearch(f.known, hash(n.ID)); found {
			return nil
		}
	}
	w := &b.words
	if !w.set || w.status != n.Status || w.text != n.StatusText || w.face != n.FaceValue {
		if w.statusNo, err = t.cat.words.status(t.conn, n.Status, n.StatusText); err != nil {
			return err
		}
		if w.faceNo, err = t.cat.words.face(t.conn, n.FaceValue); err != nil {
			return err
		}
		w.set, w.status, w.text, w.face = true, n.Status, n.StatusText, n.FaceValue
	}
	f.buf.put(n.ID, look{n.StatusText, n.Name, n.FaceValue, n.ValidFrom, n.ValidTo,
		n.Remaining, w.statusNo, w.faceNo}, w.statusNo)
	if f.buf.n() == chunkCodes {
		return b.writeChunk(t, f)
	}
	return nil
}

func (b *builder) writeChunk(t *tx, f *frame) (err error) {
	c, r := &f.buf, f.row
	c.node, c.no, c.ver = r.key, r.chunks, b.ver
	if r.own != chunkCodes*r.chunks {
		r.flags |= flagRagged
	}
	if b.pack, err = t.insertChunk(c, b.pack); err != nil {
		return err
	}
	for i := range c.n() {
		h := hash(c.id(i))
		b.entries = append(b.entries, entry{h, r.key, c.no})
		r.sum += int64(h)
	}
	n := int64(c.n())
	r.chunks++
	r.own += n
	r.codes += n
	counted := c.tally()
	r.counts.addAll(counted, 1)
	f.delta.addAll(counted, 1)
	c.reset()
	return nil
}
