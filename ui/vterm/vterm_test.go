package vterm

import (
	"strings"
	"testing"
	"time"
)

// A shell stands in for the program here: what is tested is the terminal.
func shell(t *testing.T, size Size, script string) *Terminal {
	t.Helper()
	return Start(t, size, []string{"sh", "-c", script})
}

func TestTheScreenShowsWhatTheProgramPrinted(t *testing.T) {
	t.Parallel()
	term := shell(t, Small, `printf 'one\r\n\033[3;5H中杯饮品券 ok'; read line`)
	screen := term.WaitFor(`ok`)
	lines := strings.Split(screen, "\n")
	if len(lines) != Small.Rows || lines[0] != "one" || lines[2] != "    中杯饮品券 ok" {
		t.Fatalf("the screen is wrong:\n%s", framed(screen))
	}
}

func TestTypedTextArrivesAndTheExitCodeComesBack(t *testing.T) {
	t.Parallel()
	term := shell(t, Small, `read line; echo "got <$line>"; exit 7`)
	term.Scan("R112102F-0000242-2585")
	term.WaitFor(`got <R112102F-0000242-2585>`)
	if code := term.WaitExit(); code != 7 {
		t.Fatalf("exit code %d, want 7", code)
	}
}

func TestATerminalsQuestionsAreAnswered(t *testing.T) {
	t.Parallel()
	term := shell(t, Small, `stty raw -echo; printf '\033[6n'; head -c 6 | od -An -c; stty sane; read line`)
	term.WaitFor(`033\s+\[\s+1\s+;\s+1\s+R`)
}

func TestPasteIsBracketedOnlyWhereTheProgramAskedForIt(t *testing.T) {
	t.Parallel()
	term := shell(t, Small, `stty raw -echo; echo ready; head -c 3 | od -An -c; printf '\033[?2004h'; echo again; head -c 15 | od -An -c; stty sane; read line`)
	term.WaitFor(`ready`)
	term.Paste("abc")
	term.WaitFor(`a\s+b\s+c`)
	term.WaitFor(`again`)
	term.Paste("xyz")
	term.WaitFor(`033\s+\[\s+2\s+0\s+0\s+~\s+x\s+y\s+z\s+033`)
}

func TestTheProgramLearnsOfANewSize(t *testing.T) {
	t.Parallel()
	term := shell(t, Small, `trap 'stty size' WINCH; stty size; while :; do read line; done`)
	term.WaitFor(`24 80`)
	term.Resize(Medium)
	term.WaitFor(`40 120`)
	if rows := strings.Count(term.Screen(), "\n") + 1; rows != Medium.Rows {
		t.Fatalf("the screen has %d rows after the resize, want %d", rows, Medium.Rows)
	}
}

func TestKillEndsAProgramThatListensToNothing(t *testing.T) {
	t.Parallel()
	term := shell(t, Small, `trap '' INT TERM HUP; echo up; while :; do read line; done`)
	term.WaitFor(`up`)
	term.Kill()
	if code := term.WaitExit(); code != -1 {
		t.Fatalf("exit code %d of a killed program, want -1", code)
	}
}

func TestBytesAreCounted(t *testing.T) {
	t.Parallel()
	term := shell(t, Small, `stty -echo; echo ready; read line; printf 12345; read line`)
	term.WaitFor(`ready`)
	term.WaitQuiet(50 * time.Millisecond)
	mark := term.Sent()
	term.Key("Enter")
	term.WaitFor(`12345`)
	if n := term.Sent() - mark; n != 5 {
		t.Fatalf("%d bytes counted, want 5", n)
	}
}
