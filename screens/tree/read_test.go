package tree

import (
	"fmt"
	"slices"
	"testing"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// window is how many rows the tests see.
const window = 15

func ids(rows []*row) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.node.ID)
	}
	return out
}

func TestOnlyTheRowsAroundThePlaceAreRead(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t).Start()
	box := s.Known(1, 2, 6_000)
	children := func(id string) []offline.Node {
		nodes, err := s.Desk.Children(t.Context(), offline.Page{Parent: id, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		return nodes
	}
	reel := children(children(box)[0].ID)[1].ID
	middle, ok, err := s.Desk.ChildAt(t.Context(), reel, 1_500)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	for _, c := range []struct {
		name string
		to   int
		read func(*reader) (pane, error)
	}{
		{"closed", 1, func(r *reader) (pane, error) { return r.around(box, false) }},
		{"all open, at the beginning", 4, func(r *reader) (pane, error) { return r.end(false) }},
		{"all open, at the second reel", 4, func(r *reader) (pane, error) { return r.around(reel, true) }},
		{"closed, a code in the middle", 1, func(r *reader) (pane, error) { return r.around(middle.ID, true) }},
		{"all open, at the end", 4, func(r *reader) (pane, error) { return r.end(true) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &reader{ctx: t.Context(), desk: s.Desk, up: window, down: 2 * window, outline: outline{to: c.to, byHand: map[string]bool{}}}
			p, err := c.read(r)
			if err != nil {
				t.Fatal(err)
			}
			if len(p.rows) == 0 || r.got > 6*window {
				t.Errorf("%d rows shown of %d read", len(p.rows), r.got)
			}
		})
	}
}

func TestRowsComeInOneOrderWhateverTheyAreReadFrom(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t).Start()
	s.LookUp(offlinetest.Box)
	s.Known(3, 7, 40)
	for to := 1; to <= 4; to++ {
		for _, status := range []string{"", "03"} {
			t.Run(fmt.Sprintf("down to %d %s", to, status), func(t *testing.T) {
				r := &reader{ctx: t.Context(), desk: s.Desk, up: 4, down: 8, outline: outline{to: to, byHand: map[string]bool{}, status: status}}
				rows, err := r.children(nil, nil, 1000, false)
				if err != nil {
					t.Fatal(err)
				}
				all := ids(rows)
				back, err := r.children(nil, nil, 1000, true)
				if err != nil {
					t.Fatal(err)
				}
				if slices.Reverse(back); !slices.Equal(ids(back), all) {
					t.Fatalf("from the end:\n%v\nfrom the beginning:\n%v", ids(back), all)
				}
				for i, id := range all {
					p, err := r.around(id, false)
					if err != nil {
						t.Fatal(err)
					}
					from := max(i-4, 0)
					if want := all[from:min(i+9, len(all))]; !slices.Equal(ids(p.rows), want) || p.rows[p.cursor].node.ID != id {
						t.Fatalf("around %s: %v, want %v", id, ids(p.rows), want)
					}
					if at := p.rows[p.cursor]; status == "" && at.up != nil {
						n, _, err := s.Desk.ChildAt(t.Context(), at.up.node.ID, at.pos)
						if err != nil || n.ID != id {
							t.Fatalf("%s stands at %d, where %s is: %v", id, at.pos, n.ID, err)
						}
					}
				}
			})
		}
	}
}

func TestMatchesBehindThoseKeptAreFoundFromTheNearestMark(t *testing.T) {
	t.Parallel()
	m := &matches{}
	id := func(i int) string { return fmt.Sprint("id", i) }
	const many = keptMatches + 3*markEvery
	take := m.take(1)
	_ = m.take(0)(offline.Match{N: 1, ID: id(0)})
	for i := 1; i < many; i++ {
		if i < keptMatches || (i-keptMatches+1)%markEvery == 0 {
			_ = take(offline.Match{N: int64(i), ID: id(i)})
		}
	}
	m.end(many, nil)
	if n, _, _ := m.count(); n != many {
		t.Errorf("%d matches, want %d", n, many)
	}
	for _, i := range []int{0, keptMatches - 1, keptMatches, keptMatches + markEvery - 1, keptMatches + markEvery, many - 1} {
		got, behind := m.route(i)
		if want := id(i - behind); got != want || behind >= markEvery || i < keptMatches && behind > 0 {
			t.Errorf("match %d is %d behind %s, want %s", i, behind, got, want)
		}
	}
}

func TestThePreviewIsReadForOneNodeAtATimeAndThenForTheLatest(t *testing.T) {
	t.Parallel()
	s := New(&screen.Env{Context: t.Context()}).(*tree)
	s.size = screen.Sized{Width: ui.Beside, Height: 30}
	s.list.SetHeight(room(s.size))
	var rows []*row
	for _, id := range []string{"R1", "R2", "R3"} {
		rows = append(rows, &row{node: offline.Node{ID: id}})
	}
	s.list.Put(rows, 0, false, true, true)
	if s.look() == nil {
		t.Fatal("the first node is not read")
	}
	for range 2 {
		s.list.Move(1)
		if s.look() != nil {
			t.Fatal("another reading begins while one is on its way")
		}
	}
	s.aside.take(happened{id: "R1"})
	if s.look() == nil {
		t.Fatal("what is chosen by now is not read")
	}
	s.aside.take(happened{id: "R3"})
	if s.look() != nil {
		t.Error("the same node is read again")
	}
	s.size.Width = ui.Beside - 1
	if s.aside.stale = true; s.look() != nil {
		t.Error("a node is read for a preview that is not in sight")
	}
}
