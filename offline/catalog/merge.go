package catalog

import (
	"slices"
)

// mergeCodes takes the few codes of a staged row into a live one.
func (l *landing) mergeCodes(n *row, m chain) error {
	var codes []chunk
	from := list{t: l.t, codes: chain{n}}
	err := from.walkChunks(0, false, func(ch *chunk) error {
		codes = append(codes, *ch)
		*ch = chunk{}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range codes {
		for k := range codes[i].n() {
			if err := l.upsert(m, &codes[i], k); err != nil {
				return err
			}
		}
	}
	// What waits for the index would lead to the row that goes.
	l.entries = slices.DeleteFunc(l.entries, func(e entry) bool { return e.node == n.key })
	return nil
}

// upsert takes one code into m: in place where it stands there, else from
// wherever it stood.
func (l *landing) upsert(m chain, from *chunk, k int) error {
	id, lk, status := string(from.id(k)), from.looks[from.at[k]], from.st[k]
	places, err := l.t.places(id)
	if err != nil {
		return err
	}
	stands := false
	for _, p := range places {
		// An answer without the parent says nothing against the known one.
		if stands || p.chain[0] != m[0] && m[0].key != looseKey {
			ch := p.chunk
			if err := l.t.dropFrom(p.chain, ch, l.v, func(i int) bool { return i == p.i }); err != nil {
				return err
			}
			if err := l.t.unindex([]uint64{hash(id)}, ch.node, ch.no); err != nil {
				return err
			}
			continue
		}
		stands = true
		if err := l.update(p, lk, status); err != nil {
			return err
		}
	}
	if stands {
		return nil
	}
	return l.appendCode(m, id, lk, l.newest(m, status))
}

// newest is the status, or that of a mark made while the answer was on its way.
func (l *landing) newest(m chain, status uint8) uint8 {
	if mk := m.inherited(); mk.ver > l.ver {
		return mk.status
	}
	return status
}

func (l *landing) update(p place, lk look, status uint8) error {
	ch := p.chunk
	status = l.newest(p.chain, status)
	ch.settle(p.chain.inherited())
	var delta tally
	delta.add(ch.st[p.i], ch.looks[ch.at[p.i]].faceNo, -1)
	delta.add(status, lk.faceNo, 1)
	ch.st[p.i], ch.at[p.i], ch.ver = status, ch.lookNo(lk), l.v
	ch.setLate(p.i, l.at)
	ch.tidy()
	p.chain.change(delta, l.v)
	return l.t.saveChunk(ch)
}

func (l *landing) appendCode(m chain, id string, lk look, status uint8) error {
	r := m[0]
	var ch *chunk
	var err error
	if r.chunks > 0 {
		if ch, err = l.t.chunk(r.key, r.chunks-1); err != nil {
			return err
		}
	}
	fresh := ch == nil || ch.n() >= chunkCodes
	if fresh {
		ch = &chunk{node: r.key, no: r.chunks}
		if r.own != chunkCodes*r.chunks {
			r.flags |= flagRagged
		}
		r.chunks++
	}
	ch.settle(m.inherited())
	ch.put(id, lk, status)
	ch.ver = l.v
	ch.setLate(ch.n()-1, l.at)
	if fresh {
		_, err = l.t.insertChunk(ch, nil)
	} else {
		err = l.t.saveChunk(ch)
	}
	if err != nil {
		return err
	}
	h := hash(id)
	r.own++
	r.sum += int64(h)
	r.dirty = true
	var delta tally
	delta.add(status, lk.faceNo, 1)
	m.change(delta, l.v)
	return l.t.index([]entry{{h, r.key, ch.no}}, func(entry, int64, int64) error { return nil })
}

// absorb takes the codes of a live row that the answer does not hold into the
// staged row that will replace it.
func (l *landing) absorb(n *row, m chain) error {
	have, err := l.t.hashes(n)
	if err != nil {
		return err
	}
	var rest []chunk
	from := list{t: l.t, codes: m}
	mk := m.inherited()
	err = from.walkChunks(0, false, func(ch *chunk) error {
		ch.settle(mk)
		seen := l.t.seen(m[0])
		for i := range ch.n() {
			ch.setLate(i, max(ch.lateOf(i), seen))
		}
		ch.remove(func(i int) bool {
			_, found := slices.BinarySearch(have, hash(ch.id(i)))
			return found
		})
		if ch.n() > 0 {
			rest = append(rest, *ch)
			*ch = chunk{}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if l.carried == nil {
		l.carried = map[int64]int64{}
	}
	l.carried[n.key] = n.chunks
	for i := range rest {
		ch := &rest[i]
		if n.own != chunkCodes*n.chunks {
			n.flags |= flagRagged
		}
		ch.node, ch.no, ch.ver = n.key, n.chunks, max(ch.ver, n.ver)
		n.chunks++
		if _, err := l.t.insertChunk(ch, nil); err != nil {
			return err
		}
		n.own += int64(ch.n())
		n.codes += int64(ch.n())
		n.sum += ch.sum()
		n.counts.addAll(ch.tally(), 1)
		for k := range ch.n() {
			l.entries = append(l.entries, entry{hash(ch.id(k)), n.key, ch.no})
		}
	}
	return nil
}

// settleMoves takes codes that a load brought from where they stood before,
// at most limit of them.
func (t *tx) settleMoves(load int64, limit int) error {
	type move struct{ node, no, hash int64 }
	var moves []move
	err := t.conn.each("SELECT node, no, hash FROM moves WHERE load=? LIMIT ?", []any{load, limit}, func(r *record) error {
		moves = append(moves, move{r.int(0), r.int(1), r.int(2)})
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range moves {
		if err := t.settleMove(m.node, m.no, uint64(m.hash)); err != nil {
			return err
		}
		if err := t.conn.exec("DELETE FROM moves WHERE load=? AND node=? AND no=? AND hash=?", load, m.node, m.no, m.hash); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) settleMove(node, no int64, h uint64) error {
	c, err := t.chain(node)
	if err != nil || !c.live() {
		return err
	}
	ch, err := t.chunk(node, no)
	if err != nil || ch == nil {
		return err
	}
	for i := range ch.n() {
		if hash(ch.id(i)) != h {
			continue
		}
		id := string(ch.id(i))
		places, err := t.places(id)
		if err != nil {
			return err
		}
		for k := 1; k < len(places); k++ { // the newest first
			p := places[k]
			if err := t.dropFrom(p.chain, p.chunk, t.newVersion(), func(i int) bool { return i == p.i }); err != nil {
				return err
			}
			if err := t.unindex([]uint64{h}, p.chunk.node, p.chunk.no); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}
