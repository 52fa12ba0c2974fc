package salvage

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
)

// The WAL's format, as SQLite documents it: a header of 32 bytes, then frames
// of 24 bytes and a page. A frame belongs to the log where its two salts are the
// header's; checksums run on from frame to frame, so that one wrong byte hides
// everything after it.
const (
	walHeader      = 32
	walFrame       = 24
	walMagic       = 0x377f0682 // the last bit: checksums of big-endian words
	walVersion     = 3007000
	walCommitsLost = 2
)

// wal is a write-ahead log in memory; the journal cuts its own at a few megabytes.
type wal struct {
	b     []byte
	page  int
	order binary.ByteOrder
}

// readWAL reads a log; nil where there is none. Reading it with os is safe
// beside SQLite: its locks are on other files.
func readWAL(path string) (*wal, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && len(b) <= walHeader) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	w := &wal{b: b, page: int(binary.BigEndian.Uint32(b[8:])), order: binary.LittleEndian}
	magic := binary.BigEndian.Uint32(b)
	if magic&^1 != walMagic || w.page < 512 || w.page > 65536 || w.page&(w.page-1) != 0 {
		w.page = pageSize
	}
	if magic == walMagic|1 {
		w.order = binary.BigEndian
	}
	return w, nil
}

func (w *wal) frames() int { return (len(w.b) - walHeader) / (walFrame + w.page) }

func (w *wal) frame(i int) []byte {
	size := walFrame + w.page
	return w.b[walHeader+i*size : walHeader+(i+1)*size]
}

// sum continues a checksum over b, whose length is a multiple of eight.
func (w *wal) sum(s [2]uint32, b []byte) [2]uint32 {
	for i := 0; i+8 <= len(b); i += 8 {
		s[0] += w.order.Uint32(b[i:]) + s[1]
		s[1] += w.order.Uint32(b[i+4:]) + s[0]
	}
	return s
}

func sums(b []byte) [2]uint32 {
	return [2]uint32{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])}
}

func isCommit(frame []byte) bool { return binary.BigEndian.Uint32(frame[4:]) != 0 }

// salts are those of the header, or where the header itself is damaged those of the first frame.
func (w *wal) salts() [8]byte {
	if w.headerFits() || w.frames() == 0 {
		return [8]byte(w.b[16:24])
	}
	return [8]byte(w.frame(0)[8:16])
}

func (w *wal) headerFits() bool {
	return binary.BigEndian.Uint32(w.b)&^1 == walMagic && w.sum([2]uint32{}, w.b[:24]) == sums(w.b[24:])
}

// hidden counts the commits of this log that SQLite will not see, because a
// frame before them does not fit. A power cut leaves at most the one commit that
// was never acknowledged; more mean damage.
func (w *wal) hidden() int {
	if w == nil {
		return 0
	}
	salts := w.salts()
	fits := w.headerFits()
	s := sums(w.b[24:])
	n := 0
	for i := range w.frames() {
		f := w.frame(i)
		if [8]byte(f[8:16]) != salts {
			// What follows is of an earlier round of the log, unless this frame's own salts are the damage.
			fits = false
			continue
		}
		if fits {
			s = w.sum(w.sum(s, f[:8]), f[walFrame:])
			fits = s == sums(f[16:])
		}
		if !fits && isCommit(f) {
			n++
		}
	}
	return n
}

// mended is the log with its header and every checksum made anew, up to its
// last commit: SQLite then sees all of it, and the rows' own hashes tell which
// of them are damaged. Frames whose header is damaged are left out.
func (w *wal) mended() []byte {
	salts := w.salts()
	out := make([]byte, walHeader, len(w.b))
	magic := uint32(walMagic)
	if w.order == binary.BigEndian {
		magic |= 1
	}
	binary.BigEndian.PutUint32(out, magic)
	binary.BigEndian.PutUint32(out[4:], walVersion)
	binary.BigEndian.PutUint32(out[8:], uint32(w.page))
	copy(out[12:16], w.b[12:16])
	copy(out[16:24], salts[:])
	s := w.sum([2]uint32{}, out[:24])
	binary.BigEndian.PutUint32(out[24:], s[0])
	binary.BigEndian.PutUint32(out[28:], s[1])
	end := len(out)
	for i := range w.frames() {
		f := w.frame(i)
		if [8]byte(f[8:16]) != salts || binary.BigEndian.Uint32(f) == 0 {
			continue
		}
		s = w.sum(w.sum(s, f[:8]), f[walFrame:])
		out = append(out, f...)
		head := out[len(out)-len(f):]
		binary.BigEndian.PutUint32(head[16:], s[0])
		binary.BigEndian.PutUint32(head[20:], s[1])
		if isCommit(f) {
			end = len(out)
		}
	}
	return out[:end]
}

// writeTo puts the pages of the mended log where a checkpoint would.
func (w *wal) writeTo(f io.WriterAt) error {
	if w == nil {
		return nil
	}
	whole := &wal{b: w.mended(), page: w.page}
	for i := range whole.frames() {
		frame := whole.frame(i)
		if _, err := f.WriteAt(frame[walFrame:], int64(binary.BigEndian.Uint32(frame)-1)*int64(w.page)); err != nil {
			return err
		}
	}
	return nil
}
