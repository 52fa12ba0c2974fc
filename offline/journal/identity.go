package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"counterfoil/offline/journal/chain"
)

// TrainingError is a demonstration's journal that a real counter opens, or the other way round.
type TrainingError struct{ Training bool } // of the journal

func (e *TrainingError) Error() string {
	return fmt.Sprintf("journal: of a demonstration: %t, unlike who opens it", e.Training)
}

// ours reads the identity, and refuses a demonstration's journal to a real
// counter, and the other way round.
func (j *Journal) ours(ctx context.Context) (chain.Identity, error) {
	id, err := chain.ReadIdentity(j.reading(ctx))
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
	if err != nil {
		return err
	}
	due, err := j.Meta(ctx, chain.MetaBegin)
	why := c.Misfit(id)
	if err != nil || id.Journal != "" && why == "" && (id.Posts || due != "") {
		return err
	}
	if id.Journal == "" {
		id.Journal = rand.Text()
	}
	err = j.Write(ctx, func(t *Tx) error {
		if why != "" {
			return t.Append(chain.GapEvent, struct {
				chain.MisfitError
				chain.Identity
			}{chain.MisfitError{Seq: id.Seq, Why: why}, chain.Identity{Journal: id.Journal, Counter: c}})
		}
		return t.Append(chain.IdentityEvent, chain.Identity{Journal: id.Journal, Counter: c, Posts: due == ""})
	})
	if errors.Is(err, ErrDiskFull) { // what is open can still be closed; the next opening does it
		return nil
	}
	return err
}

// Identity returns whose journal it is, zero for one that was never opened to write.
func (j *Journal) Identity(ctx context.Context) (chain.Identity, error) {
	id, err := chain.ReadIdentity(j.reading(ctx))
	return id, j.readError(err)
}
