package worklist_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterfoil/api"
	"counterfoil/offline/operation"
	"counterfoil/offline/worklist"
)

// model is a list that keeps nothing but what must be true of it.
type model struct {
	*till
	items   map[string]*worklist.Item // open, and closed ones that are being looked up once more
	claimed map[string]bool
	sending map[string]bool // claimed by TakeQueued
}

// open are the open operations in the order of their acceptance.
func (m *model) open() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(m.items)), func(op string) bool {
		return !m.items[op].Operation().State.Open()
	})
}

// places of a small tree; each is accepted with all or none of its ancestry known.
var places = []operation.Place{
	place(api.LevelBox, "X1", nil),
	place(api.LevelPackage, "P1", above("X1")), place(api.LevelPackage, "P2", above("X1")),
	place(api.LevelReel, "R1", above("X1", "P1")), place(api.LevelReel, "R2", above("X1", "P2")),
	place(api.LevelCode, "1", above("X1", "P1", "R1")), place(api.LevelCode, "2", above("X1", "P1", "R1")),
	place(api.LevelCode, "3", above("X1", "P2", "R2")), place(api.LevelCode, "4", above("X2", "P3", "R3")),
}

func drawPlace(rt *rapid.T) operation.Place {
	p := rapid.SampledFrom(places).Draw(rt, "place")
	if rapid.Bool().Draw(rt, "ancestry unknown") {
		p.Above = nil
	}
	return p
}

// Whatever is accepted, taken, given back, closed and looked up again: no two
// that overlap are on their way together, and every index says what a plain
// walk over all would.
func TestNoTwoThatOverlapAreOnTheirWayTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{till: newTill(t), items: map[string]*worklist.Item{}, claimed: map[string]bool{}, sending: map[string]bool{}}
		rt.Repeat(map[string]func(*rapid.T){
			"accept": func(rt *rapid.T) {
				p := drawPlace(rt)
				item := m.accept(p.Level, p.ID, p.Above)
				op := item.Operation().Op
				m.items[op], m.claimed[op] = item, true
			},
			"take": func(rt *rapid.T) {
				if item := m.TakeQueued(nil); item != nil {
					m.took(rt, item)
					m.sending[item.Operation().Op] = true
				}
			},
			"ask": func(rt *rapid.T) {
				if item, _ := m.TakeQuestion(nil); item != nil {
					m.took(rt, item)
				}
			},
			"claim": func(rt *rapid.T) {
				open := m.open()
				if len(open) == 0 {
					return
				}
				op := rapid.SampledFrom(open).Draw(rt, "op")
				item, busy := m.Claim(op)
				if busy != m.claimed[op] || (item == nil) != busy {
					rt.Fatalf("%s: busy %v", op, busy)
				}
				if item != nil {
					m.took(rt, item)
				}
			},
			"give back":   m.giveBack,
			"drop pauses": func(rt *rapid.T) { m.DropPauses(rapid.Bool().Draw(rt, "unheard only")) },
			"time goes":   func(rt *rapid.T) { m.clock.forward(time.Duration(rapid.IntRange(1, 90).Draw(rt, "s")) * time.Second) },
			"":            m.check,
		})
	})
}

func (m *model) took(rt *rapid.T, item *worklist.Item) {
	op := item.Operation().Op
	if m.claimed[op] {
		rt.Fatalf("%s was taken twice", op)
	}
	m.items[op], m.claimed[op] = item, true // a recheck was not among them
}

func (m *model) giveBack(rt *rapid.T) {
	if len(m.claimed) == 0 {
		return
	}
	op := rapid.SampledFrom(slices.Sorted(maps.Keys(m.claimed))).Draw(rt, "op")
	item := m.items[op]
	states := operation.States()
	if !item.Operation().State.Open() { // looked up once more: nothing else can come of it
		states = []operation.State{item.Operation().State, operation.Attention}
	}
	to := rapid.SampledFrom(states).Draw(rt, "to")
	if rapid.Bool().Draw(rt, "ended") {
		item.Ended(m.clock.now)
	}
	var more []func(*operation.Operation)
	if rapid.Bool().Draw(rt, "later") {
		more = append(more, nextAt(m.clock.now.Add(time.Minute)))
	}
	change(item, to, more...)
	m.Release(item)
	delete(m.claimed, op)
	delete(m.sending, op)
	if !to.Open() {
		delete(m.items, op)
	}
}

func (m *model) check(rt *rapid.T) {
	open := m.open()
	if got := m.order(); !slices.Equal(got, open) {
		rt.Fatalf("on the list: %v, want %v", got, open)
	}
	for _, a := range open {
		at, is := m.Standing(a)
		if !is || at.Busy != m.claimed[a] {
			rt.Fatalf("%s stands %+v", a, at)
		}
		want := m.waitsFor(a)
		if m.Blocked(m.items[a]) != (want != "") {
			rt.Fatalf("%s is held up by %q", a, want)
		}
		if at.Operation.State != operation.Queued {
			want = "" // it waits for no other before it is sent
		}
		if at.WaitsFor != want {
			rt.Fatalf("%s waits for %q, want %q", a, at.WaitsFor, want)
		}
		for _, b := range open {
			if a < b && m.sending[a] && m.sending[b] && operation.Overlap(m.items[a].Place(), m.items[b].Place()) {
				rt.Fatalf("%s and %s overlap and are on their way together", a, b)
			}
		}
	}
	for _, p := range places {
		var overlap, same []string
		for _, op := range open {
			if operation.Overlap(m.items[op].Place(), p) {
				overlap = append(overlap, op)
			}
			if m.items[op].Place().ID == p.ID {
				same = append(same, op)
			}
		}
		if got := names(m.Overlapping(p)); !slices.Equal(got, overlap) {
			rt.Fatalf("%v overlap %s, want %v", got, p.ID, overlap)
		}
		if got := names(m.On(p.ID)); !slices.Equal(got, same) {
			rt.Fatalf("%v on %s, want %v", got, p.ID, same)
		}
	}
	for _, at := range []string{"", fmt.Sprintf("op%04d", m.placed/2), fmt.Sprintf("op%04d", m.placed)} {
		for _, p := range places {
			m.checkBehind(rt, at, p)
		}
	}
}

// checkBehind holds what is told of those behind an operation against a walk over
// all of them: each overlaps, does not, or lies lower and nobody knew where.
func (m *model) checkBehind(rt *rapid.T, op string, p operation.Place) {
	overlaps := false
	unsure := map[string]int{}
	for _, other := range m.open() {
		at := m.items[other].Place()
		if _, known := at.Above[p.Level]; other <= op {
			continue
		} else if !known && at.Level.Rank() > p.Level.Rank() {
			unsure[at.ID]++
		} else if operation.Overlap(at, p) {
			overlaps = true
		}
	}
	got, places := m.Behind(op, p)
	if got != overlaps {
		rt.Fatalf("behind %q one overlaps %s: %v, want %v", op, p.ID, got, overlaps)
	}
	if overlaps {
		unsure = map[string]int{}
	}
	for _, other := range places {
		unsure[other.ID]--
	}
	for id, n := range unsure {
		if n != 0 {
			rt.Fatalf("behind %q of %s it is not known whether %s holds it: %d times too few", op, id, p.ID, n)
		}
	}
}

// waitsFor is what an operation waits for by the rule, without any index.
func (m *model) waitsFor(op string) string {
	for _, other := range m.open() {
		if other < op && operation.Overlap(m.items[other].Place(), m.items[op].Place()) {
			return other
		}
	}
	return ""
}

func names(ops []operation.Operation) []string {
	var all []string
	for _, op := range ops {
		all = append(all, op.Op)
	}
	return all
}

// What is only read waits for what it would wait for on the list, asked about alone
// or with all others.
func TestWhatIsReadWaitsForWhatItWouldOnTheList(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		l, read := newTill(t), []operation.Operation{}
		want, holders := []string{}, []map[api.Level]string{}
		for range rapid.IntRange(1, 12).Draw(rt, "operations") {
			p := drawPlace(rt)
			op := l.wait(p.Level, p.ID, p.Above)
			if rapid.Bool().Draw(rt, "unknown") {
				l.set(op, operation.Unknown)
			}
			at, _ := l.Standing(op)
			read, want, holders = append(read, at.Operation), append(want, at.WaitsFor), append(holders, p.Above)
		}
		told := func(only *operation.Operation) (all []string) {
			next := 0
			waits := worklist.NewWaits(only, func(string) map[api.Level]string { return holders[next] })
			for ; next < len(read); next++ {
				one := []operation.Operation{read[next]}
				waits.Tell(one)
				all = append(all, one[0].WaitsFor)
			}
			return all
		}
		if got := told(nil); !slices.Equal(got, want) {
			rt.Fatalf("told %q, want %q", got, want)
		}
		for i := range read {
			if got := told(&read[i])[i]; got != want[i] {
				rt.Fatalf("%s alone waits for %q, want %q", read[i].Op, got, want[i])
			}
		}
	})
}
