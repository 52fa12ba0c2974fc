package offline_test

import (
	"testing"

	"counterfoil/offline"
)

func TestNothingIsSaidOfTheLinkUntilThePlatformWasCalled(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.wantLink(offline.Unheard)
	s.Desk.Start()
	s.Eventually("the first answer", func() bool { return s.Desk.Status().Link == offline.Online })
	if st := s.Desk.Status(); !st.NextProbe.IsZero() {
		t.Fatalf("status %+v", st)
	}
}

func TestAnActivationGoesOutAtOnceOnALinkNothingIsKnownOf(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.wantLink(offline.Unheard)
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	s.wantLink(offline.Online)
	s.WantEffects(1)
}
