package offline_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"counterfoil/offline"
	"counterfoil/offline/day"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/offlinetest"
	"counterfoil/offline/reconcile"
)

// added puts an event behind the end of a closed folder's chain, as somebody does
// who knows how the chain is made.
func (s *shop) added(head offline.Head, name string, data any) {
	s.TB.Helper()
	text, ok := data.(string)
	if !ok {
		encoded, err := json.Marshal(data)
		s.Must(err)
		text = string(encoded)
	}
	e := chain.Event{Seq: head.Seq + 1, At: "2026-11-22T10:15:03+08:00", Name: name, Data: text, Prev: head.Hash}
	s.damage("sql", "counterfoil.db", fmt.Sprintf(`INSERT INTO events VALUES (%d, '%s', '', '%s', '%s', '%s', '%s')`, e.Seq, e.At, e.Name, e.Data, e.Prev, e.Sum()))
}

func TestWhatNoCounterWroteOfTheBookCountsForNothing(t *testing.T) {
	t.Parallel()
	type put struct {
		event string
		data  any
	}
	forgeries := map[string]func(first offline.DayReport, head offline.Head) put{
		"a close that takes sales out of the next": func(first offline.DayReport, head offline.Head) put {
			first.Z, first.From, first.To = 2, first.To, head.Seq
			return put{day.ClosedEvent, first}
		},
		"an older close once more": func(first offline.DayReport, _ offline.Head) put { return put{day.ClosedEvent, first} },
		"a close of a high number": func(first offline.DayReport, head offline.Head) put {
			first.Z, first.From, first.To = 900, first.To, head.Seq
			return put{day.ClosedEvent, first}
		},
		"another beginning": func(first offline.DayReport, head offline.Head) put {
			first.Z, first.To = 0, head.Seq+1
			return put{chain.BegunEvent, first}
		},
		"a close that cannot be read": func(offline.DayReport, offline.Head) put { return put{day.ClosedEvent, "x"} },
		"a note that cannot be read":  func(offline.DayReport, offline.Head) put { return put{day.NotedEvent, "x"} },
		"a note":                      func(offline.DayReport, offline.Head) put { return put{day.NotedEvent, day.Note{Z: 1, Text: "forged"}} },
		"a reconciliation": func(offline.DayReport, offline.Head) put {
			return put{reconcile.Event, reconcile.Record{Who: chain.Who{By: "mgr"}}}
		},
	}
	for name, forge := range offlinetest.Some(3, forgeries) {
		for kept, want := range map[string]int64{"": 2, "3": 4, "9223372036854775807": 2} {
			t.Run(name+", number kept "+kept, func(t *testing.T) {
				t.Parallel()
				s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits = offline.Limits{} })
				codes := s.codesOf(1, 1, 3)
				s.accept(offline.Activate, codes[0], waiting)
				first := s.closedOnce()
				s.accept(offline.Activate, codes[1], waiting)
				v, err := s.Desk.Verify(t.Context(), nil)
				s.Must(err)
				s.Stop()
				p := forge(first, v.Head)
				s.added(v.Head, p.event, p.data)
				if kept != "" {
					s.damage("sql", "counterfoil.db", `UPDATE meta SET value = '`+kept+`' WHERE key = 'day.z'`)
				}
				s.Reopen()
				_, err = s.Desk.Acknowledge(t.Context(), s.Manager, "seen")
				s.Must(err)
				s.Reopen()
				s.accept(offline.Activate, codes[2], waiting)
				_, err = s.Desk.Withdraw(t.Context(), s.Cashier, first.Open[0].Op)
				s.Must(err)
				second := s.closedOnce()
				if second.Z != want || second.From != first.To || second.Accepted.Ops != 2 || second.OpenBefore != first.StillOpen || len(second.Late) != 1 || second.Late[0].Z != 1 {
					t.Errorf("the next close: %+v", second)
				}
				s.settleAll()
				if third := s.closedOnce(); len(third.Late) != 1 || third.Late[0].Z != want {
					t.Errorf("the third close: %+v", third)
				}
				_, err = s.Desk.Verify(t.Context(), nil)
				s.Must(err)
				all, err := s.Desk.Closes(t.Context(), s.Manager)
				s.Must(err)
				if !slices.EqualFunc(all, []int64{want + 1, want, 1}, func(r offline.DayReport, z int64) bool { return r.Z == z }) {
					t.Errorf("closes: %+v", all)
				}
				if _, notes, err := s.Desk.Reprint(t.Context(), s.Manager, 1); err != nil || len(notes) > 0 {
					t.Errorf("notes %v, %v", notes, err)
				}
				if _, ok, err := s.Desk.LastReconciliation(t.Context(), s.Manager); err != nil || ok {
					t.Errorf("a reconciliation counts, %v", err)
				}
			})
		}
	}
}

func TestANumberThatIsKeptTooHighIsNotTakenWhereNothingWasLost(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.closedOnce()
	s.damage("sql", "counterfoil.db", `UPDATE meta SET value = '3' WHERE key = 'day.z'`)
	s.accept(offline.Activate, reel, waiting)
	if z := s.closedOnce(); z.Z != 2 {
		t.Errorf("the next is Z %d", z.Z)
	}
	if _, err := s.Desk.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestABeginningThatNoCounterWroteHidesNothingFromBookAndVerify(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.accept(offline.Activate, reel, waiting)
	v, err := s.Desk.Verify(t.Context(), nil)
	s.Must(err)
	s.Stop()
	s.added(v.Head, chain.BegunEvent, offline.DayReport{Book: day.Book{To: v.Head.Seq + 1}})
	s.Reopen()
	_, err = s.Desk.Acknowledge(t.Context(), s.Manager, "seen")
	s.Must(err)
	if z := s.closedOnce(); z.From != 0 || z.Accepted.Ops != 1 {
		t.Errorf("the close begins with %+v", z.Book)
	}
	s.Stop()
	s.damage("sql", "counterfoil.db", `DELETE FROM postings`)
	s.Reopen()
	if _, err := s.Desk.Verify(t.Context(), nil); offline.KindOf(err) != offline.ErrChain || asDeskError(err).Args["Seq"] != v.Head.Seq {
		t.Errorf("verify says %v", err)
	}
}

// Without a copy of the head it cannot be told that no counter wrote it.
func TestACloseThatEndsBehindItselfStopsNoOther(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	first := s.closedOnce()
	s.accept(offline.Activate, reel, waiting)
	v, err := s.Desk.Verify(t.Context(), nil)
	s.Must(err)
	s.Stop()
	forged := first
	forged.Z, forged.From, forged.To = 2, first.To, v.Head.Seq+1000
	s.added(v.Head, day.ClosedEvent, forged)
	s.Must(os.Remove(filepath.Join(s.Settings.Data, "chain.head")))
	s.Reopen()
	_, err = s.Desk.Acknowledge(t.Context(), s.Manager, "seen")
	s.Must(err)
	if z := s.closedOnce(); z.Z != 2 || z.From != first.To || z.Accepted.Ops != 1 {
		t.Errorf("the next close: %+v", z)
	}
	_, err = s.Desk.Verify(t.Context(), nil)
	s.Must(err)
}
