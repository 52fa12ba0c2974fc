package operators

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// standing is who somebody is by the chain, or by the table. A PIN of "" is not
// known: events from before did not carry it.
type standing struct {
	Name     string `json:"name"`
	Role     Role   `json:"role"`
	Disabled bool   `json:"disabled"`
	PIN      string `json:"pin"`
	seq      int64  // of the last event about it
}

// adoptedEvent holds the whole table of a journal whose events did not carry it.
const adoptedEvent = "operators.adopted"

const unindexed = "NOT INDEXED"

// chained returns what the chain says of everybody. An event counts only where
// its columns give its hash, and only for what its name says: the rest of it was
// read from the table. adopted reports that no PIN is taken from the table any more.
// Without the index, by is "NOT INDEXED", it reads all events: an index can leave some out.
func chained(each chain.Reading, by string) (all map[string]standing, adopted bool, err error) {
	all = map[string]standing{}
	err = each(`SELECT `+chain.EventColumns+` FROM events `+by+` WHERE op = '' AND event >= 'operator' AND event < 'operatos' ORDER BY seq`, nil,
		func(row sqlite.Row) error {
			e := chain.EventOf(row)
			var d struct {
				standing
				Operators []standing `json:"operators"`
			}
			if e.Seq < 1 || e.Sum() != e.Hash || json.Unmarshal([]byte(e.Data), &d) != nil {
				return nil //nolint:nilerr // an event that does not fit is verify's to tell
			}
			for _, s := range d.Operators {
				s.seq = e.Seq
				all[s.Name] = s
			}
			now, known := all[d.Name]
			is := func(words ...string) bool {
				return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(e.Name, w) })
			}
			switch {
			case e.Name == adoptedEvent:
				adopted = true
			case is("added", "recover"):
				now = d.standing
			case !known:
				return nil
			case is("pin"):
				now.PIN = d.PIN
			case is("disabled", "enabled"):
				now.Disabled = is("disabled")
			case is(".role"):
				now.Role = d.Role
			}
			if now.Name != "" {
				now.seq = e.Seq
				all[now.Name] = now
			}
			return nil
		})
	return all, adopted, err
}

func unknownPIN(all map[string]standing) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(all)), func(s standing) bool { return s.PIN == "" })
}

func stored(each chain.Reading) (map[string]standing, error) {
	all := map[string]standing{}
	err := each(selectOperators, nil, func(row sqlite.Row) error {
		o, pin := operatorOf(row)
		if _, is := row[0].(string); !is {
			return nil // a name that is no text is nobody's: no sign-in finds it
		}
		all[o.Name] = standing{Name: o.Name, Role: o.Role, Disabled: o.Disabled, PIN: pin}
		return nil
	})
	return all, err
}

// differ says how the table differs from the chain, by name.
func differ(have, want map[string]standing) map[string]chain.MisfitError {
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

// both reads who everybody is by the chain, and by the table.
func both(each chain.Reading, by string) (want, have map[string]standing, adopted bool, err error) {
	if want, adopted, err = chained(each, by); err == nil {
		have, err = stored(each)
	}
	return want, have, adopted, err
}

// Check holds the operators against the chain, for journal.Verify. Error:
// *chain.MisfitError for the first who does not fit.
func Check(each chain.Reading) error {
	want, have, _, err := both(each, unindexed)
	if err != nil {
		return err
	}
	found := differ(have, want)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		misfit := found[name]
		return &misfit
	}
	return nil
}

// Restore makes the table what the chain says, and documents each difference;
// it belongs to every start. Who is not in the chain is disabled, unless nobody
// else could manage: then the event that made them is among what was lost. A
// journal whose events carry no PINs gets them from the table, once.
func (p *People) Restore(ctx context.Context) error {
	want, have, adopted, err := both(p.reading(ctx), "")
	if err != nil || len(differ(have, want)) == 0 && (adopted || !unknownPIN(want)) {
		return err
	}
	return p.restore(ctx) // what is written is not to rest on an index
}

func (p *People) restore(ctx context.Context) error {
	want, have, adopted, err := both(p.reading(ctx), unindexed)
	if err != nil {
		return err
	}
	found := differ(have, want)
	unknown := !adopted && unknownPIN(want)
	if len(found) == 0 && !unknown {
		return nil
	}
	managed := slices.ContainsFunc(slices.Collect(maps.Values(want)), func(s standing) bool { return s.Role == Manager && !s.Disabled })
	return p.journal().Write(ctx, func(t *journal.Tx) error {
		for _, name := range slices.Sorted(maps.Keys(found)) {
			s, is := want[name]
			if !is {
				s = have[name]
				s.Disabled = s.Disabled || managed
			}
			if s.PIN == "" {
				s.PIN = have[name].PIN // "" matches nothing
			}
			err := t.Conn().Exec(`INSERT INTO operators (name, role, pin, disabled, failures, locked_until, created_at) VALUES (?1,?2,?3,?4,0,'',?5)
				ON CONFLICT (name) DO UPDATE SET role=?2, pin=?3, disabled=?4`, name, string(s.Role), s.PIN, map[bool]int64{true: 1}[s.Disabled], stamp(p.now()))
			if err == nil {
				err = t.Append(chain.RestoredEvent, struct {
					chain.MisfitError
					Operators []standing `json:"operators"`
				}{found[name], []standing{s}})
			}
			if err != nil {
				return err
			}
		}
		if !unknown {
			return nil
		}
		now, err := stored(t.Conn().Each)
		if err != nil {
			return err
		}
		list := slices.SortedFunc(maps.Values(now), func(a, b standing) int { return strings.Compare(a.Name, b.Name) })
		return t.Append(adoptedEvent, map[string]any{"operators": list})
	})
}
