package catalog

import (
	"slices"
	"time"
)

// dropLoad gives up what a load staged; tops are its rows without a parent.
func (t *tx) dropLoad(load int64, tops []int64) error {
	for _, key := range tops {
		if err := t.conn.exec("UPDATE nodes SET parent=? WHERE key=? AND parent<0", dead, key); err != nil {
			return err
		}
		if err := t.conn.exec("INSERT OR IGNORE INTO garbage SELECT key FROM nodes WHERE key=? AND parent=?", key, dead); err != nil {
			return err
		}
	}
	for _, q := range []string{"DELETE FROM twins WHERE load=?", "DELETE FROM moves WHERE load=?", "DELETE FROM loads WHERE load=?"} {
		if err := t.conn.exec(q, load); err != nil {
			return err
		}
	}
	return nil
}

// forgetStaged gives up what a kill left staged.
func (c *Catalog) forgetStaged() error {
	return c.write(func(t *tx) error {
		loads, err := t.numbers("SELECT load FROM loads WHERE done=0")
		if err != nil {
			return err
		}
		for _, load := range loads {
			tops, err := t.numbers("SELECT key FROM nodes WHERE parent=?", -load)
			if err != nil {
				return err
			}
			if err := t.dropLoad(load, tops); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) numbers(q string, args ...any) (out []int64, err error) {
	err = t.conn.each(q, args, func(r *record) error {
		out = append(out, r.int(0))
		return nil
	})
	return out, err
}

func (c *Catalog) wakeSweeper() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// sweep clears away in the background what was cut off, in steps that leave
// the writer to others in between.
func (c *Catalog) sweep() {
	defer close(c.swept)
	for {
		more, err := c.sweepStep()
		if err != nil || !more {
			select {
			case <-c.wake:
			case <-c.quit:
				return
			}
			continue
		}
		select {
		case <-c.quit:
			return
		default:
		}
	}
}

// seen is when a row was seen, in milliseconds; a large load keeps it once for all its rows.
func (t *tx) seen(r *row) int64 {
	if r.seen != 0 {
		return r.seen
	}
	at, ok, err := t.conn.number("SELECT done FROM loads WHERE load=?", r.load)
	if err != nil || !ok {
		return 0
	}
	r.seen = at
	return at
}

func (t *tx) seenAt(r *row) time.Time { return time.UnixMilli(t.seen(r)) }

const (
	sweepChunks  = 64
	sweepRows    = 64
	sweepBuckets = 64
)

// sweepStep does a few milliseconds' work; more is false when all is clear.
func (c *Catalog) sweepStep() (more bool, err error) {
	err = c.work(func(t *tx) error {
		loads, err := t.numbers("SELECT DISTINCT load FROM moves WHERE load IN (SELECT load FROM loads WHERE done>0) LIMIT 1")
		if err != nil {
			return err
		}
		if len(loads) > 0 {
			more = true
			return t.settleMoves(loads[0], sweepRows)
		}
		more, err = t.clearGarbage()
		if err != nil || more {
			return err
		}
		more, err = t.clearPlaces()
		return err
	})
	return more, err
}

// clearGarbage deletes some of what was cut off, the lowest first.
func (t *tx) clearGarbage() (more bool, err error) {
	keys, err := t.numbers("SELECT key FROM garbage ORDER BY key DESC LIMIT ?", sweepRows)
	if err != nil || len(keys) == 0 {
		return false, err
	}
	budget := sweepChunks
	for _, key := range keys {
		if budget <= 0 {
			break
		}
		kids, err := t.numbers("SELECT key FROM nodes WHERE parent=? LIMIT ?", key, sweepRows)
		if err != nil {
			return false, err
		}
		if len(kids) > 0 {
			for _, kid := range kids {
				if err := t.conn.exec("UPDATE nodes SET parent=? WHERE key=?", dead, kid); err != nil {
					return false, err
				}
				if err := t.conn.exec("INSERT OR IGNORE INTO garbage VALUES (?)", kid); err != nil {
					return false, err
				}
			}
			break
		}
		n, err := t.clearCodes(key, budget)
		if err != nil {
			return false, err
		}
		if budget -= n + 1; budget <= 0 {
			break
		}
		if err := t.clearRow(key); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (t *tx) clearRow(key int64) error {
	delete(t.rows, key)
	if err := t.conn.exec("DELETE FROM nodes WHERE key=?", key); err != nil {
		return err
	}
	return t.conn.exec("DELETE FROM garbage WHERE key=?", key)
}

// preciseCodes is up to how many codes a row may have for their entries in the
// index to be taken out one by one; for more, all buckets are gone through once.
const preciseCodes = 512

func (t *tx) clearCodes(key int64, limit int) (n int, err error) {
	ids, err := t.numbers("SELECT id FROM chunks WHERE id>=? AND id<? LIMIT ?", chunkID(key, 0), chunkID(key+1, 0), limit)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	r, err := t.row(key)
	if err != nil {
		return 0, err
	}
	busy, err := t.numbers("SELECT first FROM dead LIMIT 1")
	if err != nil {
		return 0, err
	}
	if r != nil && r.own <= preciseCodes && len(busy) == 0 && len(ids) < 8 && !t.crowded() {
		for _, id := range ids {
			ch, err := t.chunk(key, id&(1<<chunkBits-1))
			if err != nil || ch == nil {
				return 0, err
			}
			hashes := make([]uint64, ch.n())
			for i := range hashes {
				hashes[i] = hash(ch.id(i))
			}
			if err := t.unindex(hashes, ch.node, ch.no); err != nil {
				return 0, err
			}
		}
		n = sweepChunks / 4
	} else if err := t.bequeath(key); err != nil {
		return 0, err
	}
	return n + len(ids), t.conn.exec("DELETE FROM chunks WHERE id>=? AND id<=?", ids[0], ids[len(ids)-1])
}

// crowded reports whether so much is to be cleared that going through all buckets is less work.
func (t *tx) crowded() bool {
	n, err := t.numbers("SELECT key FROM garbage LIMIT 33")
	return err == nil && len(n) > 32
}

// bequeath notes that entries of a row are to be taken out of the index.
func (t *tx) bequeath(key int64) error {
	t.cat.sweptTo = 0
	err := t.conn.exec("UPDATE dead SET first=? WHERE first=?", key, key+1)
	if err == nil {
		err = t.conn.exec("INSERT INTO dead SELECT ?1, ?1 WHERE NOT EXISTS "+
			"(SELECT 1 FROM dead WHERE first=(SELECT max(first) FROM dead WHERE first<=?1) AND last>=?1)", key)
	}
	return err
}

// clearPlaces goes on through the index, once around, taking out entries of
// rows that are gone.
func (t *tx) clearPlaces() (more bool, err error) {
	type span struct{ first, last int64 }
	var gone []span
	err = t.conn.each("SELECT first, last FROM dead ORDER BY first", nil, func(r *record) error {
		gone = append(gone, span{r.int(0), r.int(1)})
		return nil
	})
	if err != nil || len(gone) == 0 {
		return false, err
	}
	from := t.cat.sweptTo
	for no := from; no < from+sweepBuckets; no++ {
		b, err := t.bucket(no)
		if err != nil {
			return false, err
		}
		out := b[:0]
		for i := 0; i < len(b); i += entrySize {
			_, node, _ := entryAt(b, i)
			k, found := slices.BinarySearchFunc(gone, node, func(s span, node int64) int { return int(s.first - node) })
			if !found {
				k--
			}
			if k < 0 || gone[k].last < node {
				out = append(out, b[i:i+entrySize]...)
			}
		}
		if len(out) < len(b) {
			if err := t.saveBucket(no, out); err != nil {
				return false, err
			}
		}
	}
	if t.cat.sweptTo = from + sweepBuckets; t.cat.sweptTo < 1<<bucketBits {
		return true, nil
	}
	t.cat.sweptTo = 0
	return true, t.conn.exec("DELETE FROM dead")
}
