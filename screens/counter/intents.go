package counter

import (
	"context"
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// looked brings a look-up's card; local is set on what was known here before the platform answered.
type looked struct {
	line  *line
	card  offline.Card
	err   error
	local bool
}

// look shows at once what is known here, and asks the platform.
func (s *counter) look(l *line) tea.Cmd {
	env, id := s.env, l.ID
	l.asked = true
	ctx := env.Context
	if !s.basket {
		ctx, s.cancel = context.WithCancel(ctx)
	}
	return tea.Batch(
		screen.Reply(screen.Counter, func() tea.Msg {
			card, err := env.Desk.Card(ctx, id)
			return looked{l, named(ctx, env, card), err, true}
		}),
		screen.Reply(screen.Counter, func() tea.Msg {
			card, err := env.Desk.Lookup(ctx, id, nil)
			if failed, ok := errors.AsType[*offline.Error](err); ok && failed.Kind == offline.ErrUnknownID {
				// Two codes may differ in case alone: that the other one is known is a hint and no more.
				if other := api.ID(api.SwapCase(string(id))); other != id {
					_, no := env.Desk.Lookup(ctx, other, nil)
					failed.Args["CapsLock"] = no == nil
				}
			}
			return looked{l, named(ctx, env, card), err, false}
		}),
	)
}

// lookAgain begins the look-ups that an ended session left.
func (s *counter) lookAgain() tea.Cmd {
	var cmds []tea.Cmd
	for _, l := range s.lines {
		if l.looking && !l.asked {
			cmds = append(cmds, s.look(l))
		}
	}
	return tea.Batch(cmds...)
}

// named gives a reel the name of its codes: only codes have one.
func named(ctx context.Context, env *screen.Env, card offline.Card) offline.Card {
	if card.Node.Name == "" && card.Node.Level == api.LevelReel && card.Node.Children > 0 {
		if first, err := env.Desk.Children(ctx, offline.Page{Parent: card.Node.ID, Limit: 1}); err == nil && len(first) > 0 {
			card.Node.Name = first[0].Name
		}
	}
	return card
}

func (s *counter) looked(msg looked) tea.Cmd {
	defer s.compare()
	l := msg.line
	switch {
	case !slices.Contains(s.lines, l), msg.local && (!l.looking || msg.err != nil):
		return nil
	case msg.local:
		l.card, l.known = msg.card, !msg.card.Node.SeenAt.IsZero()
	case offline.KindOf(msg.err) == offline.ErrUnknownID:
		l.looking, l.denied, l.card, l.Problem = false, true, msg.card, msg.err
		return nil
	case msg.err != nil:
		l.looking, l.Problem = false, msg.err
		return nil
	default:
		l.looking, l.card, l.known = false, msg.card, true
	}
	l.prefill()
	if t := msg.card.Trouble; t != nil {
		return tea.Batch(s.adopt(l), screen.Say(s.env.Problem(t), ui.Queued))
	}
	return s.adopt(l)
}

// sell has the desk accept lines as they stand now, one after the other.
func (s *counter) sell(kind offline.Kind, lines ...*line) tea.Cmd {
	sales := make([]*sale.Sale, 0, len(lines))
	if s.sales.Busy() {
		return nil
	}
	for _, l := range lines {
		l.Kind, l.AmountFen, l.FaceFen = kind, 0, 0
		if l.card.AmountOK {
			l.FaceFen = l.card.AmountFen
		}
		if kind == offline.Activate {
			l.AmountFen, _ = offline.ParseYuan(l.amount.Text())
		}
		sales = append(sales, &l.Sale)
	}
	return s.after(s.sales.Start(sales...))
}

// prepare leaves out a line that turned out to overlap another one.
func (s *counter) prepare(one *sale.Sale) bool {
	i := slices.IndexFunc(s.lines, func(l *line) bool { return &l.Sale == one })
	return i >= 0 && (one.Kind != offline.Activate || s.lines[i].overlaps == "")
}

// sold brings a message to the sales in hand.
func (s *counter) sold(msg tea.Msg) tea.Cmd {
	one, did, cmd := s.sales.Update(msg)
	switch did {
	case sale.Taken:
		cmd = tea.Batch(cmd, s.read())
	case sale.Ended:
		if one.Problem == nil {
			s.show(*one.Op)
		}
		s.compare()
		cmd = tea.Batch(cmd, s.read())
	}
	return s.after(cmd)
}

// after takes what was scanned meanwhile, once no sale is in hand.
func (s *counter) after(cmd tea.Cmd) tea.Cmd {
	if s.sales.Busy() {
		return cmd
	}
	cmds := []tea.Cmd{cmd}
	held := s.held
	s.held = nil
	for _, in := range held {
		cmds = append(cmds, s.take(in))
	}
	return tea.Batch(cmds...)
}

func (s *counter) notSendAll() string {
	switch {
	case len(s.lines) == 0:
		return "reason.scan"
	case s.sales.Busy():
		return "reason.open"
	case s.finished():
		return "reason.finished"
	}
	return ""
}

// sendAll sends every line that can be sent. A line that lacks something a
// person can give, such as an amount, stops it, so that nothing is overlooked.
func (s *counter) sendAll() tea.Cmd {
	var ready []*line
	for i, l := range s.lines {
		if !l.unsent() {
			continue
		}
		switch reason := l.notActivate(); reason {
		case "":
			ready = append(ready, l)
		case "reason.amount", "reason.looking":
			s.cursor = i
			return screen.Say(s.env.T(reason), ui.Queued)
		}
	}
	return s.sell(offline.Activate, ready...)
}

func (s *counter) toggleBasket() tea.Cmd {
	if s.basket && !s.finished() && len(s.lines) > 1 || s.sales.Busy() {
		return screen.Say(s.env.T("notice.basket_full"), ui.Queued)
	}
	s.basket = !s.basket
	if s.basket && !s.finished() {
		return nil // the card in hand is the basket's first line
	}
	if len(s.lines) > 1 || s.basket {
		s.clear()
	}
	return nil
}

// The counter's own dialogs.
const (
	tagVoid  = "void"
	tagEmpty = "empty"
)

func (s *counter) askVoid(l *line) tea.Cmd {
	if s.sales.Busy() {
		return nil
	}
	if reason := l.notVoid(); reason != "" {
		return screen.Say(s.env.T(reason), ui.Queued)
	}
	lines := []string{s.env.T("level."+string(l.ID.Level())) + "  " + s.env.Mask(string(l.ID))}
	if n := l.card.Node.Codes; n > 1 {
		lines = append(lines, s.env.Codes(n))
	}
	return screen.Ask(screen.Counter, tagVoid, l, sale.VoidDialog(s.env, lines))
}

func (s *counter) askEmpty() tea.Cmd {
	return screen.Ask(screen.Counter, tagEmpty, nil, &ui.Dialog{
		Title: s.env.T("basket.empty_title"), Lines: []string{s.env.T("basket.empty_sure")}, Yes: "basket.empty",
	})
}

func (s *counter) answered(msg screen.Answered) tea.Cmd {
	yes := msg.Yes
	switch msg.Tag {
	case tagVoid:
		if l := msg.About.(*line); yes && slices.Contains(s.lines, l) && l.notVoid() == "" {
			return s.sell(offline.Void, l)
		}
	case tagEmpty:
		if yes {
			s.clear()
		}
	default:
		return s.sold(msg)
	}
	return nil
}
