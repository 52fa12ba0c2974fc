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
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/link"
	"counterfoil/offline/lookups"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
)

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

// Result is what a run found.
type Result struct {
	Sum
	Found []Difference `json:"found"` // with what is only worth knowing
}

// Progress says how far a run is, in ids.
type Progress struct {
	Done, Of, Silent int64
	Rate             float64 // a second, of those that this run asked about
}

// Platform is how the platform is asked.
type Platform struct {
	// Ask makes one of the calls that are shared with the queue, in its turn.
	Ask     func(ctx context.Context, call func() api.Answer) api.Answer
	Final   func(api.Answer) bool // a refusal that says something of what was asked
	Records func(ctx context.Context, code api.ID) (api.Answer, []api.Record)
	Lookups *lookups.Lookups
	Link    *link.Link
	Traces  *platformtime.Traces
	Client  *api.Client
}

// Options are what a run is given.
type Options struct {
	Platform
	Parallel   int
	SettleTime time.Duration
	VoidLeaves string
	Now        func() time.Time
	Dir        string // the data folder
	Journal    func() *journal.Journal
	// Above maps levels to what is known to hold an id.
	Above func(ctx context.Context, id api.ID) map[api.Level]string
	// Samples are some codes of a range, and of no other of these: all where few are
	// known, none where none is.
	Samples func(ctx context.Context, r *operation.RangeOrder, others []operation.RangeOrder) []api.ID
}

// run is a run while it lasts.
type run struct {
	*Options
	Request
	kept    kept
	head    int64 // the journal's last event when the round began
	began   time.Time
	scope   map[string]bool    // all ids
	serials map[string]serials // of these the ranges

	mu      sync.Mutex // guards what follows
	entries map[string]*entry
	p       Progress
	asked   int64 // ids, by this run
}

// serials is a range, which has no look-up of its own: codes of it that are known
// here are looked up in its place.
type serials struct {
	op    string
	codes []api.ID
}

// rounds bounds how often a run asks again about what the counter did meanwhile: it
// does not wait for a shop that never rests.
const rounds = 8

// Run asks about a request's ids: one look-up for a holder of several, else one
// for each, at most Parallel at a time. What our own journal touched meanwhile is
// done again. What differs is asked about in every way there is, and looked at
// once more after settle_time. A run that was cut off goes on where it
// stopped; one that ended is kept as an event in the name of by. Errors:
// day.ErrNoClose, the journal's, and the cause where ctx ended.
func Run(ctx context.Context, by chain.Who, q Request, o *Options) (Result, error) {
	r := &run{Options: o, Request: q, entries: map[string]*entry{}, scope: map[string]bool{}, serials: map[string]serials{}, began: time.Now()}
	defer r.kept.close()
	for range rounds {
		due, err := r.due(ctx)
		if err != nil {
			return Result{}, err
		}
		if len(due) == 0 {
			break
		}
		if err := r.ask(ctx, due); err != nil {
			return Result{}, err
		}
	}
	return r.end(ctx, by)
}

// count begins a round with so many ids to ask about.
func (r *run) count(due int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.p.Done, r.p.Silent = int64(len(r.entries)), 0
	for _, e := range r.entries {
		if !e.answered {
			r.p.Silent++
		}
	}
	r.p.Of = r.p.Done + due
	r.tell()
}

func (r *run) tell() {
	if r.Each != nil {
		r.p.Rate = float64(r.asked) / max(time.Since(r.began).Seconds(), 0.001)
		r.Each(r.p)
	}
}

// take keeps what became of an id.
func (r *run) take(e *entry) {
	if e.answered && r.ID == "" {
		r.kept.put(e)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries[e.ID] = e
	r.asked++
	if r.p.Done++; !e.answered {
		r.p.Silent++
	}
	r.tell()
}

// doubt is an id that differs at the first look.
type doubt struct {
	*entry
	looked time.Time
}

// ask puts the questions, and then looks once more at what differs: all of it
// waits for settle_time together.
func (r *run) ask(ctx context.Context, list []question) error {
	var mu sync.Mutex
	var doubts []doubt
	err := each(ctx, r.Parallel, list, func(ctx context.Context, q question) error {
		seen := r.look(ctx, q.id)
		for _, id := range q.behalf {
			found, answered, err := r.judge(ctx, id, seen)
			if err != nil || ctx.Err() != nil {
				return cmp.Or(err, context.Cause(ctx))
			}
			e := &entry{ID: id, Asked: q.id, At: r.Now(), Seq: r.head, Above: q.above[id], Found: found, answered: answered}
			if !differs(found) {
				r.take(e)
				continue
			}
			mu.Lock()
			doubts = append(doubts, doubt{e, time.Now()})
			mu.Unlock()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return each(ctx, r.Parallel, doubts, func(ctx context.Context, d doubt) (err error) {
		if d.Found, d.answered, err = r.again(ctx, d); err == nil {
			d.At = r.Now()
			r.take(d.entry)
		}
		return err
	})
}

// each calls fn with the items of a list, so many at a time, until one fails or
// ctx ends.
func each[T any](ctx context.Context, parallel int, list []T, fn func(context.Context, T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo := make(chan T)
	var workers sync.WaitGroup
	for range max(parallel, 1) {
		workers.Go(func() {
			for item := range todo {
				if ctx.Err() == nil {
					if err := fn(ctx, item); err != nil {
						cancel(err)
					}
				}
			}
		})
	}
	for _, item := range list {
		todo <- item
	}
	close(todo)
	workers.Wait()
	return context.Cause(ctx)
}

// again gathers the evidence of what differs, and looks once more after
// settle_time: an answer may have been older than what came since.
func (r *run) again(ctx context.Context, d doubt) ([]Difference, bool, error) {
	id, first := d.ID, d.Found
	evidence := slices.Clone(first[0].Evidence)
	ops, err := r.operations(ctx, []string{id})
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
	case <-time.After(time.Until(d.looked.Add(r.SettleTime))):
	}
	found, answered, err := r.judge(ctx, id, r.look(ctx, id))
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
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
