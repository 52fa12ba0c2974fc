package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/creack/pty"

	"counterfoil/api/sandbox"
	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
)

// till is the program under test: a data folder, a configuration, and the
// binary that is started on them again and again.
type till struct {
	binary string
	dir    string
	data   string
	lib    string // the preloaded disk
	// environ are settings that the next lives find beside the configuration.
	environ []string
	calls   string // the file that counts a life's calls of the disk: one for each that runs at a time
	// hands, where set, type on the screens' keyboard until the program is gone.
	hands func(keyboard io.Writer)
}

// The times that the till under test waits. The sandbox's delays are chosen to
// fit them.
const (
	answerTimeout = 500 * time.Millisecond
	settleTime    = 300 * time.Millisecond
	absentAfter   = 2 * time.Second
)

// longestLife is how long the program may work at one command of the suite.
const longestLife = 2 * time.Minute

// callsName is the counter's file beside the data folder.
const callsName = "calls"

// managerPIN is the PIN of the one operator.
const managerPIN = "9999"

// newTill writes the configuration. trusting is the setting status_forward_only.
func newTill(ctx context.Context, binary, lib, dir, url string, trusting bool) (*till, error) {
	t := &till{binary: binary, dir: dir, data: filepath.Join(dir, "data"), lib: lib, calls: callsName}
	text := fmt.Sprintf(`[counter]
name = "C01"
number = 1
shop_no = "1490"
language = "en"

[platform]
posp_url = "%[1]s/ebuyweb-posp/api"
paas_url = "%[1]s/paas/micro/ecoupon"
b2b_url = "%[1]s/starbucksjs/b2b/code"
answer_timeout = "%[2]v"
settle_time = "%[3]v"
absent_after = "%[4]v"
attention_after = "15m"
void_leaves = "05"
status_forward_only = %[5]v
activation_absent_codes = ["%[6]s"]
trace_codes = ["%[7]s"]
unclear_codes = ["A80", "V80", "R80", "H80"]

[platform.device]
device_no = "POS01"
brand = "663"
mw_version = "20261122"
ptl_version = "20161010"
pos_version = "20261122"

[platform.paas]
app_id = "%[8]s"

[platform.b2b]
partner_id = 1504
merchant_id = "10001"

[platform.secrets]
mac_key_file = "mac_key"
app_secret_file = "app_secret"

[offline]
max_operations = 1000000
max_amount = "10000.00"
max_total = "9000000.00"
`, url, answerTimeout, settleTime, absentAfter, trusting, sandbox.CodeNoTransaction, sandbox.CodeForm, sandbox.DefaultAppID)
	for name, content := range map[string]string{
		"config.toml": text, "mac_key": sandbox.DefaultMACKey, "app_secret": sandbox.DefaultAppSecret,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// signUp adds the manager.
func (t *till) signUp(ctx context.Context) error {
	l, err := t.live(ctx, fate{}, "operators", "add", "mgr", "--role", "manager")
	if err == nil && l.exit != 0 {
		err = fmt.Errorf("adding the manager: exit %d: %s", l.exit, l.said)
	}
	return err
}

// fate is how a life of the program ends.
type fate struct {
	// killAfter is when SIGKILL comes, 0 for never.
	killAfter time.Duration
	// disk, where set, lies below the program.
	disk *disk
	// until, where set, is asked again and again; once it says so, SIGKILL comes.
	until func(context.Context) bool
}

// asked is how often fate.until is asked.
const asked = 100 * time.Millisecond

// await kills the program once until says so; it ends with ended.
func (f fate) await(ctx context.Context, cmd *exec.Cmd, ended <-chan struct{}) {
	tick := time.NewTicker(asked)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
		}
		if f.until(ctx) {
			_ = cmd.Process.Kill() // it may have ended just now
			return
		}
	}
}

// life is one run of the program.
type life struct {
	exit       int
	struck     bool // killed, or its power went, or a call failed
	calls      uint64
	lasted     time.Duration
	operations []operation.Operation // what it printed, whole lines only
	said       string                // standard error
}

// start starts a life, on a terminal of its own where the screens are to be open.
func (t *till) start(cmd *exec.Cmd, onScreen bool) error {
	if !onScreen {
		return cmd.Start()
	}
	cmd.Env = append(cmd.Env, "TERM=xterm-256color")
	cmd.Stdout, cmd.Stderr = nil, nil
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		return err
	}
	if t.hands != nil {
		go t.hands(tty)
	}
	go func() {
		_, _ = io.Copy(io.Discard, tty) // ends with the program
		_ = tty.Close()
	}()
	return nil
}

// live runs the program with those arguments until it ends or its fate comes;
// without any it opens the counter's screens, which end by fate only. A PIN that
// was counted and not judged, since a kill came, is a wrong one: where five in a
// row locked out, the suite does not wait for the end of that.
func (t *till) live(ctx context.Context, f fate, args ...string) (life, error) {
	for {
		l, err := t.once(ctx, f, args...)
		if err != nil || l.struck || !strings.Contains(l.said, "Too many wrong PINs") {
			return l, err
		}
		if err := t.unlock(ctx, "mgr"); err != nil {
			return l, err
		}
	}
}

func (t *till) unlock(ctx context.Context, name string) error {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(t.data, "counterfoil.db")+"?_synchronous=FULL&_busy_timeout=5000")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `UPDATE operators SET failures=0, locked_until='' WHERE name=?`, name)
	return errors.Join(err, db.Close())
}

func (t *till) once(ctx context.Context, f fate, args ...string) (life, error) {
	onScreen := len(args) == 0
	flags := []string{"--config", filepath.Join(t.dir, "config.toml"), "--data", t.data}
	if !onScreen {
		flags = append(flags, "--operator", "mgr", "--json") // another one in args comes later, and holds
	}
	args = append(flags, args...)
	cmd := exec.CommandContext(ctx, t.binary, args...)
	cmd.Env = append(os.Environ(), "COUNTERFOIL_PIN="+managerPIN, "COUNTERFOIL_NEW_PIN="+managerPIN, "LANG=C.UTF-8")
	cmd.Env = append(cmd.Env, t.environ...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	calls, err := newCounter(filepath.Join(t.dir, t.calls))
	if err != nil {
		return life{}, err
	}
	if f.disk != nil {
		cmd.Env = append(cmd.Env, f.disk.environment(t.lib, t.data, calls)...)
	}
	born := time.Now()
	if err := t.start(cmd, onScreen); err != nil {
		return life{}, err
	}
	if f.killAfter > 0 {
		executioner := time.AfterFunc(f.killAfter, func() {
			_ = cmd.Process.Kill() // it may have ended just now
		})
		defer executioner.Stop()
	}
	ended := make(chan struct{})
	var waiting sync.WaitGroup
	if f.until != nil {
		waiting.Go(func() { f.await(ctx, cmd, ended) })
	}
	var hung atomic.Bool
	coroner := time.AfterFunc(longestLife, func() {
		hung.Store(true)
		_ = cmd.Process.Signal(syscall.SIGQUIT) // makes the Go runtime say where everything stands
	})
	err = cmd.Wait()
	close(ended)
	waiting.Wait()
	if !coroner.Stop() && hung.Load() {
		return life{}, fmt.Errorf("%v hung for %v: %s", args, longestLife, said.String())
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return life{}, err
	}
	if err := ctx.Err(); err != nil {
		return life{}, err
	}
	l := life{exit: cmd.ProcessState.ExitCode(), said: said.String(), lasted: time.Since(born)}
	var cut bool
	if l.calls, cut, err = calls.read(); err != nil {
		return l, err
	}
	failed := f.disk != nil && f.disk.failAt > 0 && l.calls >= f.disk.failAt
	l.struck = l.exit == -1 || cut || failed
	l.operations = wholeLines(out.Bytes())
	if strings.Contains(l.said, "panic:") || strings.Contains(l.said, "DATA RACE") {
		return l, fmt.Errorf("the program fell over: %s", l.said)
	}
	return l, nil
}

// wholeLines reads the operations of a standard output that may end anywhere.
func wholeLines(out []byte) []operation.Operation {
	if end := bytes.LastIndexByte(out, '\n'); end >= 0 {
		out = out[:end]
	} else {
		out = nil
	}
	var all []operation.Operation
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var op operation.Operation
		if json.Unmarshal(lines.Bytes(), &op) == nil && op.Op != "" {
			all = append(all, op)
		}
	}
	return all
}

// journaled reads every operation of the till's journal.
func (t *till) journaled(ctx context.Context) (all []operation.Operation, err error) {
	j, err := journal.Open(ctx, journal.Options{Dir: t.data, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	return j.Operations(ctx, journal.Query{Whole: true, OldestFirst: true})
}
