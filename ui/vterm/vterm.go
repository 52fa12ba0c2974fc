// Package vterm is a terminal for tests: it starts a real program on a real
// pseudo-terminal, draws what the program sends on an emulated screen, answers
// the program's questions as a terminal does, and types, scans and pastes into
// it. It stands in for the hardware only: it knows no voucher and imports
// nothing of ours, and nothing but tests and the fault suite imports it.
package vterm

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// Size is a terminal's size in cells.
type Size struct{ Cols, Rows int }

// The sizes that the screens are judged at.
var (
	Small  = Size{80, 24}
	Medium = Size{120, 40}
	Large  = Size{160, 50}
)

// Patience is how long the waiting functions wait before they fail the test. A
// condition that comes true ends the wait at once, so it costs nothing.
const Patience = time.Minute

// Terminal is a program running on an emulated terminal. Its methods may be
// called from one test goroutine; they fail the test when a wait is in vain.
type Terminal struct {
	t   testing.TB
	cmd *exec.Cmd
	tty *os.File
	// exited closes when the program has ended and its last byte is drawn.
	exited chan struct{}

	mu      sync.Mutex
	screen  *vt.Emulator
	raw     []byte
	changed chan struct{} // closed and made anew at every byte drawn
	last    time.Time
	dead    bool
}

// Start runs program with its arguments on a terminal of that size, with the
// environment of a shop's terminal and env on top. The program is killed when
// the test ends.
func Start(t testing.TB, size Size, program []string, env ...string) *Terminal {
	t.Helper()
	cmd := exec.Command(program[0], program[1:]...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(append(environment(), "TMPDIR="+cmd.Dir), env...)
	tty, err := pty.StartWithSize(cmd, window(size))
	if err != nil {
		t.Fatalf("starting %s on a terminal: %v", program[0], err)
	}
	term := &Terminal{
		t: t, cmd: cmd, tty: tty, exited: make(chan struct{}),
		screen: vt.NewEmulator(size.Cols, size.Rows), changed: make(chan struct{}), last: time.Now(),
	}
	answers := make(chan struct{})
	go func() {
		defer close(answers)
		// A failing write means that the program is gone; the drawing side ends then too.
		_, _ = io.Copy(tty, term.screen)
	}()
	go term.draw(answers)
	t.Cleanup(term.Kill)
	return term
}

// environment is the caller's, with the terminal's own words fixed so that a
// test draws the same on every machine.
func environment() []string {
	var env []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		switch {
		case name == "TERM", name == "LANG", name == "COLORTERM", name == "NO_COLOR", name == "TMUX",
			name == "CI", name == "LANGUAGE", name == "TMPDIR", strings.HasPrefix(name, "LC_"), strings.HasPrefix(name, "COUNTERFOIL_"):
		default:
			env = append(env, pair)
		}
	}
	return append(env, "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8")
}

func window(size Size) *pty.Winsize {
	return &pty.Winsize{Cols: uint16(size.Cols), Rows: uint16(size.Rows)}
}

// draw feeds the screen until the program has ended.
func (term *Terminal) draw(answers <-chan struct{}) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := term.tty.Read(buffer)
		if n > 0 {
			term.mu.Lock()
			_, _ = term.screen.Write(buffer[:n]) // fails only once closed, which is below
			term.raw = append(term.raw, buffer[:n]...)
			term.last = time.Now()
			close(term.changed)
			term.changed = make(chan struct{})
			term.mu.Unlock()
		}
		if err != nil {
			break // EIO is a pseudo-terminal's end of file
		}
	}
	_ = term.cmd.Wait() // the exit code stays in ProcessState
	if pipe, ok := term.screen.InputPipe().(io.Closer); ok {
		_ = pipe.Close() // ends the answering side
	}
	<-answers
	_ = term.tty.Close()
	term.mu.Lock()
	term.dead = true
	close(term.changed)
	term.changed = make(chan struct{})
	term.mu.Unlock()
	close(term.exited)
}

// Screen returns what the terminal shows, one line a row, without the spaces at the ends of lines.
func (term *Terminal) Screen() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.text()
}

func (term *Terminal) text() string {
	lines := strings.Split(term.screen.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \r")
	}
	return strings.Join(lines, "\n")
}

// Output returns every byte that the program sent so far.
func (term *Terminal) Output() []byte {
	term.mu.Lock()
	defer term.mu.Unlock()
	return append([]byte(nil), term.raw...)
}

// Sent counts the bytes that the program sent so far.
func (term *Terminal) Sent() int {
	term.mu.Lock()
	defer term.mu.Unlock()
	return len(term.raw)
}

// WaitFor waits until the screen matches pattern and returns the screen as it then was.
func (term *Terminal) WaitFor(pattern string) string {
	term.t.Helper()
	re := regexp.MustCompile(pattern)
	return term.WaitUntil("the screen shows "+pattern, re.MatchString)
}

// WaitUntil waits until the condition on the screen holds; what names it in the failure.
func (term *Terminal) WaitUntil(what string, holds func(screen string) bool) string {
	term.t.Helper()
	deadline := time.NewTimer(Patience)
	defer deadline.Stop()
	for {
		term.mu.Lock()
		screen, changed, dead := term.text(), term.changed, term.dead
		term.mu.Unlock()
		if holds(screen) {
			return screen
		}
		if dead {
			term.t.Fatalf("the program ended (%v) before %s; the screen:\n%s", term.cmd.ProcessState, what, framed(screen))
		}
		select {
		case <-changed:
		case <-deadline.C:
			term.t.Fatalf("waited %v in vain until %s; the screen:\n%s", Patience, what, framed(term.Screen()))
		}
	}
}

// WaitQuiet waits until nothing was sent by the program, nor typed into it, for that long.
func (term *Terminal) WaitQuiet(pause time.Duration) {
	term.t.Helper()
	deadline := time.NewTimer(Patience)
	defer deadline.Stop()
	for {
		term.mu.Lock()
		left, dead := pause-time.Since(term.last), term.dead
		term.mu.Unlock()
		if left <= 0 || dead {
			return
		}
		select {
		case <-time.After(left):
		case <-deadline.C:
			term.t.Fatalf("the program did not stop sending for %v; the screen:\n%s", pause, framed(term.Screen()))
		}
	}
}

// Resize gives the terminal another size and tells the program.
func (term *Terminal) Resize(size Size) {
	term.t.Helper()
	term.mu.Lock()
	term.screen.Resize(size.Cols, size.Rows)
	term.mu.Unlock()
	if err := pty.Setsize(term.tty, window(size)); err != nil {
		term.t.Fatalf("resizing the terminal: %v", err)
	}
}

// WaitExit waits until the program has ended by itself and returns its exit code.
func (term *Terminal) WaitExit() int {
	term.t.Helper()
	select {
	case <-term.exited:
		return term.cmd.ProcessState.ExitCode()
	case <-time.After(Patience):
		term.t.Fatalf("the program did not end; the screen:\n%s", framed(term.Screen()))
		return -1
	}
}

// End asks the program to end, as a closing session does (SIGTERM), and returns its exit code.
func (term *Terminal) End() int {
	term.t.Helper()
	_ = term.cmd.Process.Signal(syscall.SIGTERM) // fails only when it has just ended by itself
	return term.WaitExit()
}

// Kill ends the program as a power switch would (SIGKILL) and waits for its
// end. It may be called more than once.
func (term *Terminal) Kill() {
	select {
	case <-term.exited:
		return
	default:
	}
	_ = term.cmd.Process.Kill() // fails only when it has just ended by itself
	<-term.exited
}

// framed draws a border, so that a failure shows where the screen ends.
func framed(screen string) string {
	lines := strings.Split(screen, "\n")
	for i, line := range lines {
		lines[i] = fmt.Sprintf("%3d │%s", i+1, line)
	}
	return strings.Join(lines, "\n")
}
