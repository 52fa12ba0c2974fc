package screens_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"counterfoil/offline"
	"counterfoil/screens"
	"counterfoil/ui"
)

// runWith runs the screens on no terminal, with what is typed.
func runWith(t *testing.T, typed string, open func(context.Context) (*offline.Desk, error)) error {
	t.Helper()
	words, err := ui.NewWords(ui.English)
	if err != nil {
		t.Fatal(err)
	}
	return screens.Run(t.Context(), screens.Options{Words: words, Streams: screens.Streams{Input: strings.NewReader(typed), Output: io.Discard}}, open)
}

func TestWhatHindersTheOpeningComesBack(t *testing.T) {
	t.Parallel()
	locked := &offline.Error{Kind: offline.ErrLocked}
	err := runWith(t, "", func(context.Context) (*offline.Desk, error) { return nil, locked })
	if !errors.Is(err, error(locked)) {
		t.Errorf("%v, want %v", err, locked)
	}
}

func TestWhoeverWaitsForTheDeskMayGiveUp(t *testing.T) {
	t.Parallel()
	err := runWith(t, "1111\r\x03", func(ctx context.Context) (*offline.Desk, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that it was given up", err)
	}
}
