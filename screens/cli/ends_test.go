package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"counterfoil/ui/vterm"
)

// reels makes a box of new reels and writes their ids into a file.
func (w *world) reels(n int) (list string) {
	w.t.Helper()
	w.staff()
	box, err := w.sandbox.Generate(1, n, 2*n)
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, node := range w.run("lookup", box, "--json").want(w.t, 0).objects(w.t) {
		if node["level"] == "reel" {
			ids = append(ids, node["id"].(string))
		}
	}
	if len(ids) != n {
		w.t.Fatalf("%d reels, want %d", len(ids), n)
	}
	return w.file("reels.txt", strings.Join(ids, "\n")+"\n")
}

// TestWhatWasBegunIsFinishedWhateverEndsAList runs a list whose answers are slow,
// and ends it in the middle.
func TestWhatWasBegunIsFinishedWhateverEndsAList(t *testing.T) {
	t.Parallel()
	binary := vterm.Binary(t)
	for name, end := range map[string]func(*os.Process, *os.File) error{
		"a closed pipe": func(_ *os.Process, out *os.File) error { return out.Close() },
		"SIGTERM":       func(p *os.Process, _ *os.File) error { return p.Signal(syscall.SIGTERM) },
		"SIGHUP from the terminal and from the shell": func(p *os.Process, _ *os.File) error {
			if err := p.Signal(syscall.SIGHUP); err != nil {
				return err
			}
			return p.Signal(syscall.SIGHUP)
		},
	} {
		for _, command := range [][]string{{"activate", "--amount", "30", "--from", "LIST"}, {"queue", "replay"}} {
			t.Run(name+" at "+command[0], func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				const all = 200
				list := w.reels(all)
				args := append([]string{"--config", w.config, "--data", w.data()}, command...)
				if command[0] == "queue" {
					w.run("activate", "--amount", "30", "--offline", "--from", list).want(t, 4)
				}
				for i := range args {
					args[i] = strings.Replace(args[i], "LIST", list, 1)
				}
				w.faults(`[{"action":"reelActiveVoucher","skip":1,"times":1000,"probability":1,"do":"delay:200ms"}]`)
				args, environ := w.asSomebody(args, nil)
				cmd := exec.Command(binary, args...)
				cmd.Env = append(environ, w.environ...)
				read, write, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				var talk bytes.Buffer
				cmd.Stdout, cmd.Stderr = write, &talk
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				_ = write.Close()
				if _, err := bufio.NewReader(read).ReadString('\n'); err != nil {
					t.Fatalf("no line came: %v", err)
				}
				if err := end(cmd.Process, read); err != nil {
					t.Fatal(err)
				}
				_ = cmd.Wait()
				_ = read.Close()
				if code := cmd.ProcessState.ExitCode(); code != 1 || strings.TrimSpace(talk.String()) == "" {
					t.Errorf("exit %d, stderr %q", code, talk.String())
				}
				open := w.run("queue", "--json").want(t, 0).objects(t)
				for _, op := range open {
					if op["state"] != "queued" {
						t.Errorf("left %v: %v", op["state"], op)
					}
				}
				done := len(w.run("queue", "--state", "done", "--json").want(t, 0).objects(t))
				if n := len(w.sandbox.Effects()); n != done || n == all {
					t.Errorf("%d effects, %d done of %d", n, done, all)
				}
			})
		}
	}
}

// What is named as a file is no reason to wait or to read for ever.
func TestASilentPipeAndADeviceEndNoLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	fifo := filepath.Join(w.home, "pipe")
	must(t, unix.Mkfifo(fifo, 0o600))
	zero, err := os.Open("/dev/zero")
	must(t, err)
	defer zero.Close()
	act := []string{"activate", "--amount", "30", "--operator", "amy", "--from"}
	for name, c := range map[string]struct {
		args []string
		in   *os.File
		term bool // it waits, until SIGTERM
	}{
		"a pipe": {append(slices.Clone(act), fifo), nil, true}, "a pipe, dry": {append(slices.Clone(act), fifo, "--dry-run"), nil, true},
		"a pipe, strict": {append(slices.Clone(act), fifo, "--strict"), nil, true},
		"a device":       {append(slices.Clone(act), "/dev/zero"), nil, false}, "a device, dry": {append(slices.Clone(act), "/dev/zero", "--dry-run"), nil, false},
		"a device as input": {append(slices.Clone(act), "-", "--strict"), zero, false},
		"faults, a device":  {[]string{"sandbox", "--addr", "127.0.0.1:0", "--faults", "/dev/zero"}, nil, false},
		"faults, a pipe":    {[]string{"sandbox", "--addr", "127.0.0.1:0", "--faults", fifo}, nil, false},
	} {
		args := c.args
		if args[0] != "sandbox" {
			args = append([]string{"--config", w.config, "--data", w.data()}, args...)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		cmd := exec.CommandContext(ctx, vterm.Binary(t), args...)
		cmd.Env = append(slices.Clone(asAmy), w.environ...)
		if c.in != nil {
			cmd.Stdin = c.in
		}
		var talk bytes.Buffer
		cmd.Stderr = &talk
		must(t, cmd.Start())
		if c.term {
			// Opening waits until the program reads.
			in, err := os.OpenFile(fifo, os.O_WRONLY, 0)
			must(t, err)
			must(t, cmd.Process.Signal(syscall.SIGTERM))
			defer in.Close()
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 1 || strings.TrimSpace(talk.String()) == "" {
			t.Errorf("%s: exit %d, stderr %q", name, code, talk.String())
		}
		cancel()
	}
	w.run("activate", "--amount", "30", "--from", os.DevNull, "--dry-run").want(t, 0)
}

func TestEveryCommandThatPrintsSurvivesAClosedPipe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("activate", codeA, "--amount", "15").want(t, 0)
	for _, args := range [][]string{
		{"lookup", reelBox}, {"lookup", reelBox, "--json"}, {"queue", "--state", "done"}, {"config"}, {"config", "--example"},
		{"help"}, {"man"}, {"completion", "bash"}, {"version", "--selftest"}, {"doctor"}, {"verify"}, {"activate", "--help"},
	} {
		cmd := exec.Command(vterm.Binary(t), append([]string{"--config", w.config, "--data", w.data()}, args...)...)
		cmd.Env = w.environ
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = read.Close()
		var talk bytes.Buffer
		cmd.Stdout, cmd.Stderr = write, &talk
		_ = cmd.Run()
		_ = write.Close()
		if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(talk.String(), "could not be written out") {
			t.Errorf("%v: exit %d, stderr %q", args, code, talk.String())
		}
	}
}

func TestAnEndWhileTheCounterOpensIsNoFaultOfTheProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.faults(`[{"action":"queryVerifyInfo","skip":0,"times":9,"probability":1,"do":"delay:1m"}]`) // it ends by nothing else
	cmd := exec.CommandContext(t.Context(), vterm.Binary(t), "--config", w.config, "--data", w.data(), "lookup", reelBox, "--operator", "amy")
	cmd.Env = append(slices.Clone(asAmy), w.environ...)
	var talk bytes.Buffer
	cmd.Stderr = &talk
	must(t, cmd.Start())
	opened := func() bool {
		all, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", cmd.Process.Pid))
		return slices.ContainsFunc(all, func(fd string) bool {
			name, _ := os.Readlink(fd)
			return name == filepath.Join(w.data(), "lock")
		})
	}
	for deadline := time.Now().Add(time.Minute); !opened() && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	must(t, cmd.Process.Signal(syscall.SIGTERM))
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(talk.String(), "Interrupted") {
		t.Errorf("exit %d, stderr %q", code, talk.String())
	}
}
