// Package lookup prints what the platform, or the catalog, knows of an id. It asks
// the desk and changes nothing.
package lookup

import (
	"bufio"
	"context"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/output"
	"counterfoil/screens/cli/stream"
)

// Looker prints one look-up.
type Looker struct {
	*output.Printer
	Root       api.ID
	Pending    map[string]int // open operations by id
	Unstored   bool           // the answer is not stored: it is printed while it arrives
	Unasked    error          // why the platform cannot be asked, nil where it can
	Say        func(id string, args map[string]any)
	SayTrouble func(error)

	arrival arrival
	out     rows
}

// arrival is how far an answer was printed while it came.
type arrival struct {
	nodes int           // printed so far
	seen  stream.Hashes // what was printed, to leave repeats out
	held  []api.Node    // the first of an answer that may still be printed whole
	begun bool          // rows are printed as they arrive
}

// holds keeps a node back while all of the answer may still be printed with counts.
func (a *arrival) holds(n api.Node) bool {
	a.begun = a.begun || len(a.held) >= printedWhole
	if !a.begun {
		a.held = append(a.held, n)
	}
	return !a.begun
}

// unheld returns the nodes held back, and holds none from then on.
func (a *arrival) unheld() []api.Node {
	held := a.held
	a.held = nil
	return held
}

// rows hold what is printed for a moment.
type rows struct {
	*bufio.Writer
	wrote time.Time // when they were last written out
}

// printedWhole is up to how many nodes an answer is printed once it is whole,
// each reel, package and box with its counts: several boxes of the usual size.
// A larger one is printed while it arrives, when its counts are not known yet.
const printedWhole = 1000

// writeOut is how long a row may wait for others to be written with.
const writeOut = 50 * time.Millisecond

// Print looks the id up and prints the answer, or what the catalog holds of it.
// Errors: those of Desk.Lookup.
func (l *Looker) Print(ctx context.Context) error {
	l.out.Writer = bufio.NewWriterSize(l.Out, 32<<10)
	l.Out = l.out
	return errors.Join(l.print(ctx), l.out.Flush())
}

// take prints a node of the answer, or holds it back.
func (l *Looker) take(n api.Node) error {
	if l.arrival.holds(n) {
		return nil
	}
	for _, n := range append(l.arrival.unheld(), n) {
		if err := l.arrived(n, nil); err != nil {
			return err
		}
	}
	if now := time.Now(); now.Sub(l.out.wrote) >= writeOut {
		l.out.wrote = now
		return l.out.Flush()
	}
	return nil
}

func (l *Looker) print(ctx context.Context) error {
	l.arrival.begun = l.Unstored && !l.JSON
	card, err := l.Desk.Lookup(ctx, l.Root, l.take)
	switch {
	case err != nil:
		if l.JSON && l.arrival.nodes > 0 {
			_ = l.Line(endLine{Nodes: l.arrival.nodes})
		}
		if l.Unasked != nil && offline.KindOf(err) == offline.ErrNothingKnown {
			return l.Unasked
		}
		return err
	case !card.Fresh && l.arrival.nodes > 0:
		// The answer broke off: what was printed proves nothing, and the catalog keeps what it had.
		if l.JSON {
			_ = l.Line(endLine{Nodes: l.arrival.nodes})
		}
		if card.Trouble != nil {
			return card.Trouble
		}
		return &offline.Error{Kind: offline.ErrUnreachable}
	case !card.Fresh:
		if card.Trouble != nil {
			l.SayTrouble(card.Trouble)
		}
		l.Say("cli.lookup.from_catalog", map[string]any{"At": l.Moment(&card.Node.SeenAt), "Age": l.age(card.Node.SeenAt)})
		return l.fromCatalog(ctx, card)
	case l.JSON:
		if err := l.counted(); err != nil {
			return err
		}
		return l.Line(endLine{true, true, l.arrival.nodes, card.Node.Counts})
	case l.arrival.begun:
		return l.sum(card)
	}
	return l.tree(ctx, card)
}

// sum ends a tree that was printed as it came with its counts, which are known
// only now.
func (l *Looker) sum(card offline.Card) error {
	if card.Node.Level == api.LevelCode {
		return nil
	}
	if card.Node.Codes == 0 {
		for _, n := range card.Node.Counts {
			card.Node.Codes += int64(n)
		}
	}
	return l.branch(card.Node, "", l.counts(card.Node))
}

// nodeLine is a node for scripts: public interface.
type nodeLine struct {
	Level      api.Level      `json:"level"`
	ID         string         `json:"id"`
	Parent     string         `json:"parent"`
	Status     string         `json:"status"`
	StatusText string         `json:"status_text"`
	Name       string         `json:"name"`
	FaceValue  string         `json:"face_value"`
	ValidFrom  string         `json:"valid_from"`
	ValidTo    string         `json:"valid_to"`
	Remaining  int            `json:"remaining"`
	Counts     map[string]int `json:"counts"` // null while not known
	Pending    int            `json:"pending"`
	SeenAt     time.Time      `json:"seen_at"`
}

// endLine closes a look-up for scripts. Verified says that the platform
// answered, signed, just now. Counts are those of the asked id.
type endLine struct {
	Complete bool           `json:"complete"`
	Verified bool           `json:"verified"`
	Nodes    int            `json:"nodes"`
	Counts   map[string]int `json:"counts,omitempty"`
}

// counted prints what was held back of an answer that is whole, with the codes
// below each node by their status.
func (l *Looker) counted() error {
	nodes := l.arrival.unheld()
	counts, above := map[string]map[string]int{}, map[string]string{}
	for _, n := range nodes {
		if _, again := above[n.ID]; again {
			continue
		}
		above[n.ID], counts[n.ID] = n.Parent, map[string]int{}
		for id := n.Parent; n.Level == api.LevelCode && counts[id] != nil; id = above[id] {
			counts[id][n.Status]++
		}
	}
	// What holds the asked id is shown with the one branch that was asked for.
	for id := above[string(l.Root)]; counts[id] != nil; id = above[id] {
		counts[id] = nil
	}
	for _, n := range nodes {
		if err := l.arrived(n, counts[n.ID]); err != nil {
			return err
		}
	}
	return nil
}

// arrived prints a node of the answer, the first time that it comes. counts is
// nil while it is not known what codes it holds.
func (l *Looker) arrived(n api.Node, counts map[string]int) error {
	if !l.arrival.seen.AddText(n.ID) {
		return nil
	}
	l.arrival.nodes++
	full := offline.Node{
		ID: n.ID, Level: n.Level, Parent: n.Parent, Status: n.Status, StatusText: n.StatusText, Name: n.Name,
		FaceValue: n.FaceValue, ValidFrom: n.ValidFrom, ValidTo: n.ValidTo, Remaining: n.Remaining, SeenAt: time.Now(), Counts: counts,
	}
	if n.Level == api.LevelCode {
		full.Counts = map[string]int{n.Status: 1}
	}
	if l.JSON {
		return l.node(full)
	}
	return l.branch(full, l.indent(n.Level), "")
}

func (l *Looker) node(n offline.Node) error {
	return stream.WriteLine(l.Out, nodeLine{
		Level: n.Level, ID: l.ID(n.ID), Parent: n.Parent, Status: n.Status, StatusText: n.StatusText,
		Name: n.Name, FaceValue: n.FaceValue, ValidFrom: n.ValidFrom, ValidTo: n.ValidTo, Remaining: n.Remaining,
		Counts: n.Counts, Pending: l.Pending[n.ID], SeenAt: n.SeenAt,
	}, l.Zone, json.FormatNilMapAsNull(true))
}

// fromCatalog prints what the catalog holds of the id.
func (l *Looker) fromCatalog(ctx context.Context, card offline.Card) error {
	if !l.JSON {
		return l.tree(ctx, card)
	}
	nodes := 0
	err := l.walk(ctx, card.Node, "", "", func(n offline.Node, _ string) error {
		nodes++
		if n.Counts == nil {
			n.Counts = map[string]int{}
		}
		return l.node(n)
	})
	if err != nil {
		return err
	}
	return l.Line(endLine{true, false, nodes, card.Node.Counts})
}
