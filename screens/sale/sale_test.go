package sale_test

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
)

const (
	unreached = "The platform cannot be reached"
	unequal   = "Not the face value: type it twice"
	inactive  = "A manager is needed · void, never active"
	above     = "A manager is needed · over a limit"
)

func TestNothingIsAcceptedInAnOutageUntilThePersonHasConfirmed(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	sales, next := l.activations(3), l.of(offline.Activate, offlinetest.FreeCode)
	l.CutOff()
	l.run(l.flow.Start(sales...))
	if d := l.answer(unreached, false); !strings.Contains(d.Facts[0].Value, "3 codes") {
		t.Errorf("it asks about %+v", d.Facts)
	}
	l.want(step{sales[0], sale.Left})
	if got := l.stored(); len(got) > 0 || l.flow.Busy() {
		t.Fatalf("accepted without a confirmation: %+v", got)
	}
	l.run(l.flow.Start(sales...))
	l.answer(unreached, true) // once, for all in hand
	for _, op := range l.stored() {
		if op.State != offline.Queued || !op.Offline || op.AmountFen != sales[0].FaceFen {
			t.Errorf("accepted as %+v", op)
		}
	}
	if n := len(l.stored()); n != 3 || l.flow.Busy() || len(l.asked) > 0 {
		t.Errorf("%d accepted, %d questions", n, len(l.asked))
	}
	// What was confirmed then is not confirmed for what is sold next.
	l.run(l.flow.Start(next))
	l.answer(unreached, false)
}

func TestWhatIsTypedBehindAQuestionChangesNothing(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	s := l.activations(1)[0]
	s.AmountFen = s.FaceFen - 100
	asked := s.AmountFen
	l.run(l.flow.Start(s))
	s.AmountFen = 1
	d := l.answer(unequal, true)
	if d.Asks[0].Check(offline.Yuan(asked)) != "" || d.Asks[0].Check("0.01") == "" || d.Asks[0].Check("") == "" {
		t.Error("the dialog takes another amount than the one that it asks about")
	}
	if ops := l.stored(); len(ops) != 1 || ops[0].AmountFen != asked {
		t.Errorf("accepted %+v, want %d fen", ops, asked)
	}
	s.ID = api.ID(l.Codes(1)[0])
	l.run(l.flow.Start(s)) // nobody has typed that amount twice
	l.answer(unequal, false)
	l.WantEffects(1)
}

func TestWithoutAManagerOnlyThatSaleIsLeftOut(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	sales := l.activations(2)
	void := l.of(offline.Void, offlinetest.FreeCode)
	l.run(l.flow.Start(sales[0], void, sales[1]))
	if !l.flow.Asking() || len(l.stored()) != 1 {
		t.Fatalf("asking %v, accepted %d", l.flow.Asking(), len(l.stored()))
	}
	l.answer(inactive, false)
	l.want(step{sales[0], sale.Taken}, step{sales[0], sale.Ended}, step{void, sale.Left}, step{sales[1], sale.Taken}, step{sales[1], sale.Ended})
	for _, s := range sales {
		if s.Op.State != offline.Done || s.Moving || s.Until.IsZero() {
			t.Errorf("%s is %+v", s.ID, s.Op)
		}
	}
	if void.Op != nil || void.Counts(offline.Void) || !sales[0].Counts(offline.Activate) || sales[0].Counts(offline.Void) {
		t.Errorf("the void was begun: %+v", void.Op)
	}
	l.WantEffects(2)
}

func TestAnApprovalIsForTheOneSaleBeforeIt(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	ids := l.Codes(2)
	first, second := l.of(offline.Void, ids[0]), l.of(offline.Void, ids[1])
	l.run(l.flow.Start(first, second))
	l.answer(inactive, true, offlinetest.ManagerName, offlinetest.ManagerPIN)
	l.WantEffects(1)
	if d := l.answer(inactive, false); d.Facts[1].Value != second.ID.Masked() {
		t.Errorf("it asks about %+v", d.Facts)
	}
	if op := first.Op; op == nil || op.ApprovedBy != offlinetest.ManagerName || op.State != offline.Done {
		t.Errorf("the first is %+v", op)
	}
	if second.Op != nil {
		t.Errorf("the second was accepted: %+v", second.Op)
	}
	l.WantEffects(1)
}

func TestWhatWouldPassALimitOfTheBatchIsAskedForAtTheEndAndTogether(t *testing.T) {
	t.Parallel()
	l := openTill(t, func(s *offlinetest.Shop) { s.Settings.Rules.Batch.Count = 1 })
	sales := l.activations(3)
	share := func() {
		b := l.Desk.NewBatch()
		for _, s := range sales {
			s.Share = b.Take(offline.Line{Kind: s.Kind, ID: s.ID, Pieces: 1, Fen: s.AmountFen})
		}
	}
	share()
	l.run(l.flow.Start(sales...))
	l.WantEffects(1) // what fits goes out before anybody is asked
	if d := l.answer(above, true, offlinetest.ManagerName, offlinetest.ManagerPIN); !strings.Contains(d.Facts[0].Value, "2 codes") {
		t.Errorf("it asks about %+v", d.Facts)
	}
	if l.flow.Busy() || len(l.asked) > 0 {
		t.Error("it asks again")
	}
	l.WantEffects(3)
	sales = l.activations(2)
	share()
	l.did = nil
	l.run(l.flow.Start(sales...))
	l.answer(above, false)
	l.want(step{sales[0], sale.Taken}, step{sales[1], sale.NotTaken}, step{sales[0], sale.Ended}, step{sales[1], sale.Left})
	if l.flow.Busy() {
		t.Error("what was left is in hand still")
	}
	l.WantEffects(4)
}

func TestNoMoreSalesAreOnTheirWayThanMayBe(t *testing.T) {
	t.Parallel()
	for _, parallel := range []int{1, 2} {
		l := openTill(t, func(s *offlinetest.Shop) { s.Settings.Calls.Parallel = parallel })
		l.run(l.flow.Start(l.activations(5)...))
		if l.most != parallel || l.open != 0 || l.flow.Busy() {
			t.Errorf("%d at a time, of %d; %d not ended", l.most, parallel, l.open)
		}
		l.WantEffects(5)
	}
}

func TestWhatIsStoppedIsForgottenHereAndLivesOnAtTheDesk(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	sales := l.activations(2)
	l.commands.Add(l.flow.Start(sales...))
	msg, _ := l.commands.Next() // the desk has accepted the first, and says so
	l.flow.Stop()
	l.run(func() tea.Msg { return msg })
	l.want()
	if l.flow.Busy() || sales[0].Op != nil {
		t.Errorf("it goes on: %+v", sales[0].Op)
	}
	if ops := l.stored(); len(ops) != 1 || api.ID(ops[0].ID) != sales[0].ID {
		t.Errorf("the desk has %+v", ops)
	}
	l.Eventually("the end of what was accepted", func() bool { return l.stored()[0].State == offline.Done })
}

func TestAnOutcomeIsNotTakenForALaterOperations(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	s := l.activations(1)[0]
	l.commands.Add(l.flow.Start(s))
	for range 2 { // the acceptance, and the end of it
		msg, _ := l.commands.Next()
		if l.take(msg.(screen.To).Msg); s.Moving {
			s.Op = &offline.Operation{Op: "a later one", State: offline.Queued}
		}
	}
	l.want(step{s, sale.Taken})
	if s.Op.State != offline.Queued || !s.Moving {
		t.Errorf("the later one is %+v", s.Op)
	}
}

func TestOneSaleAtATimeIsInHandAndWhatIsNotPreparedIsDropped(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	sales := l.activations(3)
	l.flow.Prepare = func(s *sale.Sale) bool { return s != sales[0] }
	cmd := l.flow.Start(sales[0], sales[1])
	if again := l.flow.Start(sales[2]); again != nil {
		t.Error("another sale begins while one is in hand")
	}
	l.run(cmd)
	l.want(step{sales[1], sale.Taken}, step{sales[1], sale.Ended})
	l.WantEffects(1)
}
