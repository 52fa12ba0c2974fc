package worklist_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline/operation"
	"counterfoil/offline/worklist"
)

// settleTime is the setting of that name in these tests.
const settleTime = 10 * time.Second

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// clock is a counter's clock that a test sets.
type clock struct {
	now      time.Time
	skew     time.Duration
	measured time.Time // zero before the platform was heard
}

func (c *clock) Now() time.Time                   { return c.now }
func (c *clock) Skew() (time.Duration, time.Time) { return c.skew, c.measured }
func (c *clock) forward(d time.Duration)          { c.now = c.now.Add(d) }

// till is a list and its clock.
type till struct {
	*worklist.List
	t      testing.TB
	clock  *clock
	placed int
}

func newTill(t testing.TB) *till {
	c := &clock{now: noon}
	return &till{List: worklist.NewList(c, settleTime), t: t, clock: c}
}

// above is the ancestry of a code, as far as given: box, package, reel.
func above(ids ...string) map[api.Level]string {
	m := map[api.Level]string{}
	for i, id := range ids {
		if id != "" {
			m[[]api.Level{api.LevelBox, api.LevelPackage, api.LevelReel}[i]] = id
		}
	}
	return m
}

func anything(worklist.View) error { return nil }

// name gives operation ids that rise.
func (l *till) name() string {
	l.placed++
	return fmt.Sprintf("op%04d", l.placed)
}

// accept puts a queued operation on the list; it stays claimed.
func (l *till) accept(level api.Level, id string, above map[api.Level]string) *worklist.Item {
	l.t.Helper()
	op := operation.Operation{ID: id, Level: string(level), Kind: operation.Activate, State: operation.Queued, AcceptedAt: l.clock.now}
	item := worklist.New(op, above)
	if err := l.Accept(item, anything, l.name); err != nil {
		l.t.Fatal(err)
	}
	return item
}

// wait accepts an operation and gives it back at once.
func (l *till) wait(level api.Level, id string, above map[api.Level]string) string {
	l.t.Helper()
	item := l.accept(level, id, above)
	l.Release(item)
	return item.Operation().Op
}

// code has an activation of a code wait whose place is known.
func (l *till) code(id string) string {
	l.t.Helper()
	return l.wait(api.LevelCode, id, above("X1", "P1", "R1"))
}

// change has whoever claimed an item move it to another state.
func change(item *worklist.Item, to operation.State, more ...func(*operation.Operation)) {
	op := item.Operation()
	op.State, op.NextAt = to, nil
	for _, f := range more {
		f(&op)
	}
	item.Set(op)
}

func nextAt(at time.Time) func(*operation.Operation) {
	return func(op *operation.Operation) { op.NextAt = &at }
}

// claim takes an operation that must be free.
func (l *till) claim(op string) *worklist.Item {
	l.t.Helper()
	item, busy := l.Claim(op)
	if item == nil {
		l.t.Fatalf("%s cannot be claimed, busy %v", op, busy)
	}
	return item
}

// set moves an open operation that nobody has.
func (l *till) set(op string, to operation.State, more ...func(*operation.Operation)) {
	l.t.Helper()
	item := l.claim(op)
	change(item, to, more...)
	l.Release(item)
}

func (l *till) order() []string {
	var ops []string
	l.Each(func(op *operation.Operation) { ops = append(ops, op.Op) })
	return ops
}

func (l *till) wantTaken(item *worklist.Item, want string) *worklist.Item {
	l.t.Helper()
	got := ""
	if item != nil {
		got = item.Operation().Op
	}
	if got != want {
		l.t.Fatalf("took %q, want %q", got, want)
	}
	return item
}

func TestTheListKeepsTheOrderOfAcceptance(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	var items []*worklist.Item
	for _, n := range []string{"c", "a", "d", "b"} {
		items = append(items, worklist.Found(operation.Operation{Op: n, ID: n, Level: "code", State: operation.Queued}, nil, noon))
	}
	l.code("gone with the reset")
	l.Reset(items)
	if got := l.order(); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Fatalf("read back as %v", got)
	}
	l.set("c", operation.Done)
	l.set("a", operation.Withdrawn)
	op := l.code("new")
	if got := l.order(); !slices.Equal(got, []string{"b", "d", op}) {
		t.Errorf("stands as %v", got)
	}
}

func TestWhatOverlapsWaitsForTheEarlierOne(t *testing.T) {
	t.Parallel()
	known := above("X1", "P1", "R1")
	for name, c := range map[string]struct {
		first, second operation.Place
		waits         bool
	}{
		"the same code":                      {place(api.LevelCode, "1", known), place(api.LevelCode, "1", known), true},
		"another code of the reel":           {place(api.LevelCode, "1", known), place(api.LevelCode, "2", known), false},
		"a code of the reel":                 {place(api.LevelReel, "R1", nil), place(api.LevelCode, "1", known), true},
		"the reel of a code":                 {place(api.LevelCode, "1", known), place(api.LevelReel, "R1", nil), true},
		"a code of another reel":             {place(api.LevelReel, "R2", nil), place(api.LevelCode, "1", known), false},
		"a code that may lie in the reel":    {place(api.LevelReel, "R1", nil), place(api.LevelCode, "1", nil), false},
		"a code of the box":                  {place(api.LevelBox, "X1", nil), place(api.LevelCode, "1", known), true},
		"a code of another box":              {place(api.LevelBox, "X2", nil), place(api.LevelCode, "1", known), false},
		"a code that may lie in the box":     {place(api.LevelBox, "X2", nil), place(api.LevelCode, "1", nil), true},
		"a reel that may lie in the package": {place(api.LevelPackage, "P9", nil), place(api.LevelReel, "R1", nil), true},
		"a reel of another package":          {place(api.LevelPackage, "P9", nil), place(api.LevelReel, "R1", above("X1", "P1")), false},
	} {
		l := newTill(t)
		first := l.wait(c.first.Level, c.first.ID, c.first.Above)
		second := l.wait(c.second.Level, c.second.ID, c.second.Above)
		want := ""
		if c.waits {
			want = first
		}
		if at, _ := l.Standing(second); at.WaitsFor != want {
			t.Errorf("%s: waits for %q, want %q", name, at.WaitsFor, want)
		}
		if at, _ := l.Standing(first); at.WaitsFor != "" {
			t.Errorf("%s: the first waits for %q", name, at.WaitsFor)
		}
		if got := l.Overlapping(c.first); len(got) != 1 && !c.waits || len(got) != 2 && c.waits {
			t.Errorf("%s: %d overlap the first", name, len(got))
		}
	}
}

func place(level api.Level, id string, above map[api.Level]string) operation.Place {
	return operation.Place{ID: id, Level: level, Above: above}
}

func TestOfSeveralInTheWayTheOldestIsNamed(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	code := l.code("1")
	reel := l.wait(api.LevelReel, "R1", above("X1", "P1"))
	box := l.wait(api.LevelBox, "X1", nil)
	again := l.code("1")
	for _, first := range []string{code, reel, box} {
		if at, _ := l.Standing(again); at.WaitsFor != first {
			t.Fatalf("waits for %q, want %q", at.WaitsFor, first)
		}
		l.set(first, operation.Attention) // open yet: it still holds up
		if at, _ := l.Standing(again); at.WaitsFor != first {
			t.Fatalf("passes %q, which needs a person", first)
		}
		l.set(first, operation.Settled)
	}
	if at, open := l.Standing(again); !open || at.WaitsFor != "" {
		t.Errorf("stands %+v", at)
	}
	over := l.Overlapping(place(api.LevelReel, "R1", above("X1", "P1")))
	if len(over) != 1 || over[0].Op != again || len(l.On("1")) != 1 || len(l.On("R1")) != 0 {
		t.Errorf("overlapping %+v", over)
	}
}

func TestARefusedAcceptanceLeavesNothing(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	no := errors.New("no")
	item := worklist.New(operation.Operation{ID: "1", Level: "code", State: operation.Queued}, nil)
	if err := l.Accept(item, func(worklist.View) error { return no }, l.name); !errors.Is(err, no) {
		t.Fatal(err)
	}
	if l.placed != 0 || len(l.order()) != 0 || len(l.On("1")) != 0 {
		t.Error("it is on the list, or took a number")
	}
	item = l.accept(api.LevelCode, "1", nil)
	l.Drop(item) // its commit failed
	if len(l.order()) != 0 || len(l.On("1")) != 0 || len(l.Overlapping(item.Place())) != 0 {
		t.Error("what was not stored is on the list")
	}
}

func TestACheckAtAcceptanceSeesWhatWaits(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	amount := func(fen int64) func(*operation.Operation) {
		return func(op *operation.Operation) { op.AmountFen = fen }
	}
	l.set(l.code("1"), operation.Unknown, amount(1))
	l.clock.forward(time.Minute)
	l.set(l.code("2"), operation.Sending, amount(20))
	l.clock.forward(time.Minute)
	l.set(l.code("3"), operation.Queued, amount(300))
	l.set(l.code("4"), operation.Attention, amount(4000))
	err := l.Accept(worklist.New(operation.Operation{ID: "2"}, nil), func(v worklist.View) error {
		n, fen, age := v.Waiting()
		if n != 2 || fen != 320 || age != time.Minute {
			t.Errorf("%d wait for %d since %v", n, fen, age)
		}
		if on := v.On("2"); len(on) != 1 || on[0].AmountFen != 20 {
			t.Errorf("on 2: %+v", on)
		}
		if reels, codes := v.AtLevel(api.LevelReel), v.AtLevel(api.LevelCode); len(reels) != 0 || len(codes) != 4 || codes[3].AmountFen != 4000 {
			t.Errorf("reels %+v, codes %+v", reels, codes)
		}
		return nil
	}, l.name)
	if err != nil {
		t.Fatal(err)
	}
}

// Whichever of some operations is closed first, the others stay in their order.
func TestWhatIsClosedLeavesTheOthersInTheirOrder(t *testing.T) {
	t.Parallel()
	const many = 7
	for closed := range many {
		l := newTill(t)
		var want []string
		for n := range many {
			if op := l.code(fmt.Sprint(n)); n != closed {
				want = append(want, op)
			}
		}
		l.set(fmt.Sprintf("op%04d", closed+1), operation.Done)
		if got := l.order(); !slices.Equal(got, want) {
			t.Errorf("number %d closed: %v, want %v", closed, got, want)
		}
	}
}

func TestWhatWasTakenBeforeAResetTouchesNothingAfterIt(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	first, second := l.claim(l.code("1")), l.claim(l.code("2"))
	third := l.accept(api.LevelCode, "3", nil) // on its way to the journal
	var items []*worklist.Item
	for _, was := range []*worklist.Item{first, second} {
		items = append(items, worklist.Found(was.Operation(), above("X1", "P1", "R1"), noon))
	}
	l.Reset(items)
	change(first, operation.Done)
	if closed := l.Release(first); closed != 0 {
		t.Errorf("%d closed", closed)
	}
	l.Drop(third)
	if got := l.order(); len(got) != 2 {
		t.Errorf("stands as %v", got)
	}
	if over := l.Overlapping(place(api.LevelReel, "R2", nil)); len(over) != 0 {
		t.Errorf("what was read lies in another reel: %+v", over)
	}
	if over := l.Overlapping(place(api.LevelReel, "R1", nil)); len(over) != 2 {
		t.Errorf("what was read lies in that reel: %+v", over)
	}
}

func TestNobodyPassesAnotherAtAcceptance(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	const tills, ids = 16, 20
	taken := errors.New("taken")
	var checked []string // under the list's own lock
	var all sync.WaitGroup
	gate := make(chan struct{})
	for range tills {
		all.Go(func() {
			<-gate
			for n := range ids {
				id := fmt.Sprint(n)
				item := worklist.New(operation.Operation{ID: id, Level: "code", State: operation.Queued}, nil)
				err := l.Accept(item, func(v worklist.View) error {
					if len(v.On(id)) > 0 {
						return taken
					}
					checked = append(checked, id)
					return nil
				}, l.name)
				if err == nil {
					l.Release(item)
				} else if !errors.Is(err, taken) {
					t.Error(err)
				}
			}
		})
	}
	close(gate)
	all.Wait()
	var placed []string
	l.Each(func(op *operation.Operation) { placed = append(placed, op.ID) })
	if len(placed) != ids || !slices.Equal(placed, checked) {
		t.Errorf("checked %v, placed %v", checked, placed)
	}
}
