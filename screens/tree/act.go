package tree

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// The tree's dialogs.
const (
	tagActivate = "activate"
	tagVoid     = "void"
	tagOffline  = "offline"
	tagManager  = "manager"
)

// job is the one operation that is being asked for.
type job struct {
	offline.Request
	asking bool            // the platform is asked what it is
	moving bool            // given to the desk, and its first answer awaited
	needs  screen.Approval // what a manager is asked for
}

type (
	asked struct {
		kind offline.Kind
		card offline.Card
		err  error
	}
	accepted struct {
		op  offline.Operation
		err error
	}
	waited struct {
		op  offline.Operation
		err error
	}
)

// notActivate is the message id of why a node cannot be activated now, "" where
// it can. What is known only in part proves nothing.
func (s *tree) notActivate(at *row) string {
	if reason := s.notAny(at); reason != "" {
		return reason
	}
	n := at.node
	switch {
	case s.pending.On[n.ID] > 0:
		return "reason.open"
	case n.Partial || n.Codes == 0 || n.Counts[api.StatusInactive] > 0:
		return ""
	case n.Counts[api.StatusActive] > 0:
		return "reason.active"
	}
	return "reason.not_inactive"
}

func (s *tree) notVoid(at *row) string {
	if reason := s.notAny(at); reason != "" {
		return reason
	}
	if n := at.node; !n.Partial && n.Codes > 0 && int64(n.Counts[api.StatusVoid]) == n.Codes {
		return "reason.void"
	}
	return ""
}

func (s *tree) notAny(at *row) string {
	switch {
	case at == nil:
		return "reason.nothing_here"
	case s.job.asking:
		return "reason.looking"
	case s.job.moving:
		return "reason.open"
	}
	return ""
}

// askedCodes is up to how many codes are looked up before an operation on
// them is asked for: what is larger is looked up when it is sent.
const askedCodes = 1000

// begin asks for an operation on the chosen node, by what the platform says of it now.
func (s *tree) begin(kind offline.Kind, reason string) tea.Cmd {
	if reason != "" {
		return screen.Say(s.env.T(reason), ui.Wait)
	}
	at, _ := s.list.At()
	env, id, small := s.env, api.ID(at.node.ID), at.node.Codes <= askedCodes
	s.job = job{asking: true}
	return screen.Reply(screen.Tree, func() tea.Msg {
		var card offline.Card
		var err error
		if small {
			card, err = env.Desk.Lookup(env.Context, id, nil)
		} else {
			card, err = env.Desk.Card(env.Context, id)
		}
		return asked{kind, card, err}
	})
}

func ask(tag string, d *ui.Dialog) tea.Cmd { return screen.Ask(screen.Tree, tag, d) }

func (s *tree) asked(msg asked) tea.Cmd {
	s.job = job{}
	if msg.err != nil {
		return screen.Say(s.env.Problem(msg.err), ui.Bad)
	}
	e, n := s.env, msg.card.Node
	reason := s.notVoid(&row{node: n})
	if msg.kind == offline.Activate {
		reason = s.notActivate(&row{node: n})
	}
	if reason != "" {
		return tea.Batch(screen.Say(e.T(reason), ui.Wait), s.reread())
	}
	s.job = job{Request: offline.Request{Kind: msg.kind, ID: api.ID(n.ID), Operator: e.Session}}
	lines := []string{e.T("level."+string(n.Level)) + "  " + e.Mask(n.ID)}
	if n.Name != "" {
		lines = append(lines, n.Name)
	}
	if n.Level != api.LevelCode && n.Codes > 0 {
		lines = append(lines, e.Codes(n.Codes))
	}
	if msg.kind == offline.Void {
		return ask(tagVoid, e.VoidDialog(lines))
	}
	amount := screen.AmountField()
	if msg.card.AmountOK {
		amount.Set(offline.Yuan(msg.card.AmountFen), true)
	}
	return ask(tagActivate, &ui.Dialog{
		Title: e.T("tree.activate_title"), Lines: lines,
		Asks:    []ui.Ask{{Label: e.T("counter.amount") + " ¥", Field: &amount}},
		Choices: screen.Yes("counter.activate"),
	})
}

func (s *tree) answered(msg screen.Answered) tea.Cmd {
	if msg.Choice == "" {
		s.job = job{}
		return nil
	}
	switch msg.Tag {
	case tagActivate:
		fen, err := offline.ParseYuan(msg.Values[0])
		if err != nil {
			return screen.Say(s.env.Problem(err), ui.Bad)
		}
		s.job.AmountFen = fen
	case tagOffline:
		s.job.Offline = true
	case tagManager:
		return s.env.Approve(screen.Tree, s.job.needs, msg.Answer)
	}
	return s.accept()
}

func (s *tree) accept() tea.Cmd {
	s.job.moving = true
	env, r := s.env, s.job.Request
	return screen.Reply(screen.Tree, func() tea.Msg {
		op, err := env.Desk.Accept(env.Context, r)
		return accepted{op, err}
	})
}

// accepted waits for the outcome, or asks what stands in the way.
func (s *tree) accepted(msg accepted) tea.Cmd {
	e := s.env
	s.job.moving = msg.err == nil
	kind := offline.KindOf(msg.err)
	switch {
	case msg.err == nil:
		op := msg.op.Op
		return screen.Reply(screen.Tree, func() tea.Msg {
			got, err := e.Desk.Wait(e.Context, op)
			e.Tell(&got)
			return waited{got, err}
		})
	case kind == offline.ErrNotConfirmed:
		return ask(tagOffline, e.OfflineDialog(s.job.Kind, e.Mask(string(s.job.ID))))
	case (kind == offline.ErrOverLimit || kind == offline.ErrNeedsManager) && !slices.Contains(s.job.ApprovedFor, kind):
		return e.FindManagers(screen.Tree, screen.Approval{What: e.What(s.job.Kind, string(s.job.ID), s.job.AmountFen), Reason: msg.err})
	}
	s.job = job{}
	return screen.Say(e.Problem(msg.err), ui.Bad)
}

func (s *tree) askManager(a screen.Approval) tea.Cmd {
	s.job.needs = a
	return ask(tagManager, s.env.ManagerDialog(a))
}

func (s *tree) approved(msg screen.Approved) tea.Cmd {
	if msg.Wrong != nil {
		return s.env.FindManagers(screen.Tree, msg.Approval)
	}
	s.job.Approver = msg.Session
	s.job.ApprovedFor = append(s.job.ApprovedFor, offline.KindOf(msg.Reason))
	return s.accept()
}

func (s *tree) waited(msg waited) tea.Cmd {
	s.job = job{}
	if msg.err != nil {
		return screen.Say(s.env.Problem(msg.err), ui.Bad)
	}
	m := s.env.Mark(msg.op)
	text := m.String() + "  " + s.env.Mask(msg.op.ID)
	if why := s.env.Because(msg.op); why != "" {
		text += "  " + why
	}
	return tea.Batch(screen.Say(text, m.Tone), s.reread(), s.count())
}
