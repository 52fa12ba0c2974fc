package vterm

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// built is the program in Go's build cache, which keeps what go run has linked:
// the packages' tests share it, and the next test run too.
var built = sync.OnceValues(func() (path string, err error) {
	for range 2 { // the first run of a new program is not out of the cache yet
		var complaint bytes.Buffer
		cmd := exec.Command("go", "run", "-ldflags", "-s -w", "-exec", "echo", "counterfoil")
		cmd.Stderr = &complaint
		out, err := cmd.Output()
		if err != nil {
			return "", fmt.Errorf("go run: %w\n%s", err, complaint.Bytes())
		}
		path = strings.TrimSpace(string(out))
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("go run leaves no program at %q", path)
})

// Binary is the program of the module that the test stands in: it is built where
// it is not up to date.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatalf("building the program: %v", err)
	}
	return path
}

// Root returns the folder of the module's go.mod, above the working folder.
func Root() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "counterfoil").Output()
	return strings.TrimSpace(string(out)), err
}
