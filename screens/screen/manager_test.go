package screen_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screen"
	"counterfoil/screens/screenstest"
	"counterfoil/ui"
)

// desk is a screen's part on a shop's desk, and what it asked for.
type desk struct {
	*offlinetest.Shop
	env     *screen.Env
	manager screen.Manager
}

func openDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{Shop: offlinetest.Open(t)}
	d.env = screenstest.EnvOn(d.Shop)
	d.manager = screen.Manager{Env: d.env, From: screen.Queue}
	return d
}

// sent runs a command and returns the message that it sends to the screen; nil for none.
func (d *desk) sent(cmd tea.Cmd) tea.Msg {
	d.TB.Helper()
	var all screenstest.Commands
	all.Add(cmd)
	msg, _ := all.Next()
	if to, ok := msg.(screen.To); ok {
		if to.Screen != screen.Queue {
			d.TB.Errorf("it is sent to %s", to.Screen)
		}
		return to.Msg
	}
	return msg
}

// opened is the dialog that a message opens.
func (d *desk) opened(msg tea.Msg) (screen.Open, *ui.Dialog) {
	d.TB.Helper()
	if found, ok := msg.(screen.ManagersFound); ok {
		msg = d.sent(d.manager.Open(found))
	}
	open, ok := msg.(screen.Open)
	if !ok {
		d.TB.Fatalf("%+v opens no dialog", msg)
	}
	return open, open.Dialog()
}

// yes is the answer to an opened dialog.
func yes(open screen.Open, values ...string) screen.Answered {
	return screen.Answered{Tag: open.Tag, About: open.About, Answer: ui.Answer{Yes: true, Values: values}}
}

// act is an approval's, and brings whose it is.
func act(who offline.Session) tea.Msg { return who }

var (
	noFacts = func() []ui.Fact { return nil }
	reason  = &offline.Error{Kind: offline.ErrOverLimit, Args: map[string]any{"Limit": "operations", "Max": int64(1)}}
)

func TestAnApprovalIsAskedOfWhoeverMayGiveIt(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	ctx := context.Background()
	names := func() []string {
		_, dialog := d.opened(d.sent(d.manager.Ask(noFacts, reason, act)))
		return dialog.Asks[0].Options
	}
	d.Must(d.Desk.AddOperator(ctx, d.Manager, "li", offline.Manager, "8888"))
	if got := names(); !slices.Equal(got, []string{"li", "mgr"}) {
		t.Errorf("a cashier asks %q", got)
	}
	d.env.Session = d.Manager
	if got := names(); !slices.Equal(got, []string{"li"}) {
		t.Errorf("a manager asks %q", got) // not herself
	}
	d.Must(d.Desk.DisableOperator(ctx, d.Manager, "li"))
	if got := names(); !slices.Equal(got, []string{"mgr"}) {
		t.Errorf("the only manager asks %q", got) // and the desk says why that does not count
	}
}

func TestAfterAWrongPINTheSameManagerIsAskedAgain(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.Must(d.Desk.AddOperator(t.Context(), d.Manager, "li", offline.Manager, "8888"))
	open, dialog := d.opened(d.sent(d.manager.Ask(noFacts, reason, act)))
	if dialog.Problem != "" || dialog.Asks[1].Check("123") == "" || dialog.Asks[1].Check("123456789") == "" || dialog.Asks[1].Check("1234") != "" {
		t.Errorf("it asks with %q", dialog.Problem)
	}
	msg := d.sent(d.manager.SignIn(yes(open, "mgr", "0000")))
	if who, ok := msg.(offline.Session); ok {
		t.Fatalf("a wrong PIN acts as %+v", who)
	}
	again, dialog := d.opened(msg)
	if dialog.Problem == "" {
		t.Error("it does not say that the PIN was wrong")
	}
	if got := ui.Bare(dialog.View(d.env.Theme, d.env.Words, 80, 24)); !strings.Contains(got, d.env.Theme.Chosen+" mgr") || strings.Contains(got, d.env.Theme.Chosen+" li") {
		t.Errorf("it does not name who was wrong:\n%s", got)
	}
	who, ok := d.sent(d.manager.SignIn(yes(again, "mgr", "9999"))).(offline.Session)
	if !ok || who.Name != "mgr" || who.Role != offline.Manager {
		t.Fatalf("it acts as %+v", who)
	}
	if _, err := d.Desk.Signed(t.Context(), who); err != nil {
		t.Errorf("who stands behind the act is signed out before it: %v", err)
	}
}

// An act belongs to the session that asked for it: its end ends the approval too.
func TestAnApprovalAfterTheEndOfTheSessionActsNot(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	ctx, end := context.WithCancel(t.Context())
	d.env.Context = ctx
	acted := false
	open, _ := d.opened(d.sent(d.manager.Ask(noFacts, reason, func(offline.Session) tea.Msg { acted = true; return nil })))
	end()
	brought, _ := d.manager.SignIn(yes(open, "mgr", "9999"))().(screen.To)
	if acted || brought.Msg != nil {
		t.Errorf("it acted: %v, and brought %+v", acted, brought.Msg)
	}
	d.manager.SignIn(yes(open, "mgr", "0000"))() // and yet a wrong PIN is counted
	_, err := d.Desk.SignIn(t.Context(), "mgr", "0000")
	var failed *offline.Error
	if !errors.As(err, &failed) || failed.Args["Left"] != 3 {
		t.Errorf("after two wrong PINs: %v", err)
	}
}

func TestADialogOfSomethingElseIsNoApproval(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	if cmd := d.manager.SignIn(yes(screen.Open{Tag: screen.TagManager, About: "something else"}, "mgr", "9999")); cmd != nil {
		t.Errorf("it acts: %+v", cmd())
	}
}

func TestTheReasonOfAnApprovalIsNamedInShort(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	needs := func(act string) error {
		return &offline.Error{Kind: offline.ErrNeedsManager, Args: map[string]any{"Act": act}}
	}
	for _, c := range []struct {
		reason error
		want   string
	}{
		{reason, "over a limit"}, {needs("void_inactive"), "void, never active"}, {needs("settle"), "settling by hand"},
		{needs("withdraw"), "withdrawing another's"}, {needs("export"), "this act"}, {&offline.Error{Kind: offline.ErrNeedsManager}, "this act"},
	} {
		_, dialog := d.opened(d.sent(d.manager.Ask(noFacts, c.reason, act)))
		if want := "A manager is needed · " + c.want; dialog.Title != want {
			t.Errorf("titled %q, want %q", dialog.Title, want)
		}
		if dialog.Lines[1] != d.env.T("manager.this_one") {
			t.Errorf("it holds for %q", dialog.Lines[1])
		}
	}
}
