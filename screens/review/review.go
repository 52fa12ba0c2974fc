// Package review is the screen of what happened to a voucher: the platform's
// records of a code, or of every code of a reel, package or box, this counter's
// own operations beside them, sums, and what is worth a look. Fetching, sorting,
// filtering and judging are the desk's.
package review

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

type review struct {
	env *screen.Env
	place
	back   []place // where Esc leads, as one stood there
	entry  entry
	fetch  *fetch
	size   screen.Sized
	wanted api.ID // what a manager is asked to open
}

// entry is a text being typed: an id, or what is looked for.
type entry struct {
	what  string // entryID, entryFind; "" for none
	field ui.Field
}

const (
	entryID   = "review.number"
	entryFind = "tree.find_label"
)

// The tabs.
const (
	tabRecords = iota
	tabSums
	tabMarks
	tabs
)

// sorts are the orders, by column.
var sorts = []offline.RecordSort{"at", "code", "kind", "shop", "tid", "marks"}

// New returns the review.
func New(env *screen.Env) screen.Screen {
	return &review{env: env, place: newPlace("")}
}

// Renewed implements screen.Lasting: where one stood is kept for who may stand there.
func (s *review) Renewed(env *screen.Env) screen.Screen {
	s.stop()
	next := New(env).(*review)
	if s.id.Level() == api.LevelCode || env.Session.Role.May(offline.Review) {
		next.place = newPlace(s.id)
		next.query, next.tab = s.query, s.tab
	}
	return next
}

func (s *review) TakesScans() bool { return true }
func (s *review) Typing() bool     { return s.entry.what != "" }
func (s *review) Busy() bool       { return s.fetch != nil }

// Head implements screen.Headed.
func (s *review) Head() int { return 1 }

// room is how many records are in sight. Below a table that stands alone is a line
// for the rest of what its lower edge says.
func (s *review) room() int {
	if s.size.Width < ui.Beside {
		return ui.TableRoom(s.size.Height - s.Head() - 1)
	}
	return ui.TableRoom(s.size.Height - s.Head())
}

// InHand implements screen.Holder.
func (s *review) InHand() (id api.ID, asked bool) {
	if r, ok := s.list.At(); ok && r.record != nil && s.tab == tabRecords && !s.isCode() {
		return api.ID(r.record.Code), false
	}
	return s.id, s.asked
}

// Slow implements screen.SlowTaker: what a machine typed is reviewed, where it is an id.
func (s *review) Slow(in scan.Input) tea.Cmd {
	if id, err := api.ParseID(in.Scan.Text); err == nil {
		return s.open(id, true)
	}
	if in.Silent() {
		return nil
	}
	return s.env.EnterAgain()
}

func (s *review) Bindings() []ui.Binding {
	back := ui.Binding{Keys: []string{"esc"}, Words: "keys.back"}
	number := ui.Binding{Keys: []string{"i"}, Words: "review.number"}
	switch {
	case s.entry.what == entryID:
		return []ui.Binding{{Keys: []string{"enter"}, Words: "review.open"}, {Keys: []string{"esc"}, Words: "ui.cancel"}}
	case s.entry.what != "":
		return []ui.Binding{{Keys: []string{"enter"}, Words: "tree.find_done"}, {Keys: []string{"esc"}, Words: "ui.cancel"}}
	case s.id == "":
		return []ui.Binding{number, back}
	}
	tab := ui.Binding{Keys: []string{"tab", "right", "left"}, Show: s.env.Theme.Tab, Words: "review.tab"}
	again := ui.Binding{Keys: []string{"r"}, Words: "tree.look_up"}
	if s.fetch != nil && !s.isCode() {
		again = ui.Binding{Keys: []string{"esc"}, Words: "tree.stop"}
	}
	whole := ui.Binding{Keys: []string{"u"}, Words: "review.unmask"}
	if !s.env.May(offline.Unmask) {
		whole.Reason = "reason.manager"
	}
	open := ui.Binding{Keys: []string{"enter"}, Words: "review.open"}
	file := ui.Binding{Keys: []string{"e"}, Words: "review.write_case"}
	if s.masked(s.about()) && whole.Reason != "" {
		file.Reason = whole.Reason
	}
	switch r, ok := s.list.At(); {
	case s.tab == tabSums:
		return []ui.Binding{tab, {Keys: []string{"up", "down"}, Show: "↑↓", Words: "keys.scroll"}, again, file, number, back}
	case s.tab == tabMarks:
		if s.marked() == nil {
			open.Reason = "reason.nothing_here"
		}
		return []ui.Binding{open, tab, again, whole, file, number, back}
	case !ok || r.record == nil || s.isCode():
		open.Reason = "reason.nothing_here"
	}
	none := ui.Binding{Keys: []string{"c"}, Words: "review.clear"}
	if !s.query.Narrows() {
		none.Reason = "reason.no_filter"
	}
	return []ui.Binding{open, tab, {Keys: []string{"s"}, Words: "review.sort"}, {Keys: []string{"o"}, Words: "review.turn"},
		{Keys: []string{"f"}, Words: "review.filter"}, {Keys: []string{"/"}, Show: "/", Words: "tree.find"}, none, again, whole,
		file, number, back}
}

func (s *review) isCode() bool { return s.id.Level() == api.LevelCode }

func (s *review) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.Shown:
		if msg.Place != "" && msg.Place != s.id {
			return s.open(msg.Place, msg.Asked)
		}
		s.asked = s.asked || msg.Asked && msg.Place != ""
		return s.refresh()
	case screen.Opened:
		if s.wanted != "" {
			return s.open(s.wanted, true) // no code: it has nothing to hide
		}
	case screen.Scanned:
		return s.named(msg.Text)
	case screen.Pasted:
		return s.paste(msg.Lines[0])
	case screen.Sized:
		s.size = msg
		s.list.SetHeight(s.room())
		return s.more()
	case screen.Changed:
		return s.refresh()
	case screen.Key:
		return s.key(msg)
	}
	return s.took(msg)
}

func (s *review) paste(text string) tea.Cmd {
	if s.entry.what != "" {
		s.entry.field.Paste(text)
		return s.look()
	}
	return s.named(text)
}

// named reviews what a text names.
func (s *review) named(text string) tea.Cmd {
	if id, err := api.ParseID(text); err == nil {
		return s.open(id, true)
	}
	return screen.Say(s.env.NotAnID(text), ui.Bad)
}

func (s *review) key(k screen.Key) tea.Cmd {
	key := k.Name()
	if s.entry.what != "" {
		return s.typed(k.Key)
	}
	page := s.room()
	if by, moves := map[string]int{"up": -1, "down": 1, "pgup": -page, "pgdown": page}[key]; moves {
		if s.tab != tabRecords {
			s.scroll = max(min(s.scroll+by, s.lowest()), 0)
			return nil
		}
		s.moved = true
		s.list.Move(by)
		return s.more()
	}
	known := key == "home" || key == "end"
	for _, b := range s.Bindings() {
		if !b.Matches(k.Key) {
			continue
		}
		if known = true; b.Reason != "" {
			return screen.Say(s.env.T(b.Reason), ui.Queued)
		}
	}
	if !known { // it does nothing here, not even unseen
		return nil
	}
	switch key {
	case "home", "end":
		s.scroll, s.moved = 0, key == "end"
		return s.rows(nil, key == "end", true)
	case "tab", "right":
		s.tab, s.scroll = (s.tab+1)%tabs, 0
	case "left":
		s.tab, s.scroll = (s.tab+tabs-1)%tabs, 0
	case "enter":
		if s.tab == tabMarks {
			return s.show(s.marked())
		}
		if r, ok := s.list.At(); ok && r.record != nil && !s.isCode() && s.tab == tabRecords {
			return s.open(api.ID(r.record.Code), s.whole)
		}
	case "i":
		s.entry = entry{what: entryID, field: ui.Field{Max: api.MaxIDLength}}
	case "esc":
		if s.fetch != nil && !s.isCode() {
			s.stop()
			return s.sum()
		}
		return s.leave()
	}
	if s.id == "" {
		return nil
	}
	return s.act(key)
}

// act is what the letters do with the records.
func (s *review) act(key string) tea.Cmd {
	q := &s.query
	switch key {
	case "r": // first what is missing still
		s.stop()
		return s.begin(!s.summed || s.totals.Unanswered == 0)
	case "e":
		return s.writeCase()
	case "u":
		return s.unmask()
	case "/":
		s.tab, s.entry = tabRecords, entry{what: entryFind}
		return nil
	case "s":
		q.Sort = sorts[(slices.Index(sorts, q.Sort)+1)%len(sorts)]
		if q.Sort == "code" && s.isCode() {
			q.Sort = "kind"
		}
		q.Desc = q.Sort == "at" || q.Sort == "marks"
	case "o":
		q.Desc = !q.Desc
	case "c":
		q.Filter = offline.RecordFilter{}
	case "f":
		if !s.filter() {
			return nil
		}
	default:
		return nil
	}
	return s.rows(s.near(), false, true)
}

// filter keeps the records that are like the chosen one in the column by which
// they are sorted.
func (s *review) filter() bool {
	r, ok := s.list.At()
	if !ok || r.record == nil {
		return false
	}
	q := &s.query
	switch q.Sort {
	case "kind":
		q.Kind = r.record.Kind
	case "shop":
		q.Shop = r.record.ShopNo
	case "tid":
		q.TID = r.record.TID
	case "code":
		q.Text = r.record.Code
	case "marks":
		if len(r.record.Marks) > 0 {
			q.Mark = r.record.Marks[0]
		}
	default:
		at := r.record.At
		if at.IsZero() {
			return false
		}
		y, m, d := at.Date()
		q.From = time.Date(y, m, d, 0, 0, 0, 0, at.Location())
		q.To = q.From.AddDate(0, 0, 1)
	}
	return true
}

// typed takes a key of the text being typed.
func (s *review) typed(k tea.KeyPressMsg) tea.Cmd {
	switch text := s.entry.field.Text(); {
	case k.Keystroke() == "enter" && s.entry.what == entryID:
		return s.named(text)
	case k.Keystroke() == "enter":
		s.entry = entry{}
		return nil
	case k.Keystroke() == "esc":
		find := s.entry.what == entryFind
		if s.entry = (entry{}); find {
			return s.look()
		}
		return nil
	}
	s.entry.field.Key(k)
	return s.look()
}

// look has the records hold what is being typed.
func (s *review) look() tea.Cmd {
	if s.entry.what == entryID || s.query.Text == s.entry.field.Text() {
		return nil
	}
	s.query.Text = s.entry.field.Text()
	return s.rows(nil, false, true)
}
