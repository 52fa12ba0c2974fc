package reconcile

import (
	"context"
	"maps"
	"slices"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
)

// question is one look-up and the ids that it is for.
type question struct {
	id     string
	behalf []string
	above  map[string][]string
}

// idsAtOnce is how many ids are read from the journal at a time.
const idsAtOnce = 256

// due are the questions about ids of which nothing is known, or nothing that still
// holds: the journal touched them since.
func (r *run) due(ctx context.Context) ([]question, error) {
	var ids []string
	var last map[string]int64
	err := r.Journal().Snapshot(ctx, func(s *journal.Snapshot) (err error) {
		var cut string
		since := r.head
		if ids, cut, err = r.ids(s, since); since == 0 && r.ID == "" && err == nil {
			since = s.Head.Seq
			r.kept.open(r.Dir, cut, r.Now(), func(e entry) {
				if e.Seq <= s.Head.Seq {
					e.answered, since, r.entries[e.ID] = true, min(since, e.Seq), &e
				}
			})
		}
		if r.head = s.Head.Seq; err == nil && since < r.head {
			last, err = touched(s, since)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		r.scope[id] = true
	}
	r.drop(ctx, last)
	return r.questions(ctx, slices.Sorted(maps.Keys(r.scope)))
}

// drop forgets what the journal touched since it was asked about: itself, what
// holds it, or something in it.
func (r *run) drop(ctx context.Context, last map[string]int64) {
	if len(last) == 0 {
		return
	}
	around := maps.Clone(last)
	for id, seq := range last {
		for _, above := range r.Above(ctx, api.ID(id)) {
			around[above] = max(around[above], seq)
		}
	}
	maps.DeleteFunc(r.entries, func(id string, e *entry) bool {
		seq := around[id]
		for _, above := range e.Above {
			seq = max(seq, last[above])
		}
		return seq > e.Seq
	})
}

// questions groups the ids of which nothing is known and whose last operation is
// closed, and counts what there is to do.
func (r *run) questions(ctx context.Context, ids []string) ([]question, error) {
	ids = slices.DeleteFunc(ids, func(id string) bool { return r.entries[id] != nil })
	byHolder, above, n := map[string][]string{}, map[string][]string{}, int64(0)
	for part := range slices.Chunk(ids, idsAtOnce) {
		ops, err := r.operations(ctx, part)
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
			case !known || op.State.Open() || op.Kind == operation.Range && op.State == operation.Withdrawn:
			case op.Kind == operation.Range:
				others, err := r.explained(ctx, &op)
				if err != nil {
					return nil, err
				}
				s := serials{op.Op, r.Samples(ctx, op.Range, others)}
				if r.serials[id] = s; len(s.codes) > 0 {
					n++
					for _, code := range s.codes { // what touches one touches the range
						_, all := r.holder(ctx, code)
						above[id] = append(append(above[id], string(code)), all...)
					}
					byHolder[""] = append(byHolder[""], id)
				}
			default:
				n++
				holder, all := r.holder(ctx, api.ID(id))
				above[id] = all
				byHolder[holder] = append(byHolder[holder], id)
			}
		}
	}
	var list []question
	for holder, held := range byHolder {
		if holder != "" && len(held) > 1 {
			list = append(list, question{holder, held, above})
			continue
		}
		for _, id := range held {
			list = append(list, question{id, []string{id}, above})
		}
	}
	r.count(n)
	return list, nil
}

// explained are, for a range without effect, the ranges with effect: where one shares
// a code with it, that one says what the code is.
func (r *run) explained(ctx context.Context, op *operation.Operation) (others []operation.RangeOrder, err error) {
	if effect(op) {
		return nil, nil
	}
	all, err := r.Journal().Operations(ctx, journal.Query{Kind: operation.Range})
	for i := range all {
		if effect(&all[i]) {
			others = append(others, *all[i].Range)
		}
	}
	return others, err
}

// operations reads all operations on ids, oldest first, whole.
func (r *run) operations(ctx context.Context, ids []string) ([]operation.Operation, error) {
	return r.Journal().Operations(ctx, journal.Query{IDs: ids, OldestFirst: true, Whole: true})
}

func unchecked(id, op string) Difference {
	return Difference{Information, id, op, "not_checked", "", []string{}, []operation.Evidence{}}
}

// holder is what directly holds an id, "" where that is not known, and all that does.
func (r *run) holder(ctx context.Context, id api.ID) (holder string, all []string) {
	rank := 0
	for level, above := range r.Above(ctx, id) {
		if all = append(all, above); level.Rank() > rank {
			holder, rank = above, level.Rank()
		}
	}
	return holder, all
}
