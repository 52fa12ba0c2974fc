package sale_test

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/screens/screenstest"
	"counterfoil/ui"
)

// till is a flow without a screen: it runs what the flow asks for, and notes what
// came of it.
type till struct {
	*offlinetest.Shop
	flow     sale.Flow
	commands screenstest.Commands
	asked    []screen.Open // the dialogs that it opened and nobody has answered
	did      []step
	open     int // taken, and not ended
	most     int // as many of these at a time
}

type step struct {
	sale *sale.Sale
	did  sale.Progress
}

func openTill(t *testing.T, change ...func(*offlinetest.Shop)) *till {
	t.Helper()
	l := &till{Shop: offlinetest.Open(t, change...).Start()}
	l.flow = sale.New(screenstest.EnvOn(l.Shop), screen.Counter)
	return l
}

// of is a sale of a code as a screen knows it.
func (l *till) of(kind offline.Kind, id string) *sale.Sale {
	l.TB.Helper()
	card, err := l.Desk.Lookup(l.TB.Context(), api.ID(id), nil)
	l.Must(err)
	s := &sale.Sale{Request: offline.Request{ID: api.ID(id)}}
	s.Describe(kind, card)
	if kind == offline.Activate {
		s.AmountFen = s.FaceFen
	}
	return s
}

// activations are so many sales of new codes.
func (l *till) activations(n int) (sales []*sale.Sale) {
	l.TB.Helper()
	for _, id := range l.Codes(n) {
		sales = append(sales, l.of(offline.Activate, id))
	}
	return sales
}

// run runs a command, and all that follows from it up to a question.
func (l *till) run(cmd tea.Cmd) {
	l.TB.Helper()
	l.commands.Add(cmd)
	for msg, more := l.commands.Next(); more; msg, more = l.commands.Next() {
		switch msg := msg.(type) {
		case screen.Open:
			l.asked = append(l.asked, msg)
		case screen.To:
			l.take(msg.Msg)
		default:
			l.TB.Fatalf("it sent %+v", msg)
		}
	}
}

// take gives the flow a message.
func (l *till) take(msg tea.Msg) {
	s, did, cmd := l.flow.Update(msg)
	switch did {
	case sale.Taken:
		l.open++
		l.most = max(l.most, l.open)
	case sale.Ended:
		l.open--
	}
	if did != sale.None {
		l.did = append(l.did, step{s, did})
	}
	l.commands.Add(cmd)
}

// answer answers the one dialog that is open, whose title is to be this message.
func (l *till) answer(title string, yes bool, values ...string) *ui.Dialog {
	l.TB.Helper()
	if len(l.asked) != 1 {
		l.TB.Fatalf("%d dialogs are open, want %s", len(l.asked), title)
	}
	asked := l.asked[0]
	l.asked = nil
	d := asked.Dialog()
	if d.Title != title {
		l.TB.Fatalf("asked %q, want %q", d.Title, title)
	}
	l.take(screen.Answered{Tag: asked.Tag, About: asked.About, Answer: ui.Answer{Yes: yes, Values: values}})
	l.run(nil)
	return d
}

// stored are the operations on disk, oldest first.
func (l *till) stored() []offline.Operation {
	l.TB.Helper()
	ops, err := l.Desk.Operations(l.TB.Context(), offline.Query{OldestFirst: true, Limit: 99})
	l.Must(err)
	return ops
}

// want fails the test unless these steps came, in this order.
func (l *till) want(steps ...step) {
	l.TB.Helper()
	if len(l.did) != len(steps) {
		l.TB.Fatalf("it did %+v, want %+v", l.did, steps)
	}
	for i, s := range steps {
		if l.did[i] != s {
			l.TB.Errorf("step %d was %+v, want %+v", i, l.did[i], s)
		}
	}
	l.did = nil
}
