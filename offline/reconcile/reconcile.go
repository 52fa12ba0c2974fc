// Package reconcile holds our book against the platform's: what each of our
// operations says a code is, against what a look-up shows. It decides about no
// operation; what it found is for a person, and is kept as one event.
package reconcile

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/link"
	"counterfoil/offline/lookups"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
)

// Event is the name of a run's event.
const Event = "reconciled"

// Class says how the two books differ.
type Class string

// The classes of differences.
const (
	Short        Class = "short"         // we said active, the platform says not active
	Over         Class = "over"          // we counted no effect, and there is one
	Partial      Class = "partial"       // some codes changed, these did not
	VoidMissing  Class = "void_missing"  // we said void, and it can still be spent
	SettledWrong Class = "settled_wrong" // settled as without effect, and there is one
	Information  Class = "information"   // no difference: worth knowing
)

// Difference is what one operation says against what the platform says. Its JSON
// is public interface.
type Difference struct {
	Class    Class                `json:"class"`
	ID       string               `json:"id"`
	Op       string               `json:"op"`
	Ours     string               `json:"ours"`   // a status, or the reason of an information
	Theirs   string               `json:"theirs"` // a status, or the code of the refusal
	Codes    []string             `json:"codes"`
	Evidence []operation.Evidence `json:"evidence"`
}

// Sum is how many ids were asked about and what came of it.
type Sum struct {
	Of          int64 `json:"of"`
	Answered    int64 `json:"answered"`
	Differences int64 `json:"differences"`
	Silent      int64 `json:"silent"`
}

// Result is a run.
type Result struct {
	Sum
	Found []Difference `json:"found"` // with what is only worth knowing
}

// Options are what a run is given.
type Options struct {
	Parallel   int
	Settle     time.Duration
	VoidLeaves string
	Now        func() time.Time
	// Operations reads all operations on ids, oldest first, whole.
	Operations func(ctx context.Context, ids []string) ([]operation.Operation, error)
	// Ask makes one of the calls that are shared with the queue, in its turn.
	Ask     func(ctx context.Context, call func() api.Answer) api.Answer
	Records func(ctx context.Context, code api.ID) (api.Answer, []api.Record)
	Lookups *lookups.Lookups
	Link    *link.Link
	Traces  *platformtime.Traces
	Client  *api.Client
	// Above maps levels to what is known to hold an id.
	Above func(ctx context.Context, id api.ID) map[api.Level]string
	// Each is told after every look-up how many ids are done.
	Each func(done, of int64)
}

type run struct {
	*Options
	mu     sync.Mutex
	result Result
}

// Run asks about ids: one look-up for a holder of several, else one for each, at
// most Parallel at a time. What differs is asked about in every way there is, and
// looked at once more after the settle time. Error: that of ctx or of the journal.
func Run(ctx context.Context, ids []string, o *Options) (Result, error) {
	r := &run{Options: o, result: Result{Found: []Difference{}}}
	questions, err := r.questions(ctx, ids)
	if err != nil {
		return r.result, err
	}
	todo := make(chan question)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	for range max(o.Parallel, 1) {
		workers.Go(func() {
			for q := range todo {
				if err := r.put(ctx, q); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, q := range questions {
		todo <- q
	}
	close(todo)
	workers.Wait()
	slices.SortFunc(r.result.Found, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Op, b.Op), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Class, b.Class))
	})
	return r.result, context.Cause(ctx)
}

// question is one look-up and the ids that it is for.
type question struct {
	id     string
	behalf []string
}

// batch is how many ids are read from the journal at a time.
const batch = 256

// questions groups the ids whose last operation is closed.
func (r *run) questions(ctx context.Context, ids []string) ([]question, error) {
	byHolder := map[string][]string{}
	for part := range slices.Chunk(ids, batch) {
		ops, err := r.Operations(ctx, part)
		if err != nil {
			return nil, err
		}
		last := map[string]operation.Operation{}
		for _, op := range ops {
			last[op.ID] = op
		}
		for _, id := range part {
			op, known := last[id]
			switch {
			case !known || op.State.Open():
			case op.Kind == operation.Range:
				r.unchecked(id, op.Op)
			default:
				r.result.Of++
				holder := r.holder(ctx, api.ID(id))
				byHolder[holder] = append(byHolder[holder], id)
			}
		}
	}
	var list []question
	for holder, held := range byHolder {
		if holder != "" && len(held) > 1 {
			list = append(list, question{holder, held})
			continue
		}
		for _, id := range held {
			list = append(list, question{id, []string{id}})
		}
	}
	return list, nil
}

func (r *run) unchecked(id, op string) {
	r.result.Found = append(r.result.Found, Difference{Information, id, op, "not_checked", "", []string{}, []operation.Evidence{}})
}

// put asks one question and judges each id that it is for.
func (r *run) put(ctx context.Context, q question) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	seen := r.look(ctx, q.id)
	for _, id := range q.behalf {
		found, answered, err := r.judge(ctx, id, seen)
		if err == nil && len(found) > 0 {
			found, answered, err = r.again(ctx, id, found)
		}
		if err != nil {
			return err
		}
		r.take(id, found, answered)
	}
	return nil
}

func (r *run) take(id string, found []Difference, answered bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if answered {
		r.result.Answered++
	} else {
		r.result.Silent++
		r.unchecked(id, "")
	}
	r.result.Found = append(r.result.Found, found...)
	if slices.ContainsFunc(found, func(d Difference) bool { return d.Class != Information }) {
		r.result.Differences++
	}
	if r.Each != nil {
		r.Each(r.result.Answered+r.result.Silent, r.result.Of)
	}
}

// again gathers the evidence of what differs, and looks once more after the settle
// time: an answer may have been older than what came since.
func (r *run) again(ctx context.Context, id string, first []Difference) ([]Difference, bool, error) {
	if !slices.ContainsFunc(first, func(d Difference) bool { return d.Class != Information }) {
		return first, true, nil
	}
	evidence := slices.Clone(first[0].Evidence)
	ops, err := r.Operations(ctx, []string{id})
	if err != nil {
		return nil, false, err
	}
	for i := range ops {
		for _, a := range ops[i].Attempts {
			if ops[i].Kind == operation.Activate && !a.NotSent() {
				evidence = append(evidence, operation.EvidenceOf(operation.AskedQuery, a.Trace, r.query(ctx, api.ID(id), a.Trace), r.Now()))
			}
		}
	}
	if codes := first[0].Codes; len(codes) > 0 {
		answer, _ := r.Records(ctx, api.ID(codes[0]))
		evidence = append(evidence, operation.EvidenceOf(operation.AskedRecords, "", answer, r.Now()))
	}
	select {
	case <-ctx.Done():
		return nil, false, context.Cause(ctx)
	case <-time.After(r.Settle):
	}
	found, answered, err := r.judge(ctx, id, r.look(ctx, id))
	if err == nil && !answered { // silence takes nothing back
		return first, true, nil
	}
	for i := range found {
		if found[i].Class != Information {
			found[i].Evidence = slices.Concat(evidence, found[i].Evidence)
		}
	}
	return found, answered, err
}

// query asks what became of an attempt.
func (r *run) query(ctx context.Context, id api.ID, trace string) api.Answer {
	return r.Ask(ctx, func() api.Answer {
		loose, err := r.Traces.Loose()
		if err != nil {
			return api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled, Err: err}
		}
		return r.Link.Note(r.Client.Query(ctx, api.QueryRequest{TraceNo: loose, OriginalTraceNo: trace, ID: id}))
	})
}

// holder is what directly holds an id, "" where that is not known.
func (r *run) holder(ctx context.Context, id api.ID) (holder string) {
	rank := 0
	for level, above := range r.Above(ctx, id) {
		if level.Rank() > rank {
			holder, rank = above, level.Rank()
		}
	}
	return holder
}
