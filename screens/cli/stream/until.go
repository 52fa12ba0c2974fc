package stream

import (
	"context"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/charmbracelet/x/term"
)

// Endless reports whether f is a device that is neither a terminal nor the empty
// one: a list from it would have no lines and no end.
func Endless(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&fs.ModeDevice == 0 || term.IsTerminal(f.Fd()) {
		return false
	}
	none, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, none)
}

// Until reads what open opens, from the first Read on and until ctx ends, whose
// error it then returns: neither opening nor reading a silent pipe is waited for.
func Until(ctx context.Context, open func() (io.ReadCloser, error)) io.ReadCloser {
	out, in := io.Pipe()
	begin := sync.OnceFunc(func() {
		context.AfterFunc(ctx, func() { _ = in.CloseWithError(ctx.Err()) })
		go func() {
			from, err := open()
			if err == nil {
				_, err = io.Copy(in, from)
				_ = from.Close()
			}
			_ = in.CloseWithError(err) // nil is the end
		}()
	})
	return &until{out, begin}
}

type until struct {
	*io.PipeReader
	begin func()
}

func (u *until) Read(p []byte) (int, error) {
	u.begin()
	return u.PipeReader.Read(p)
}
