package offline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"counterfoil/offline"
	"counterfoil/offline/day"
	"counterfoil/offline/offlinetest"
)

// settleAll closes by hand whatever is open.
func (s *shop) settleAll() {
	s.TB.Helper()
	all, err := s.Desk.Operations(s.TB.Context(), offline.Query{})
	s.Must(err)
	for _, op := range all {
		switch {
		case op.State == offline.Queued:
			_, err = s.Desk.Withdraw(s.TB.Context(), s.Cashier, op.Op)
		case op.State.Open():
			_, err = s.Desk.Settle(s.TB.Context(), s.Manager, op.Op, offline.SettleNoEffect, "gone")
		}
		s.Must(err)
	}
}

func TestDaysAreClosedWhateverASalvageFoundLostOfThem(t *testing.T) {
	t.Parallel()
	// Of the events from the first acceptance on. The head goes back, or some in between are lost.
	table := map[string][2]int64{"all": {0, 99}, "all but one": {1, 99}, "all but two": {2, 99}, "all but three": {3, 99}, "all but six": {6, 99},
		"the first": {0, 0}, "the second to the fifth": {1, 4}, "two": {2, 3}, "the fourth to the seventh": {3, 6}}
	for which, lost := range offlinetest.Some(3, table) {
		for _, later := range []string{"nothing", "a sale", "settlements"} {
			t.Run(fmt.Sprintf("%s, then %s", which, later), func(t *testing.T) {
				t.Parallel()
				s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits = offline.Limits{} })
				codes := s.codesOf(1, 1, 5)
				s.accept(offline.Activate, codes[0], waiting)
				s.closed()
				v, err := s.Desk.Verify(t.Context(), nil)
				s.Must(err)
				s.accept(offline.Activate, codes[1], waiting)
				s.accept(offline.Activate, codes[2], waiting)
				s.Clock.Forward(24 * time.Hour)
				s.accept(offline.Activate, codes[3], waiting)
				s.Must(s.Desk.Replay(t.Context(), nil))
				s.Stop()
				s.damage("sql", "counterfoil.db", fmt.Sprintf(`DELETE FROM events WHERE seq BETWEEN %d AND %d`, v.Head.Seq+1+lost[0], v.Head.Seq+1+lost[1]))
				s.Reopen()
				_, err = s.Desk.Acknowledge(t.Context(), s.Manager, "seen")
				s.Must(err)
				s.Reopen() // the desk marks what is doubtful
				if later != "nothing" {
					s.Clock.Forward(24 * time.Hour)
					s.accept(offline.Activate, codes[4], waiting)
				}
				if later == "settlements" {
					s.settleAll()
				}
				s.closed()
				s.settleAll()
				s.closed()
				if _, err := s.Desk.Verify(t.Context(), nil); err != nil {
					t.Error(err)
				}
				all, err := s.Desk.Closes(t.Context(), s.Manager)
				s.Must(err)
				slices.Reverse(all)
				last := offline.DayReport{}
				for _, r := range all {
					out := r.Outcomes
					open := r.OpenBefore.Fen + r.Accepted.Fen + r.Reopened.Fen + r.Recovered.Fen - out.Active.Fen - out.Refused.Fen - out.Withdrawn.Fen - out.Settled.Fen
					if r.Z != last.Z+1 || r.From != last.To || r.OpenBefore != last.StillOpen || open != r.StillOpen.Fen {
						t.Errorf("Z %d does not follow from the one before:\n%+v\n%+v", r.Z, r.Book, last.Book)
					}
					last = r
				}
				done, err := s.Desk.Operations(t.Context(), offline.Query{States: []offline.State{offline.Done}})
				s.Must(err)
				if last.StillOpen.Ops != 0 || last.Ever.Active.Ops != int64(len(done)) {
					t.Errorf("%d are done, the last close says %+v", len(done), last)
				}
			})
		}
	}
}

// What was lost once ends no check of the closes behind it.
func TestACloseBehindAGapIsCheckedLikeAnyOther(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(*offline.DayReport){
		"it leaves a sale out":     func(r *offline.DayReport) { r.From++ },
		"its number was given":     func(r *offline.DayReport) { r.Z-- },
		"its figures do not add":   func(r *offline.DayReport) { r.StillOpen.Fen++ },
		"it counts another amount": func(r *offline.DayReport) { r.Accepted.Fen++; r.StillOpen.Fen++ },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits = offline.Limits{} })
			codes := s.codesOf(1, 1, 3)
			v, err := s.Desk.Verify(t.Context(), nil)
			s.Must(err)
			s.accept(offline.Activate, codes[0], waiting)
			s.closed()
			s.Stop()
			s.damage("sql", "counterfoil.db", fmt.Sprintf(`DELETE FROM events WHERE seq = %d`, v.Head.Seq+1))
			s.Reopen()
			_, err = s.Desk.Acknowledge(t.Context(), s.Manager, "seen")
			s.Must(err)
			s.Reopen()
			s.accept(offline.Activate, codes[1], waiting)
			s.closed() // the salvage is in this one
			s.accept(offline.Activate, codes[2], waiting)
			v, err = s.Desk.Verify(t.Context(), nil)
			s.Must(err)
			x, err := s.Desk.ReportX(t.Context(), s.Manager)
			s.Must(err)
			s.Stop()
			forged := x
			forged.Report, forged.Z, forged.Part = "Z", 3, 3
			forge(&forged)
			s.added(v.Head, day.ClosedEvent, forged)
			s.Must(os.Remove(filepath.Join(s.Settings.Data, "chain.head"))) // nobody can tell that no counter wrote it
			s.Reopen()
			if _, err := s.Desk.Verify(t.Context(), nil); offline.KindOf(err) != offline.ErrChain || asDeskError(err).Args["Seq"] != v.Head.Seq+1 {
				t.Errorf("verify says %v", err)
			}
		})
	}
}
