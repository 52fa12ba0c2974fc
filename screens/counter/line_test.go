package counter

import (
	"testing"

	"counterfoil/api"
	"counterfoil/offline"
)

func TestWhatTheDeskRefusedToRepeatIsNotOfferedAgain(t *testing.T) {
	t.Parallel()
	l := newLine("R112102F-0000242-2585")
	l.looking, l.fen = false, 3000
	l.card.Fresh, l.card.Node.Codes, l.card.Node.Counts = true, 2, map[string]int{api.StatusInactive: 2}
	if reason := l.notActivate(); reason != "" {
		t.Fatalf("it is not offered: %s", reason)
	}
	l.Problem = &offline.Error{Kind: offline.ErrAlreadyActive}
	if reason := l.notActivate(); reason != "reason.active_here" {
		t.Errorf("an activation is offered again: %q", reason)
	}
	l.Problem = &offline.Error{Kind: offline.ErrAlreadyVoid}
	if reason := l.notVoid(); reason != "reason.void" {
		t.Errorf("a void is offered again: %q", reason)
	}
	l.Problem = &offline.Error{Kind: offline.ErrOverLimit} // a manager may approve
	if l.notActivate() != "" || l.notVoid() != "" {
		t.Error("what a manager may approve is not offered")
	}
}
