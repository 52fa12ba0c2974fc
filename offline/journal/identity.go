package journal

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"counterfoil/offline/sqlite"
)

// Counter is whose journal it is.
type Counter struct {
	Name   string `json:"name"`
	Number int    `json:"number"` // in every trace number; nobody says whose it is where it is 0, or the name ""
	// Training: a demonstration, whose PINs everybody knows.
	Training bool `json:"training,omitempty"`
}

// TrainingError is a demonstration's journal that a real counter opens, or the other way round.
type TrainingError struct{ Training bool } // of the journal

func (e *TrainingError) Error() string {
	return fmt.Sprintf("journal: of a demonstration: %t, unlike who opens it", e.Training)
}

// Identity is what a journal was made as: minted with the folder, in its first
// event. A journal from before gets it at its next opening.
type Identity struct {
	Journal string `json:"journal"` // random, never the same twice
	Counter
	Seq int64 `json:"-"` // the event that said so last
}

const identityEvent = "identity"

// readIdentity returns the identity as it stands: another name or number holds
// from where it was documented. It is zero for a journal that has none.
func readIdentity(each Reading) (id Identity, err error) {
	if id, err = identityBy(each, ""); err == nil && id.Journal == "" {
		id, err = identityBy(each, "NOT INDEXED") // an index can leave it out
	}
	return id, err
}

func identityBy(each Reading, by string) (id Identity, err error) {
	err = each(`SELECT `+EventColumns+` FROM events `+by+` WHERE op = '' AND event IN ('`+identityEvent+`', '`+GapEvent+`') ORDER BY seq`, nil,
		func(row sqlite.Row) error {
			e := EventOf(row)
			next := Identity{Seq: e.Seq}
			if e.Sum() != e.Hash || json.Unmarshal([]byte(e.Data), &next) != nil || next.Journal == "" {
				return nil //nolint:nilerr // an event that does not fit is verify's to tell
			}
			id = next
			return nil
		})
	return id, err
}

// misfit says how a journal is not this counter's, "" where it is or nobody says whose it should be.
func (c Counter) misfit(id Identity) string {
	if c.Number == 0 || c.Name == "" || id.Journal == "" || c == id.Counter {
		return ""
	}
	return fmt.Sprintf("the journal is of counter %q with number %d, the settings say %q and %d", id.Name, id.Number, c.Name, c.Number)
}

// ours reads the identity, and refuses a demonstration's journal to a real
// counter, and the other way round.
func (j *Journal) ours(ctx context.Context) (Identity, error) {
	id, err := readIdentity(j.reading(ctx))
	if err == nil && id.Journal != "" && j.o.Counter.Name != "" && id.Training != j.o.Counter.Training {
		err = &TrainingError{id.Training}
	}
	return id, err
}

// identify gives the journal its identity, and documents one that is another's.
func (j *Journal) identify(ctx context.Context) error {
	c := j.o.Counter
	if c.Number == 0 || c.Name == "" {
		return nil
	}
	id, err := j.ours(ctx)
	why := c.misfit(id)
	if err != nil || id.Journal != "" && why == "" {
		return err
	}
	err = j.Write(ctx, func(t *Tx) error {
		if why != "" {
			return t.Append(GapEvent, struct {
				Misfit
				Identity
			}{Misfit{id.Seq, why}, Identity{Journal: id.Journal, Counter: c}})
		}
		return t.Append(identityEvent, Identity{Journal: rand.Text(), Counter: c})
	})
	if errors.Is(err, ErrDiskFull) { // what is open can still be closed; the next opening does it
		return nil
	}
	return err
}

// Identity returns whose journal it is, zero for one that was never opened to write.
func (j *Journal) Identity(ctx context.Context) (Identity, error) {
	id, err := readIdentity(j.reading(ctx))
	return id, j.readError(err)
}
