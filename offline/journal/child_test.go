package journal

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"counterfoil/offline/journal/journaltest"
)

// TestMain lets the test binary be the second process that some tests need.
func TestMain(m *testing.M) {
	if act := os.Getenv("JOURNAL_CHILD"); act != "" {
		os.Exit(child(act, os.Getenv("JOURNAL_DIR")))
	}
	_ = flag.Set("test.parallel", "5") // they wait for the disk more than they work
	os.Exit(m.Run())
}

func child(act, dir string) int {
	switch act {
	case "hold": // the lock, until the standard input ends
		j, err := Open(context.Background(), Options{Dir: dir, Reserve: 64 << 10})
		if err != nil {
			fmt.Println("error", err)
			return 1
		}
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = j.Close()
	case "write": // operations for ever, each named once it is acknowledged
		return childWrites(dir)
	case "limited": // until files may not grow any more
		signal.Ignore(syscall.SIGXFSZ)
		limit := unix.Rlimit{Cur: 512 << 10, Max: 512 << 10}
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
			fmt.Println("error", err)
			return 1
		}
		return childWrites(dir)
	case "open": // and say how it went
		j, err := Open(context.Background(), Options{Dir: dir, Reserve: 64 << 10})
		if err == nil {
			_ = j.Close()
		}
		fmt.Println(errors.Is(err, ErrReadOnlyFolder), err)
	case "read": // and count
		j, err := Open(context.Background(), Options{Dir: dir, ReadOnly: true})
		if err != nil {
			fmt.Println("error", err)
			return 1
		}
		list, err := j.Operations(context.Background(), Query{Whole: true})
		fmt.Println(len(list), err)
		_ = j.Close()
	}
	return 0
}

func childWrites(dir string) int {
	j, err := Open(context.Background(), Options{Dir: dir, Reserve: 64 << 10})
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	for n := 0; ; n++ {
		op := journaltest.Operation(n)
		if err := j.Write(context.Background(), func(tx *Tx) error { return tx.Put(&op, "accepted") }); err != nil {
			fmt.Printf("refused %v, full %v: %v\n", errors.Is(err, ErrDiskFull), j.Full(), err)
			return 0
		}
		fmt.Println("stored", n)
	}
}

// startChild runs act in a second process on dir.
func startChild(t *testing.T, act, dir string, change ...func(*exec.Cmd)) (*exec.Cmd, *bufio.Scanner, io.WriteCloser) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=none")
	cmd.Env = append(os.Environ(), "JOURNAL_CHILD="+act, "JOURNAL_DIR="+dir)
	for _, c := range change {
		c(cmd)
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd, bufio.NewScanner(out), in
}

func TestKilledProcessLosesNothingItAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for round, after := range []int{1, 40, 400} {
		cmd, out, _ := startChild(t, "write", filepath.Join(dir, strconv.Itoa(round)))
		last := -1
		for out.Scan() {
			number, ok := strings.CutPrefix(out.Text(), "stored ")
			if !ok {
				t.Fatal(out.Text())
			}
			last, _ = strconv.Atoi(number)
			if last == after {
				_ = cmd.Process.Kill()
			}
		}
		_ = cmd.Wait()
		j := openIn(t, filepath.Join(dir, strconv.Itoa(round)))
		for n := 0; n <= last; n++ {
			if _, err := j.Operation(context.Background(), journaltest.Operation(n).Op); err != nil {
				t.Fatalf("round %d: operation %d of %d: %v", round, n, last, err)
			}
		}
		if _, err := j.Verify(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		closeNow(t, j)
	}
}

func TestSecondWriterIsToldWhoHoldsTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd, out, in := startChild(t, "hold", dir)
	if !out.Scan() || out.Text() != "ready" {
		t.Fatal(out.Text())
	}
	_, err := takeLock(context.Background(), Options{Dir: dir}, 0)
	var locked *LockedError
	if !errors.As(err, &locked) || locked.PID != cmd.Process.Pid || !strings.HasPrefix(locked.Program, filepath.Base(os.Args[0])) {
		t.Fatalf("%v, want process %d", err, cmd.Process.Pid)
	}
	// Reading works beside it.
	j := openIn(t, dir, func(o *Options) { o.ReadOnly = true })
	if list, err := j.OpenOperations(context.Background()); err != nil || len(list) != 0 {
		t.Fatal(list, err)
	}
	closeNow(t, j)
	// One who waits gets the folder as soon as the other ends.
	got := make(chan error, 1)
	go func() {
		l, err := Lock(context.Background(), Options{Dir: dir})
		if err == nil {
			err = l.Unlock()
		}
		got <- err
	}()
	_ = in.Close()
	if err := <-got; err != nil {
		t.Fatal(err)
	}
}

func TestLockOfAKilledProcessIsFree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd, out, _ := startChild(t, "hold", dir)
	if !out.Scan() {
		t.Fatal("no child")
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	l, err := takeLock(context.Background(), Options{Dir: dir}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if l.left != LeftOpen {
		t.Fatalf("the folder was left %q", l.left)
	}
	_ = l.Unlock()
}

func TestFullFileSystemIsAnErrorOfItsOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, out, _ := startChild(t, "limited", dir)
	stored, last := 0, ""
	for out.Scan() {
		last = out.Text()
		if strings.HasPrefix(last, "stored") {
			stored++
		}
	}
	if stored == 0 || !strings.HasPrefix(last, "refused true, full true") {
		t.Fatalf("after %d: %s", stored, last)
	}
	j := openIn(t, dir)
	list, err := j.Operations(context.Background(), Query{})
	if err != nil || len(list) != stored {
		t.Fatalf("%d of %d are there: %v", len(list), stored, err)
	}
	if _, err := j.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

// asNobody runs a child without root's power to write everywhere.
func asNobody(t *testing.T, dir string) func(*exec.Cmd) {
	t.Helper()
	if os.Getuid() != 0 {
		return func(*exec.Cmd) {}
	}
	program := filepath.Join(t.TempDir(), "journal.test")
	b, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(program, b, 0o755)
	}
	for d := dir; err == nil && d != "/" && d != os.TempDir(); d = filepath.Dir(d) {
		err = os.Chmod(d, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	for d := filepath.Dir(program); d != "/" && d != os.TempDir(); d = filepath.Dir(d) {
		_ = os.Chmod(d, 0o755)
	}
	return func(c *exec.Cmd) {
		c.Path = program
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
}

func TestFolderThatCannotBeWrittenIsAnErrorOfItsOwnAndCanBeRead(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	shop(t, dir, 4)
	drop := asNobody(t, dir)
	_ = filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if os.Getuid() == 0 {
			_ = os.Chown(path, 65534, 65534)
		}
		return os.Chmod(path, 0o444)
	})
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	_, out, _ := startChild(t, "open", dir, drop)
	if !out.Scan() || !strings.HasPrefix(out.Text(), "true ") {
		t.Errorf("opening to write: %s", out.Text())
	}
	_, out, _ = startChild(t, "read", dir, drop)
	if !out.Scan() || out.Text() != "4 <nil>" {
		t.Errorf("opening to read: %s", out.Text())
	}
}
