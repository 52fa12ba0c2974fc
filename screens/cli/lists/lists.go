// Package lists opens the lists of ids that commands are given, checks them to
// their end, and says how far they are. It reads no line itself (screens/idlist),
// and accepts and sends nothing.
package lists

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"counterfoil/screens/cli/config"
	"counterfoil/screens/cli/stream"
	"counterfoil/screens/idlist"
)

// List is a list that a command was given.
type List struct {
	name string
	in   io.ReadCloser
	file *os.File // the same, where it can be read again; nil for a pipe
}

// Open opens a list; "-" is standard input, "" a list without lines. A pipe may
// stay silent for ever, so reading it ends with ctx; a device never ends, and a
// folder is none. Errors are for a person.
func Open(ctx context.Context, stdin io.Reader, name string) (*List, error) {
	l := &List{name: name}
	var f *os.File
	switch name {
	case "":
		l.in = io.NopCloser(strings.NewReader(""))
		return l, nil
	case "-":
		f, _ = stdin.(*os.File)
		l.in = stream.Until(ctx, func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil })
	default:
		if info, err := os.Stat(name); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
			l.in = stream.Until(ctx, func() (io.ReadCloser, error) { return os.Open(name) })
			return l, nil
		}
		var err error
		if f, err = os.OpenFile(name, os.O_RDONLY|unix.O_NOCTTY, 0); err != nil {
			return nil, l.trouble(err, "cli.activate.no_file")
		}
		l.in = stream.Until(ctx, func() (io.ReadCloser, error) { return f, nil })
	}
	if f == nil {
		return l, nil
	}
	info, err := f.Stat()
	refused := ""
	switch {
	case err != nil:
		refused = "cli.activate.no_file"
	case info.IsDir():
		refused = "cli.activate.folder"
	case stream.Endless(f):
		refused = "cli.activate.device"
	case info.Mode().IsRegular():
		l.in, l.file = f, f
	}
	if refused == "" {
		return l, nil
	}
	if name != "-" {
		_ = f.Close()
	}
	return nil, l.trouble(err, refused)
}

// Close ends the reading.
func (l *List) Close() error { return l.in.Close() }

func (l *List) trouble(cause error, id string) error {
	return &config.Error{Phrase: config.Phrase{ID: id, Args: map[string]any{"File": l.name}}, Cause: cause}
}

// Each hands over the list's lines (idlist.Each). Its own errors are for a person.
func (l *List) Each(fn func(idlist.Line) error) error {
	var own error
	err := idlist.Each(l.in, func(line idlist.Line) error {
		own = fn(line)
		return own
	})
	switch {
	case err == nil || own != nil || errors.As(err, new(*config.Error)):
		return err
	case errors.Is(err, idlist.ErrNoText):
		return l.trouble(err, "cli.activate.no_text")
	}
	return l.trouble(err, "cli.activate.no_file")
}

// Check hands over the list's lines and makes it ready to be read again. What
// cannot be read twice is kept meanwhile in a folder, without a name there.
func (l *List) Check(folder string, fn func(idlist.Line) error) error {
	if l.file == nil {
		kept, err := os.CreateTemp(folder, "list-") // for its owner only
		if err != nil {
			return l.trouble(err, "cli.activate.not_kept")
		}
		_ = os.Remove(kept.Name()) // it lives while it is open
		from := l.in
		l.in, l.file = readCloser{io.TeeReader(from, &spool{to: kept, list: l}), kept}, kept
		defer func() { _ = from.Close() }()
	}
	begin, err := l.file.Seek(0, io.SeekCurrent) // standard input may stand anywhere
	if err == nil {
		err = l.Each(fn)
	}
	l.in = l.file
	if err != nil {
		return err
	}
	if _, err := l.file.Seek(begin, io.SeekStart); err != nil {
		return l.trouble(err, "cli.activate.no_file")
	}
	return nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// spool writes what is kept of a list. It leaves the disk room for others.
type spool struct {
	to      *os.File
	list    *List
	written int64
}

// A disk on which no more than leave is free, in bytes, counts as full for a list
// of which more than every was kept.
const (
	every = 1 << 20
	leave = 64 << 20
)

func (s *spool) Write(p []byte) (int, error) {
	n, err := s.to.Write(p)
	if before := s.written / every; err == nil {
		var disk unix.Statfs_t
		if s.written += int64(n); s.written/every > before && unix.Fstatfs(int(s.to.Fd()), &disk) == nil && disk.Bavail*uint64(disk.Bsize) < leave {
			err = unix.ENOSPC
		}
	}
	if err != nil {
		err = s.list.trouble(err, "cli.activate.not_kept")
	}
	return n, err
}
