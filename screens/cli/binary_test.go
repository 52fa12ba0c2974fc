package cli_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"counterfoil/ui/vterm"
)

var screen = vterm.Size{Cols: 100, Rows: 30}

// onTerminal starts the built program on a terminal of its own.
func (w *world) onTerminal(args ...string) *vterm.Terminal {
	w.t.Helper()
	args, environ := w.asSomebody(args, w.environ)
	program := append([]string{vterm.Binary(w.t)}, args...)
	return vterm.Start(w.t, screen, program, append(environ, "TMPDIR="+w.home)...)
}

func TestDemoShowsWhoMaySignInAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	term := w.onTerminal("demo", "--lang", "en")
	term.WaitFor(`(?s)amy.*1111`)
	term.WaitFor(`TRAINING`)
	if code := term.End(); code != 1 {
		t.Errorf("exit %d:\n%s", code, term.Output())
	}
	left, err := filepath.Glob(filepath.Join(w.home, "counterfoil-demo-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestDemoSpeaksTheAskedLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.onTerminal("demo", "--lang", "zh").WaitFor(`演练`)
}

func TestPINIsAskedOnTheTerminalAndNotShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	term := w.onTerminal("--data", w.data(), "--config", w.config, "operators", "add", "mgr", "--role", "manager")
	term.WaitFor(`New PIN`)
	term.Type("8642\r")
	term.WaitFor(`Once more`)
	term.Type("8642\r")
	if code := term.WaitExit(); code != 0 {
		t.Errorf("exit %d: %s", code, term.Output())
	}
	if strings.Contains(string(term.Output()), "8642") {
		t.Errorf("the PIN is shown: %s", term.Output())
	}
	w.runIn([]string{"COUNTERFOIL_PIN=8642"}, "activate", codeA, "--amount", "15", "--operator", "mgr").want(t, 0)
}

func TestSandboxServesUntilItIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	faults := w.file("faults.json", `[{"action":"reelActiveVoucher","skip":0,"times":1,"probability":1,"do":"drop_answer"}]`)
	cmd := exec.Command(vterm.Binary(t), "sandbox", "--addr", "127.0.0.1:0", "--json", "--faults", faults, "--data", filepath.Join(w.home, "sandbox"))
	cmd.Env = append(os.Environ(), w.environ...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var said map[string]string
	if err := json.Unmarshal(line, &said); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	answer, err := http.Get(said["url"] + "/sandbox/faults")
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK || said["mac_key"] == "" {
		t.Errorf("%v %v %v", answer.Status, err, said)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the sandbox ended with %v", err)
	}
}

func TestBinarysExitCodesAreTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	for code, args := range map[int][]string{
		0: {"lookup", reel}, 1: {"backup", filepath.Join(w.home, "no", "such", "folder")}, 2: {"nonsense"}, 3: {"lookup", noSuch},
		4: {"activate", reel, "--amount", "30", "--offline"},
	} {
		args, environ := w.asSomebody(args, w.environ)
		cmd := exec.Command(vterm.Binary(t), append([]string{"--config", w.config, "--data", w.data()}, args...)...)
		cmd.Env = environ
		_ = cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != code {
			t.Errorf("%v: exit %d, want %d", args, got, code)
		}
	}
}

func TestAPINThatIsNotGivenChangesNothing(t *testing.T) {
	t.Parallel()
	for name, typed := range map[string][]string{"two that differ": {"8642\r", "8643\r"}, "an interrupt": {"\x03"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			term := w.onTerminal("--data", w.data(), "--config", w.config, "operators", "add", "mgr", "--role", "manager")
			for i, question := range []string{`New PIN`, `Once more`}[:len(typed)] {
				term.WaitFor(question)
				term.Type(typed[i])
			}
			if code := term.WaitExit(); code != 1 {
				t.Errorf("exit %d: %s", code, term.Output())
			}
			if lines := w.run("operators", "--json").want(t, 0).objects(t); len(lines) != 0 {
				t.Errorf("%v", lines)
			}
		})
	}
}

func TestInterruptWhileAListIsTypedEndsTheCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	term := w.onTerminal("--data", w.data(), "--config", w.config, "activate", "--amount", "15", "--from", "-")
	term.Type(codeA + "\r")
	term.WaitFor(`ACTIVE – HAND OVER`)
	term.Type("\x03")
	if code := term.WaitExit(); code != 1 {
		t.Errorf("exit %d: %s", code, term.Output())
	}
	if w.applied(codeA) != 1 {
		t.Errorf("%d effects", w.applied(codeA))
	}
}
