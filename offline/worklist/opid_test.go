package worklist_test

import (
	"testing"
	"time"

	"counterfoil/offline/worklist"
)

func TestIDsRiseWhateverTheClockDoes(t *testing.T) {
	t.Parallel()
	var ids worklist.IDs
	var last string
	for _, at := range []time.Duration{0, 0, time.Hour, -time.Hour, time.Minute, 2 * time.Hour, -48 * time.Hour} {
		id := ids.Next(noon.Add(at))
		if id <= last || len(id) != 26 {
			t.Errorf("%q after %q", id, last)
		}
		last = id
	}
}

func TestIDsRiseAboveThoseThatWereRead(t *testing.T) {
	t.Parallel()
	var earlier, another, ids worklist.IDs
	ahead := earlier.Next(noon.Add(time.Hour)) // the clock was set back since
	ids.Above(ahead)
	ids.Above(another.Next(noon))
	ids.Above("none")
	if id := ids.Next(noon); id <= ahead {
		t.Errorf("%q, and %q was read", id, ahead)
	}
}

func TestAnIDCarriesItsTime(t *testing.T) {
	t.Parallel()
	var ids worklist.IDs
	if early, late := ids.Next(noon)[:10], (&worklist.IDs{}).Next(noon.Add(time.Second))[:10]; early >= late {
		t.Errorf("another counter's %q is not after %q", late, early)
	}
}
