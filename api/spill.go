package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	spillMemory = 1 << 20 // all that one answer may hold back in memory
	spillFiles  = 64      // at once, of one answer
)

// errSpill marks a fault of this machine's disk, not of the answer.
var errSpill = errors.New("cannot hold a look-up's rows back on disk")

// spillRoom is what the spills of one answer share.
type spillRoom struct{ memory, files int }

// spill holds children back whose parent's id has not come yet: in memory
// while there is room, then in a file that is unlinked as soon as it is open,
// so that nothing stays behind however this process ends.
type spill struct {
	level Level
	room  *spillRoom
	head  bytes.Buffer
	held  int // bytes of head, kept after it was read
	file  *os.File
}

// Write implements io.Writer.
func (s *spill) Write(p []byte) (int, error) {
	if s.file == nil {
		if len(p) <= s.room.memory {
			s.room.memory -= len(p)
			s.held += len(p)
			return s.head.Write(p)
		}
		if err := s.open(); err != nil {
			return 0, err
		}
	}
	n, err := s.file.Write(p)
	if err != nil {
		return n, fmt.Errorf("%w: %w", errSpill, err)
	}
	return n, nil
}

func (s *spill) open() error {
	if s.room.files >= spillFiles {
		return errTooLarge
	}
	file, err := os.CreateTemp("", "counterfoil-lookup-*")
	if err != nil {
		return fmt.Errorf("%w: %w", errSpill, err)
	}
	s.room.files++
	s.file = file
	if err := os.Remove(file.Name()); err != nil {
		return fmt.Errorf("%w: %w", errSpill, err)
	}
	return nil
}

// reader returns what was written, from its beginning.
func (s *spill) reader() (io.Reader, error) {
	if s.file == nil {
		return bytes.NewReader(s.head.Bytes()), nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("%w: %w", errSpill, err)
	}
	return io.MultiReader(bytes.NewReader(s.head.Bytes()), s.file), nil
}

// drop gives the room back.
func (s *spill) drop() {
	s.room.memory += s.held
	s.held = 0
	s.head = bytes.Buffer{}
	if s.file != nil {
		s.room.files--
		_ = s.file.Close()
		s.file = nil
	}
}

// release decodes what was held back, now that the parent's id is known.
func (b branch) release(s *spill, parent string) error {
	defer s.drop()
	src, err := s.reader()
	if err != nil {
		return err
	}
	held := b.over(src)
	defer held.dec.free()
	return held.children(s.level, parent)
}

// releaseAll decodes all that was held back under one parent.
func (b branch) releaseAll(held []*spill, parent string) error {
	for i, s := range held {
		if err := b.release(s, parent); err != nil {
			dropAll(held[i+1:])
			return err
		}
	}
	return nil
}

func dropAll(held []*spill) {
	for _, s := range held {
		s.drop()
	}
}
