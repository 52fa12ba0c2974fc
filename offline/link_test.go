package offline_test

import (
	"testing"

	"counterfoil/api/sandbox"
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

func TestAPlatformThatNeverAnswersIsNeverOnline(t *testing.T) {
	for name, c := range map[string]struct {
		do   string
		want offline.Link
	}{
		"nobody there": {"refuse_connection", offline.Offline},
		"a portal":     {"html", offline.Offline},
		"too slow":     {"delay:10s", offline.Shaky},
	} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t)
			s.faults(sandbox.Fault{Action: "*", Do: c.do})
			s.desk.Start()
			s.until("the first probe fails", func() bool { return s.desk.Status().Link != offline.Unheard })
			s.wantLink(c.want)
		})
	}
}

func TestAnActivationGoesOutAtOnceOnALinkNothingIsKnownOf(t *testing.T) {
	s := openShop(t)
	s.wantLink(offline.Unheard)
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	s.wantLink(offline.Online)
	s.wantEffects(1)
}
