package lookup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/output"
)

// childrenPage is how many children are read at a time.
const childrenPage = 500

// levels from the top; a branch is indented by its distance from the asked one.
var levels = []api.Level{api.LevelBox, api.LevelPackage, api.LevelReel, api.LevelCode}

// walk visits a node and all below it, parents first. lines are those of the
// tree in front of the node, below those in front of its children's.
func (l *Looker) walk(ctx context.Context, n offline.Node, lines, below string, visit func(n offline.Node, lines string) error) error {
	if err := visit(n, lines); err != nil || n.Level == api.LevelCode || n.Children == 0 {
		return err
	}
	// One more is read than visited, to know which is the last.
	page := offline.Page{Parent: n.ID, Limit: childrenPage + 1}
	for more := true; more; {
		children, err := l.Desk.Children(ctx, page)
		if err != nil {
			return err
		}
		if more = len(children) > childrenPage; more {
			children = children[:childrenPage]
			page.After = children[childrenPage-1].Key
		}
		for i, child := range children {
			branch, under := "├─ ", "│  "
			if !more && i == len(children)-1 {
				branch, under = "└─ ", "   "
			}
			if err := l.walk(ctx, child, below+branch, below+under, visit); err != nil {
				return err
			}
		}
	}
	return nil
}

// tree draws what the catalog holds of the asked id.
func (l *Looker) tree(ctx context.Context, card offline.Card) error {
	if len(card.Path) > 0 {
		var above []string
		for _, n := range card.Path {
			above = append(above, output.Joined(l.Words.T("cli.level."+string(n.Level))+" "+n.ID, l.open(n)))
		}
		fmt.Fprintln(l.Out, strings.Join(above, " › "))
	}
	err := l.walk(ctx, card.Node, "", "", func(n offline.Node, lines string) error { return l.branch(n, lines, l.counts(n)) })
	if err != nil {
		return err
	}
	if card.AmountOK && card.Node.Counts[api.StatusInactive] > 0 {
		fmt.Fprintln(l.Out, l.Words.T("cli.lookup.amount", map[string]any{"Amount": l.Yuan(card.AmountFen)}))
	}
	return nil
}

// branch prints one node of the tree.
func (l *Looker) branch(n offline.Node, lines, counts string) error {
	var parts []string
	if n.Level == api.LevelCode {
		parts = []string{output.StatusSign(n.Status) + " " + l.ID(n.ID), l.Status(n), n.Name, n.FaceValue, l.validity(n), l.remaining(n)}
	} else {
		parts = []string{l.Words.T("cli.level."+string(n.Level)) + " " + n.ID, n.Name, counts}
	}
	_, err := fmt.Fprintln(l.Out, lines+output.Joined(append(parts, l.open(n))...))
	return err
}

// open says how many operations are open here on the node.
func (l *Looker) open(n offline.Node) string {
	if l.Pending[n.ID] == 0 {
		return ""
	}
	return l.Words.T("cli.lookup.pending", map[string]any{"N": l.Pending[n.ID]})
}

// indent stands in for the tree's lines while it is not known which child is the last.
func (l *Looker) indent(level api.Level) string {
	below := slices.Index(levels, level) - slices.Index(levels, l.Root.Level())
	return strings.Repeat("   ", max(0, below))
}

func (l *Looker) validity(n offline.Node) string {
	if n.ValidFrom == "" && n.ValidTo == "" {
		return ""
	}
	return day(n.ValidFrom) + "–" + day(n.ValidTo)
}

// day shortens the platform's yyyyMMddHHmmss to the day.
func day(moment string) string {
	if len(moment) < 8 {
		return moment
	}
	return moment[:4] + "-" + moment[4:6] + "-" + moment[6:8]
}

func (l *Looker) remaining(n offline.Node) string {
	if n.Remaining < 0 {
		return ""
	}
	return l.Words.T("cli.lookup.remaining", map[string]any{"N": n.Remaining})
}

// age says how long ago something was seen, in the largest unit that fits.
func (l *Looker) age(at time.Time) string {
	d := time.Since(at)
	switch {
	case d < time.Minute:
		return l.Words.T("cli.age.seconds", map[string]any{"N": int(d.Seconds())})
	case d < 2*time.Hour:
		return l.Words.T("cli.age.minutes", map[string]any{"N": int(d.Minutes())})
	case d < 48*time.Hour:
		return l.Words.T("cli.age.hours", map[string]any{"N": int(d.Hours())})
	}
	return l.Words.T("cli.age.days", map[string]any{"N": int(d.Hours() / 24)})
}

// counts says how many codes a node holds in each status.
func (l *Looker) counts(n offline.Node) string {
	if n.Level == api.LevelCode {
		return ""
	}
	return l.Counts(n.Codes, n.Counts)
}
