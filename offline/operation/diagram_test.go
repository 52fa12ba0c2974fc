package operation

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// step is one arrow of the diagram.
type step struct {
	from, to State
	event    Event
}

// steps are those that the rows of the table lead through.
func steps() map[step]bool {
	found := map[step]bool{}
	for _, row := range table() {
		if got := row.act(row.rules, row.from); got.change.Event != "" {
			found[step{row.from.State, got.next.State, got.change.Event}] = true
		}
	}
	return found
}

func TestTheTableReachesEveryStateEventAndReason(t *testing.T) {
	t.Parallel()
	states, events, whys := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, row := range table() {
		got := row.act(row.rules, row.from)
		states[string(got.next.State)], events[string(got.change.Event)], whys[got.next.Why] = true, true, true
	}
	reaches(t, states, declared(t, "operation.go", func(name, kind string) bool { return kind == "State" }))
	reaches(t, events, declared(t, "events.go", func(name, kind string) bool { return kind == "Event" }))
	reaches(t, whys, declared(t, "events.go", func(name, kind string) bool { return strings.HasPrefix(name, "Why") }))
	reaches(t, whys, Whys())
	for _, s := range States() {
		delete(states, string(s))
	}
	if len(states) > 0 {
		t.Errorf("States does not list %v", states)
	}
}

// reaches holds what the table reached, "" left out, against all there is.
func reaches(t *testing.T, got map[string]bool, want []string) {
	t.Helper()
	delete(got, "")
	want = slices.Sorted(slices.Values(want))
	if reached := slices.Sorted(maps.Keys(got)); !slices.Equal(reached, want) {
		t.Errorf("the table reaches %q, want %q", reached, want)
	}
}

// declared reads the values of a file's constants from the source: a list kept
// by hand would not know of a new one.
func declared(t *testing.T, file string, wanted func(name, kind string) bool) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		kind, _ := spec.Type.(*ast.Ident)
		if ok && wanted(spec.Names[0].Name, kind.String()) {
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, value)
		}
		return true
	})
	return values
}

// arrow is a line of the diagram: from --> to: event.
var arrow = regexp.MustCompile(`^ *(\[\*\]|[a-z]+) --> ([a-z]+): ([a-z_]+)$`)

func TestTheDiagramShowsWhatTheTableSays(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "```mermaid\nstateDiagram-v2\n")
	diagram, _, ends := strings.Cut(rest, "\n```")
	if !found || !ends {
		t.Fatal("docs/rules.md has no state diagram")
	}
	drawn := map[step]bool{}
	for line := range strings.Lines(diagram) {
		m := arrow.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			t.Errorf("not an arrow: %q", line)
			continue
		}
		s := step{State(strings.TrimPrefix(m[1], "[*]")), State(m[2]), Event(m[3])}
		if drawn[s] {
			t.Errorf("drawn twice: %q", line)
		}
		drawn[s] = true
	}
	reached := steps()
	for s := range reached {
		if !drawn[s] {
			t.Errorf("not drawn: %s --> %s: %s", s.from, s.to, s.event)
		}
	}
	for s := range drawn {
		if !reached[s] {
			t.Errorf("drawn, and no row leads there: %s --> %s: %s", s.from, s.to, s.event)
		}
	}
}
