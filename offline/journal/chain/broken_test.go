package chain_test

import (
	"errors"
	"fmt"
	"testing"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/journaltest"
)

func TestAChangeOfAnyColumnOfAnyEventBreaksTheChain(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	b.accepted(2)
	b.append("operators.added", "amy")
	b.accepted(2)
	if b.broken() {
		t.Fatal("a whole chain is called broken")
	}
	for seq := int64(1); seq <= b.head.Seq; seq++ {
		for _, column := range columns {
			for _, change := range []string{column + " || '0'", `''`} {
				if column == "seq" {
					change = "seq + 10"
				}
				if column == "op" && seq == 3 || column == "prev" && seq == 1 {
					change = `'x'` // it has none
				}
				if !b.tried(`UPDATE events SET `+column+` = `+change+` WHERE seq = ?`, seq) {
					t.Errorf("event %d holds with its %s changed to %s", seq, column, change)
				}
			}
		}
		// What is missing at the end only the copy of the chain's head can tell.
		if got := b.tried(`DELETE FROM events WHERE seq = ?`, seq); got != (seq < b.head.Seq) {
			t.Errorf("without event %d broken is %v", seq, got)
		}
	}
	two := `UPDATE events SET (at, op, event, data, prev, hash) = (SELECT at, op, event, data, prev, hash FROM events e WHERE e.seq = 6 - events.seq) WHERE seq IN (2, 4)`
	if !b.tried(two) {
		t.Error("two events changed places, and nothing is said")
	}
}

// An event that was made anew, hash and all, is given away by the next one.
func TestAnEventWhoseHashWasMadeToFitBreaksTheChain(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	b.accepted(3)
	op := journaltest.Operation(1)
	forged := chain.Event{Seq: 2, At: chain.Stamp(journaltest.Start), Op: op.Op, Name: "accepted", Data: `{"amount_fen":1}`}
	var err error
	forged.Prev, err = b.c.Text(`SELECT hash FROM events WHERE seq = 1`)
	b.must(err)
	if !b.tried(`UPDATE events SET data = ?, hash = ? WHERE seq = 2`, forged.Data, forged.Sum()) {
		t.Error("it holds")
	}
}

func TestWhatASalvageLostIsBrokenUntilAManagerHasSeenIt(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	b.accepted(4)
	gap := map[string]any{"from": 2, "to": 3}
	if !b.tried(`DELETE FROM events WHERE seq IN (2, 3)`) {
		t.Error("two events are lost, and nothing is said")
	}
	b.must(b.c.Exec(`DELETE FROM events WHERE seq IN (2, 3)`))
	salvaged := b.append(chain.SalvagedEvent, map[string]any{"reason": "r", "gaps": []any{gap}})
	if !b.broken() {
		t.Error("nobody has seen what was lost, and nothing is said")
	}
	b.acknowledged(salvaged)
	if b.broken() {
		t.Error("a manager has seen it, and it is called broken still")
	}
	first, err := b.c.Text(`SELECT hash FROM events WHERE seq = 1`)
	b.must(err)
	anew := chain.Event{Seq: 2, Name: "anew", Prev: first}
	if !b.tried(`INSERT INTO events SELECT 2, '', '', 'anew', '', ?, ?`, first, anew.Sum()) {
		t.Error("something stands where the salvage left nothing")
	}
	if !b.tried(`UPDATE events SET data = data || ' ' WHERE seq = 4`) {
		t.Error("an event after the gap was changed, and nothing is said")
	}
}

func TestALostHeadIsBrokenAndAnAddedEventIsNot(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{chain.HeadMissing: true, chain.HeadUnreadable: true, chain.HeadMisfit: true, chain.HeadBehind: false, chain.GapEvent: false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openBook(t)
			b.accepted(2)
			found := b.append(name, chain.MisfitError{Seq: 1, Why: "w"})
			if got := b.broken(); got != want {
				t.Errorf("broken: %v", got)
			}
			if b.acknowledged(found); b.broken() {
				t.Error("a manager has seen it, and it is called broken still")
			}
		})
	}
}

func TestAHeadThatWasPrintedHoldsTheEventsBeforeIt(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	b.accepted(1)
	first := b.head
	b.accepted(2)
	b.must(chain.CheckHeads(b.c.Each, []chain.Head{first, b.head}))
	for _, wrong := range []chain.Head{{Seq: 2, Hash: first.Hash}, {Seq: 4, Hash: b.head.Hash}, {Seq: 3, Hash: "x"}} {
		var misfit *chain.MisfitError
		if err := chain.CheckHeads(b.c.Each, []chain.Head{first, wrong}); !errors.As(err, &misfit) || misfit.Seq != wrong.Seq {
			t.Errorf("head %v: %v", wrong, err)
		}
	}
	if text := fmt.Sprint(first); text != "1 "+first.Hash {
		t.Errorf("it is copied as %q", text)
	}
}
