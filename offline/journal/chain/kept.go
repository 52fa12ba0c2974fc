package chain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// Kept is what stands at lost events, as a salvage took it over from the old
// tables: no event vouches for it but the salvaged one, which holds this.
type Kept struct {
	Operations map[string]KeptOperation `json:"operations"`
	Pieces     string                   `json:"pieces"` // the hash of the evidence and the postings
	seq        int64                    // of the salvaged event
}

// KeptOperation is an operation's row.
type KeptOperation struct {
	State    operation.State `json:"state"`
	Accepted int64           `json:"accepted"` // the event that accepted it
	Hash     string          `json:"hash"`     // of its JSON
}

// Keep reads what stands in the gaps.
func Keep(each Reading, gaps Gaps) (k Kept, err error) {
	k.Operations = map[string]KeptOperation{}
	if len(gaps) == 0 {
		return k, nil
	}
	err = each(sqlVerifyColumns, nil, func(row sqlite.Row) error {
		if seq := row.Int(13); !gaps.Hold(seq, seq) {
			return nil
		}
		o, err := OperationOf(row[:operationWidth+2])
		if err == nil {
			k.Operations[o.Op], err = keptOf(&o, row)
		}
		return err
	})
	if err == nil {
		k.Pieces, err = piecesIn(each, gaps)
	}
	return k, err
}

// keptOf is an operation of a row of sqlVerifyColumns.
func keptOf(o *operation.Operation, row sqlite.Row) (KeptOperation, error) {
	text, err := EncodeOperation(o)
	sum := sha256.Sum256([]byte(text))
	return KeptOperation{o.State, row.Int(operationWidth + 6), hex.EncodeToString(sum[:])}, err
}

func piecesIn(each Reading, gaps Gaps) (string, error) {
	sum := sha256.New()
	text := json.NewEncoder(sum)
	add := func(row sqlite.Row) error {
		if seq := row.Int(0); gaps.Hold(seq, seq) {
			return text.Encode(row)
		}
		return nil
	}
	err := errors.Join(each(`SELECT seq, op, n, data FROM evidence ORDER BY op, n`, nil, add),
		each(`SELECT seq, accepted, fen, posted, kind, operator, day, quarter, by_status FROM postings JOIN headings ON n = heading
			ORDER BY seq, heading`, nil, add))
	return hex.EncodeToString(sum.Sum(nil)), err
}

// keptOnes checks that what the last salvage kept is all there; the walk has
// checked the operations that stand there still.
func (v *verifier) keptOnes() error {
	if v.kept == nil || len(v.gaps) == 0 {
		return nil
	}
	for op := range v.kept.Operations {
		if n, err := v.c.Int(`SELECT count(*) FROM operations WHERE op = ?`, op); err != nil || n == 0 {
			return errors.Join(err, v.notKept("operation "+op+" is missing"))
		}
	}
	pieces, err := piecesIn(v.c.Each, v.gaps)
	if err == nil && pieces != v.kept.Pieces {
		err = v.notKept("evidence or postings differ")
	}
	return err
}

// notKept is a misfit of the salvaged event: the one that stood there is lost.
func (v *verifier) notKept(what string) error {
	return &MisfitError{Seq: v.kept.seq, Why: fmt.Sprintf("%s: it is not what the salvage kept, and no other event tells", what)}
}
