package offline_test

import (
	"testing"

	"counterfoil/offline"
)

func (s *shop) wantLink(want offline.Link) {
	s.t.Helper()
	if link := s.desk.Status().Link; link != want {
		s.t.Fatalf("the link is %s, want %s", link, want)
	}
}

func TestNothingIsSaidOfTheLinkUntilThePlatformWasCalled(t *testing.T) {
	s := openShop(t)
	s.wantLink(offline.Unheard)
	s.desk.Start()
	s.until("the first answer", func() bool { return s.desk.Status().Link == offline.Online })
	if st := s.desk.Status(); !st.NextProbe.IsZero() {
		t.Fatalf("status %+v", st)
	}
}

func TestAnActivationGoesOutAtOnceOnALinkNothingIsKnownOf(t *testing.T) {
	s := openShop(t)
	s.wantLink(offline.Unheard)
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	s.wantLink(offline.Online)
	s.wantEffects(1)
}
