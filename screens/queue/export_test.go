package queue_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// exported reads the one table in the folder of exports: the ids in it.
func exported(s *screenstest.Counter) (ids []string) {
	s.TB.Helper()
	names, err := filepath.Glob(filepath.Join(s.Settings.Data, "exports", "*.csv"))
	s.Must(err)
	if len(names) != 1 {
		s.TB.Fatalf("files %q", names)
	}
	text, err := os.ReadFile(names[0])
	s.Must(err)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff"))).ReadAll()
	s.Must(err)
	for _, row := range rows[1:] {
		ids = append(ids, row[5])
	}
	s.Must(os.Remove(names[0]))
	return ids
}

func TestAnExportHoldsTheFilteredRowsOnly(t *testing.T) {
	t.Parallel()
	s := both(t, 120, 40)
	s.Keys("f5")
	s.Until("Open 2")
	manager := func(rows string) {
		t.Helper()
		s.Until("Export")
		s.Keys("tab", "enter")
		s.Until("A manager is needed") // she asks for it, and a manager's PIN allows this one
		s.Keys("tab", "9", "9", "9", "9", "enter")
		s.Until(rows + ", ¥")
	}
	s.Keys("e")
	manager("2 rows")
	if ids := exported(s); len(ids) != 2 {
		t.Errorf("all that is open: %q", ids)
	}
	s.Keys("/")
	s.Answer("242-2585")
	s.Keys("e")
	manager("1 row")
	if ids := exported(s); len(ids) != 1 || ids[0] != offlinetest.Reel {
		t.Errorf("what is found: %q", ids)
	}
	s.Keys("esc", "tab", "tab", "tab") // what needs a manager
	s.Until("Nothing here")
	s.Keys("e")
	manager("0 rows")
	if ids := exported(s); len(ids) != 0 {
		t.Errorf("nothing needs a manager, and yet %q", ids)
	}
}
