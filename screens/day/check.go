package day

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/screens/slip"
	"counterfoil/ui"
)

// check is the platform being asked, for a close or by itself.
type check struct {
	cancel   context.CancelFunc
	progress atomic.Pointer[offline.ReconcileProgress]
}

type (
	// checked says what the platform's book was found to be.
	checked struct {
		check *check
		found offline.Reconciliation
		err   error
	}
	// done says what came of a close.
	done struct {
		check   *check
		request closing
		reports []offline.DayReport
		path    string
		unsaved bool
		err     error
	}
	// closing is a close as it was asked for.
	closing struct {
		open      int
		unchecked bool // a manager wants it without the platform's word
	}
)

// Failure implements screen.Failing.
func (m checked) Failure() error { return m.err }

// Failure implements screen.Failing.
func (m done) Failure() error { return m.err }

// begin makes a context for a check, which Esc ends.
func (s *day) begin() (context.Context, *check) {
	ctx, cancel := context.WithCancel(s.env.Context)
	s.check = &check{cancel: cancel}
	return ctx, s.check
}

func (c *check) told(p offline.ReconcileProgress) { c.progress.Store(&p) }

// reconcile asks the platform about the report in front, or about one id.
func (s *day) reconcile(id string) tea.Cmd {
	env, r := s.env, offline.ReconcileRequest{ID: id}
	if s.z != nil {
		r.Z = s.z.Z
	}
	ctx, c := s.begin()
	r.Each = c.told
	return screen.Reply(screen.BusinessDay, func() tea.Msg {
		defer c.cancel()
		found, err := env.Desk.Reconcile(ctx, env.Session, r)
		return checked{c, found, err}
	})
}

func (s *day) checked(msg checked) tea.Cmd {
	if msg.check != s.check {
		return nil // of a screen that was left
	}
	s.check = nil
	e, sum := s.env, msg.found.Sum
	args := map[string]any{"Of": ui.Grouped(sum.Of), "Answered": ui.Grouped(sum.Answered), "Differences": ui.Grouped(sum.Differences), "Silent": ui.Grouped(sum.Silent)}
	say := screen.Say(e.T("day.agree", args), ui.Good)
	switch {
	case errors.Is(msg.err, context.Canceled):
		return screen.Say(e.T("day.check_stopped"), ui.Queued)
	case msg.err != nil:
		return screen.Say(e.Problem(msg.err), ui.Bad)
	case sum.Differences > 0 || sum.Silent > 0:
		say = screen.Say(e.T("day.differ", args), ui.Queued)
		s.show(tabDifferences)
	}
	return tea.Batch(s.load(true), say)
}

// ask asks for the close: the number of what is still open is typed.
func (s *day) ask() tea.Cmd {
	x := s.x
	return screen.Ask(screen.BusinessDay, tagClose, closing{open: len(x.Open)}, func() *ui.Dialog { return s.dialog(&x) })
}

func (s *day) dialog(x *offline.DayReport) *ui.Dialog {
	e := s.env
	count := func(ops, fen int64) string { return strconv.FormatInt(ops, 10) + "  " + e.Money(fen) }
	d := &ui.Dialog{Title: e.T("day.close_title"), Yes: "day.close", Tone: ui.Manager, Final: len(x.Open) > 0, Facts: []ui.Fact{
		{Label: e.T("day.day"), Value: x.Day},
		{Label: e.T("day.accepted"), Value: count(x.Accepted.Ops, x.Accepted.Fen)},
		{Label: e.T("day.active"), Value: count(x.Outcomes.Active.Ops, x.Outcomes.Active.Fen)},
		{Label: e.T("day.open"), Value: count(x.StillOpen.Ops, x.StillOpen.Fen)},
	}, Lines: []string{e.T("day.close_sure")}}
	if n := len(x.Open); n > 0 {
		d.Asks = []ui.Ask{ui.ConfirmAsk(e.T("day.open_number"), strconv.Itoa(n), e.T("day.open_wrong"))}
	}
	return d
}

// close closes the day with what was confirmed, and keeps the slips. It asks the
// platform first.
func (s *day) close(r closing) tea.Cmd {
	env := s.env
	ctx, c := s.begin()
	return screen.Reply(screen.BusinessDay, func() tea.Msg {
		defer c.cancel()
		reports, err := env.Desk.CloseDay(ctx, env.Session, offline.CloseRequest{Open: r.open, Check: !r.unchecked, Each: c.told})
		d := done{check: c, request: r, reports: reports, err: err}
		for i := range reports {
			path, err := slip.Keep(env.Desk, env.Words, &reports[i])
			d.path, d.unsaved = path, d.unsaved || err != nil
		}
		return d
	})
}

// done shows what came of a close. Where the check was stopped it asks whether to
// close without it; where another number is open now, for that.
func (s *day) done(msg done) tea.Cmd {
	if msg.check != s.check {
		return nil // of a screen that was left
	}
	s.check = nil
	e := s.env
	switch {
	case errors.Is(msg.err, context.Canceled):
		return screen.Ask(screen.BusinessDay, tagClose, closing{msg.request.open, true}, func() *ui.Dialog {
			return &ui.Dialog{Title: e.T("day.close_unchecked"), Lines: []string{e.T("day.unchecked_sure")}, Yes: "day.close", Tone: ui.Manager}
		})
	case offline.KindOf(msg.err) == offline.ErrStillOpen:
		s.reading.asks = true
		return s.load(true)
	case msg.err != nil:
		return screen.Say(e.Problem(msg.err), ui.Bad)
	}
	z := msg.reports[len(msg.reports)-1]
	s.z, s.top = &closed{DayReport: z}, 0
	args := map[string]any{"Z": z.Z, "File": msg.path, "N": z.Copy, "Differences": z.Checked.Differences}
	id, tone, tab := "day.closed", ui.Good, tabOpen
	switch {
	case z.Copy > 0:
		id, tone = "day.nothing_new", ui.Queued
	case msg.unsaved:
		id, tone = "day.unsaved", ui.Queued
	case z.Checked.Differences > 0:
		id, tone, tab = "day.closed_differs", ui.Queued, tabDifferences
	case z.Checked.Skipped:
		id, tone = "day.closed_unchecked", ui.Queued
	}
	s.show(tab)
	return tea.Batch(s.load(true), screen.Say(e.T(id, args), tone))
}
