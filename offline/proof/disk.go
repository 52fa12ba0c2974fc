package main

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

//go:embed powercut/powercut.c
var powercutSource []byte

// Error numbers that a bad disk gives, as powercut/powercut.c takes them.
const (
	enospc = 28
	eio    = 5
)

// compileDisk builds the preloaded shim into dir and returns its path. It
// needs a C compiler, which building the program needs as well.
func compileDisk(dir string) (string, error) {
	source, lib := filepath.Join(dir, "powercut.c"), filepath.Join(dir, "powercut.so")
	if err := os.WriteFile(source, powercutSource, 0o600); err != nil {
		return "", err
	}
	out, err := exec.Command("cc", "-shared", "-fPIC", "-o", lib, source, "-ldl", "-lpthread").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("compiling the power cut: %w\n%s", err, out)
	}
	return lib, nil
}

// disk says how the disk below one process behaves. The zero value only counts calls.
type disk struct {
	seed uint64
	// cutAt is the call at which the power goes, 0 for never.
	cutAt uint64
	// lies is set for a disk that says "synced" and does nothing.
	lies bool
	// failAt is the first call that fails with errno, 0 for none; failTimes how
	// many fail from there on, 0 for all.
	failAt, failTimes uint64
	errno             int
}

// counter is the file through which a watched process tells how many calls it
// made, and is told that its disk fails.
type counter struct{ path string }

func newCounter(path string) (counter, error) {
	return counter{path}, os.WriteFile(path, make([]byte, 24), 0o600)
}

// fail has every call of the watched process fail with EIO, or no longer.
func (c counter) fail(now bool) error {
	f, err := os.OpenFile(c.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	word := make([]byte, 8)
	if now {
		binary.NativeEndian.PutUint64(word, 1)
	}
	_, err = f.WriteAt(word, 16)
	return errors.Join(err, f.Close())
}

// read returns the calls so far and whether the power went.
func (c counter) read() (calls uint64, cut bool, err error) {
	b, err := os.ReadFile(c.path)
	if err != nil {
		return 0, false, err
	}
	if len(b) != 24 {
		return 0, false, errors.New("the call counter was overwritten")
	}
	return binary.NativeEndian.Uint64(b), b[8] != 0, nil
}

// environment puts the disk under a process that works in folder.
func (d disk) environment(lib, folder string, c counter) []string {
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	lie := "0"
	if d.lies {
		lie = "1"
	}
	return []string{
		"LD_PRELOAD=" + lib, "POWERCUT_DIR=" + folder, "POWERCUT_COUNT=" + c.path,
		"POWERCUT_SEED=" + number(d.seed), "POWERCUT_AT=" + number(d.cutAt), "POWERCUT_LIE=" + lie,
		"POWERCUT_FAIL=" + number(d.failAt), "POWERCUT_TIMES=" + number(d.failTimes),
		"POWERCUT_ERRNO=" + strconv.Itoa(d.errno),
	}
}
