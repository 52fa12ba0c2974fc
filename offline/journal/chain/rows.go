package chain

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// OperationColumns are all columns of the table, in the order of OperationArgs and OperationOf.
var OperationColumns = []string{"op", "kind", "id", "level", "state", "amount_fen", "offline", "operator", "approved_by",
	"counter", "accepted_at", "finished_at", "order_no", "seq", "hash", "day", "why", "reason", "settled_as", "settled_by",
	"waits_for", "next_at", "asked", "name", "range", "approved_for", "entered", "settle_asked_by"}

var operationWidth = len(OperationColumns)

// Stamp is a time as the database and the JSON write it.
func Stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

func stampOf(t *time.Time) string {
	if t == nil {
		return ""
	}
	return Stamp(*t)
}

// ParseStamp reads it.
func ParseStamp(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if _, zone := t.Zone(); err == nil && (zone <= -day || zone >= day) {
		err = fmt.Errorf("the zone of %q", s) // time.Parse takes it, JSON cannot write it
	}
	return t, err
}

const day = 24 * 60 * 60 // in seconds

func parseStampPtr(s string) (*time.Time, error) {
	t, err := ParseStamp(s)
	if s == "" || err != nil {
		return nil, err
	}
	return &t, nil
}

// EncodeOperation is the operation's JSON with lists instead of nulls, as scripts rely on it.
func EncodeOperation(op *operation.Operation) (string, error) {
	o := *op
	if o.Attempts == nil {
		o.Attempts = []operation.Attempt{}
	}
	if o.Evidence == nil {
		o.Evidence = []operation.Evidence{}
	}
	var text strings.Builder // json.Marshal would copy it twice
	err := json.NewEncoder(&text).Encode(&o)
	return strings.TrimSuffix(text.String(), "\n"), err
}

// OperationArgs is the row of an operation.
func OperationArgs(o *operation.Operation) ([]any, error) {
	order, approved := "", ""
	if o.Range != nil {
		b, err := json.Marshal(o.Range)
		if err != nil {
			return nil, err
		}
		order = string(b)
	}
	if len(o.ApprovedFor) > 0 {
		b, err := json.Marshal(o.ApprovedFor)
		if err != nil {
			return nil, err
		}
		approved = string(b)
	}
	offline := int64(0)
	if o.Offline {
		offline = 1
	}
	return []any{o.Op, string(o.Kind), o.ID, o.Level, string(o.State), o.AmountFen, offline,
		o.Operator, o.ApprovedBy, o.Counter, Stamp(o.AcceptedAt), stampOf(o.FinishedAt), o.OrderNo, o.Seq, o.Hash,
		o.Day, o.Why, o.Reason, o.SettledAs, o.SettledBy, o.WaitsFor, stampOf(o.NextAt), int64(o.Asked), o.Name, order, approved, string(o.Entered), o.SettleAskedBy}, nil
}

// OperationOf reads a row of OperationColumns, and of the lists of selectWhole
// where it has these. The error names the column that cannot be read.
func OperationOf(row sqlite.Row) (operation.Operation, error) {
	s := func(i int) string { return row.Text(i) }
	o := operation.Operation{
		Op: s(0), Kind: operation.Kind(s(1)), ID: s(2), Level: s(3), State: operation.State(s(4)), AmountFen: row.Int(5),
		Offline: row.Int(6) != 0, Operator: s(7), ApprovedBy: s(8), Counter: s(9), OrderNo: s(12),
		Seq: row.Int(13), Hash: s(14), Day: s(15), Why: s(16), Reason: s(17), SettledAs: s(18), SettledBy: s(19),
		WaitsFor: s(20), Asked: int(row.Int(22)), Name: s(23), Entered: operation.Entered(s(26)), SettleAskedBy: s(27), Attempts: []operation.Attempt{}, Evidence: []operation.Evidence{},
	}
	fail := func(what string, err error) (operation.Operation, error) {
		return o, fmt.Errorf("%w: operation %s, %s: %w", sqlite.ErrUnreadable, o.Op, what, err)
	}
	var err error
	if row.Int(6)>>1 != 0 {
		return fail("offline", fmt.Errorf("%v", row[6]))
	}
	if o.AcceptedAt, err = ParseStamp(s(10)); err != nil {
		return fail("accepted_at", err)
	}
	if o.FinishedAt, err = parseStampPtr(s(11)); err != nil {
		return fail("finished_at", err)
	}
	if o.NextAt, err = parseStampPtr(s(21)); err != nil {
		return fail("next_at", err)
	}
	if text := s(24); text != "" || o.Kind == operation.Range {
		if err := json.Unmarshal([]byte(text), &o.Range); err != nil {
			return fail("range", err)
		}
	}
	if !written(&o) {
		return fail("kind or state", fmt.Errorf("%q, %q", o.Kind, o.State))
	}
	if text := s(25); text != "" {
		if err := json.Unmarshal([]byte(text), &o.ApprovedFor); err != nil {
			return fail("approved_for", err)
		}
	}
	if len(row) > operationWidth {
		if list := s(operationWidth); list != "" {
			if err := json.Unmarshal([]byte("["+list+"]"), &o.Attempts); err != nil {
				return fail("attempts", err)
			}
		}
		if list := s(operationWidth + 1); list != "" {
			if err := json.Unmarshal([]byte("["+list+"]"), &o.Evidence); err != nil {
				return fail("evidence", err)
			}
		}
	}
	return o, nil
}

// written reports a kind and a state that exist; a turned byte makes others.
func written(o *operation.Operation) bool {
	return slices.Contains(operation.States(), o.State) && (o.Kind == operation.Activate || o.Kind == operation.Void || o.Kind == operation.Range && o.Range != nil)
}

// OpenStates is the partial index's own condition: without these very words SQLite does not use it.
const OpenStates = `state IN ('queued', 'sending', 'unknown', 'attention')`
