package vterm

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// built is the program, built once in a test run.
var built = sync.OnceValues(func() (path string, err error) {
	if builtIn, err = os.MkdirTemp("", "counterfoil-bin-"); err != nil {
		return "", err
	}
	path = filepath.Join(builtIn, "counterfoil")
	if out, err := exec.Command("go", "build", "-o", path, "counterfoil").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// builtIn is the folder of what was built, "" for none.
var builtIn string

// Main runs a package's tests and removes what Binary built; TestMain calls it:
//
//	func TestMain(m *testing.M) { os.Exit(vterm.Main(m)) }
func Main(m *testing.M) int {
	code := m.Run()
	if builtIn != "" {
		_ = os.RemoveAll(builtIn) // a leftover in the temporary folder harms nobody
	}
	return code
}

// Binary builds the program of the module that the test stands in, once in a
// test run, and returns its path.
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
