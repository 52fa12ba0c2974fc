package screens

import (
	"context"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
)

// acceptOffline confirms the sentence for what is on the counter.
func (s *shop) acceptOffline(sentence string) {
	s.TB.Helper()
	s.Until(sentence)
	s.Keys("enter")
	s.Until("QUEUED")
}

func TestTheQueueSaysWhatAnOperationWaitsFor(t *testing.T) {
	s := atReel(t, 120, 40)
	s.outage()
	s.Keys("enter")
	s.acceptOffline("It is NOT ACTIVE YET")
	_, err := s.Desk.Accept(context.Background(), offline.Request{
		Kind: offline.Void, ID: reelCode, Offline: true, Operator: offline.Session{Name: "mgr", Role: offline.Manager}})
	s.Must(err)
	s.Keys("f5")
	s.Until("waits for " + reel)
	s.Keys("down", "enter")
	s.Until("Reason           waits for " + reel)
}

func TestTheQueueSaysSinceWhenItIsOfflineAndWhenItIsTriedAgain(t *testing.T) {
	s := atReel(t, 80, 24)
	s.outage()
	s.Keys("enter")
	s.acceptOffline("It is NOT ACTIVE YET")
	s.Keys("f5")
	s.Until("offline since 10:1")
	s.Until("next try in ")
	s.Faults()
	s.Keys("n")
	s.Until("0 waiting")
	s.UntilNot("offline since")
}

func TestWhatIsUnknownForLongIsAmongWhatAManagerMustSee(t *testing.T) {
	s := atReel(t, 120, 40)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"}, sandbox.Fault{Skip: 1, Do: "refuse_connection"})
	s.Keys("enter")
	s.Until("NOT KNOWN YET")
	s.Keys("f5")
	s.Until("1 not known")
	s.Keys("tab", "tab", "tab")
	s.Until("Nothing here")
	s.Clock.Forward(2 * time.Minute) // attention_after is one minute
	s.Desk.Probe(context.Background())
	s.Keys("f1", "f5")
	s.Until("unclear for long: ask the manager")
	s.Until("1 for the manager")
}

func TestTheQueuesLettersWorkAsTheyAreShown(t *testing.T) {
	s := atReel(t, 80, 24)
	s.outage()
	s.Keys("enter")
	s.acceptOffline("It is NOT ACTIVE YET")
	s.Keys("f5")
	s.Until("▸10:1")
	s.Keys("S")
	s.Until("Settling closes")
	s.Keys("esc", "W")
	s.Until("Withdrawing takes it back")
}
