package journal

import (
	"maps"
	"sync"

	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// pendingRow is an operation as it stands after an event, waiting for its row to
// be written. It never changes: the next event makes a new one.
type pendingRow struct {
	op       operation.Operation // without its lists
	traces   []string            // of the attempts
	attempts []string            // JSON, all of them
	evidence []string            // JSON, all of it
	since    int64               // the first event that the tables do not show
	row      bool                // the tables have an older row
	stored   int                 // pieces of evidence that the tables have
	brought  []int64             // which event brought each of the others
}

// pendingAfter is an operation's pending row after one more event; was is the one before, or nil.
func pendingAfter(was *pendingRow, op *operation.Operation, attempts, evidence []string, s rowVersion) *pendingRow {
	i := &pendingRow{op: bare(op), attempts: attempts, evidence: evidence, since: op.Seq, row: s.seq != 0, stored: s.evidence}
	i.traces = make([]string, len(op.Attempts))
	for n := range op.Attempts {
		i.traces[n] = op.Attempts[n].Trace
	}
	if was != nil {
		i.since, i.row, i.stored = was.since, was.row, was.stored
		i.brought = was.brought[:len(was.brought):len(was.brought)]
	}
	for n := i.stored + len(i.brought); n < len(evidence); n++ {
		i.brought = append(i.brought, op.Seq)
	}
	return i
}

// version is that of the row when it is written.
func (i *pendingRow) version() rowVersion {
	return rowVersion{i.op.Seq, len(i.attempts), len(i.evidence)}
}

// bare copies an operation without its lists: its owner may change it meanwhile.
func bare(op *operation.Operation) operation.Operation {
	o := *op
	o.Attempts, o.Evidence = nil, nil
	o.FinishedAt, o.NextAt = detached(op.FinishedAt), detached(op.NextAt)
	o.Range = detached(op.Range)
	o.ApprovedFor = append([]string(nil), op.ApprovedFor...)
	return o
}

func detached[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// read returns the operation as it would be read from its row.
func (i *pendingRow) read(whole bool) (operation.Operation, error) {
	args, err := operationArgs(nil, &i.op)
	if err != nil {
		return operation.Operation{}, err
	}
	row := make(sqlite.Row, 0, operationWidth+2)
	for _, a := range args {
		row = append(row, a)
	}
	if whole {
		row = append(row, joined(i.attempts), joined(i.evidence))
	}
	return OperationOf(row)
}

func joined(texts []string) string {
	list := string(appendList(nil, texts))
	return list[1 : len(list)-1]
}

// pendingRows are those of all commits so far. Whoever leads the queue changes
// them and may read the map as it is; others use some.
type pendingRows struct {
	mu   sync.Mutex
	byOp map[string]*pendingRow
}

// some returns those for which may is true.
func (s *pendingRows) some(may func(*operation.Operation) bool) []*pendingRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*pendingRow
	for _, i := range s.byOp {
		if may(&i.op) {
			list = append(list, i)
		}
	}
	return list
}

// take adds those of a commit, and removes those whose rows it wrote.
func (s *pendingRows) take(fresh, projected map[string]*pendingRow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.byOp, fresh)
	for op := range projected {
		delete(s.byOp, op)
	}
}
