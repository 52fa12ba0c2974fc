package offline_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// sold activates codes that lie in a reel each, so that each is asked about by itself.
func (s *shop) sold(n int) []api.ID {
	s.TB.Helper()
	codes := s.codesOf(1, n, n)
	for _, id := range codes {
		s.wantState(s.sent(s.accept(offline.Activate, id)), offline.Done)
	}
	return codes
}

// stopped runs a reconciliation that is cancelled after so many answers.
func (s *shop) stopped(after int64) {
	s.TB.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	_, err := s.Desk.Reconcile(ctx, s.Manager, offline.ReconcileRequest{Each: func(p offline.ReconcileProgress) {
		if p.Done >= after {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		s.TB.Fatalf("a run that was cancelled ends with %v", err)
	}
}

func (s *shop) reconciled(each func(offline.ReconcileProgress)) offline.Reconciliation {
	s.TB.Helper()
	found, err := s.Desk.Reconcile(context.Background(), s.Manager, offline.ReconcileRequest{Each: each})
	s.Must(err)
	return found
}

func TestAReconciliationThatWasCutOffGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	codes := s.sold(12)
	s.stopped(5)
	s.Reopen() // as after a kill: nothing but the folder is left
	s.known(codes[0])
	s.CutOff()
	var first offline.ReconcileProgress
	found := s.reconciled(func(p offline.ReconcileProgress) {
		if first.Of == 0 {
			first = p
		}
	})
	if found.Of != 12 || found.Answered < 5 || found.Silent != 12-found.Answered || first.Done != found.Answered {
		t.Errorf("going on, it found %+v and began at %+v", found.Sum, first)
	}
	if again := s.reconciled(nil); again.Answered != 0 {
		t.Errorf("a run that begins anew takes over %d answers", again.Answered)
	}
}

func TestABusyPlatformIsSilentAndSpeaksAgainstNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.UnclearCodes = []string{"H80"} })
	s.sold(3)
	s.Faults(sandbox.Fault{Action: s.Settings.Calls.LookupAction, Do: "in_process"})
	if found := s.reconciled(nil); found.Of != 3 || found.Silent != 3 || found.Differences != 0 {
		t.Errorf("%+v", found)
	}
}

func TestAnAnswerThatIsOldOrThatTheJournalTouchedIsAskedForAgain(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		make   func(*shop, []api.ID)
		silent int64
	}{
		"a void of one code": {func(s *shop, codes []api.ID) { s.wantState(s.sent(s.accept(offline.Void, codes[3])), offline.Done) }, 1},
		"a void of what holds it": {func(s *shop, codes []api.ID) {
			card := s.known(codes[3])
			s.wantState(s.sent(s.accept(offline.Void, api.ID(card.Path[len(card.Path)-1].ID))), offline.Done)
		}, 2},
		"time": {func(s *shop, _ []api.ID) { s.Clock.Forward(5 * time.Hour) }, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			codes := s.sold(8)
			s.stopped(8) // the answers are all there, the end is not
			change.make(s, codes)
			s.CutOff()
			if found := s.reconciled(nil); found.Silent != change.silent || found.Differences != 0 {
				t.Errorf("%+v, want %d silent", found, change.silent)
			}
		})
	}
}

func TestWhatTheCounterDoesMeanwhileIsReconciledToo(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	codes := s.sold(6)
	fresh := s.codesOf(1, 1, 1)[0]
	once := false
	found := s.reconciled(func(p offline.ReconcileProgress) {
		if p.Done != 6 || once {
			return
		}
		once = true
		s.wantState(s.sent(s.accept(offline.Void, codes[0])), offline.Done)
		s.wantState(s.sent(s.accept(offline.Activate, fresh)), offline.Done)
	})
	if found.Of != 7 || found.Answered != 7 || len(found.Found) != 0 {
		t.Errorf("%+v", found)
	}
	last, ok, err := s.Desk.LastReconciliation(context.Background(), s.Manager)
	if err != nil || !ok || len(last.Asked) != 7 || last.By != s.Manager.Name || last.Result.Of != 7 {
		t.Errorf("the journal keeps %+v, %v", last, err)
	}
}

func TestACloseIsCheckedAndOneThatIsCancelledWritesNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.sold(3)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := s.Desk.CloseDay(ctx, s.Manager, offline.CloseRequest{Check: true, Each: func(offline.ReconcileProgress) { cancel() }})
	list, listErr := s.Desk.Closes(context.Background(), s.Manager)
	if !errors.Is(err, context.Canceled) || listErr != nil || len(list) > 0 {
		t.Fatalf("%v, %v, %v", err, list, listErr)
	}
	if _, err := s.Desk.CloseDay(context.Background(), s.Manager, offline.CloseRequest{Open: 1, Check: true, Each: func(offline.ReconcileProgress) {
		t.Error("the platform is asked for a close that cannot be")
	}}); offline.KindOf(err) != offline.ErrStillOpen {
		t.Errorf("with a wrong number: %v", err)
	}
	reports, err := s.Desk.CloseDay(context.Background(), s.Manager, offline.CloseRequest{Check: true})
	if err != nil || reports[0].Checked.Answered != 3 || reports[0].Checked.Skipped {
		t.Errorf("%+v, %v", reports, err)
	}
	s.sold(1)
	s.CutOff()
	reports, err = s.Desk.CloseDay(context.Background(), s.Manager, offline.CloseRequest{Check: true})
	if err != nil || !reports[0].Checked.Skipped {
		t.Errorf("without the platform: %+v, %v", reports, err)
	}
}

func TestAReconciliationHoldsUpNoReopening(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Calls.AnswerTimeout = 3 * time.Minute })
	s.sold(crowd)
	s.Reopen() // a closed folder has all rows
	s.Desk.Start()
	s.Faults(sandbox.Fault{Action: api.ActionLookup, Do: "delay:2m"})
	ctx, cancel := context.WithCancel(context.Background())
	asks, ended := make(chan struct{}), make(chan struct{})
	desk := s.Desk
	go func() {
		defer close(ended)
		_, _ = desk.Reconcile(ctx, s.Manager, offline.ReconcileRequest{Each: func(p offline.ReconcileProgress) {
			if p.Done == 0 {
				close(asks)
			}
		}})
	}()
	<-asks
	s.damage("page", "counterfoil.db", storedTime)
	// A commit empties what connections have read, the reconciliation's too.
	s.Must(s.Desk.AddOperator(ctx, s.Manager, "second", offline.Manager, "8888"))
	_, _ = s.Desk.Operations(context.Background(), offline.Query{}) // meets the damage
	s.wantHealed(offline.ErrSalvaged)
	select {
	case <-ended:
		t.Error("the platform was to be asked all the while")
	default:
	}
	cancel()
	<-ended
}

// Who closes is read again once the platform has answered.
func TestAManagerDisabledDuringTheCheckClosesNothing(t *testing.T) {
	t.Parallel()
	for name, approved := range map[string]bool{"by herself": false, "by her approval": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			s.sold(1)
			ctx := t.Context()
			s.Must(s.Desk.AddOperator(ctx, s.Manager, "second", offline.Manager, "8888"))
			by, err := s.Desk.SignIn(ctx, "second", "8888")
			s.Must(err)
			if approved {
				by = s.Cashier.With(by)
			}
			_, err = s.Desk.CloseDay(ctx, by, offline.CloseRequest{Check: true, Each: func(offline.ReconcileProgress) {
				s.Must(s.Desk.DisableOperator(ctx, s.Manager, "second"))
			}})
			list, listErr := s.Desk.Closes(ctx, s.Manager)
			if err == nil || listErr != nil || len(list) > 0 {
				t.Errorf("%v, %v, %v", err, list, listErr)
			}
		})
	}
}
