package journal

import (
	"maps"
	"sync"

	"counterfoil/offline/sqlite"
)

// image is an operation as it stands after an event that the tables do not say
// yet. It never changes: the next event makes a new one.
type image struct {
	op       Operation // without its lists
	traces   []string  // of the attempts
	attempts []string  // JSON, all of them
	evidence []string  // JSON, all of it
	since    int64     // the first event that the tables lack
	row      bool      // the tables have an older row
	stored   int       // pieces of evidence that the tables have
	brought  []int64   // by which event each of the others came
}

// imageAfter is an operation's image after one more event; was is the one before, or nil.
func imageAfter(was *image, op *Operation, attempts, evidence []string, s standing) *image {
	i := &image{op: bare(op), attempts: attempts, evidence: evidence, since: op.Seq, row: s.seq != 0, stored: s.evidence}
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

// standing is how the operation's row stands once the image is projected.
func (i *image) standing() standing {
	return standing{i.op.Seq, len(i.attempts), len(i.evidence)}
}

// bare copies an operation without its lists, so that nothing its owner changes shows.
func bare(op *Operation) Operation {
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

// read gives the operation as a reader of the tables would get it.
func (i *image) read(whole bool) (Operation, error) {
	args, err := operationArgs(nil, &i.op)
	if err != nil {
		return Operation{}, err
	}
	row := make(sqlite.Row, 0, operationWidth+2)
	for _, a := range args {
		row = append(row, a)
	}
	if whole {
		row = append(row, joined(i.attempts), joined(i.evidence))
	}
	return operationOf(row)
}

func joined(texts []string) string {
	list := string(appendList(nil, texts))
	return list[1 : len(list)-1]
}

// images are what the tables lack: committed, but only as events. Whoever leads
// the queue changes them and may read them as they are; others use some.
type images struct {
	mu   sync.Mutex
	byOp map[string]*image
}

// some returns those that may says it of.
func (s *images) some(may func(*Operation) bool) []*image {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*image
	for _, i := range s.byOp {
		if may(&i.op) {
			list = append(list, i)
		}
	}
	return list
}

// take adds the images of a commit, and lets go of those it projected.
func (s *images) take(fresh, projected map[string]*image) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.byOp, fresh)
	for op := range projected {
		delete(s.byOp, op)
	}
}
