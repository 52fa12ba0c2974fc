package catalog

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"counterfoil/api"

	"pgregory.net/rapid"
)

// Few random runs by default, as many as one likes with -rapid.checks.
func init() { _ = flag.Set("rapid.checks", "10") }

var statuses = []string{"00", "03", "04", "05"}

// answerer makes answers of a small world, so that things meet again and move.
type answerer struct {
	r     *rand.Rand
	reels int
	codes int
	used  map[string]bool // every id stands in one place of an answer
	out   []api.Node
}

func (a *answerer) pick(prefix string, n int) string {
	for range 20 {
		id := fmt.Sprintf("%s%d", prefix, a.r.IntN(n))
		if !a.used[id] {
			a.used[id] = true
			return id
		}
	}
	return ""
}

func (a *answerer) reel(parent, id string) {
	a.out = append(a.out, api.Node{Level: api.LevelReel, ID: id, Parent: parent})
	n := a.r.IntN(12)
	if a.r.IntN(6) == 0 {
		n = a.r.IntN(a.codes / 2)
	}
	start := a.r.IntN(a.codes)
	for i := range n {
		k := (start + i) % a.codes
		if a.r.IntN(5) == 0 {
			k = a.r.IntN(a.codes)
		}
		a.code(id, fmt.Sprintf("1001%04d-abc", k))
	}
	if a.r.IntN(4) == 0 { // a repeat
		a.out = append(a.out, a.out[len(a.out)-1])
	}
}

func (a *answerer) code(parent, id string) {
	if a.used[id] {
		return
	}
	a.used[id] = true
	status := statuses[1]
	if a.r.IntN(4) == 0 {
		status = statuses[a.r.IntN(4)]
	}
	a.out = append(a.out, api.Node{
		Level: api.LevelCode, ID: id, Parent: parent, Status: status, StatusText: "t" + status,
		Name: fmt.Sprint("name", a.r.IntN(3)), FaceValue: fmt.Sprint(15*a.r.IntN(2), ".0"),
		ValidTo: fmt.Sprint(a.r.IntN(2)), Remaining: a.r.IntN(3) - 1,
	})
}

func (a *answerer) pack(parent, id string, reels int) {
	from := len(a.out)
	a.out = append(a.out, api.Node{Level: api.LevelPackage, ID: id, Parent: parent})
	for range reels {
		if r := a.pick("R", a.reels); r != "" {
			a.reel(id, r)
		}
	}
	if a.r.IntN(4) == 0 {
		a.out = append(a.out, a.out[from:]...)
	}
}

// answer makes an answer and says what was asked for.
func (a *answerer) answer() (root string, out []api.Node) {
	a.used, a.out = map[string]bool{}, nil
	switch a.r.IntN(8) {
	case 0: // a code that no parent came with
		id := fmt.Sprintf("1001%04d-abc", a.r.IntN(a.codes))
		a.code("", id)
		return id, a.out
	case 1: // a reel alone
		id := a.pick("R", a.reels)
		a.reel("", id)
		return id, a.out
	}
	box := ""
	if a.r.IntN(3) > 0 {
		box = a.pick("X", 2)
		a.out = append(a.out, api.Node{Level: api.LevelBox, ID: box})
	}
	for range 1 + a.r.IntN(3) {
		if p := a.pick("B", 4); p != "" {
			a.pack(box, p, a.r.IntN(4))
		}
	}
	return a.out[a.r.IntN(len(a.out))].ID, a.out
}

// unambiguous reports whether an answer has one meaning: a node beside the root that
// stood below something that the root's answer replaces has two.
func unambiguous(m *model, root string, answer []api.Node) bool {
	below := map[string]bool{root: true}
	for _, n := range answer {
		if below[n.Parent] {
			below[n.ID] = true
		}
	}
	for _, n := range answer {
		if below[n.ID] || n.Parent != "" {
			continue
		}
		for at := m.parentOf(n.ID); at != ""; at = m.parentOf(at) {
			if below[at] {
				return false
			}
		}
	}
	return true
}

// moves reports whether an answer shows a known node elsewhere: whether what
// was confirmed of its old parent meanwhile still holds has no one answer.
func moves(m *model, answer []api.Node) bool {
	for _, n := range answer {
		if old := m.nodes[n.ID]; old != nil && n.Parent != "" && old.parent != n.Parent {
			return true
		}
	}
	return false
}

func TestCatalogIsTheModelAfterAnyCalls(t *testing.T) {
	ctx := context.Background()
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		c, err := Open(ctx, Options{Dir: dir})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { c.Close() }()
		a := &answerer{
			r:     rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)),
			reels: 6, codes: rapid.SampledFrom([]int{30, 600}).Draw(rt, "codes"),
		}
		tiny := rapid.Bool().Draw(rt, "tiny")
		setPace := func() {
			if tiny {
				c.pace = pace{group: 3, moves: 1}
			}
		}
		setPace()
		m := newModel()
		any1 := func() string {
			switch a.r.IntN(4) {
			case 0:
				return fmt.Sprintf("X%d", a.r.IntN(2))
			case 1:
				return fmt.Sprintf("B%d", a.r.IntN(4))
			case 2:
				return fmt.Sprintf("R%d", a.r.IntN(a.reels))
			}
			return fmt.Sprintf("1001%04d-abc", a.r.IntN(a.codes))
		}
		set := func() (string, string) {
			id, status := any1(), statuses[a.r.IntN(4)]
			if n, known := m.codes[id]; known && a.r.IntN(2) == 0 {
				one := Confirmed{api.ID(id), status, testTime}
				// Its parent is not in the answer, so that it passes only where it repeats what is known.
				if err := c.Note(ctx, []News{{one, []api.Node{n}}, {Confirmed: one}}); err != nil {
					rt.Fatalf("note of %s: %v", id, err)
				}
			} else if err := c.SetStatus(ctx, api.ID(id), status, testTime); err != nil {
				rt.Fatal(err)
			}
			m.set(id, status)
			return id, status
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch op := a.r.IntN(10); {
			case op < 6: // a look-up, perhaps with a status confirmed meanwhile, perhaps given up
				root, answer := a.answer()
				if !unambiguous(m, root, answer) {
					continue
				}
				rt.Logf("look up %s: %d nodes", root, len(answer))
				s, err := c.Stage(ctx, api.ID(root))
				if err != nil {
					rt.Fatal(err)
				}
				type conf struct{ id, status string }
				var confirmed []conf
				at := -1
				if a.r.IntN(3) == 0 && !moves(m, answer) {
					at = a.r.IntN(len(answer))
				}
				for i, n := range answer {
					if i == at {
						id, status := set()
						rt.Logf("meanwhile %s is %s", id, status)
						confirmed = append(confirmed, conf{id, status})
					}
					if err := s.Add(n); err != nil {
						rt.Fatal(err)
					}
				}
				if a.r.IntN(5) == 0 {
					s.Abort()
					break
				}
				if _, err := s.Commit(ctx, testTime); err != nil {
					rt.Fatal(err)
				}
				m.look(root, answer)
				for _, k := range confirmed {
					m.confirm(answer, k.id, k.status)
				}
			case op < 9:
				for range 1 + a.r.IntN(6) {
					id, status := set()
					rt.Logf("%s is %s", id, status)
				}
			default:
				if err := c.Close(); err != nil {
					rt.Fatal(err)
				}
				if c, err = Open(ctx, Options{Dir: dir}); err != nil {
					rt.Fatal(err)
				}
				setPace()
			}
			drain(rt, c) // many moves at once are left to the collector
			m.equal(rt, c)
		}
		drain(rt, c)
		m.equal(rt, c)
		clean(rt, c, m)
	})
}
