package batch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"counterfoil/offline/files"
)

// mostListed is how many bytes a list for a basket may have.
const mostListed = 4 << 20

// ListError is a file that is no list for a basket.
type ListError struct {
	Path string
	Why  string // "none", "folder", "long" or "unreadable"
	err  error
}

// Error is for logs.
func (e *ListError) Error() string { return "batch: no list: " + e.err.Error() }

// Unwrap returns the cause.
func (e *ListError) Unwrap() error { return e.err }

// ReadList reads a list that a person named for a basket; a leading ~ is her home.
// Its errors are *ListError.
func ReadList(path string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			path = filepath.Join(home, rest)
		}
	}
	text, _, err := files.ReadNamed(path, mostListed)
	why := "unreadable"
	switch {
	case err == nil:
		return text, nil
	case errors.Is(err, fs.ErrNotExist):
		why = "none"
	case errors.As(err, new(*files.ForeignError)):
		why = "folder"
	case errors.Is(err, files.ErrTooLong):
		why = "long"
	}
	return nil, &ListError{path, why, err}
}
