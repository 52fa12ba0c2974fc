package chain_test

import (
	"slices"
	"testing"

	"counterfoil/offline/journal/chain"
)

// whole leaves of documents what a test compares.
func whole(all []chain.Document) (list []chain.Document) {
	for _, d := range all {
		d.At = ""
		list = append(list, d)
	}
	return list
}

func (b *book) want(all ...chain.Document) {
	b.t.Helper()
	if got := whole(b.documents()); !slices.Equal(got, all) {
		b.t.Errorf("documents are\n%+v\nwant\n%+v", got, all)
	}
}

func TestOnlyAManagersLaterWordAcknowledgesADocument(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	b.acknowledged(2) // by somebody who foresaw it
	misfit := chain.MisfitError{Seq: 1, Why: "w"}
	gap := b.append(chain.GapEvent, misfit)
	b.want(chain.Document{Seq: gap, From: 1, To: 1, Why: "w"})
	changed := b.next("", chain.AcknowledgedEvent, `{"gap":2,"by":"mgr"}`)
	changed.Data = `{"gap":2,"by":"amy"}` // its hash is of another text
	b.insert(changed)
	b.want(chain.Document{Seq: gap, From: 1, To: 1, Why: "w"})
	other := b.append(chain.RestoredEvent, chain.MisfitError{Seq: 2, Why: "v"})
	b.acknowledged(gap)
	b.want(chain.Document{Seq: gap, From: 1, To: 1, Why: "w", AcknowledgedBy: "mgr"}, chain.Document{Seq: other, From: 2, To: 2, Why: "v"})
}

func TestAWordThatNoCounterWroteAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	gap := b.append(chain.GapEvent, chain.MisfitError{Seq: 1, Why: "w"})
	b.acknowledged(gap) // with a shell, while the counter was closed
	behind := b.append(chain.HeadBehind, chain.MisfitError{Seq: gap})
	added, err := chain.ReadAdded(b.c.Each, "", 0, b.head.Seq)
	if b.must(err); !slices.Equal(added, chain.Gaps{{From: 2, To: 2}}) {
		t.Errorf("added are %+v", added)
	}
	b.want(chain.Document{Seq: gap, From: 1, To: 1, Why: "w"}, chain.Document{Seq: behind, From: 2, To: 2, Why: chain.AddedWhy})
	b.acknowledged(gap) // by the counter
	b.want(chain.Document{Seq: gap, From: 1, To: 1, Why: "w", AcknowledgedBy: "mgr"}, chain.Document{Seq: behind, From: 2, To: 2, Why: chain.AddedWhy})
}

func TestWhatAnAddedEventSaysOfOthersDoesNotCount(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	b.accepted(3)
	b.append(chain.HeadBehind, chain.MisfitError{Seq: 1}) // calls 2 and 3 added, and is added itself
	b.append(chain.HeadBehind, chain.MisfitError{Seq: 3})
	if added, err := chain.ReadAdded(b.c.Each, "", 0, b.head.Seq); err != nil || !slices.Equal(added, chain.Gaps{{From: 4, To: 4}}) {
		t.Errorf("added are %+v, %v", added, err)
	}
	if added, err := chain.ReadAdded(b.c.Each, "", 5, b.head.Seq); err != nil || len(added) > 0 {
		t.Errorf("after the last one %+v were added, %v", added, err)
	}
}

func TestASalvageDocumentsOnlyWhatEarlierOnesDidNot(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	b.accepted(8)
	first := b.append(chain.SalvagedEvent, map[string]any{"reason": "one", "gaps": []any{map[string]any{"from": 2, "to": 3, "after": "hash of 1"}}})
	second := b.append(chain.SalvagedEvent, map[string]any{"reason": "two", "gaps": []any{
		map[string]any{"from": 2, "to": 3, "after": "hash of 1"}, map[string]any{"from": 4, "to": 4}, map[string]any{"from": 6, "to": 6},
	}, "rows": []chain.MisfitError{{Seq: 6, Why: "lost too"}, {Seq: 7, Why: "w"}}})
	third := b.append(chain.SalvagedEvent, map[string]any{"reason": "three"})
	b.want(
		chain.Document{Seq: first, From: 2, To: 3, Why: "lost or not fitting: one"},
		chain.Document{Seq: second, From: 4, To: 4, Why: "lost or not fitting: two"},
		chain.Document{Seq: second, From: 6, To: 6, Why: "lost or not fitting: two"},
		chain.Document{Seq: second, From: 7, To: 7, Why: "rebuilt from the chain: w"},
		chain.Document{Seq: third, From: third, To: third, Why: "the database was made anew: three"},
	)
	if gaps, err := chain.ReadGaps(b.c.Each); err != nil || len(gaps) > 0 {
		t.Errorf("the last salvage found none, and gaps are %+v, %v", gaps, err)
	}
	b.must(b.c.Exec(`DELETE FROM events WHERE seq = ?`, third))
	want := chain.Gaps{{From: 2, To: 4, After: "hash of 1"}, {From: 6, To: 6}}
	if gaps, err := chain.ReadGaps(b.c.Each); err != nil || !slices.Equal(gaps, want) {
		t.Errorf("gaps are %+v, %v, want %+v", gaps, err, want)
	}
	b.must(b.c.Exec(`UPDATE events SET at = 'x' WHERE seq = ?`, second))
	if gaps, err := chain.ReadGaps(b.c.Each); err != nil || !slices.Equal(gaps, chain.Gaps{{From: 2, To: 3, After: "hash of 1"}}) {
		t.Errorf("a salvage whose hash does not fit counts: %+v, %v", gaps, err)
	}
}

func TestAnEventOfAnUnknownNameDocumentsNothing(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	b.append("from.a.later.program", map[string]any{"seq": 1, "why": "w", "gap": 1})
	b.insert(b.next("", "from.a.later.program", `no JSON`))
	b.want()
	for name, readable := range map[string]bool{
		"from.a.later.program": true, chain.IdentityEvent: true, chain.SalvagedEvent: false, chain.GapEvent: false, chain.RestoredEvent: false,
		chain.AcknowledgedEvent: false, chain.HeadMissing: false, chain.HeadUnreadable: false, chain.HeadMisfit: false, chain.HeadBehind: false,
	} {
		if e := (chain.Event{Name: name, Data: `no JSON`}); e.Readable() != readable {
			t.Errorf("%s of no JSON is readable: %v", name, !readable)
		}
		if e := (chain.Event{Name: name, Data: `{}`}); !e.Readable() {
			t.Errorf("%s is not readable", name)
		}
	}
}

func TestAJournalIsWhoseItsEventsSay(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	if id, err := chain.ReadIdentity(b.c.Each); err != nil || id != (chain.Identity{}) {
		t.Errorf("an empty one is of %+v, %v", id, err)
	}
	b.append(chain.IdentityEvent, chain.Identity{Journal: "j", Counter: chain.Counter{Name: "C01", Number: 1, Training: true}})
	renamed := b.append(chain.GapEvent, map[string]any{"seq": 1, "why": "w", "journal": "j", "name": "C02", "number": 2, "posts": true})
	b.append(chain.GapEvent, chain.MisfitError{Seq: 1, Why: "of something else"})
	stolen := b.next("", chain.IdentityEvent, `{"journal":"j","name":"C03","number":3}`)
	stolen.Hash = b.head.Hash
	b.insert(stolen)
	want := chain.Identity{Journal: "j", Counter: chain.Counter{Name: "C02", Number: 2, Training: true}, Posts: true, Seq: renamed}
	if id, err := chain.ReadIdentity(b.c.Each); err != nil || id != want {
		t.Errorf("it is of %+v, %v, want %+v", id, err, want)
	}
	b.append(chain.IdentityEvent, chain.Identity{Journal: "j", Counter: chain.Counter{Name: "C02", Number: 2}})
	if id, err := chain.ReadIdentity(b.c.Each); err != nil || !id.Training || !id.Posts {
		t.Errorf("what it began as did not stay: %+v, %v", id, err)
	}
}

func TestAJournalOfAnotherCounterIsNamed(t *testing.T) {
	t.Parallel()
	id := chain.Identity{Journal: "j", Counter: chain.Counter{Name: "C01", Number: 1}}
	for _, c := range []struct {
		counter chain.Counter
		id      chain.Identity
		fits    bool
	}{
		{chain.Counter{Name: "C01", Number: 1}, id, true},
		{chain.Counter{Name: "C02", Number: 1}, id, false},
		{chain.Counter{Name: "C01", Number: 2}, id, false},
		{chain.Counter{Name: "C01", Number: 1, Training: true}, id, false}, // play money
		{chain.Counter{}, id, true},                                        // nobody says
		{chain.Counter{Name: "C02"}, id, true},
		{chain.Counter{Name: "C02", Number: 2}, chain.Identity{}, true}, // of before
	} {
		if why := c.counter.Misfit(c.id); (why == "") != c.fits {
			t.Errorf("%+v on a journal of %+v: %q", c.counter, c.id, why)
		}
	}
}
