package day

import (
	"slices"
	"strconv"
	"strings"

	"counterfoil/offline"
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

	tabDifferences = "day.tab_differences"
)

var tabs = []string{tabOpen, tabDifferences, tabOperators, tabKinds, tabStates, tabHours, tabCloses}

// show brings a tab to the front.
func (s *day) show(tab string) {
	s.tab, s.page = slices.Index(tabs, tab), nil
	s.fill(false)
}

// frame is what the slip's box takes beside its text.
const frame = 4

// beside reports room for the table beside the slip; else it stands below.
func beside(width int) bool { return width >= slip.Width+frame+34 }

// alone reports that the platform's differences take the room of the slip too.
func (s *day) alone(width int) bool {
	return width < ui.Beside && (s.page != nil || tabs[s.tab] == tabDifferences)
}

// room is what the table has of the screen.
func (s *day) room(width, height int) (int, int) {
	switch {
	case s.alone(width):
		return width, height
	case beside(width):
		return width - slip.Width - frame, height
	}
	return width, height / 2
}

// fill makes the rows of the tab in front.
func (s *day) fill(stay bool) {
	e, r := s.env, s.report()
	var rows []row
	put := func(cells ...string) { rows = append(rows, row{key: cells[0], cells: cells}) }
	sum := func(name string, ops, fen int64) { put(name, strconv.FormatInt(ops, 10), e.Money(fen)) }
	switch tabs[s.tab] {
	case tabOpen:
		for _, o := range r.Open {
			amount := e.Money(o.AmountFen)
			if o.Kind == offline.Void {
				amount = e.Theme.Dash
			}
			m := e.StateMark(o.Kind, o.State)
			rows = append(rows, row{key: o.Op, id: o.ID, cells: []string{e.Mask(o.ID), e.Theme.Paint(m.Tone, m.String()), amount, e.When(o.AcceptedAt)}})
		}
	case tabDifferences:
		rows = s.differences()
	case tabOperators:
		for _, o := range r.Operators {
			sum(o.Name, o.Ops, o.Fen)
		}
	case tabKinds:
		for _, k := range r.Kinds {
			sum(e.T("kind."+k.Name), k.Ops, k.Fen)
		}
	case tabStates:
		out := r.Outcomes
		sum(e.T("state.active"), out.Active.Ops, out.Active.Fen)
		sum(e.T("state.void"), out.Void.Ops, out.Void.Fen)
		sum(e.T("state.refused"), out.Refused.Ops, out.Refused.Fen)
		sum(e.T("state.withdrawn"), out.Withdrawn.Ops, out.Withdrawn.Fen)
		sum(e.T("state.settled"), out.Settled.Ops, out.Settled.Fen)
		sum(e.T("day.open"), r.StillOpen.Ops, r.StillOpen.Fen)
	case tabHours:
		for _, h := range r.Hours {
			put(h.Hour[5:10]+" "+h.Hour[11:]+":00", strconv.FormatInt(h.Accepted.Ops, 10), strconv.FormatInt(h.Active.Ops, 10), e.Money(h.Active.Fen))
		}
	case tabCloses:
		for i, cells := range slip.List(e.Words, s.closes, e.Zone) {
			if i > 0 { // the titles
				rows = append(rows, row{key: cells[0], cells: cells, z: s.closes[i-1].Z})
			}
		}
	}
	s.resize()
	s.list.Put(rows, 0, stay, true, true)
}

// resize says how many rows can be seen.
func (s *day) resize() {
	_, high := s.room(s.size.Width, s.size.Height)
	s.list.SetHeight(ui.TableRoom(high))
}

// columns are those of a tab.
func (s *day) columns() []ui.Column {
	e := s.env
	name := ui.Column{Title: e.T("day.name"), Width: 24, Least: 8, Middle: true, Grow: true}
	ops, fen := ui.Column{Title: e.T("slip.ops"), Width: 4, Right: true}, ui.Column{Title: e.T("day.yuan"), Width: 6, Right: true}
	switch tabs[s.tab] {
	case tabOpen:
		name.Title = e.T("queue.id")
		return []ui.Column{name, {Title: e.T("people.state"), Width: 7}, fen, {Title: e.T("day.since"), Width: 11, Optional: true}}
	case tabDifferences:
		name.Title, name.Grow = e.T("queue.id"), false
		return []ui.Column{name, {Title: e.T("day.what"), Width: 60, Least: 16, Grow: true}, {Title: e.T("day.codes"), Width: 6, Right: true, Optional: true}}
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
	if !s.read || s.problem != nil {
		return ui.Block(ui.Center(e.Problem(s.problem), width), width, height)
	}
	if head := s.head(width); head != "" {
		return head + "\n" + s.body(width, height-1)
	}
	return s.body(width, height)
}

// head says how far the platform has answered; "" while it is not asked.
func (s *day) head(width int) string {
	if s.check == nil {
		return ""
	}
	t, p := s.env.Theme, offline.ReconcileProgress{}
	if now := s.check.progress.Load(); now != nil {
		p = *now
	}
	return ui.Cut(" "+t.Paint(ui.Accent, t.Spin(s.env.Beat)+" "+s.env.T("day.asking", map[string]any{
		"Done": ui.Grouped(p.Done), "Left": ui.Grouped(p.Of - p.Done), "Rate": strconv.FormatFloat(p.Rate, 'f', 0, 64), "Silent": ui.Grouped(p.Silent)})), width)
}

func (s *day) body(width, height int) string {
	wide, high := s.room(width, height)
	switch {
	case s.alone(width):
		return s.table(width, height)
	case beside(width):
		left, right := strings.Split(s.paper(width-wide, height), "\n"), strings.Split(s.table(wide, high), "\n")
		for i := range left {
			left[i] += right[i]
		}
		return strings.Join(left, "\n")
	}
	return s.paper(width, height-high) + "\n" + s.table(wide, high)
}

// paper is the slip, with the notes on it below.
func (s *day) paper(width, height int) string {
	e := s.env
	lines := strings.Split(strings.TrimRight(slip.Text(e.Words, s.report()), "\n"), "\n")
	var notes []offline.DayNote
	if s.z != nil {
		notes = s.z.notes
	}
	for _, n := range notes {
		text := e.T("cli.close.note", map[string]any{"At": n.At.In(e.Zone).Format("01-02 15:04"), "By": n.By, "Text": n.Text})
		lines = append(append(lines, ""), ui.Wrap(text, slip.Width)...)
	}
	lines = lines[min(s.top, max(len(lines)-(height-2), 0)):]
	return e.Theme.Box(e.Theme.Title(e.T("day.title")), "", lines, width, height, ui.Plain)
}

func (s *day) table(width, height int) string {
	e := s.env
	if s.page != nil {
		return s.pageView(width, height)
	}
	rows, cursor := s.list.Rows()
	cells := make([][]string, len(rows))
	for i, r := range rows {
		cells[i] = r.cells
	}
	var views []ui.Tab
	for _, id := range tabs {
		views = append(views, ui.Tab{Name: e.T(id), Count: int64(s.count(id))})
	}
	table := ui.Table{Title: ui.Tabs(e.Theme, views, s.tab, width-6), Columns: s.columns(), Rows: cells, Cursor: cursor,
		Total: int64(len(s.list.All())), Empty: e.T("day.none")}
	if sum := s.last.Result.Sum; tabs[s.tab] == tabDifferences && !s.last.At.IsZero() {
		table.Foot = e.T("day.checked_at", map[string]any{"At": e.When(s.last.At), "Answered": ui.Grouped(sum.Answered), "Of": ui.Grouped(sum.Of)})
	}
	return table.View(e.Theme, width, height)
}

// count is the number that stands beside a view's name.
func (s *day) count(tab string) int {
	r, differ := s.report(), 0
	for _, d := range s.last.Result.Found {
		if d.Class != offline.Information {
			differ++
		}
	}
	return map[string]int{tabOpen: len(r.Open), tabOperators: len(r.Operators), tabKinds: len(r.Kinds), tabStates: int(outcomes(r)),
		tabHours: len(r.Hours), tabCloses: len(s.closes), tabDifferences: differ}[tab]
}

// outcomes counts them.
func outcomes(r *offline.DayReport) int64 {
	o := r.Outcomes
	return o.Active.Ops + o.Void.Ops + o.Refused.Ops + o.Withdrawn.Ops + o.Settled.Ops
}
