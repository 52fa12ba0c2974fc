package offline_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// The sequence follows the time of day: late in it there is no room for one
// that runs away.
func TestTraceNumbersOfAnEveningStayWithTheTimeOfDay(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Clock.Forward(12*time.Hour + 45*time.Minute) }) // 23:00
	ids := s.codesOf(1, 1, 60)
	for n, id := range ids {
		s.accept(offline.Activate, id, waiting)
		switch n {
		case 19, 59:
			s.Must(s.Desk.Replay(context.Background(), nil))
		case 29:
			s.Reopen()
		case 39: // the next start salvages
			s.Must(s.Desk.Stop())
			s.Must(os.WriteFile(filepath.Join(s.Settings.Data, "lock"), []byte("1 counterfoil\ndamaged\n"), 0o600))
			s.Reopen()
		}
	}
	effects := s.Sandbox.Effects()
	if len(effects) != len(ids) {
		t.Fatalf("%d effects", len(effects))
	}
	first := 0
	for i, e := range effects {
		n, err := strconv.Atoi(e.Trace[14:])
		s.Must(err)
		if i == 0 {
			first = n
		}
		if len(e.Trace) != 23 || n > first+1_000_000 { // 100 seconds
			t.Fatalf("number %d of the day is %s, the first was %s", i+1, e.Trace, effects[0].Trace)
		}
	}
	if st := s.Desk.Status(); st.Waiting+st.Unknown+st.Attention > 0 {
		t.Errorf("left %+v", st)
	}
}
