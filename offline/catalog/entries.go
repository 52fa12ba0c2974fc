package catalog

import (
	"cmp"
	"slices"
)

// dead is the parent of a row that was cut off.
const dead = -1

// class says what an older place of a code means to a load.
type class int8

const (
	classGone   class = iota // cut off, or will be by the switch
	classMine                // in this very answer
	classStaged              // on its way in another answer
	classLive                // the code may have moved from there
)

// class judges a row. It may be out of date by the time of the switch, which
// looks again.
func (b *builder) class(t *tx, node int64) (class, int64, error) {
	c, err := t.chain(node)
	if err != nil || len(c) == 0 {
		return classGone, 0, err
	}
	for _, r := range c {
		if _, ok := b.replaced[r.key]; ok {
			return classGone, 0, nil
		}
	}
	switch top := c[len(c)-1].parent; {
	case c[0].load == b.load:
		return classMine, 0, nil
	case top == dead:
		return classGone, 0, nil
	case top < 0:
		return classStaged, -top, nil
	}
	return classLive, 0, nil
}

func (b *builder) cachedClass(t *tx, node int64) (class, int64, error) {
	if k, ok := b.classes[node]; ok {
		return k, 0, nil
	}
	k, load, err := b.class(t, node)
	if err == nil && k != classStaged {
		if b.classes == nil || len(b.classes) >= 1<<15 {
			b.classes = map[int64]class{}
		}
		b.classes[node] = k
	}
	return k, load, err
}

// twice is a code that came twice in one answer.
type twice struct {
	hash        uint64
	first, then entry
}

// flushEntries adds what waits to the index, some buckets a transaction.
func (b *builder) flushEntries() error {
	slices.SortFunc(b.entries, compareEntries)
	for rest := b.entries; len(rest) > 0; {
		n, seen, last := 0, 0, int64(-1)
		for n < len(rest) {
			if no := rest[n].bucket(); no != last {
				if last, seen = no, seen+1; seen > b.cat.pace.buckets {
					break
				}
			}
			n++
		}
		part := rest[:n]
		rest = rest[n:]
		err := b.cat.work(func(t *tx) error {
			return b.in(t, func() error { return b.enter(t, part) })
		})
		if err != nil {
			return err
		}
	}
	b.entries = b.entries[:0]
	return nil
}

// enter adds sorted entries to the index and follows up on codes already there.
func (b *builder) enter(t *tx, part []entry) error {
	var doubles []twice
	for i := 1; i < len(part); i++ {
		first, then := part[i-1], part[i]
		if first.hash != then.hash {
			continue
		}
		if b.carries(first) {
			first, then = then, first
		}
		doubles = append(doubles, twice{then.hash, first, then})
	}
	err := t.index(part, func(e entry, node, no int64) error {
		k, load, err := b.cachedClass(t, node)
		switch {
		case err != nil || k == classGone:
			return err
		case k == classMine, b.carries(e) && k == classLive:
			doubles = append(doubles, twice{e.hash, entry{e.hash, node, no}, e})
			return nil
		case k == classStaged:
			err = t.conn.exec("INSERT OR IGNORE INTO moves VALUES (?,?,?,?)", load, e.node, e.no, int64(e.hash))
		}
		if err == nil {
			err = t.conn.exec("INSERT OR IGNORE INTO moves VALUES (?,?,?,?)", b.load, node, no, int64(e.hash))
		}
		return err
	})
	if err != nil || len(doubles) == 0 {
		return err
	}
	return b.dropTwice(t, doubles)
}

// carries reports whether an entry is of a code that the answer did not hold:
// it gives way to one that it did.
func (b *builder) carries(e entry) bool {
	from, ok := b.carried[e.node]
	return ok && e.no >= from
}

// dropTwice keeps the first of each code that came twice.
func (b *builder) dropTwice(t *tx, doubles []twice) error {
	slices.SortFunc(doubles, func(a, b twice) int {
		return cmp.Or(cmp.Compare(a.first.node, b.first.node), cmp.Compare(a.first.no, b.first.no))
	})
	type spot struct{ node, no int64 }
	drop := map[spot]map[string]int{} // ids, and how many of each stay
	var ch *chunk
	for _, d := range doubles {
		if ch == nil || ch.node != d.first.node || ch.no != d.first.no {
			var err error
			if ch, err = t.chunk(d.first.node, d.first.no); err != nil {
				return err
			}
		}
		if ch == nil {
			continue
		}
		for i := range ch.n() {
			if hash(ch.id(i)) != d.hash {
				continue
			}
			s := spot{d.then.node, d.then.no}
			if drop[s] == nil {
				drop[s] = map[string]int{}
			}
			if s == (spot{ch.node, ch.no}) {
				drop[s][string(ch.id(i))] = 1
			} else if _, ok := drop[s][string(ch.id(i))]; !ok {
				drop[s][string(ch.id(i))] = 0
			}
		}
	}
	for s, ids := range drop {
		c, err := t.chain(s.node)
		if err != nil {
			return err
		}
		ch, err := t.chunk(s.node, s.no)
		if err != nil {
			return err
		}
		if ch == nil || len(c) == 0 {
			continue
		}
		err = t.dropFrom(c, ch, b.ver, func(i int) bool {
			left, ok := ids[string(ch.id(i))]
			if ok && left > 0 {
				ids[string(ch.id(i))] = left - 1
				return false
			}
			return ok
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// dropFrom takes codes out of a chunk and out of all counts. The index keeps
// what is harmless: an entry is only a hint.
func (t *tx) dropFrom(c chain, ch *chunk, version int64, drop func(i int) bool) error {
	ch.settle(c.inherited())
	var delta tally
	r := c[0]
	ch.remove(func(i int) bool {
		if !drop(i) {
			return false
		}
		delta.add(ch.st[i], ch.looks[ch.at[i]].faceNo, -1)
		r.own--
		r.sum -= int64(hash(ch.id(i)))
		return true
	})
	r.flags |= flagRagged
	r.dirty = true
	c.change(delta, version)
	return t.saveChunk(ch)
}
