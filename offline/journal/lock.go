package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// How a data folder was left, as the lock file says.
const (
	leftClosed  = "closed"
	leftOpen    = "open" // while it is open, and where the process died
	leftDamaged = "damaged"
)

// lockPatience is how long a second writer waits for the first one to end.
const lockPatience = 5 * time.Second

// folderLock is the held lock of a data folder. The system frees it when the process dies.
type folderLock struct {
	file *os.File
	left string // how the holder before left the folder, "" for a new folder
}

func takeLock(ctx context.Context, dir string, patience time.Duration) (*folderLock, error) {
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, folderError(err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			l := &folderLock{file: f}
			_, _, l.left = readLock(path)
			return l, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			_ = f.Close()
			return nil, fmt.Errorf("journal: lock: %w", err)
		}
		select {
		case <-ctx.Done():
			pid, program, _ := readLock(path)
			_ = f.Close()
			return nil, &LockedError{PID: pid, Program: program}
		case <-tick.C:
		}
	}
}

// markWidth is the lock file's length: written over in place, it needs no space on a full disk.
const markWidth = 128

// write notes who holds the folder and how it was left if the process died now.
func (l *folderLock) write(left string) error {
	text := fmt.Sprintf("%d %.64s\n%s\n", os.Getpid(), programName(os.Args), left)
	_, err := l.file.WriteAt(fmt.Appendf(nil, "%-*s", markWidth, text), 0)
	return err
}

func (l *folderLock) free() error { return l.file.Close() }

// readLock reads "pid program\nstate\n". os.ReadFile is safe: SQLite never opens this file.
func readLock(path string) (pid int, program, left string) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, "", ""
	}
	first, rest, _ := strings.Cut(string(b), "\n")
	number, program, _ := strings.Cut(first, " ")
	pid, _ = strconv.Atoi(number)
	return pid, program, strings.TrimSpace(rest)
}

var plainWord = regexp.MustCompile(`^[a-z-]{1,20}$`)

// programName is the program and its command, without arguments: they may hold codes.
func programName(args []string) string {
	if len(args) == 0 {
		return "?"
	}
	name := filepath.Base(args[0])
	if len(args) > 1 && plainWord.MatchString(args[1]) && args[1][0] != '-' {
		name += " " + args[1]
	}
	return name
}

// folderError turns the system's words for "may not write here" into ours.
func folderError(err error) error {
	if errors.Is(err, unix.EROFS) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) {
		return fmt.Errorf("%w: %w", ErrReadOnlyFolder, err)
	}
	return err
}
