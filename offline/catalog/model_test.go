package catalog

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"testing"
	"time"

	"counterfoil/api"
)

// model is the catalog as plain maps: what it must be after every call.
type model struct {
	nodes map[string]*modelNode
	codes map[string]api.Node
}

type modelNode struct {
	parent string
	level  api.Level
}

func newModel() *model { return &model{map[string]*modelNode{}, map[string]api.Node{}} }

// under reports whether id stands at or below top.
func (m *model) under(id, top string) bool {
	for id != "" {
		if id == top {
			return true
		}
		id = m.parentOf(id)
	}
	return false
}

func (m *model) parentOf(id string) string {
	if c, ok := m.codes[id]; ok {
		return c.Parent
	}
	if n := m.nodes[id]; n != nil {
		return n.parent
	}
	return ""
}

// look applies the answer to a look-up of root.
func (m *model) look(root string, answer []api.Node) {
	first := map[string]api.Node{}
	for _, n := range answer {
		if _, ok := first[n.ID]; !ok {
			first[n.ID] = n
		}
	}
	whole := map[string]bool{}
	for id, n := range first {
		for at := id; at != ""; at = first[at].Parent {
			if at == root && n.Level != api.LevelCode {
				whole[id] = true
			}
		}
	}
	goes := func(id string) bool {
		if _, ok := first[id]; ok {
			return false
		}
		for at := m.parentOf(id); at != ""; at = m.parentOf(at) {
			if whole[at] {
				return true
			}
		}
		return false
	}
	var gone []string
	for _, id := range m.ids() {
		if goes(id) {
			gone = append(gone, id)
		}
	}
	for _, id := range gone {
		delete(m.nodes, id)
		delete(m.codes, id)
	}
	for id, n := range first {
		if n.Parent == "" {
			n.Parent = m.parentOf(id)
		}
		if n.Level == api.LevelCode {
			m.codes[id] = n
		} else {
			m.nodes[id] = &modelNode{n.Parent, n.Level}
		}
	}
}

func (m *model) ids() []string {
	return append(slices.Collect(maps.Keys(m.nodes)), slices.Collect(maps.Keys(m.codes))...)
}

func (m *model) set(id, status string) {
	for c, n := range m.codes {
		if m.under(c, id) {
			if n.Status != status {
				n.StatusText = ""
			}
			n.Status = status
			m.codes[c] = n
		}
	}
}

// confirm sets what was confirmed while the answer was on its way, on the answer's codes.
func (m *model) confirm(answer []api.Node, id, status string) {
	for _, n := range answer {
		if c, ok := m.codes[n.ID]; ok && m.under(n.ID, id) {
			c.Status = status
			m.codes[n.ID] = c
		}
	}
}

func (m *model) children(parent string) []string {
	var out []string
	for id, n := range m.nodes {
		if n.parent == parent {
			out = append(out, id)
		}
	}
	for id, n := range m.codes {
		if n.Parent == parent {
			out = append(out, id)
		}
	}
	sort.Strings(out)
	return out
}

func (m *model) counts(id string) (counts map[string]int, values map[Value]int64) {
	counts, values = map[string]int{}, map[Value]int64{}
	for c, n := range m.codes {
		if m.under(c, id) {
			counts[n.Status]++
			values[Value{Status: n.Status, FaceValue: n.FaceValue}]++
		}
	}
	return counts, values
}

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

// equal holds every node of the catalog against the model.
func (m *model) equal(t failer, c *Catalog) {
	t.Helper()
	seen := 0
	var walk func(parent string)
	walk = func(parent string) {
		var ids []string
		for n := range children(t, c, parent, "", 7) {
			ids = append(ids, n.ID)
			seen++
			if n.Level != api.LevelCode {
				walk(n.ID)
			}
			m.same(t, c, n)
		}
		sort.Strings(ids)
		if want := m.children(parent); !slices.Equal(ids, want) {
			t.Fatalf("children of %q are %v, want %v", parent, ids, want)
		}
	}
	walk("")
	if want := len(m.nodes) + len(m.codes); seen != want {
		t.Fatalf("%d nodes in the tree, want %d", seen, want)
	}
}

func (m *model) same(t failer, c *Catalog, n Node) {
	t.Helper()
	got, ok, err := c.Get(context.Background(), api.ID(n.ID))
	if err != nil || !ok {
		t.Fatalf("get %s: %v %v", n.ID, ok, err)
	}
	if a, b := fmt.Sprint(got), fmt.Sprint(n); a != b {
		t.Fatalf("get gives %s, the page %s", a, b)
	}
	if n.Parent != m.parentOf(n.ID) {
		t.Fatalf("%s stands in %q, want %q", n.ID, n.Parent, m.parentOf(n.ID))
	}
	if n.Level == api.LevelCode {
		w := m.codes[n.ID]
		if n.Status != w.Status || n.Name != w.Name || n.FaceValue != w.FaceValue || n.ValidTo != w.ValidTo || n.Remaining != w.Remaining {
			t.Fatalf("%s is %+v, want %+v", n.ID, n, w)
		}
		return
	}
	counts, values := m.counts(n.ID)
	if !maps.Equal(counts, n.Counts) {
		t.Fatalf("counts of %s (%s) are %v, want %v", n.ID, n.Level, n.Counts, counts)
	}
	for _, v := range n.Values {
		if want := values[Value{Status: v.Status, FaceValue: v.FaceValue}]; v.Codes != want {
			t.Fatalf("values of %s are %v, want %v", n.ID, n.Values, values)
		}
	}
	if len(values) != len(n.Values) {
		t.Fatalf("values of %s are %v, want %v", n.ID, n.Values, values)
	}
	if want := len(m.children(n.ID)); n.Children != int64(want) {
		t.Fatalf("%s has %d children, want %d", n.ID, n.Children, want)
	}
	total := 0
	for _, k := range counts {
		total += k
	}
	if n.Codes != int64(total) {
		t.Fatalf("%s has %d codes, want %d", n.ID, n.Codes, total)
	}
}

// children pages through all children.
func children(t failer, c *Catalog, parent, status string, limit int) func(func(Node) bool) {
	return func(yield func(Node) bool) {
		after := int64(0)
		for {
			page, err := c.Children(context.Background(), Page{Parent: parent, After: after, Limit: limit, Status: status})
			if err != nil {
				t.Fatalf("children of %s: %v", parent, err)
			}
			for _, n := range page {
				if !yield(n) {
					return
				}
				after = n.Key
			}
			if len(page) < limit {
				return
			}
		}
	}
}

var testTime = time.Date(2026, 11, 22, 10, 15, 3, 0, time.UTC)

func open(t testing.TB, dir string) *Catalog {
	t.Helper()
	c, err := Open(context.Background(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// lookUp stages an answer and commits it.
func lookUp(t failer, c *Catalog, root string, answer []api.Node) Node {
	t.Helper()
	s, err := c.Stage(context.Background(), api.ID(root))
	if err != nil {
		t.Fatalf("stage: %v", err)
	}
	for _, n := range answer {
		if err := s.Add(n); err != nil {
			t.Fatalf("add %s: %v", n.ID, err)
		}
	}
	n, err := s.Commit(context.Background(), testTime)
	if err != nil {
		t.Fatalf("commit: %v", err)
	}
	return n
}

// drain waits until everything cut off is cleared away.
func drain(t failer, c *Catalog) {
	t.Helper()
	for {
		more, err := c.collectStep()
		if err != nil {
			t.Fatalf("collect: %v", err)
		}
		if !more {
			return
		}
	}
}

// clean holds the tables against what is live: nothing else may be left.
func clean(t failer, c *Catalog, m *model) {
	t.Helper()
	err := c.write(func(t2 *tx) error {
		one := func(q string) int64 {
			n, err := t2.numbers(q)
			if err != nil {
				t.Fatalf("%s: %v", q, err)
			}
			return n[0]
		}
		if n := one("SELECT count(*) FROM nodes") - 1; n != int64(len(m.nodes)) {
			t.Fatalf("%d rows of nodes, want %d", n, len(m.nodes))
		}
		if n := one("SELECT count(*) FROM codes"); n != int64(len(m.codes)) {
			t.Fatalf("%d rows of codes, want %d", n, len(m.codes))
		}
		if n := one("SELECT count(*) FROM unchecked"); n != 0 {
			t.Fatalf("%d loads left unchecked", n)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
}
