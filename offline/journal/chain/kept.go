package chain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// Kept is what stands at lost events, as a salvage took it over from the old
// tables: nothing vouches for it but the salvaged event that holds this.
type Kept struct {
	Operations map[string]KeptOperation `json:"operations"`
	Pieces     string                   `json:"pieces"` // the hash of the evidence and the postings
}

// KeptOperation is an operation's row, by its hash.
type KeptOperation struct {
	State operation.State `json:"state"`
	Hash  string          `json:"hash"`
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
		k.Operations[o.Op] = keptOf(&o, row)
		return err
	})
	if err == nil {
		k.Pieces, err = piecesIn(each, gaps)
	}
	return k, err
}

// keptOf is an operation of a row of sqlVerifyColumns.
func keptOf(o *operation.Operation, row sqlite.Row) KeptOperation {
	text, _ := json.Marshal([]any{o, row.Int(operationWidth + 6)})
	sum := sha256.Sum256(text)
	return KeptOperation{o.State, hex.EncodeToString(sum[:])}
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

// keptPieces checks what else the last salvage kept, once the operations are
// walked. The misfit is of its event: those that stood there are lost.
func (v *verifier) keptPieces() error {
	s := &v.salvages
	if s.last == 0 || len(s.gaps) == 0 {
		return nil
	}
	pieces, err := piecesIn(v.c.Each, s.gaps)
	if err == nil && (pieces != s.kept.Pieces || len(s.kept.Operations) > 0) {
		err = &MisfitError{Seq: s.last, Why: "operations, evidence or postings at lost events are not as the salvage left them"}
	}
	return err
}
