package files

import (
	"path/filepath"
	"testing"
)

// TestANameIsFreeOrNotWhereverItStands: beside the program and at the top too.
func TestANameIsFreeOrNotWhereverItStands(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"x.csv", "./x.csv", "../x.csv", "testdata/x.csv", "../files/x.csv", "/x.csv", filepath.Join(t.TempDir(), "x.csv")} {
		if err := Free([]string{"mark"}, []string{"slips/*", "x.csv"}, []string{path}); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
