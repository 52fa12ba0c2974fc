package reconcile

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"counterfoil/api"
	"counterfoil/offline/operation"
)

// seen is what a look-up showed.
type seen struct {
	answer api.Answer
	codes  map[string]code
	piece  operation.Evidence
}

// code is a code's status, and what holds it.
type code struct {
	status string
	above  []string
}

func (r *run) look(ctx context.Context, id string) (s seen) {
	numbers := r.serials[id].codes
	if len(numbers) == 0 {
		return r.lookUp(ctx, id)
	}
	codes := map[string]code{}
	for i, number := range numbers {
		one := r.lookUp(ctx, string(number))
		if c, shown := one.codes[string(number)]; shown {
			codes[string(number)] = code{c.status, append(c.above, id)}
		}
		if i == 0 || one.answer.Success() {
			s = one
		}
	}
	s.codes = codes
	return s
}

// lookUp asks for one id.
func (r *run) lookUp(ctx context.Context, id string) seen {
	s := seen{codes: map[string]code{}}
	at := map[api.Level]string{}
	each := func(n api.Node) error {
		if n.Level == api.LevelCode {
			s.codes[n.ID] = code{n.Status, slices.Collect(maps.Values(at))}
			return nil
		}
		for level := range at {
			if level.Rank() > n.Level.Rank() {
				delete(at, level)
			}
		}
		at[n.Level] = n.ID
		return nil
	}
	s.answer = r.Ask(ctx, func() api.Answer { return r.Lookups.Nodes(ctx, api.ID(id), each) })
	s.piece = operation.EvidenceOf(operation.AskedLookup, "", s.answer, r.Now())
	return s
}

// below are the codes at or below an id.
func (s seen) below(id string) (codes []string) {
	for name, c := range s.codes {
		if name == id || slices.Contains(c.above, id) {
			codes = append(codes, name)
		}
	}
	slices.Sort(codes)
	return codes
}

// judge compares each code at or below an id with what our operations say.
// answered is false where the platform said nothing of it.
func (r *run) judge(ctx context.Context, id string, s seen) (found []Difference, answered bool, err error) {
	if !s.answer.Success() && !r.Final(s.answer) { // silence, or "system busy"
		return nil, false, nil
	}
	codes := s.below(id)
	if s.answer.Success() && len(codes) == 0 {
		return nil, false, nil
	}
	holders := map[string]bool{}
	for _, name := range codes {
		for _, holder := range s.codes[name].above {
			holders[holder] = holder != id
		}
	}
	ids := append([]string{id}, codes...)
	for holder, other := range holders {
		if other {
			ids = append(ids, holder)
		}
	}
	byID := map[string][]operation.Operation{}
	for part := range slices.Chunk(ids, idsAtOnce) {
		ops, err := r.operations(ctx, part)
		if err != nil {
			return nil, false, err
		}
		for _, op := range ops {
			byID[op.ID] = append(byID[op.ID], op)
		}
	}
	if len(codes) == 0 { // refused: the platform does not know it
		if last := lastOf(byID[id]); last != nil && effect(last) && last.Kind != operation.Void {
			return []Difference{{Short, id, last.Op, api.StatusActive, s.answer.Code, []string{}, []operation.Evidence{s.piece}}}, true, nil
		}
		return nil, true, nil
	}
	return r.compare(id, codes, s, byID), true, nil
}

// bySamples says that of a range only the codes listed with it were looked up.
const bySamples = "by_samples"

// compare gathers the codes that differ in the same way.
func (r *run) compare(id string, codes []string, s seen, byID map[string][]operation.Operation) (found []Difference) {
	s.piece.Seen = &operation.Seen{At: s.piece.At, Counts: map[string]int{}}
	for _, name := range codes {
		s.piece.Seen.Counts[s.codes[name].status]++
	}
	changed := map[string]bool{} // operations that show on some code
	for _, name := range codes {
		c := s.codes[name]
		var all []operation.Operation
		for _, around := range append([]string{name}, c.above...) {
			all = append(all, byID[around]...)
		}
		slices.SortFunc(all, func(a, b operation.Operation) int { return cmp.Compare(a.Op, b.Op) })
		last := lastOf(all)
		if last == nil || last.State.Open() {
			continue
		}
		changed[last.Op] = changed[last.Op] || r.shows(last.Kind, c.status)
		class, ours := r.class(last, c.status)
		if class == "" {
			continue
		}
		i := slices.IndexFunc(found, func(d Difference) bool {
			return d.Class == class && d.Op == last.Op && d.Ours == ours && d.Theirs == c.status
		})
		if i < 0 {
			i = len(found)
			found = append(found, Difference{class, last.ID, last.Op, ours, c.status, nil, []operation.Evidence{s.piece}})
		}
		found[i].Codes = append(found[i].Codes, name)
	}
	for i := range found {
		if d := &found[i]; (d.Class == Short || d.Class == VoidMissing) && d.ID == id && changed[d.Op] {
			d.Class = Partial
		}
	}
	if of := r.serials[id]; len(of.codes) > 0 {
		found = append(found, Difference{Information, id, of.op, bySamples, "", codes, []operation.Evidence{s.piece}})
	}
	return found
}

// lastOf is the last operation that says what a code should be: one that had
// effect outlasts later ones without.
func lastOf(ops []operation.Operation) (last *operation.Operation) {
	for i := range ops {
		if op := &ops[i]; last == nil || op.State.Open() || effect(op) || !effect(last) {
			last = op
		}
	}
	return last
}

// effect reports an operation that we say changed its codes.
func effect(op *operation.Operation) bool {
	return op.State == operation.Done || op.State == operation.Settled && op.SettledAs == operation.SettledDone
}

// class holds what the last operation says of a code against its status, "" where
// both agree. A status that is not ours to give, such as used, comes after ours.
func (r *run) class(op *operation.Operation, status string) (class Class, ours string) {
	activates := op.Kind != operation.Void
	switch had := effect(op); {
	case had && activates && status == api.StatusActive:
		if op.Why == operation.WhyByStatus {
			return Information, operation.WhyByStatus
		}
		return "", ""
	case had && activates && (status == api.StatusInactive || status == api.StatusVoid):
		return Short, api.StatusActive
	case had && activates && status != api.StatusFrozen:
		return Information, "used_since"
	case had && !activates && status == api.StatusActive:
		return VoidMissing, r.voided()
	case had:
		return "", ""
	}
	want := api.StatusActive
	if !activates {
		want = r.voided()
	}
	if status != want || !activates && want != api.StatusVoid || before(op, want) {
		return "", ""
	}
	if op.State == operation.Settled {
		return SettledWrong, operation.SettledNoEffect
	}
	return Over, string(op.State)
}

// shows reports a status that an operation of that kind brings, or that comes after it.
func (r *run) shows(k operation.Kind, status string) bool {
	switch {
	case k != operation.Void:
		return status != api.StatusInactive && status != api.StatusVoid
	case r.VoidLeaves != "":
		return status == r.VoidLeaves
	}
	return status != api.StatusActive
}

func (r *run) voided() string {
	if r.VoidLeaves != "" {
		return r.VoidLeaves
	}
	return api.StatusVoid
}

// before reports that codes had a status before we asked for it.
func before(op *operation.Operation, status string) bool {
	for _, a := range op.Attempts {
		if a.Before != nil {
			return a.Before.Counts[status] > 0
		}
	}
	return slices.ContainsFunc(op.Evidence, func(e operation.Evidence) bool {
		return (len(op.Attempts) == 0 || op.Kind == operation.Range) && e.Seen != nil && e.Seen.Counts[status] > 0
	})
}
