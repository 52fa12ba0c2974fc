package screens_test

import (
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// again signs the cashier in anew.
func again(s *screenstest.Counter) {
	s.TB.Helper()
	s.Until("▸ amy")
	s.Keys("1", "1", "1", "1", "enter")
	s.Until("amy · cashier")
}

func TestALateAnswerOpensNoDialogOverTheSignIn(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Keys("f3")
	s.Chosen(offlinetest.Reel)
	s.Faults(sandbox.Fault{Do: "delay:300ms"})
	s.Keys("f4")
	s.Send(screenstest.Press("ctrl+l"))
	s.Until("▸ amy")
	s.Send(screenstest.Press("enter"))
	again(s)
	s.Keys("f3")
	s.Chosen(offlinetest.Reel)
	s.Faults()
	s.Keys("f4") // asked anew, it is asked
	s.Until("Void this?")
	s.WantEffects(0)
}

func TestWhatIsTypedBehindALockSettlesNothing(t *testing.T) {
	t.Parallel()
	s := screenstest.Queued(t, 100, 30)
	s.Keys("f5")
	s.Chosen(offlinetest.Reel)
	defer s.Clock.Stop()() // no pause behind the lock
	s.Clock.Forward(time.Second)
	s.Send(screenstest.Press("s"))
	s.Clock.Forward(time.Second)
	for _, key := range []string{"ctrl+l", "t", "e", "l", "enter"} {
		s.Send(screenstest.Press(key))
	}
	s.Until("▸ amy")
	s.Drain()
	if s.Shows("Settling closes") {
		t.Errorf("the dialog of an ended session:\n%s", s.Screen())
	}
	again(s)
	s.Until("◷ 1 waiting")
}

// dialogs open what can stand in front of a scanned reel.
var dialogs = map[string]func(*screenstest.Counter){
	"void":   func(s *screenstest.Counter) { s.Keys("f4"); s.Until("Void this?") },
	"outage": func(s *screenstest.Counter) { s.Outage(); s.Keys("enter"); s.Until("It is NOT ACTIVE YET") },
	"far": func(s *screenstest.Counter) {
		s.Keys("6", "0", "0", "0", "enter")
		s.Until("more than ten times its face value")
	},
	"manager": func(s *screenstest.Counter) {
		s.Outage()
		s.Keys("6", "0", "0", "0", "enter")
		s.Until("more than ten times its face value")
		s.Answer("6000")
		s.Until("It is NOT ACTIVE YET")
		s.Keys("enter")
		s.Until("A manager is needed")
		s.Keys("tab", "9", "9") // also while something is typed
	},
	"tree": func(s *screenstest.Counter) {
		s.Keys("f3")
		s.Chosen(offlinetest.Reel)
		s.Keys("f4")
		s.Until("Void this?")
	},
	"quit": func(s *screenstest.Counter) { s.Keys("ctrl+c"); s.Until("Quit?") },
	"help": func(s *screenstest.Counter) { s.Keys("?"); s.Until("─ " + s.Words.T("help.keys") + " ─") },
}

func TestADialogThatALockClosedHoldsNothingUp(t *testing.T) {
	t.Parallel()
	for name, open := range dialogs {
		for lock, leave := range map[string]func(*screenstest.Counter){
			"idle": func(s *screenstest.Counter) {
				s.Clock.Forward(screenstest.IdleLock)
				s.Send(screenstest.Press("x"))
				s.Until("Locked after a while")
			},
			"key": locked,
		} {
			t.Run(name+" "+lock, func(t *testing.T) {
				t.Parallel()
				s := screenstest.AtReel(t, 80, 24)
				open(s)
				leave(s)
				again(s)
				s.Until(offlinetest.Reel) // the card is there again
				s.Keys("esc", "esc")
				s.Until("Scan a voucher")
				s.Scan(offlinetest.FreeCode)
				s.Until("code · 1001260105000000301")
				s.WantEffects(0)
			})
		}
	}
}

// locked presses the key that locks, at once, and an Enter behind it.
func locked(s *screenstest.Counter) {
	s.TB.Helper()
	s.Send(screenstest.Press("ctrl+l"))
	if !s.Shows("▸ amy") {
		s.TB.Errorf("not locked at once:\n%s", s.Screen())
	}
	s.Keys("enter")
	s.Drain()
}

func TestTheLockKeyLeavesADialogOfTheQueueOrTheBasketUnanswered(t *testing.T) {
	t.Parallel()
	for key, title := range map[string]string{"w": "Withdraw?", "s": "Settle by hand"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			s := screenstest.Queued(t, 100, 30)
			s.Keys("f5")
			s.Chosen(offlinetest.Reel)
			s.Keys(key)
			s.Until(title)
			locked(s)
			again(s)
			s.Until("◷ 1 waiting")
		})
	}
	t.Run("basket", func(t *testing.T) {
		t.Parallel()
		s := screenstest.SignedIn(t, 100, 30)
		s.Keys("f2")
		for _, id := range []string{offlinetest.Reel, offlinetest.FreeCode} {
			s.Scan(id)
			s.UntilNot("asking the platform")
		}
		s.Keys("esc")
		s.Until("Empty the basket?")
		locked(s)
		again(s)
		s.Until("2 to send")
	})
}

func TestTheFirstKeyAfterTheMachineSleptIsNoLongerTheCashiers(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Clock.Forward(screenstest.IdleLock)
	s.Send(screenstest.Press("enter")) // before any beat of the clock
	s.Until("▸ amy")
	s.WantEffects(0)
}

func TestWhatIsTypedWhileAPINIsCheckedChangesNothing(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 100, 30, "en", func(s *offlinetest.Shop) { s.Settings.Limits.MaxAmountFen = 2000 })
	s.SignIn()
	s.Scanned(offlinetest.Reel)
	s.Outage()
	s.Answer("60")
	s.Until("Amount again")
	s.Answer("60")
	s.Until("It is NOT ACTIVE YET")
	s.Keys("enter")
	s.Until("A manager is needed")
	s.Keys("tab", "9", "9", "9", "9", "enter")
	s.Keys("9", "0", "f4", "enter") // before the desk's answer is seen
	s.Until("QUEUED")
	ops, err := s.Desk.Operations(t.Context(), offline.Query{Limit: 9, Whole: true})
	s.Must(err)
	if len(ops) != 1 || ops[0].AmountFen != 6000 || ops[0].ApprovedBy != "mgr" || ops[0].Kind != offline.Activate {
		t.Errorf("approved were 60.00, accepted is %+v", ops)
	}
}

func TestAnApprovalIsOfTheOperationThatWasShown(t *testing.T) {
	t.Parallel()
	s := screenstest.Queued(t, 100, 30)
	_, err := s.Desk.Accept(t.Context(), offline.Request{
		Kind: offline.Activate, ID: offlinetest.FreeCode, AmountFen: 1500, Offline: true, Operator: s.Manager})
	s.Must(err)
	s.Keys("f5")
	s.Until("◷ 2 waiting")
	s.Chosen(offlinetest.Reel)
	s.Keys("s")
	s.Until("Settle by hand")
	s.Keys("right", "tab", "t", "e", "l", "enter")
	s.Until("A manager is needed")
	s.Keys("tab", "9", "9", "9", "9", "enter")
	s.Keys("down", "w") // the other one, before the desk's answer is seen
	s.Until("◷ 1 waiting")
	ops, err := s.Desk.Operations(t.Context(), offline.Query{Limit: 9, Whole: true})
	s.Must(err)
	for _, op := range ops {
		if want := map[string]offline.State{offlinetest.Reel: offline.Settled, offlinetest.FreeCode: offline.Queued}[op.ID]; op.State != want {
			t.Errorf("%s is %s, want %s", op.ID, op.State, want)
		}
	}
}

func TestASaleThatALockOvertookShowsItsOutcome(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "delay:2s"})
	s.Keys("enter")
	s.Wait("an operation on its way", func(string) bool { return s.Desk.Status().Waiting == 1 })
	s.Send(screenstest.Press("ctrl+l"))
	again(s)
	s.Until("ACTIVE – HAND OVER")
	s.WantEffects(1)
}

func TestABasketOutlivesASession(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30)
	s.Keys("f2")
	for _, id := range []string{offlinetest.Reel, offlinetest.FreeCode} {
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	s.Faults(sandbox.Fault{Do: "delay:300ms"})
	s.Scan(offlinetest.OtherBox)
	s.Keys("ctrl+l")
	s.Until("▸ amy")
	s.Keys("down", "9", "9", "9", "9", "enter")
	s.Until("mgr · manager")
	s.Until("Scan a voucher") // it is not hers
	s.Keys("ctrl+l")
	s.Until("▸ mgr")
	s.Keys("up")
	again(s)
	s.Until("3 lines")
	s.Until("asking the platform") // anew
	s.UntilNot("asking the platform")
	s.Until("2 to send")
}

func TestTheFirstManagerIsMadeOnTheScreen(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			s := screenstest.Empty(t, 80, 24, lang)
			s.Until(s.Words.T("signin.first_title"))
			s.Keys("f1", "f3", "f5") // nobody leads nowhere
			s.Until(s.Words.T("signin.first_title"))
			s.Keys("m", "e", "i", "enter", "1", "2", "enter", "1", "2", "enter")
			s.Until(s.Words.T("error.bad_pin"))
			s.Keys("1", "2", "3", "4", "enter", "1", "2", "3", "5", "enter")
			s.Until(strings.Fields(s.Words.T("signin.first_differ"))[0])
			s.Keys("f10")
			s.Until(s.Words.T("signin.first_title"))
			s.Keys("f10", "1", "2", "3", "4", "enter", "1", "2", "3", "4", "enter")
			s.Until(s.Words.T("counter.empty"))
			s.Until("mei")
			all, err := s.Desk.Operators(t.Context())
			s.Must(err)
			if len(all) != 1 || all[0].Name != "mei" || all[0].Role != offline.Manager {
				t.Errorf("%+v", all)
			}
		})
	}
}

func TestTheLockKeyLocksAroundAndAmidstAScan(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "R11", offlinetest.Reel, offlinetest.Reel + "\r"} {
		s := screenstest.AtReel(t, 80, 24)
		s.Clock.Forward(time.Second)
		s.Type(strings.TrimSuffix(text, "\r"))
		if strings.HasSuffix(text, "\r") {
			s.Send(screenstest.Press("enter"))
		}
		locked(s)
		s.WantEffects(0)
	}
}

func TestASessionThatTheDeskEndedLocksWithoutAnAct(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*screenstest.Counter) error{
		"disabled": func(s *screenstest.Counter) error { return s.Desk.DisableOperator(s.TB.Context(), s.Manager, "amy") },
		"promoted": func(s *screenstest.Counter) error {
			return s.Desk.SetRole(s.TB.Context(), s.Manager, "amy", offline.Manager)
		},
		"left alone": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := screenstest.AtReel(t, 80, 24)
			s.Keys("f4")
			s.Until("Void this?")
			if end == nil {
				s.Must(s.Desk.AddOperator(t.Context(), s.Manager, "bob", offline.Cashier, "2222"))
				s.Drain()
				s.Until("Void this?")
				return
			}
			s.Must(end(s))
			s.Until("▸ amy")
			s.UntilNot("Void this?")
		})
	}
}
