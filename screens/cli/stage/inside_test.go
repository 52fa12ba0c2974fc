package stage

import (
	"testing"
	"time"
)

func TestTheStoryIsOfTheBusinessDayBefore(t *testing.T) {
	t.Parallel()
	for now, want := range map[string]string{
		"2026-11-22T04:00:00Z": "2026-11-21T15:00:00Z", "2026-11-22T23:59:00Z": "2026-11-21T15:00:00Z",
		"2026-11-22T03:59:00Z": "2026-11-20T15:00:00Z", "2026-11-22T00:00:00Z": "2026-11-20T15:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := afternoonBefore(at, 4*time.Hour).Format(time.RFC3339); got != want {
			t.Errorf("at %s it was %s, want %s", now, got, want)
		}
	}
}
