package main

import (
	"go/ast"
	"testing"
)

// records are structs whose shape is given from outside, or that are one row of
// something: they have as many fields as that has. The reason stands beside each.
var records = map[string]string{
	"api.Answer":                   "what is known of one answer",
	"api.Settings":                 "a section of the configuration",
	"api/sandbox.codeJSON":         "its JSON, the platform's",
	"api/sandbox.transaction":      "its JSON, a line of the sandbox's file",
	"offline.Settings":             "the configuration of a desk",
	"offline/catalog.Node":         "a row of the catalog",
	"offline/day.Report":           "its JSON, kept in the chain",
	"offline/operation.Operation":  "its JSON, kept in the chain",
	"offline/operation.RangeOrder": "its JSON, kept in the chain",
	"offline/proof.trial":          "a row of the table of trials",
	"offline/review.Case":          "its JSON, a case file",
	"offline/review.Line":          "its JSON, a line of a case file",
	"screens/cli/lookup.nodeLine":  "its JSON, for scripts",
	"ui.Symbols":                   "one set of symbols",
}

// wider may have more fields than others: the desk has one for each room below it.
var wider = map[string]int{"offline.Desk": 14}

func TestStructsHaveFewFields(t *testing.T) {
	t.Parallel()
	const most = 11
	listed := map[string]bool{}
	for _, s := range tree(t) {
		if s.test || ownModule(s.folder) {
			continue
		}
		named := map[ast.Expr]string{}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				named[spec.Type] = s.folder + "." + spec.Name.Name
			}
			shape, ok := n.(*ast.StructType)
			if !ok {
				return true
			}
			name, fields := named[shape], 0
			for _, f := range shape.Fields.List {
				fields += max(len(f.Names), 1)
			}
			if records[name] != "" {
				listed[name] = fields > most
			} else if limit := max(most, wider[name]); fields > limit {
				t.Errorf("%s:%d: struct %s has %d fields, more than %d: it is two things", s.path, s.set.Position(shape.Pos()).Line, name, fields, limit)
			}
			return true
		})
	}
	for name := range records {
		if !listed[name] {
			t.Errorf("%s has no more than %d fields: it needs no exception", name, most)
		}
	}
}
