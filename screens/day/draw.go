package day

import (
	"strconv"
	"strings"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/screens/slip"
	"counterfoil/ui"
)

// The views beside the slip.
const (
	tabOpen      = "day.tab_open"
	tabOperators = "day.tab_operators"
	tabKinds     = "day.tab_kinds"
	tabStates    = "day.tab_states"
	tabHours     = "day.tab_hours"
	tabCloses    = "day.tab_closes"
)

var tabs = []string{tabOpen, tabOperators, tabKinds, tabStates, tabHours, tabCloses}

// frame is what the slip's box takes beside its text.
const frame = 4

// beside reports room for the table beside the slip; else it stands below.
func beside(width int) bool { return width >= slip.Width+frame+34 }

func (s *day) tableHeight(width, height int) int {
	if beside(width) {
		return height
	}
	return height / 2
}

// fill makes the rows of the tab in front.
func (s *day) fill(stay bool) {
	e, r := s.env, s.report()
	sum := func(name string, ops, fen int64) []string {
		return []string{name, strconv.FormatInt(ops, 10), screen.Money(fen)}
	}
	var rows [][]string
	switch tabs[s.tab] {
	case tabOpen:
		for _, o := range r.Open {
			rows = append(rows, []string{e.Mask(o.ID), e.T("state." + string(o.State)), screen.Money(o.AmountFen), e.When(o.AcceptedAt)})
		}
	case tabOperators:
		for _, o := range r.Operators {
			rows = append(rows, sum(o.Name, o.Ops, o.Fen))
		}
	case tabKinds:
		for _, k := range r.Kinds {
			rows = append(rows, sum(e.T("kind."+k.Name), k.Ops, k.Fen))
		}
	case tabStates:
		out := r.Outcomes
		rows = [][]string{
			sum(e.T("state.active"), out.Active.Ops, out.Active.Fen), sum(e.T("state.void"), out.Void.Ops, out.Void.Fen),
			sum(e.T("state.refused"), out.Refused.Ops, out.Refused.Fen), sum(e.T("state.withdrawn"), out.Withdrawn.Ops, out.Withdrawn.Fen),
			sum(e.T("state.settled"), out.Settled.Ops, out.Settled.Fen), sum(e.T("day.open"), r.StillOpen.Ops, r.StillOpen.Fen),
		}
	case tabHours:
		for _, h := range r.Hours {
			rows = append(rows, []string{h.Hour[5:10] + " " + h.Hour[11:] + ":00", strconv.FormatInt(h.Accepted.Ops, 10),
				strconv.FormatInt(h.Active.Ops, 10), screen.Money(h.Active.Fen)})
		}
	case tabCloses:
		if list := slip.List(e.Words, s.closes, e.Zone); len(list) > 0 {
			rows = list[1:]
		}
	}
	s.list.Put(rows, 0, stay, true, true)
}

// columns are those of a tab.
func (s *day) columns() []ui.Column {
	e := s.env
	name := ui.Column{Title: e.T("day.name"), Width: 24, Least: 8, Middle: true, Grow: true}
	ops, fen := ui.Column{Title: e.T("slip.ops"), Width: 4, Right: true}, ui.Column{Title: e.T("day.yuan"), Width: 6, Right: true}
	switch tabs[s.tab] {
	case tabOpen:
		name.Title = e.T("day.id")
		return []ui.Column{name, {Title: e.T("people.state"), Width: 7}, fen, {Title: e.T("day.since"), Width: 11, Optional: true}}
	case tabHours:
		name.Title, name.Least, fen.Optional = e.T("day.hour"), 11, true
		return []ui.Column{name, {Title: e.T("day.accepted"), Width: 8, Right: true}, {Title: e.T("day.active"), Width: 6, Right: true}, fen}
	case tabCloses:
		title := func(id string, width int, optional bool) ui.Column {
			return ui.Column{Title: e.T("slip.title." + id), Width: width, Optional: optional}
		}
		return []ui.Column{title("number", 8, false), title("day", 10, false), title("part", 4, true), title("at", 16, true),
			title("by", 6, true), title("accepted", 8, true), title("amount", 10, true), title("open", 10, true)}
	}
	return []ui.Column{name, ops, fen}
}

func (s *day) View(width, height int) string {
	e := s.env
	if !s.read {
		return ui.Block(ui.Center(e.Problem(s.problem), width), width, height)
	}
	paper := func(width, height int) string {
		lines := strings.Split(strings.TrimRight(slip.Text(e.Words, s.report()), "\n"), "\n")
		lines = lines[min(s.top, max(len(lines)-(height-2), 0)):]
		return e.Theme.Box(e.Theme.Title(e.T("day.title")), "", lines, width, height, ui.Plain)
	}
	wide := slip.Width + frame
	if beside(width) {
		left, right := strings.Split(paper(wide, height), "\n"), strings.Split(s.table(width-wide, height), "\n")
		for i := range left {
			left[i] += right[i]
		}
		return strings.Join(left, "\n")
	}
	below := s.tableHeight(width, height)
	return paper(width, height-below) + "\n" + s.table(width, below)
}

func (s *day) table(width, height int) string {
	e := s.env
	rows, cursor := s.list.Rows()
	var views []ui.Tab
	for _, id := range tabs {
		views = append(views, ui.Tab{Name: e.T(id), Count: int64(s.size(id))})
	}
	table := ui.Table{Title: ui.Tabs(e.Theme, views, s.tab, width-4), Columns: s.columns(), Rows: rows, Cursor: cursor,
		Total: int64(len(s.list.All())), Empty: e.T("day.none")}
	return table.View(e.Theme, width, height)
}

// size is the number that stands beside a view's name.
func (s *day) size(tab string) int {
	r := s.report()
	return map[string]int{tabOpen: len(r.Open), tabOperators: len(r.Operators), tabKinds: len(r.Kinds), tabStates: int(closed(r)),
		tabHours: len(r.Hours), tabCloses: len(s.closes)}[tab]
}

// closed counts the outcomes.
func closed(r *offline.DayReport) int64 {
	o := r.Outcomes
	return o.Active.Ops + o.Void.Ops + o.Refused.Ops + o.Withdrawn.Ops + o.Settled.Ops
}
