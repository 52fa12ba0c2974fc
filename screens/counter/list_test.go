package counter_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// written is a list in a file of its own.
func written(t *testing.T, s *screenstest.Counter, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	s.Must(os.WriteFile(path, []byte(text), 0o600))
	return path
}

// choose names a file in the basket, as it is dropped on a terminal.
func choose(s *screenstest.Counter, path string) {
	s.Keys("l")
	s.Until("One id a line")
	s.Clock.Forward(time.Second)
	s.Send(tea.PasteMsg{Content: "'" + path + "'"})
	s.Keys("enter")
}

func TestAFileFillsTheBasketAndItsWrongLinesAreNamed(t *testing.T) {
	t.Parallel()
	s := basket(t, offlinetest.Reel)
	choose(s, written(t, s, "reels.csv", "amount;id\n12.50;"+offlinetest.FreeCode+"\n;no id here\nmany;"+offlinetest.OtherBox+
		"\n;"+offlinetest.Reel+"\n;"+offlinetest.OtherBox+"\n;"+offlinetest.OtherBox+"\n;\n;y\n"))
	s.Until("basket  3 lines")
	s.Until("2 lines came from reels.csv. 2 were there already.")
	s.Until("4 lines are left out, the first: 3 “no id")
	s.Until("here”, 4 “many”, 8")
	s.Until("¥ 12.50")
	s.UntilNot("asking the platform")
	s.WantEffects(0)
}

func TestACodeOfAFileIsAskedForByNobody(t *testing.T) {
	t.Parallel()
	s := basket(t, offlinetest.Reel)
	choose(s, written(t, s, "codes.txt", offlinetest.FreeCode))
	s.Until("basket  2 lines")
	s.UntilNot("asking the platform")
	s.Keys("f6")
	s.Until("code " + api.ID(offlinetest.FreeCode).Masked())
	if s.Shows(offlinetest.FreeCode) {
		t.Errorf("it is shown whole:\n%s", s.Screen())
	}
}

func TestWhatIsNoListLeavesTheBasketAndIsNamedAnew(t *testing.T) {
	t.Parallel()
	s := basket(t, offlinetest.Reel)
	long := &strings.Builder{}
	for i := range 1000 {
		fmt.Fprintf(long, "R112102F-%07d-2585\n", 10_000+i)
	}
	for _, c := range []struct{ path, want string }{
		{"/nowhere/reels.csv", "There is no file /nowhere/reels.csv"},
		{t.TempDir(), "is a folder"},
		{"/dev/zero", "is a folder or a device"},
		{written(t, s, "reels.xlsx", "PK\x03\x04workbook"), "is no text"},
		{written(t, s, "long.txt", long.String()), "more lines than a basket"},
		{written(t, s, "huge.txt", strings.Repeat("x\n", 3<<20)), "more lines than a basket"},
	} {
		choose(s, c.path)
		s.Wait(c.want, func(screen string) bool {
			text := strings.Join(strings.Fields(strings.ReplaceAll(screen, "│", " ")), " ")
			return strings.Contains(text, c.want) && strings.Contains(text, "Nothing was put into the basket.")
		})
		s.Keys("esc")
		s.UntilNot("One id a line")
		s.Until("basket  1 line")
	}
}

func TestALetterOfANumberAsksForNoFile(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	s.Keys("l")
	s.UntilNot("One id a line")
	s.Keys("esc", "f2")
	s.Until("L list from a file")
	s.Keys("r", "1", "l")
	s.UntilNot("One id a line")
}

func TestALineForTheManagerIsMarkedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	s := basket(t, mixedReel)
	s.Until("! manager")
	s.Until("1 of 4 codes: the others are not like these, so the manager decides")
	s.Until("1 to send")
	s.Scan(offlinetest.Reel)
	s.Until("2 to send")
	s.UntilNot("so the manager decides") // that is said of the line in hand
	s.Until("! manager")
}
