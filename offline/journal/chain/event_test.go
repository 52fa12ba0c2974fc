package chain_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/journaltest"
)

// The hash is of the chains that exist: another one would call all of them broken.
func TestAnEventsHashIsTheOneThatOldJournalsHold(t *testing.T) {
	t.Parallel()
	e := chain.Event{Seq: 7, At: "2026-11-22T10:15:03.12+08:00", Op: "01M80GJ81BYQNM1D1F5TP19QB5", Name: "accepted", Data: `{"name":"中杯"}`, Prev: "aa"}
	if got, want := e.Sum(), "1f0fed0da226fb5f5001489bbff15c11261c3c0526efde50e35d2f3c76ff7dc2"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// However a text is cut into an event's columns, no two cuts give one hash: what
// was moved from a column to its neighbour is found.
func TestNoTwoEventsHaveOneHash(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := []byte("1" + rapid.StringMatching(`[0-9]{6}`).Draw(t, "digits"))
		cut := func(name string) chain.Event {
			at := rapid.SliceOfN(rapid.IntRange(1, len(text)), 5, 5).Draw(t, name)
			slices.Sort(at)
			seq := int64(0)
			for _, digit := range text[:at[0]] {
				seq = 10*seq + int64(digit-'0')
			}
			return chain.Event{Seq: seq, At: string(text[at[0]:at[1]]), Op: string(text[at[1]:at[2]]), Name: string(text[at[2]:at[3]]),
				Data: string(text[at[3]:at[4]]), Prev: string(text[at[4]:])}
		}
		if a, b := cut("one"), cut("other"); (a == b) != (a.Sum() == b.Sum()) {
			t.Fatalf("%+v and %+v: %s, %s", a, b, a.Sum(), b.Sum())
		}
	})
}

func TestAnEventGivesBackTheOperationThatWasPutIntoIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		op := anyOperation().Draw(t, "operation")
		op.Hash = "" // of the event, which is not made yet
		text, err := chain.EncodeOperation(&op)
		if err != nil {
			t.Fatal(err)
		}
		e := chain.Event{Seq: op.Seq, Op: op.Op, Data: text, Hash: "its hash"}
		got, ok := e.Operation()
		if op.Hash = e.Hash; !ok {
			t.Fatalf("%s is no operation", text)
		}
		sameOperation(t, &op, &got)
	})
}

func TestAnEventOfWhatDoesNotExistHoldsNoOperation(t *testing.T) {
	t.Parallel()
	whole := journaltest.Operation(1)
	whole.Seq = 5
	text, err := chain.EncodeOperation(&whole)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(e *chain.Event){
		"another operation's":   func(e *chain.Event) { e.Op = journaltest.Operation(2).Op },
		"another event's":       func(e *chain.Event) { e.Seq = 6 },
		"of an unknown kind":    func(e *chain.Event) { e.Data = replaced(t, text, `"kind":"activate"`, `"kind":"activatf"`) },
		"of an unknown state":   func(e *chain.Event) { e.Data = replaced(t, text, `"state":"queued"`, `"state":"queuee"`) },
		"of a range of nothing": func(e *chain.Event) { e.Data = replaced(t, text, `"kind":"activate"`, `"kind":"range"`) },
		"cut off":               func(e *chain.Event) { e.Data = text[:len(text)-1] },
		"of no operation":       func(e *chain.Event) { e.Op, e.Data = "", `{"by":"mgr"}` },
	} {
		e := chain.Event{Seq: 5, Op: whole.Op, Data: text}
		if _, ok := e.Operation(); !ok {
			t.Fatal("the whole one holds none")
		}
		change(&e)
		if op, ok := e.Operation(); ok {
			t.Errorf("%s: %+v", name, op)
		}
	}
}

// replaced is a text with what it holds once changed.
func replaced(t *testing.T, text, was, is string) string {
	t.Helper()
	if strings.Count(text, was) != 1 {
		t.Fatalf("%s has not one %s", text, was)
	}
	return strings.Replace(text, was, is, 1)
}
