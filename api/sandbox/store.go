package sandbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// open reads sandbox.jsonl and applies it line by line. A last line without
// its end is what a crash left of a write that was never answered: it is cut off.
func (s *Sandbox) open() error {
	if s.options.DataDir == "" {
		return nil
	}
	if err := os.MkdirAll(s.options.DataDir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(s.options.DataDir, "sandbox.jsonl")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	lines := bufio.NewReader(file)
	var whole int64
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = s.replay(line)
		}
		if err != nil {
			_ = file.Close()
			return fmt.Errorf("%s, line %d: %w", path, number, err)
		}
		whole += int64(len(line))
	}
	if err := file.Truncate(whole); err != nil {
		_ = file.Close()
		return err
	}
	if _, err := file.Seek(whole, io.SeekStart); err != nil {
		_ = file.Close()
		return err
	}
	s.file = file
	return nil
}

func (s *Sandbox) replay(line []byte) error {
	var e entry
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	switch {
	case e.Boxes != nil:
		boxes, err := s.parseBoxes(e.Boxes)
		if err != nil {
			return err
		}
		s.addLoaded(boxes)
	case e.Generate != nil:
		b, err := s.generate(e.Generate.Packages, e.Generate.Reels, e.Generate.Codes)
		if err != nil {
			return err
		}
		s.made = append(s.made, b)
	case e.Trace != "":
		s.spend(e.Trace, nil)
	case e.UUID != "":
		s.uuids[e.UUID] = true
	case e.Change != nil:
		s.apply(e.Change)
	case e.Order != nil:
		s.applyOrder(e.Order)
	default:
		return errors.New("the line says nothing this sandbox knows")
	}
	return nil
}

// keep writes one entry before its effect, in one write. Called with mu held.
func (s *Sandbox) keep(e entry) error {
	if s.file == nil {
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = s.file.Write(append(line, '\n'))
	return err
}
