package operators

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// person is who somebody is by the chain, or by the table. A PIN of "" is not
// known: the events of older versions did not carry it.
type person struct {
	Name     string `json:"name"`
	Role     Role   `json:"role"`
	Disabled bool   `json:"disabled"`
	PIN      string `json:"pin"`
	Until    string `json:"until,omitempty"` // of the last lock-out
	seq      int64  // of the last event about it
}

// adoptedEvent holds the whole table of a journal whose events did not carry it.
const adoptedEvent = "operators.adopted"

// lockedOutEvent says until when somebody cannot sign in.
const lockedOutEvent = "operator.locked_out"

// roster is who everybody is by the chain.
type roster struct {
	of      *journal.Journal
	upto    int64 // the event up to which it was read
	indexed bool  // read through an index, which can leave events out
	all     map[string]person
	adopted bool       // no PIN is taken from the table any more
	added   chain.Gaps // events that no counter wrote
}

// byChain returns the roster as it stands now, whole where no index may be
// trusted for it: once for each opening of the journal that reads all events.
// From then on it reads only what was added.
func (p *People) byChain(ctx context.Context, whole bool) (roster, error) {
	p.reads.Lock()
	defer p.reads.Unlock()
	j := p.journal()
	if p.roster.of != j || whole && p.roster.indexed {
		p.roster = roster{of: j, indexed: !whole}
	}
	head, err := j.Head(ctx)
	sure := j.Sure(head)
	if err == nil {
		err = p.roster.read(p.reading(ctx), sure, sure)
	}
	if err == nil {
		p.roster.upto = sure
	}
	now := p.roster
	now.all = maps.Clone(now.all)
	if err == nil && sure < head.Seq {
		err = now.read(p.reading(ctx), sure, head.Seq)
	}
	return now, err
}

// read adds what later events say, up to the one that a counter knows as the
// newest; no counter vouches for those behind sure. An event counts only where its
// columns give its hash, and only for what its name says: the rest of it was read
// from the table.
func (r *roster) read(each chain.Reading, sure, upto int64) error {
	by := chain.Unindexed
	if r.indexed && r.upto == 0 {
		by = ""
	}
	if r.all == nil {
		r.all = map[string]person{}
	}
	added, err := chain.ReadAdded(each, by, r.upto, sure)
	switch {
	case err != nil:
		return err
	case r.upto == 0:
		r.added = added
	case len(added) > 0: // some of what was read may be among them
		*r = roster{of: r.of, indexed: r.indexed}
		return r.read(each, sure, upto)
	}
	if added = slices.Clone(r.added); sure < upto {
		added = added.Add(sure+1, upto)
	}
	all := r.all
	var before map[string]person // while events are read that no counter wrote
	err = each(`SELECT `+chain.EventColumns+` FROM events `+by+` WHERE op = '' AND event >= 'operator' AND event < 'operatos' AND seq > ? AND seq <= ? ORDER BY seq`, []any{r.upto, upto},
		func(row sqlite.Row) error {
			e := chain.EventOf(row)
			var d struct {
				person
				Operators []person `json:"operators"`
			}
			if e.Seq < 1 || e.Sum() != e.Hash || json.Unmarshal([]byte(e.Data), &d) != nil {
				return nil //nolint:nilerr // an event that does not fit is verify's to tell
			}
			switch held := added.Hold(e.Seq, e.Seq); {
			case held && before == nil:
				before = maps.Clone(all)
			case !held && before != nil:
				doubt(before, all)
				before = nil
			}
			older := before // by a copy of the head, and not because there was none
			if added.Hold(1, e.Seq) {
				older = nil
			}
			for _, s := range d.Operators {
				s.seq = e.Seq
				all[s.Name] = s
				found(older, s)
			}
			now, known := all[d.Name]
			is := func(words ...string) bool {
				return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(e.Name, w) })
			}
			switch {
			case e.Name == adoptedEvent:
				r.adopted = true
			case is("added", "recover"):
				now = d.person
			case !known:
				return nil
			case is("pin"):
				now.PIN = d.PIN
			case is("disabled", "enabled"):
				now.Disabled = is("disabled")
			case is(".role"):
				now.Role = d.Role
			case is("locked"):
				now.Until = d.Until
			}
			if now.Name != "" {
				now.seq = e.Seq
				all[now.Name] = now
				found(older, now)
			}
			return nil
		})
	if before != nil {
		doubt(before, all)
	}
	return err
}

func unknownPIN(all map[string]person) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(all)), func(one person) bool { return one.PIN == "" })
}

func stored(each chain.Reading) (map[string]person, error) {
	all := map[string]person{}
	err := each(selectOperators, nil, func(row sqlite.Row) error {
		o, pin := operatorOf(row)
		if _, is := row[0].(string); !is {
			return nil // a name that is no text is nobody's: no sign-in finds it
		}
		all[o.Name] = person{Name: o.Name, Role: o.Role, Disabled: o.Disabled, PIN: pin, Until: stamp(o.LockedUntil)}
		return nil
	})
	return all, err
}

// unsaid lists who was locked out later than the chain says: beside an open counter
// nothing can be added to it.
func unsaid(have, want map[string]person) (names []string) {
	for name, h := range have {
		row, _ := time.Parse(time.RFC3339Nano, h.Until)
		said, _ := time.Parse(time.RFC3339Nano, want[name].Until)
		if row.After(said) {
			names = append(names, name)
		}
	}
	return names
}

// differ says how the table differs from the chain, by name.
func differ(have, want map[string]person) map[string]chain.MisfitError {
	found := map[string]chain.MisfitError{}
	for name, w := range want {
		h, is := have[name]
		why := ""
		switch {
		case !is:
			why = "has no row"
		case h.Role != w.Role:
			why = fmt.Sprintf("has the role %s, the chain says %s", h.Role, w.Role)
		case h.Disabled != w.Disabled:
			why = fmt.Sprintf("is disabled: %t, the chain says %t", h.Disabled, w.Disabled)
		case w.PIN != "" && h.PIN != w.PIN:
			why = "has another PIN than the chain says"
		}
		if why != "" {
			found[name] = chain.MisfitError{Seq: w.seq, Why: "operator " + name + " " + why}
		}
	}
	for name := range have {
		if _, is := want[name]; !is {
			found[name] = chain.MisfitError{Seq: 1, Why: "operator " + name + " is not in the chain"}
		}
	}
	return found
}

// misfit is the first difference by name, nil for none.
func misfit(have, want map[string]person) error {
	found := differ(have, want)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		first := found[name]
		return &first
	}
	return nil
}

// Check holds the operators against the chain, for journal.Verify. Error:
// *chain.MisfitError for the first who does not fit.
func Check(each chain.Reading) error {
	var want roster
	err := want.read(each, math.MaxInt64, math.MaxInt64)
	have, haveErr := stored(each)
	return cmp.Or(errors.Join(err, haveErr), misfit(have, want.all))
}

// operator reads one, once the table is what the chain says.
// Errors: ErrNoOperator, those of Restore.
func (p *People) operator(ctx context.Context, name string) (o Operator, err error) {
	if err := p.Restore(ctx); err != nil {
		return o, err
	}
	o, _, err = find(p.reading(ctx), name)
	return o, err
}

// Restore makes the table what the chain says, and documents each difference; it
// belongs to every start and every act. Who is not in the chain is disabled,
// unless nobody else could manage: then the event that made them is among what
// was lost. A journal whose events carry no PINs gets them from the table, once.
// Error: *chain.MisfitError where it may not write.
func (p *People) Restore(ctx context.Context) error {
	err := p.restore(ctx, false)
	if errors.As(err, new(*chain.MisfitError)) && p.journal().Follows(ctx) { // a counter at work changed somebody just now
		err = p.restore(ctx, false)
	}
	return err
}

// restore rests on no index where it writes, or is whole.
func (p *People) restore(ctx context.Context, whole bool) error {
	want, err := p.byChain(ctx, whole)
	have, haveErr := stored(p.reading(ctx))
	if err := errors.Join(err, haveErr); err != nil || want.fits(have) {
		return err
	}
	if !whole {
		return p.restore(ctx, true)
	}
	broken := false
	if len(differ(have, want.all)) > 0 {
		if broken, err = chain.Broken(p.reading(ctx)); err != nil {
			return err
		}
	}
	err = p.journal().Write(ctx, func(t *journal.Tx) error {
		now := want // an act on an operator may have come in between
		now.all = maps.Clone(want.all)
		err := now.read(t.Conn().Each, t.Seq(), t.Seq())
		have, haveErr := stored(t.Conn().Each)
		if err := errors.Join(err, haveErr); err != nil {
			return err
		}
		return now.write(t, have, broken, stamp(p.now()))
	})
	switch {
	case err == nil:
		p.restored()
	case errors.Is(err, journal.ErrReadOnly):
		err = misfit(have, want.all) // who has the folder says the rest
	}
	return err
}

// fits reports that there is nothing to restore, to adopt, or to say.
func (r *roster) fits(have map[string]person) bool {
	return len(differ(have, r.all)) == 0 && len(unsaid(have, r.all)) == 0 && (r.adopted || !unknownPIN(r.all))
}

func managed(all map[string]person) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(all)), person.manages)
}

func (p person) manages() bool { return p.Role == Manager && !p.Disabled }

// write makes the table what the chain says, or the lesser of both where the chain
// is broken, and adds to the chain what it does not say.
func (r *roster) write(t *journal.Tx, have map[string]person, broken bool, at string) error {
	managed := managed(r.all)
	found, all := differ(have, r.all), r.all
	if broken {
		all = lesser(r.all, have)
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		s, is := all[name]
		if !is {
			s = have[name]
			s.Disabled = s.Disabled || managed
		}
		if s.PIN == "" {
			s.PIN = have[name].PIN // "" matches nothing
		}
		err := t.Conn().Exec(`INSERT INTO operators (name, role, pin, disabled, failures, locked_until, created_at) VALUES (?1,?2,?3,?4,0,'',?5)
			ON CONFLICT (name) DO UPDATE SET role=?2, pin=?3, disabled=?4`, name, string(s.Role), s.PIN, map[bool]int64{true: 1}[s.Disabled], at)
		if err == nil {
			err = t.Append(chain.RestoredEvent, struct {
				chain.MisfitError
				Operators []person `json:"operators"`
			}{found[name], []person{s}})
		}
		if err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(slices.Values(unsaid(have, r.all))) {
		if err := tell(t, lockedOutEvent, chain.Who{}, name); err != nil {
			return err
		}
	}
	if r.adopted || !unknownPIN(r.all) {
		return nil
	}
	now, err := stored(t.Conn().Each)
	if err != nil {
		return err
	}
	list := slices.SortedFunc(maps.Values(now), func(a, b person) int { return strings.Compare(a.Name, b.Name) })
	return t.Append(adoptedEvent, map[string]any{"operators": list})
}
