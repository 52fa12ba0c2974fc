package catalog

import (
	"encoding/binary"
	"slices"
)

// The index from codes to chunks: buckets of entries, each the upper half of
// the rest of the code's hash, the parent's key and the chunk's number. An
// entry is a hint: whoever follows it compares the code itself and looks
// whether the parent is live.
const (
	bucketBits = 12
	entrySize  = 12
)

type entry struct {
	hash     uint64
	node, no int64
}

func (e entry) bucket() int64 { return int64(e.hash >> (64 - bucketBits)) }

func tag(h uint64) uint32 { return uint32(h >> (64 - bucketBits - 32)) }

// hash is FNV-1a with a last mixing, so that all bits may be used.
func hash[T string | []byte](id T) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(id); i++ {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

func compareEntries(a, b entry) int {
	switch {
	case a.hash != b.hash:
		if a.hash < b.hash {
			return -1
		}
		return 1
	case a.node != b.node:
		return int(min(max(a.node-b.node, -1), 1))
	}
	return int(a.no - b.no)
}

func appendEntry(b []byte, e entry) []byte {
	b = binary.LittleEndian.AppendUint32(b, tag(e.hash))
	b = binary.LittleEndian.AppendUint32(b, uint32(e.node))
	return binary.LittleEndian.AppendUint32(b, uint32(e.no))
}

func entryAt(b []byte, i int) (t uint32, node, no int64) {
	b = b[i : i+entrySize]
	return binary.LittleEndian.Uint32(b), int64(binary.LittleEndian.Uint32(b[4:])), int64(binary.LittleEndian.Uint32(b[8:]))
}

func (t *tx) bucket(no int64) (b []byte, err error) {
	err = t.conn.each("SELECT entries FROM places WHERE bucket=?", []any{no}, func(r *record) error { b = r.bytes(0); return nil })
	return b[:len(b)/entrySize*entrySize], err
}

func (t *tx) saveBucket(no int64, b []byte) error {
	return t.conn.exec("INSERT INTO places VALUES (?1,?2) ON CONFLICT (bucket) DO UPDATE SET entries=?2", no, b)
}

// index adds entries, sorted by hash, and tells clash of older entries that may be of the same code.
func (t *tx) index(entries []entry, clash func(e entry, node, no int64) error) error {
	for len(entries) > 0 {
		no := entries[0].bucket()
		n := 1
		for n < len(entries) && entries[n].bucket() == no {
			n++
		}
		old, err := t.bucket(no)
		if err != nil {
			return err
		}
		for i := 0; i < len(old); i += entrySize {
			tg, node, at := entryAt(old, i)
			j, found := slices.BinarySearchFunc(entries[:n], tg, func(e entry, tg uint32) int {
				if tag(e.hash) < tg {
					return -1
				}
				return int(min(1, tag(e.hash)-tg))
			})
			if found {
				if err := clash(entries[j], node, at); err != nil {
					return err
				}
			}
		}
		b := make([]byte, len(old), len(old)+n*entrySize)
		copy(b, old)
		for _, e := range entries[:n] {
			b = appendEntry(b, e)
		}
		if err := t.saveBucket(no, b); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// unindex drops the entries of one chunk's codes.
func (t *tx) unindex(hashes []uint64, node, no int64) error {
	for _, h := range hashes {
		e := entry{hash: h, node: node, no: no}
		b, err := t.bucket(e.bucket())
		if err != nil {
			return err
		}
		out := b[:0]
		for i := 0; i < len(b); i += entrySize {
			if tg, k, n := entryAt(b, i); tg != tag(h) || k != node || n != no {
				out = append(out, b[i:i+entrySize]...)
			}
		}
		if len(out) < len(b) {
			if err := t.saveBucket(e.bucket(), out); err != nil {
				return err
			}
		}
	}
	return nil
}

// place is where a live code stands.
type place struct {
	chain chain // its parent and above
	chunk *chunk
	i     int
}

// places returns where a code stands live; more than one only until a move is settled.
func (t *tx) places(id string) (out []place, err error) {
	h := hash(id)
	b, err := t.bucket(entry{hash: h}.bucket())
	if err != nil {
		return nil, err
	}
	type spot struct{ node, no int64 }
	var seen []spot
	for i := 0; i < len(b); i += entrySize {
		tg, node, no := entryAt(b, i)
		if tg != tag(h) || slices.Contains(seen, spot{node, no}) {
			continue
		}
		seen = append(seen, spot{node, no})
		c, err := t.chain(node)
		if err != nil {
			return nil, err
		}
		if !c.live() {
			continue
		}
		ch, err := t.chunk(node, no)
		if err != nil {
			return nil, err
		}
		if ch == nil {
			continue
		}
		if i := ch.find(id); i >= 0 {
			out = append(out, place{c, ch, i})
		}
	}
	// The newest look-up first.
	slices.SortStableFunc(out, func(a, b place) int { return int(b.chain[0].load - a.chain[0].load) })
	return out, nil
}

func (t *tx) chunk(node, no int64) (*chunk, error) {
	if c, ok := t.chunks[chunkID(node, no)]; ok {
		return c, nil
	}
	c, err := t.readChunk(node, no)
	if t.chunks != nil && err == nil {
		t.chunks[chunkID(node, no)] = c
	}
	return c, err
}

// readChunk returns nil where there is none.
func (t *tx) readChunk(node, no int64) (*chunk, error) {
	var c chunk
	found := false
	err := t.conn.each("SELECT "+chunkColumns+" FROM chunks WHERE id=?", []any{chunkID(node, no)},
		func(r *record) error { found = true; return c.scan(r) })
	if err != nil || !found {
		return nil, err
	}
	return &c, nil
}

const chunkColumns = "id, n, ver, st, late, body"

func (c *chunk) scan(r *record) error {
	return c.unpack(r.int(0), int(r.int(1)), r.int(2), r.bytes(3), r.bytes(4), r.bytes(5))
}

// insertChunk adds a chunk; buf is scratch.
func (t *tx) insertChunk(c *chunk, buf []byte) ([]byte, error) {
	buf = c.pack(buf[:0])
	return buf, t.conn.exec("INSERT INTO chunks (id, n, has, ver, st, late, body) VALUES (?,?,?,?,?,?,?)",
		chunkID(c.node, c.no), c.n(), c.has(), c.ver, c.packStatuses(), c.packLate(), buf)
}

// saveChunk writes a changed chunk, at the latest by the end of the transaction.
func (t *tx) saveChunk(c *chunk) error {
	c.changed = newCodes
	return t.saveLater(c)
}

// saveStatuses is saveChunk where only statuses changed, and when they were seen.
func (t *tx) saveStatuses(c *chunk) error {
	c.changed = max(c.changed, newStatuses)
	return t.saveLater(c)
}

func (t *tx) saveLater(c *chunk) error {
	if t.chunks != nil && t.chunks[chunkID(c.node, c.no)] == c {
		return nil // flush will
	}
	return t.writeChunk(c)
}

// writeChunk writes a changed chunk; an empty one goes.
func (t *tx) writeChunk(c *chunk) error {
	what := c.changed
	c.changed = unchanged
	switch {
	case c.n() == 0:
		return t.conn.exec("DELETE FROM chunks WHERE id=?", chunkID(c.node, c.no))
	case what == newStatuses:
		return t.conn.exec("UPDATE chunks SET has=?, ver=?, st=?, late=? WHERE id=?",
			c.has(), c.ver, c.packStatuses(), c.packLate(), chunkID(c.node, c.no))
	}
	return t.conn.exec("UPDATE chunks SET n=?, has=?, ver=?, st=?, late=?, body=? WHERE id=?",
		c.n(), c.has(), c.ver, c.packStatuses(), c.packLate(), c.pack(nil), chunkID(c.node, c.no))
}

func (c *chunk) has() (bits int64) {
	for _, s := range c.st {
		bits |= bit(s)
	}
	return bits
}
