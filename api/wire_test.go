package api

import (
	"io"
	"net"
	"testing"
)

func TestSealedWireWritesNothingMore(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	w := &wire{Conn: near}
	go func() { _, _ = io.Copy(io.Discard, far) }()
	if _, err := w.Write([]byte("abc")); err != nil || w.seal() != 3 {
		t.Fatal("three bytes were not counted")
	}
	if n, err := w.Write([]byte("late")); n != 0 || err == nil || w.count() != 3 {
		t.Fatal("a sealed connection was written to")
	}
	_ = near.Close()
	_ = far.Close()
}
