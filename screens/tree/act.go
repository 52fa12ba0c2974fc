package tree

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// The tree's own dialogs.
const (
	tagActivate = "activate"
	tagVoid     = "void"
)

// asked brings what the platform, or what was seen last, says of a node that is
// to be activated or voided.
type asked struct {
	kind offline.Kind
	card offline.Card
	err  error
}

// notActivate is the message id of why a node cannot be activated now, "" where
// it can. What is known only in part proves nothing.
func (s *tree) notActivate(at *row) string {
	if reason := s.notAny(at); reason != "" {
		return reason
	}
	n := at.node
	switch {
	case s.pending.On[n.ID].All() > 0:
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

// selling is the sale in hand.
type selling struct {
	asking bool       // the platform is asked what the chosen node is, before its sale
	sale   *sale.Sale // the latest
	sales  sale.Flow
}

// busy reports that it waits for an answer.
func (s *selling) busy() bool { return s.asking || s.sale.Moving }

func (s *tree) notAny(at *row) string {
	switch {
	case at == nil:
		return "reason.nothing_here"
	case s.asking:
		return "reason.looking"
	case s.sale.Moving, s.sales.Busy():
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
		return screen.Say(s.env.T(reason), ui.Queued)
	}
	at, _ := s.list.At()
	env, id, small := s.env, api.ID(at.node.ID), at.node.Codes <= askedCodes
	s.asking = true
	return screen.Reply(screen.Tree, func() tea.Msg {
		var card offline.Card
		var err error
		if small {
			card, err = env.Desk.Lookup(env.Context, id, nil)
		} else {
			card, err = env.Desk.Card(env.Context, id)
		}
		card.Node.Name = env.NameOf(env.Context, card.Node)
		return asked{kind, card, err}
	})
}

func (s *tree) asked(msg asked) tea.Cmd {
	s.asking = false
	if msg.err != nil {
		return screen.Say(s.env.Problem(msg.err), ui.Bad)
	}
	e, n := s.env, msg.card.Node
	reason := s.notVoid(&row{node: n})
	if msg.kind == offline.Activate {
		reason = s.notActivate(&row{node: n})
	}
	if reason != "" {
		return tea.Batch(screen.Say(e.T(reason), ui.Queued), s.reread())
	}
	one := &sale.Sale{Request: offline.Request{ID: api.ID(n.ID), Entered: offline.FromTree}}
	one.Describe(msg.kind, msg.card)
	if msg.kind == offline.Void {
		return screen.Ask(screen.Tree, tagVoid, one, func() *ui.Dialog { return sale.VoidDialog(e, one) })
	}
	return screen.Ask(screen.Tree, tagActivate, one, func() *ui.Dialog { return sale.ActivateDialog(e, one, msg.card) })
}

func (s *tree) answered(msg screen.Answered) tea.Cmd {
	one, ok := msg.About.(*sale.Sale)
	switch {
	case !ok:
		return s.sold(msg)
	case !msg.Yes && msg.Tag == tagVoid:
		return screen.Say(s.env.T("void.nothing"), ui.Faint)
	case !msg.Yes:
		return nil
	case msg.Tag == tagActivate:
		fen, err := offline.ParseYuan(msg.Values[0])
		if err != nil {
			return screen.Say(s.env.Problem(err), ui.Bad)
		}
		one.AmountFen = fen
	}
	s.sale = one
	return s.sales.Start(one)
}

// sold brings a message to the sale in hand, and says what became of it.
func (s *tree) sold(msg tea.Msg) tea.Cmd {
	one, did, cmd := s.sales.Update(msg)
	switch {
	case did == sale.NotTaken, did == sale.Ended && one.Problem != nil:
		return tea.Batch(cmd, screen.Say(s.env.Problem(one.Problem), ui.Bad))
	case did == sale.Ended:
		m := s.env.Mark(*one.Op)
		text := m.String() + "  " + s.env.Mask(one.Op.ID)
		if why := s.env.Because(*one.Op); why != "" {
			text += "  " + why
		}
		return tea.Batch(cmd, screen.Say(text, m.Tone), s.reread(), s.count())
	}
	return cmd
}
