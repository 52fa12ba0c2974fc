package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "counterfoil"

// room says what one part of the tree may lean on. The first matching room
// holds; a room covers its folder and every folder below it unless an earlier
// room took that.
type room struct {
	folder string
	// ours are the packages of this module that it may import, beside those below
	// its own folder.
	ours []string
	// tests are those that its tests may import as well, beside testsMay.
	tests []string
	// outside, where set, is the whole list of modules it may import beside the
	// standard library, as path prefixes.
	outside []string
	// never are import prefixes that this room must not know, and why in a word.
	never map[string]string
	// noFiles forbids opening files: the room asks the desk instead.
	noFiles bool
}

var terminal = map[string]string{
	"charm.land/":              "a terminal",
	"github.com/charmbracelet": "a terminal",
	"github.com/spf13/":        "the command line",
	"github.com/nicksnyder/":   "languages",
}

var machinery = map[string]string{
	"net/http":                    "the network",
	"database/sql":                "a database",
	"github.com/mattn/go-sqlite3": "a database",
	"github.com/pressly/":         "a database",
}

// rooms is the picture of docs/architecture.md as a table.
var rooms = []room{
	{folder: "api/sandbox", ours: []string{"api"}, never: join(terminal, machinery, "net/http")},
	{folder: "api/apitest", outside: []string{}},
	{folder: "api", outside: []string{"github.com/go-json-experiment/json", "golang.org/x/text"}, never: terminal},
	{folder: "assets", outside: []string{}},
	{folder: "ui/vterm", outside: []string{"charm.land/bubbletea/v2", "github.com/charmbracelet/colorprofile", "github.com/charmbracelet/x/vt", "github.com/charmbracelet/x/ansi", "github.com/creack/pty"}, never: machinery},
	{folder: "ui", ours: []string{"assets"}, never: machinery, noFiles: true},

	{folder: "offline/proof", ours: []string{"api", "api/sandbox", "offline/journal", "offline/journal/salvage", "offline/operation", "offline/sqlite"}, tests: []string{"offline"}, never: map[string]string{"charm.land/": "a terminal"}},
	{folder: "offline/offlinetest", ours: []string{"api", "api/sandbox", "assets", "offline"}, never: terminal},
	{folder: "offline/journal/journaltest", ours: []string{"offline/operation", "offline/sqlite"}, never: belowDesk},
	{folder: "offline/files", outside: []string{"golang.org/x/sys"}, never: terminal},
	{folder: "offline/sqlite", outside: []string{"github.com/mattn/go-sqlite3", "golang.org/x/sys"}, never: terminal},
	{folder: "offline/operation", ours: []string{"api"}, outside: []string{}, never: machinery},
	{folder: "offline/journal/salvage", ours: []string{"offline/files", "offline/operation", "offline/sqlite", "offline/journal", "offline/journal/chain"}, never: belowDesk},
	{folder: "offline/journal/chain", ours: []string{"offline/operation", "offline/sqlite"}, never: belowDesk},
	{folder: "offline/journal", ours: []string{"assets", "offline/files", "offline/journal/chain", "offline/operation", "offline/sqlite"}, never: belowDesk},
	{folder: "offline/catalog", ours: []string{"api", "offline/files", "offline/sqlite"}, never: belowDesk},
	{folder: "offline/day", ours: []string{"offline/files", "offline/journal", "offline/journal/chain", "offline/operation", "offline/sqlite"}, never: belowDesk},
	{folder: "offline/reconcile", ours: []string{"api", "offline/day", "offline/files", "offline/journal", "offline/journal/chain", "offline/link", "offline/lookups", "offline/operation", "offline/platformtime", "offline/sqlite"}, never: belowDesk},
	{folder: "offline/doctor", ours: []string{"api", "offline/journal", "offline/journal/salvage", "offline/operation", "offline/operators", "offline/platformtime"}, never: belowDesk},
	{folder: "offline/money", outside: []string{"golang.org/x/text"}, never: machinery, noFiles: true},
	{folder: "offline/export", ours: []string{"api", "offline/day", "offline/files", "offline/journal", "offline/journal/chain", "offline/money", "offline/operation"}, never: belowDesk},
	{folder: "offline/review/marks", ours: []string{"offline/operation"}, outside: []string{}, never: machinery},
	{folder: "offline/review", ours: []string{"api", "offline/files", "offline/journal/chain", "offline/operation", "offline/review/marks", "offline/sqlite"}, never: belowDesk},
	{folder: "offline/operators", ours: []string{"api", "offline/journal", "offline/journal/chain", "offline/sqlite"}, never: belowDesk},
	{folder: "offline/platformtime", ours: []string{"api", "offline/journal"}, never: belowDesk},
	{folder: "offline/link", ours: []string{"api"}, never: belowDesk},
	{folder: "offline/batch", ours: []string{"api", "offline/files", "offline/operation"}, never: belowDesk},
	{folder: "offline/worklist", ours: []string{"api", "offline/operation"}, never: belowDesk},
	{folder: "offline/lookups", ours: []string{"api", "offline/catalog", "offline/link", "offline/operation", "offline/platformtime"}, never: belowDesk},
	{folder: "offline/send", ours: []string{"api", "offline/journal", "offline/link", "offline/lookups", "offline/operation", "offline/platformtime", "offline/worklist"}, tests: []string{"offline/catalog"}, never: belowDesk},
	{folder: "offline", ours: []string{
		"api", "offline/batch", "offline/catalog", "offline/day", "offline/doctor", "offline/export", "offline/files", "offline/journal", "offline/journal/chain", "offline/journal/salvage", "offline/link", "offline/lookups",
		"offline/money", "offline/operation", "offline/operators", "offline/platformtime", "offline/reconcile", "offline/review", "offline/review/marks", "offline/send", "offline/sqlite", "offline/worklist",
	}, never: terminal},

	{folder: "screens/cli", ours: []string{"api", "api/sandbox", "assets", "offline", "offline/files", "screens", "ui"}, never: map[string]string{"database/sql": "a database", "github.com/mattn/go-sqlite3": "a database"}},
	{folder: "screens/screenstest", ours: []string{"offline", "offline/offlinetest", "screens", "ui"}, never: machinery},
	{folder: "screens", ours: []string{"api", "offline", "ui"}, never: machinery, noFiles: true},
	{folder: ".", ours: []string{"screens/cli"}, outside: []string{}},
}

// belowDesk is what the rooms below the desk know nothing of. Only the client in
// api talks to the network.
var belowDesk = join(terminal, map[string]string{"net/http": "the network"})

// testsMay is what a test of any room may import beside its room's own list:
// what stands in for the world outside the process.
var testsMay = []string{"api", "api/apitest", "api/sandbox", "assets", "offline/journal/journaltest", "offline/offlinetest", "screens/screenstest", "ui/vterm"}

func join(first, second map[string]string, but ...string) map[string]string {
	all := map[string]string{}
	for _, m := range []map[string]string{first, second} {
		for prefix, what := range m {
			if !slices.Contains(but, prefix) {
				all[prefix] = what
			}
		}
	}
	return all
}

// source is one parsed Go file of the tree.
type source struct {
	path   string // with slashes, from the root of the tree
	folder string
	lines  int
	test   bool
	file   *ast.File
	set    *token.FileSet
}

// tree is every Go file of the module, for reading only. offline/compare is a module
// of its own and only its formal rules are checked.
func tree(t *testing.T) []source {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatalf("reading the tree: %v", err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d Go files found: the test does not stand at the root of the tree", len(all))
	}
	return all
}

// parsed parses the tree, once for all tests.
var parsed = sync.OnceValues(func() (all []source, err error) {
	err = filepath.WalkDir(".", func(p string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if p != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "dist") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, p, text, parser.ParseComments)
		if err != nil {
			return err
		}
		slash := filepath.ToSlash(p)
		all = append(all, source{
			path: slash, folder: path.Dir(slash), lines: bytes.Count(text, []byte("\n")),
			test: strings.HasSuffix(name, "_test.go"), file: file, set: set,
		})
		return nil
	})
	return all, err
})

func roomOf(folder string) room {
	for _, r := range rooms {
		if r.folder == "." || folder == r.folder || strings.HasPrefix(folder, r.folder+"/") {
			return r
		}
	}
	panic("the last room covers everything")
}

func ownModule(folder string) bool { return folder == "offline/compare" }

func imports(s source) []string {
	var all []string
	for _, spec := range s.file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			all = append(all, name)
		}
	}
	return all
}

func TestImportsKeepToTheHousePicture(t *testing.T) {
	for _, s := range tree(t) {
		if ownModule(s.folder) {
			continue
		}
		r := roomOf(s.folder)
		for _, name := range imports(s) {
			if ours, yes := strings.CutPrefix(name, module+"/"); yes {
				if !r.permits(s, ours) {
					t.Errorf("%s imports %q: the room %s may import only %v", s.path, name, r.folder, r.ours)
				}
				continue
			}
			for prefix, what := range r.never {
				if !s.test && strings.HasPrefix(name, prefix) {
					t.Errorf("%s imports %q: the room %s must not know %s", s.path, name, r.folder, what)
				}
			}
			if r.outside != nil && !s.test && outsideModule(name) && !underAny(r.outside, name) {
				t.Errorf("%s imports %q: the room %s may use only the standard library and %v", s.path, name, r.folder, r.outside)
			}
		}
	}
}

// permits tells whether a file of the room may import this package of ours. A
// test may also import the package that it stands beside.
func (r room) permits(s source, ours string) bool {
	below := strings.HasPrefix(ours, r.folder+"/") && roomOf(ours).folder == r.folder
	if slices.Contains(r.ours, ours) || below || inside(r.ours, "screens", ours) || inside(r.ours, "ui", ours) {
		return true
	}
	return s.test && (ours == s.folder || slices.Contains(r.tests, ours) || slices.Contains(testsMay, ours))
}

// inside lets a room that may use screens or ui use the packages below it as
// well, except the command line (which stands above all screens) and what is
// for tests.
func inside(list []string, whole, ours string) bool {
	if ours == "screens/cli" || ours == "ui/vterm" || ours == "screens/screenstest" || strings.HasPrefix(ours, "screens/cli/") {
		return false
	}
	return slices.Contains(list, whole) && strings.HasPrefix(ours, whole+"/")
}

func outsideModule(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return strings.Contains(first, ".")
}

func underAny(prefixes []string, name string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// fileCalls are the functions of package os by which a screen would do its own
// I/O instead of asking the desk.
var fileCalls = []string{"Open", "OpenFile", "Create", "CreateTemp", "ReadFile", "WriteFile", "ReadDir", "Remove", "RemoveAll", "Rename", "Mkdir", "MkdirAll", "Truncate"}

func TestScreensDoNoFileWorkOfTheirOwn(t *testing.T) {
	for _, s := range tree(t) {
		r := roomOf(s.folder)
		if s.test || !r.noFiles {
			continue
		}
		for _, found := range calls(s, "os", fileCalls) {
			t.Errorf("%s calls %s: the room %s asks the desk instead of touching files", s.path, found, r.folder)
		}
	}
}

// calls lists where a file uses one of the names of a package, as "os.Open (line 12)".
func calls(s source, pkg string, names []string) []string {
	var found []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || !slices.Contains(names, sel.Sel.Name) {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && id.Name == pkg && id.Obj == nil {
			line := s.set.Position(sel.Pos()).Line
			found = append(found, pkg+"."+sel.Sel.Name+" (line "+strconv.Itoa(line)+")")
		}
		return true
	})
	return found
}

func TestTestsWaitForConditionsAndAreNeverSkipped(t *testing.T) {
	for _, s := range tree(t) {
		if !s.test {
			continue
		}
		for _, found := range calls(s, "time", []string{"Sleep"}) {
			t.Errorf("%s uses %s: wait for a condition instead", s.path, found)
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) {
				if id, ok := sel.X.(*ast.Ident); ok && slices.Contains([]string{"t", "b", "f", "tb"}, id.Name) {
					t.Errorf("%s:%d skips a test: make it run everywhere, or make it say what is missing by failing",
						s.path, s.set.Position(sel.Pos()).Line)
				}
			}
			return true
		})
	}
}

func TestFilesStayShort(t *testing.T) {
	const most, mostOfRoot = 400, 300
	for _, s := range tree(t) {
		limit := most
		if s.folder == "screens" && !s.test && declaresMethod(s.file, "Update") {
			limit = mostOfRoot
		}
		if s.lines > limit {
			t.Errorf("%s has %d lines, more than %d: it holds more than one thing", s.path, s.lines, limit)
		}
	}
}

func TestPackagesStaySmall(t *testing.T) {
	const most, mostOfJournal = 3500, 4000
	lines := map[string]int{}
	for _, s := range tree(t) {
		if !s.test {
			lines[s.folder] += s.lines
		}
	}
	for folder, n := range lines {
		limit := most
		if folder == "offline/journal" {
			limit = mostOfJournal
		}
		if n > limit {
			t.Errorf("package %s has %d lines, more than %d: two rooms share a wall that is not drawn", folder, n, limit)
		}
	}
}

func declaresMethod(file *ast.File, name string) bool {
	return slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Recv != nil && f.Name.Name == name
	})
}

func TestEveryPackageSaysWhatItIsForAndHasAName(t *testing.T) {
	nameless := []string{"util", "utils", "common", "helper", "helpers", "types", "misc", "shared", "base"}
	documented, seen := map[string]bool{}, map[string]string{}
	for _, s := range tree(t) {
		name := strings.TrimSuffix(s.file.Name.Name, "_test")
		if slices.Contains(nameless, name) || slices.Contains(nameless, path.Base(s.folder)) {
			t.Errorf("%s is in package %s: a name that says nothing of what is in it", s.path, name)
		}
		if s.test {
			continue
		}
		seen[s.folder] = name
		if s.file.Doc != nil && len(s.file.Doc.Text()) >= 60 {
			documented[s.folder] = true
		}
	}
	for folder, name := range seen {
		if !documented[folder] {
			t.Errorf("package %s in %s has no doc comment that says what it is for and what it may not touch", name, folder)
		}
	}
}
