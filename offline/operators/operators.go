// Package operators holds the people of a counter: their roles, their PINs and
// the lock-out after wrong ones, who is signed in, and the one table of who may
// what. Every act on an operator is an event of the journal's chain, in the same
// commit as the row. It knows nothing of vouchers.
package operators

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// Role is what an operator may do.
type Role string

// The roles.
const (
	Cashier Role = "cashier"
	Manager Role = "manager"
)

// Operator is a person who may sign in.
type Operator struct {
	Name        string
	Role        Role
	Disabled    bool
	Failures    int       // wrong PINs in a row
	LockedUntil time.Time // zero when not locked
	CreatedAt   time.Time
}

// Errors about operators, to be tested with errors.Is.
var (
	ErrOperatorExists     = errors.New("operators: there is an operator of that name, or of one that looks like it")
	ErrFirstMustBeManager = errors.New("operators: the first operator must be a manager")
	ErrLastManager        = errors.New("operators: the last manager must stay one")
	ErrNotManager         = errors.New("operators: the operator is no manager")
	ErrSeveralManagers    = errors.New("operators: there are several managers")
	ErrBadPIN             = errors.New("operators: a PIN is 4 to 8 digits")
	ErrBadName            = errors.New("operators: a name is 1 to 32 characters that can be seen and told from others")
	ErrBadRole            = errors.New("operators: a role is cashier or manager")
	ErrNoOperator         = errors.New("operators: no such operator")
	ErrOperatorDisabled   = errors.New("operators: the operator is disabled")
	ErrDoubtfulPIN        = errors.New("operators: two PINs are said to be somebody's, so none counts")
	ErrWrongPIN           = errors.New("operators: wrong PIN")
	ErrUncounted          = errors.New("operators: a wrong PIN could not be counted, so none is judged")
	ErrSignedOut          = errors.New("operators: nobody is signed in, or the session has ended")
	ErrNoManager          = errors.New("operators: there is no manager yet")
)

// WrongPINError is an ErrWrongPIN that says how many tries are left before a lock-out.
type WrongPINError struct{ Left int }

func (e *WrongPINError) Error() string {
	return fmt.Sprintf("operators: wrong PIN, %d tries left", e.Left)
}

// Is makes a WrongPINError an ErrWrongPIN.
func (e *WrongPINError) Is(target error) bool { return target == ErrWrongPIN }

// LockedOutError says until when an operator cannot sign in, and how long that
// is from now on, both by the counter's clock.
type LockedOutError struct {
	Until time.Time
	Left  time.Duration
}

func (e *LockedOutError) Error() string {
	return "operators: locked out until " + e.Until.Format(time.RFC3339)
}

const (
	// maxFailures wrong PINs in a row lock an operator out for lockOut.
	maxFailures = 5
	lockOut     = 5 * time.Minute
	maxName     = 32 // characters
)

// People are the operators of a data folder. It is safe for concurrent use.
type People struct {
	journal func() *journal.Journal // as it was opened last
	now     func() time.Time
	cost    argonCost
	signIn  sync.Mutex // one PIN at a time: guesses in parallel must not outrun the count

	restored func() // called when the table was made what the chain says

	mu       sync.Mutex
	sessions map[string]*live // the live ones, by their ids

	reads  sync.Mutex // guards roster
	roster roster
}

// New makes People of the journal that j returns at the time of each act. New
// PINs are hashed at next to no cost where they are public. restored is called
// when the table was made what the chain says.
func New(j func() *journal.Journal, now func() time.Time, publicPINs bool, restored func()) *People {
	p := &People{journal: j, now: now, cost: pinCost, restored: restored, sessions: map[string]*live{}}
	if publicPINs {
		p.cost = publicCost
	}
	return p
}

const selectOperators = `SELECT name, role, disabled, failures, locked_until, created_at, pin FROM operators`

// operatorOf reads a row. Nothing in the chain could restore a damaged time in
// it, so such a one reads as none: it must not keep everybody from signing in.
func operatorOf(row sqlite.Row) (o Operator, pin string) {
	o = Operator{Name: row.Text(0), Role: Role(row.Text(1)), Disabled: row.Int(2) != 0, Failures: int(row.Int(3))}
	o.LockedUntil, _ = time.Parse(time.RFC3339Nano, row.Text(4))
	o.CreatedAt, _ = time.Parse(time.RFC3339Nano, row.Text(5))
	return o, row.Text(6)
}

// stamp is a time as a row keeps it, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// List returns all operators, by name: those of the chain where it may write, since
// a table that somebody emptied must not look like a new counter's.
func (p *People) List(ctx context.Context) (list []Operator, err error) {
	if err := p.Restore(ctx); err != nil && !errors.As(err, new(*chain.MisfitError)) {
		return nil, err
	}
	err = p.reading(ctx)(selectOperators+` ORDER BY name`, nil, func(row sqlite.Row) error {
		o, _ := operatorOf(row)
		list = append(list, o)
		return nil
	})
	return list, err
}

func (p *People) reading(ctx context.Context) chain.Reading {
	j := p.journal()
	return func(query string, args []any, fn func(sqlite.Row) error) error { return j.Each(ctx, query, args, fn) }
}

// find reads one operator with the stored form of its PIN. Error: ErrNoOperator.
func find(each chain.Reading, name string) (o Operator, pin string, err error) {
	err = each(selectOperators+` WHERE name=?`, []any{name}, func(row sqlite.Row) error {
		o, pin = operatorOf(row)
		return nil
	})
	if err == nil && o.Name == "" {
		err = fmt.Errorf("%w: %s", ErrNoOperator, name)
	}
	return o, pin, err
}

// act is what the chain keeps of an act on an operator: the row as it is then,
// so that the table can be held against the chain. PIN is its argon2id text.
type act struct {
	chain.Who
	Name     string `json:"name"`
	Role     Role   `json:"role"`
	Disabled bool   `json:"disabled"`
	PIN      string `json:"pin"`
	Until    string `json:"until,omitempty"`
}

// tell chains what became of an operator's row in this commit.
func tell(t *journal.Tx, event string, by chain.Who, name string) error {
	o, pin, err := find(t.Conn().Each, name)
	if err != nil {
		return err
	}
	return t.Append(event, act{Who: by, Name: o.Name, Role: o.Role, Disabled: o.Disabled, PIN: pin, Until: stamp(o.LockedUntil)})
}

// Add adds one with its PIN (4 to 8 digits), stored as argon2id. The first must be a manager,
// and is added by nobody. Errors: ErrSignedOut, ErrOperatorExists, ErrFirstMustBeManager, ErrBadPIN, ErrBadName, ErrBadRole.
func (p *People) Add(ctx context.Context, by chain.Who, name string, role Role, pin string) error {
	if name = CleanName(name); name == "" || utf8.RuneCountInString(name) > maxName || !readable(name) {
		return ErrBadName
	}
	if !role.Known() {
		return fmt.Errorf("%w: %s", ErrBadRole, role)
	}
	secret, err := hashPIN(pin, p.cost)
	if err != nil {
		return err
	}
	return p.journal().Write(ctx, func(t *journal.Tx) error {
		n, alike := 0, ""
		err := t.Conn().Each(selectOperators, nil, func(row sqlite.Row) error {
			o, _ := operatorOf(row)
			if n++; looks(o.Name) == looks(name) {
				alike = o.Name
			}
			return nil
		})
		switch {
		case err != nil:
			return err
		case alike != "":
			return fmt.Errorf("%w: %s", ErrOperatorExists, alike)
		case n == 0 && role != Manager:
			return ErrFirstMustBeManager
		case n > 0 && by.By == "":
			return ErrSignedOut // another first manager was quicker
		}
		if err := t.Conn().Exec(`INSERT INTO operators (name, role, pin, disabled, failures, locked_until, created_at)
			VALUES (?,?,?,0,0,'',?)`, name, string(role), secret, stamp(p.now())); err != nil {
			return err
		}
		return tell(t, "operator.added", by, name)
	})
}

// CheckPIN checks an operator's PIN. Five wrong tries in a row lock for five
// minutes, kept over restarts. It takes a tenth of a second by design. A try is
// counted before it is judged, so that tries of several programs at a time do
// not outrun the count; what cannot be a PIN is no try.
// Errors: ErrWrongPIN (a *WrongPINError says how many tries are left),
// *LockedOutError, ErrNoOperator, ErrOperatorDisabled, ErrDoubtfulPIN, ErrBadPIN, ErrUncounted.
func (p *People) CheckPIN(ctx context.Context, name, pin string) (Operator, error) {
	pin = cleanPIN(pin)
	if !GoodPIN(pin) {
		return Operator{}, ErrBadPIN
	}
	p.signIn.Lock()
	defer p.signIn.Unlock()
	if err := p.Restore(ctx); err != nil {
		return Operator{}, err
	}
	was, o, secret, err := p.count(ctx, name)
	ctx = context.WithoutCancel(ctx) // a right PIN must not stay counted because nobody waits any more
	switch {
	case err != nil:
		return Operator{}, err
	case pinMatches(secret, pin):
		was.Failures = 0
		return was, p.journal().WriteBeside(ctx, func(c *sqlite.Conn) error { return setFailures(c, was) })
	case o.Failures < maxFailures:
		return Operator{}, &WrongPINError{Left: maxFailures - o.Failures}
	}
	// Beside another program the chain is not touched: who has the folder says it later.
	err = p.journal().Write(ctx, func(t *journal.Tx) error { return tell(t, lockedOutEvent, chain.Who{}, name) })
	if err != nil && !errors.Is(err, journal.ErrReadOnly) {
		return Operator{}, err
	}
	return Operator{}, &LockedOutError{Until: o.LockedUntil, Left: lockOut}
}

// count takes a try as a wrong one, and returns the operator before and after it.
// An end of a lock-out further off than one lasts comes from a clock that was set
// back since; it then lasts its time from now, and not for years.
func (p *People) count(ctx context.Context, name string) (was, o Operator, secret string, err error) {
	var locked error
	err = p.journal().WriteBeside(ctx, func(c *sqlite.Conn) (err error) {
		if o, secret, err = find(c.Each, name); err != nil {
			return err
		}
		if o.Disabled {
			return fmt.Errorf("%w: %s", ErrOperatorDisabled, name)
		}
		if secret == noPIN {
			return fmt.Errorf("%w: %s", ErrDoubtfulPIN, name)
		}
		now := p.now()
		latest := now.Add(lockOut)
		if o.LockedUntil.After(latest) {
			o.LockedUntil = latest
		}
		if now.Before(o.LockedUntil) {
			locked = &LockedOutError{Until: o.LockedUntil.In(now.Location()), Left: o.LockedUntil.Sub(now)}
			return setFailures(c, o)
		}
		was = o
		o.Failures = o.Failures%maxFailures + 1 // an earlier lock-out has run out; its row says so until the chain does
		if o.Failures == maxFailures {
			o.LockedUntil = latest
		}
		return setFailures(c, o)
	})
	if err != nil && ctx.Err() != nil { // whoever asked gave it up
		return was, o, secret, ctx.Err()
	}
	if err != nil && !errors.Is(err, ErrNoOperator) && !errors.Is(err, ErrOperatorDisabled) && !errors.Is(err, ErrDoubtfulPIN) {
		err = fmt.Errorf("%w: %w", ErrUncounted, err)
	}
	return was, o, secret, cmp.Or(err, locked)
}

func setFailures(c *sqlite.Conn, o Operator) error {
	return c.Exec(`UPDATE operators SET failures=?, locked_until=? WHERE name=?`, o.Failures, stamp(o.LockedUntil), o.Name)
}
