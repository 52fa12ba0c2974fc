package queue_test

import (
	"testing"

	"counterfoil/screens/screenstest"
)

func TestTheEmptyQueueLooksAsItShould(t *testing.T) {
	screenstest.Looks(t, [][2]int{{80, 24}, {120, 40}}, func(t *testing.T, width, height int, lang string) {
		s := screenstest.Open(t, width, height, lang)
		s.SignIn()
		s.Keys("f5")
		s.Until(s.Words.T("queue.empty"))
		s.Golden()
	})
}
