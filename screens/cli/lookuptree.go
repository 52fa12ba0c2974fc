package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
)

// childrenPage is how many children are read at a time.
const childrenPage = 500

// levels from the top; a branch is indented by its distance from the asked one.
var levels = []api.Level{api.LevelBox, api.LevelPackage, api.LevelReel, api.LevelCode}

// walk visits a node and all below it, parents first. last tells for each step
// from the root whether that node was its parent's last child.
func (l *looker) walk(ctx context.Context, n offline.Node, visit func(n offline.Node, last []bool) error) error {
	return l.walkFrom(ctx, n, nil, visit)
}

func (l *looker) walkFrom(ctx context.Context, n offline.Node, last []bool, visit func(offline.Node, []bool) error) error {
	if err := visit(n, last); err != nil {
		return err
	}
	if n.Level == api.LevelCode || n.Children == 0 {
		return nil
	}
	// One child is held back until the next is there, to know which is the last.
	var held *offline.Node
	page := offline.Page{Parent: n.ID, Limit: childrenPage}
	for {
		children, err := l.counter.Children(ctx, page)
		if err != nil {
			return err
		}
		for i := range children {
			if held != nil {
				if err := l.walkFrom(ctx, *held, append(slices.Clone(last), false), visit); err != nil {
					return err
				}
			}
			held = &children[i]
		}
		if len(children) < childrenPage {
			break
		}
		page.After = held.Key
	}
	if held == nil {
		return nil
	}
	return l.walkFrom(ctx, *held, append(slices.Clone(last), true), visit)
}

// tree draws what the catalog holds of the asked id.
func (l *looker) tree(ctx context.Context, card offline.Card) error {
	if len(card.Path) > 0 {
		var above []string
		for _, n := range card.Path {
			above = append(above, l.words.T("cli.level."+string(n.Level))+" "+n.ID)
		}
		fmt.Fprintln(l.Stdout, strings.Join(above, " › "))
	}
	err := l.walk(ctx, card.Node, func(n offline.Node, last []bool) error {
		lines := ""
		for i, end := range last {
			switch {
			case i < len(last)-1 && end:
				lines += "   "
			case i < len(last)-1:
				lines += "│  "
			case end:
				lines += "└─ "
			default:
				lines += "├─ "
			}
		}
		return l.branch(n, lines, l.countWords(n))
	})
	if err != nil {
		return err
	}
	if card.AmountOK && card.Node.Counts[api.StatusInactive] > 0 {
		fmt.Fprintln(l.Stdout, l.words.T("cli.lookup.amount", map[string]any{"Amount": yuan(card.AmountFen)}))
	}
	return nil
}

// branch prints one node of the tree.
func (l *looker) branch(n offline.Node, lines, counts string) error {
	var parts []string
	if n.Level == api.LevelCode {
		parts = []string{statusSign(n.Status) + " " + l.id(n.ID), l.status(n), n.Name, n.FaceValue, l.validity(n), l.remaining(n)}
	} else {
		parts = []string{l.words.T("cli.level."+string(n.Level)) + " " + n.ID, n.Name, counts}
	}
	if waiting := l.pending[n.ID]; waiting > 0 {
		parts = append(parts, l.words.T("cli.lookup.pending", map[string]any{"N": waiting}))
	}
	_, err := fmt.Fprintln(l.Stdout, lines+strings.Join(slicesWithout(parts, ""), "  "))
	return err
}

// indent stands in for the tree's lines while it is not known which child is the last.
func (l *looker) indent(level api.Level) string {
	below := slices.Index(levels, level) - slices.Index(levels, l.root.Level())
	return strings.Repeat("   ", max(0, below))
}

func (l *looker) status(n offline.Node) string {
	if word := l.words.T("cli.status." + n.Status); word != "cli.status."+n.Status {
		return word
	}
	return strings.TrimSpace(n.Status + " " + n.StatusText)
}

func statusSign(status string) string {
	switch status {
	case api.StatusActive:
		return "●"
	case api.StatusInactive:
		return "○"
	case api.StatusVoid:
		return "✖"
	}
	return "◌"
}

func (l *looker) validity(n offline.Node) string {
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

func (l *looker) remaining(n offline.Node) string {
	if n.Remaining < 0 {
		return ""
	}
	return l.words.T("cli.lookup.remaining", map[string]any{"N": n.Remaining})
}

// countWords says how many codes a node holds in each status.
func (l *looker) countWords(n offline.Node) string {
	if n.Level == api.LevelCode {
		return ""
	}
	parts := []string{l.words.T("cli.lookup.codes", map[string]any{"N": n.Codes})}
	for _, status := range sortedKeys(n.Counts) {
		word := l.status(offline.Node{Status: status})
		parts = append(parts, statusSign(status)+" "+strconv.Itoa(n.Counts[status])+" "+word)
	}
	return strings.Join(parts, "  ")
}

// countsText writes counts as "03×2 00×1", for evidence.
func countsText(counts map[string]int) string {
	var parts []string
	for _, status := range sortedKeys(counts) {
		parts = append(parts, status+"×"+strconv.Itoa(counts[status]))
	}
	return strings.Join(parts, " ")
}

func sortedKeys(counts map[string]int) []string {
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// age says how long ago something was seen, in the largest unit that fits.
func (l *looker) age(at time.Time) string {
	d := time.Since(at)
	switch {
	case d < time.Minute:
		return l.words.T("cli.age.seconds", map[string]any{"N": int(d.Seconds())})
	case d < 2*time.Hour:
		return l.words.T("cli.age.minutes", map[string]any{"N": int(d.Minutes())})
	case d < 48*time.Hour:
		return l.words.T("cli.age.hours", map[string]any{"N": int(d.Hours())})
	}
	return l.words.T("cli.age.days", map[string]any{"N": int(d.Hours() / 24)})
}
