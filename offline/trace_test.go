package offline_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"counterfoil/offline"
)

// The sequence follows the time of day: late in it there is no room for one
// that runs away.
func TestTraceNumbersOfAnEveningStayWithTheTimeOfDay(t *testing.T) {
	evening := &movable{}
	evening.add(11 * 60 * 60 * 1e9) // 23:00
	s := openShop(t, evening.bothClocks)
	ids := s.others(60)
	for n, id := range ids {
		s.accept(offline.Activate, id, waiting)
		switch n {
		case 19, 59:
			s.must(s.desk.Replay(context.Background(), nil))
		case 29:
			s.restarted()
		case 39: // the next start salvages
			s.must(s.desk.Stop())
			s.must(os.WriteFile(filepath.Join(s.dir, "lock"), []byte("1 counterfoil\ndamaged\n"), 0o600))
			s.reopen()
		}
	}
	effects := s.box.Effects()
	if len(effects) != len(ids) {
		t.Fatalf("%d effects", len(effects))
	}
	first := 0
	for i, e := range effects {
		n, err := strconv.Atoi(e.Trace[14:])
		s.must(err)
		if i == 0 {
			first = n
		}
		if len(e.Trace) != 23 || n > first+1_000_000 { // 100 seconds
			t.Fatalf("number %d of the day is %s, the first was %s", i+1, e.Trace, effects[0].Trace)
		}
	}
	if st := s.desk.Status(); st.Waiting+st.Unknown+st.Attention > 0 {
		t.Errorf("left %+v", st)
	}
}
