package tree_test

import (
	"testing"

	"counterfoil/screens/screenstest"
)

func TestTheDialogsNameTheCodesThatTheyChangeAndWhoDecides(t *testing.T) {
	t.Parallel()
	const mixed = "R112102F-0000243-2586" // it has one code of each status
	l := screenstest.SignedIn(t, 100, 30)
	l.Scan(mixed)
	l.Until("to activate 1 of 4 codes")
	l.Keys("f3")
	l.Chosen("reel " + mixed)
	l.Keys("a")
	l.Until("Activate this?")
	for _, fact := range []string{"activate · reel · 1 of 4 codes", "中杯饮品券", "amy", "1 of 4 codes: the others are not like these, so the manager decides"} {
		l.Until(fact)
	}
	l.Keys("esc")
	l.UntilNot("Activate this?")
	l.Keys("f4")
	l.Until("Void this?")
	for _, fact := range []string{"void · reel · 3 of 4 codes", "中杯饮品券", "3 of 4 codes, not all in the same status, so the manager decides"} {
		l.Until(fact)
	}
}

func TestTheDialogOfABoxNamesWhatItsCodesAreWorth(t *testing.T) {
	t.Parallel()
	l := screenstest.SignedIn(t, 100, 30)
	l.Scan("X1123-6430582-102F5")
	l.Until("· X1123-6430582-102F5")
	l.UntilNot("asking the platform")
	l.Keys("f3")
	l.Chosen("box X1123")
	l.Keys("a")
	l.Until("Activate this?")
	l.Until("Its face value is ¥ ")
}
