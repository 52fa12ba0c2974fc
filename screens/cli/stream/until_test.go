package stream_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"counterfoil/screens/cli/stream"
)

func TestNeitherOpeningNorReadingASilentPipeIsWaitedFor(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	still, _ := io.Pipe()
	for name, open := range map[string]func() (io.ReadCloser, error){
		"opening": func() (io.ReadCloser, error) { return os.Open(fifo) },
		"reading": func() (io.ReadCloser, error) { return still, nil },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		list := stream.Until(ctx, open)
		cancel()
		if _, err := list.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	list := stream.Until(t.Context(), func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("all")), nil })
	if text, err := io.ReadAll(list); err != nil || string(text) != "all" {
		t.Errorf("%q %v", text, err)
	}
	gone := errors.New("gone")
	if _, err := stream.Until(t.Context(), func() (io.ReadCloser, error) { return nil, gone }).Read(nil); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
}
