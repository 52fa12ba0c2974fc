package operation_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// An operation's state moves in this package alone, where its rules stand. The
// journal and a day's report read stored ones back; the fault suite and the journal's
// tests make some up.
func TestNobodyElseAssignsAState(t *testing.T) {
	t.Parallel()
	elsewhere := []string{"../journal/chain/rows.go", "../day/close.go"}
	files := 0
	for _, root := range []string{"..", "../../screens"} {
		err := filepath.WalkDir(root, func(p string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() && slices.Contains([]string{"../operation", "../proof", "../journal/journaltest", "../compare"}, p) {
				return cmp.Or(err, filepath.SkipDir)
			}
			if entry.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || slices.Contains(elsewhere, filepath.ToSlash(p)) {
				return nil
			}
			files++
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, p, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if assignsState(n) {
					t.Errorf("%s assigns an operation's state", set.Position(n.Pos()))
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 50 {
		t.Fatalf("only %d files were read", files)
	}
}

// assignsState reports x.State = … and Operation{State: …}.
func assignsState(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		return slices.ContainsFunc(n.Lhs, func(to ast.Expr) bool {
			sel, ok := to.(*ast.SelectorExpr)
			return ok && sel.Sel.Name == "State"
		})
	case *ast.CompositeLit:
		return nameOfType(n.Type) == "Operation" && slices.ContainsFunc(n.Elts, func(e ast.Expr) bool {
			pair, ok := e.(*ast.KeyValueExpr)
			return ok && nameOfType(pair.Key) == "State"
		})
	}
	return false
}

func nameOfType(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
