package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"counterfoil/offline/operation"
)

// The cashiers of the rows about people, and their PINs.
var cashiers = [...]struct{ name, pin string }{{"amy", "1111"}, {"bob", "2222"}}

// employ adds them.
func (c *campaign) employ(ctx context.Context) error {
	adding := *c.till
	for _, who := range cashiers {
		adding.environ = []string{"COUNTERFOIL_NEW_PIN=" + who.pin}
		l, err := adding.live(ctx, fate{}, "operators", "add", who.name, "--role", "cashier")
		if err == nil && l.exit != 0 {
			err = fmt.Errorf("adding %s: exit %d: %s", who.name, l.exit, l.said)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// maxTries is how many wrong PINs in a row lock out.
const maxTries = 5

// guessed runs the trial while somebody tries PINs beside it, by commands that
// are killed too: every wrong one is counted, and no more than maxTries are judged.
func (c *campaign) guessed(ctx context.Context, activate, void []string) error {
	if err := c.employ(ctx); err != nil {
		return err
	}
	var over atomic.Bool
	ended := make(chan error, 1)
	kills := c.dice.Uint64()
	go func() {
		// Once at least, however slow the machine is.
		err := c.untilLocked(ctx, kills)
		for n := uint64(1); err == nil && !over.Load(); n++ {
			err = c.untilLocked(ctx, kills+n)
		}
		ended <- err
	}()
	err := c.work(ctx, activate, void)
	over.Store(true)
	return errors.Join(err, <-ended)
}

// untilLocked tries PINs of one cashier until she is locked out, and then the
// right one, which is not judged either; then it lifts the lock-out.
func (c *campaign) untilLocked(ctx context.Context, kills uint64) error {
	who, judged, killed := cashiers[0], int64(0), int64(0)
	for locked := 0; locked < 3; {
		pin, f := fmt.Sprintf("%04d", 5000+kills%1000), fate{}
		if locked > 0 {
			pin = who.pin
		} else if kills>>(judged+killed)&3 == 0 {
			f.killAfter = time.Duration(20+kills%150) * time.Millisecond
		}
		guess := *c.till
		guess.environ, guess.calls = []string{"COUNTERFOIL_PIN=" + pin}, callsName+".guess"
		l, err := guess.once(ctx, f, "queue", "--operator", who.name)
		if err != nil {
			return err
		}
		failures, err := c.till.failures(ctx, who.name)
		switch {
		case err != nil:
			return err
		case l.exit == 0:
			return fmt.Errorf("the PIN %s of %s was taken after %d wrong ones", pin, who.name, failures)
		case strings.Contains(l.said, "Wrong PIN."):
			judged++
		case strings.Contains(l.said, "Too many wrong PINs"):
			locked++
		case l.struck:
			killed++
		}
		if failures < judged || judged >= maxTries || failures > judged+killed+1 || locked > 0 != (failures == maxTries) && !l.struck {
			return fmt.Errorf("%d wrong PINs were told, %d tries killed, %d times locked out, and %d are counted", judged, killed, locked, failures)
		}
	}
	return c.till.unlock(ctx, who.name)
}

// failures is how many wrong PINs are counted.
func (t *till) failures(ctx context.Context, name string) (n int64, err error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(t.data, "counterfoil.db")+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, `SELECT failures FROM operators WHERE name=?`, name).Scan(&n)
	return n, errors.Join(err, db.Close())
}

// turns is one counter on which two cashiers take turns: each session ends in the
// middle of what she does, by the key, by itself, or by a kill.
type turns struct {
	*campaign
	ids   []string
	sold  []string         // what was scanned to be activated
	whose map[thing]string // who scanned it for that
	turn  int              // whose it is: the next one's in each session, over all lives
}

const (
	idleLock   = 2 * time.Second
	enough     = 6   // lives
	mostLives  = 20  // on a machine so slow that somebody did nothing in those
	leastScans = 100 // so that nobody runs out of them
)

// takeTurns runs such a trial. Afterwards every operation is of her who asked for it.
func (c *campaign) takeTurns(ctx context.Context, ids, _ []string) error {
	if err := c.employ(ctx); err != nil {
		return err
	}
	if err := c.platform.setFaults(c.rules); err != nil {
		return err
	}
	t := &turns{c, ids, nil, map[thing]string{}, c.dice.IntN(len(cashiers))}
	screens := *c.till
	screens.environ = []string{"COUNTERFOIL_SCREEN_IDLE_LOCK=" + idleLock.String()}
	lives, by := max(2, min(enough, c.left)), map[string]int{}
	for n := 0; n < lives || len(by) < len(cashiers) && n < mostLives; n++ {
		over := make(chan struct{})
		screens.hands = func(keyboard io.Writer) {
			defer close(over)
			t.hands(keyboard)
		}
		l, err := screens.once(ctx, fate{killAfter: 12*time.Second + time.Duration(c.dice.Int64N(int64(4*time.Second)))})
		if err != nil {
			return err
		}
		<-over
		c.note(l)
		if by, err = t.did(ctx); err != nil {
			return err
		}
	}
	if len(by) < len(cashiers) {
		return fmt.Errorf("somebody did nothing (%v): the row proves nothing", by)
	}
	if err := c.close(ctx); err != nil {
		return err
	}
	_, err := t.did(ctx)
	return err
}

// did counts each one's operations; all are of her who asked for them.
func (t *turns) did(ctx context.Context) (map[string]int, error) {
	held, err := t.till.journaled(ctx)
	by := map[string]int{}
	for _, op := range held {
		if asked := t.whose[thing{op.Kind, op.ID}]; asked == "" || op.Operator != asked {
			return nil, fmt.Errorf("%s of %s was asked for by %q and is %q's", op.Kind, op.ID, asked, op.Operator)
		}
		by[op.Operator]++
	}
	return by, err
}

// Keys as a terminal sends them.
const (
	keyEnter, keyVoid, keyLock = "\r", "\x1bOS", "\x0c"
)

// hands are the cashiers', until the program is gone.
func (t *turns) hands(keyboard io.Writer) {
	time.Sleep(time.Second) // its start
	for {
		who := cashiers[t.turn%len(cashiers)]
		t.turn++
		end := time.Now().Add(time.Hour)
		press := func(pause time.Duration, keys ...string) bool {
			for _, key := range keys {
				if time.Now().After(end) {
					return false
				}
				if _, err := io.WriteString(keyboard, key); err != nil {
					return false
				}
				time.Sleep(pause)
			}
			return true
		}
		const typing = 200 * time.Millisecond
		if !press(typing, who.name[:1]) || !press(typing, strings.Split(who.pin, "")...) || !press(3*typing, keyEnter) {
			return
		}
		end = time.Now().Add(time.Duration(t.dice.Int64N(int64(3 * time.Second))))
		for t.act(who.name, press, typing) {
		}
		if end = time.Now().Add(time.Hour); t.dice.IntN(3) == 0 {
			time.Sleep(idleLock + 2*typing)
		}
		// What she hit too late is nobody's, and not the next one's.
		if !press(time.Duration(t.dice.Int64N(int64(typing))), keyLock, keyEnter, keyEnter) {
			return
		}
	}
}

// act is one act of a cashier, false where it was broken off or nothing is left to do.
func (t *turns) act(who string, press func(time.Duration, ...string) bool, typing time.Duration) bool {
	soon := time.Duration(t.dice.Int64N(int64(2 * typing)))
	if n := len(t.sold); n > 0 && t.dice.IntN(3) == 0 {
		id := t.sold[t.dice.IntN(n)]
		if _, asked := t.whose[thing{operation.Void, id}]; asked {
			return true
		}
		t.whose[thing{operation.Void, id}] = who
		seen, _, _ := strings.Cut(id, "-PROOF")
		return press(2*typing+soon, id+keyEnter) && press(2*typing, keyVoid) &&
			press(typing, strings.Split(seen[len(seen)-4:], "")...) && press(soon, keyEnter)
	}
	if len(t.ids) == 0 {
		return false
	}
	id := t.ids[0]
	t.ids, t.sold = t.ids[1:], append(t.sold, id)
	t.whose[thing{operation.Activate, id}] = who
	return press(2*typing+soon, id+keyEnter) && press(soon, keyEnter)
}
