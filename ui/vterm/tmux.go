//go:build tmux

package vterm

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Witness is a program running inside tmux: a second terminal, written by
// others, that must see what the emulated one sees.
type Witness struct {
	t      testing.TB
	socket string
}

// StartTmux runs program in a tmux server of its own with one window of that
// size. The server is ended with the test.
func StartTmux(t testing.TB, size Size, program []string, env ...string) *Witness {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Fatalf("this test needs tmux: install it with the system's package manager")
	}
	// Not t.TempDir: a socket's path may have about a hundred characters only.
	dir, err := os.MkdirTemp("", "tmux-")
	if err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(dir, "conf")
	const settings = "set -g remain-on-exit on\nset -g default-terminal xterm-256color\nset -g status off\nset -sg escape-time 0\n"
	if err := os.WriteFile(conf, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &Witness{t: t, socket: filepath.Join(dir, "s")}
	args := []string{"-S", w.socket, "-f", conf, "-u", "new-session", "-d", "-s", "main", "-c", dir,
		"-x", strconv.Itoa(size.Cols), "-y", strconv.Itoa(size.Rows)}
	for _, pair := range env {
		args = append(args, "-e", pair)
	}
	cmd := exec.Command("tmux", append(append(args, "--"), program...)...)
	cmd.Env = append(environment(), "TMPDIR="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("starting tmux: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		_ = exec.Command("tmux", "-S", w.socket, "kill-server").Run() // it may have ended by itself
		_ = os.RemoveAll(dir)
	})
	return w
}

func (w *Witness) tmux(args ...string) string {
	w.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", w.socket}, args...)...).CombinedOutput()
	if err != nil {
		w.t.Fatalf("tmux %s: %v\n%s", args[0], err, out)
	}
	return string(out)
}

// Keys presses keys by tmux's names: "Enter", "F4", "Escape", or text.
func (w *Witness) Keys(names ...string) {
	w.t.Helper()
	w.tmux(append([]string{"send-keys", "-t", "main"}, names...)...)
}

// Type sends text literally.
func (w *Witness) Type(text string) {
	w.t.Helper()
	w.tmux("send-keys", "-t", "main", "-l", "--", text)
}

// Screen returns what the window shows.
func (w *Witness) Screen() string {
	w.t.Helper()
	lines := strings.Split(w.tmux("capture-pane", "-t", "main", "-p"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

// WaitFor waits until the window matches pattern and returns what it then showed.
func (w *Witness) WaitFor(pattern string) string {
	w.t.Helper()
	re := regexp.MustCompile(pattern)
	deadline := time.NewTimer(Patience)
	defer deadline.Stop()
	// tmux tells nobody when a window changes, so this one wait asks again and again.
	again := time.NewTicker(25 * time.Millisecond)
	defer again.Stop()
	for {
		screen := w.Screen()
		if re.MatchString(screen) {
			return screen
		}
		select {
		case <-again.C:
		case <-deadline.C:
			w.t.Fatalf("waited %v in vain until tmux shows %s; the window:\n%s", Patience, pattern, framed(screen))
		}
	}
}

// WaitStill waits until the window has not changed for so long, as a hand does
// before Enter.
func (w *Witness) WaitStill(quiet time.Duration) {
	w.t.Helper()
	again := time.NewTicker(25 * time.Millisecond)
	defer again.Stop()
	screen, since := w.Screen(), time.Now()
	for time.Since(since) < quiet {
		<-again.C
		if now := w.Screen(); now != screen {
			screen, since = now, time.Now()
		}
	}
}
