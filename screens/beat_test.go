package screens

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/screens/signin"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

func TestABeatRedrawsOnlyWhatTimeCanChange(t *testing.T) {
	t.Parallel()
	m, env, now := onSignIn(t)
	for _, c := range []struct {
		change string
		do     func()
		redraw bool
	}{
		{"nothing", func() {}, false},
		{"something waits and ages", func() { env.Status.Waiting = 1 }, true},
		{"nothing waits any more", func() { env.Status.Waiting = 0 }, false},
		{"the next minute", func() { *now = now.Add(time.Minute) }, true},
		{"the same minute", func() {}, false},
	} {
		_ = m.View()
		c.do()
		_, _ = m.Update(beat{m.clock.seq})
		if m.canvas.dirty != c.redraw {
			t.Errorf("%s: redrawn %v", c.change, m.canvas.dirty)
		}
	}
}

func TestTheScannersTimerRedrawsOnlyWhatItLetsGo(t *testing.T) {
	t.Parallel()
	m, env, now := onSignIn(t)
	m.wedge = scan.NewWedge(env.Scanner, env.Now)
	redrawn := func() bool {
		_ = m.View()
		_, _ = m.Update(scan.Tick{})
		return m.canvas.dirty
	}
	if redrawn() {
		t.Error("redrawn for nothing")
	}
	_, _ = m.Update(tea.KeyPressMsg{Code: '1', Text: "1"})
	if redrawn() {
		t.Error("redrawn for a key that is held back")
	}
	*now = now.Add(time.Second)
	if !redrawn() {
		t.Error("a key that was let go is not drawn")
	}
}

// onSignIn is a model with the sign-in in front, whose clock a test sets.
func onSignIn(t *testing.T) (*Model, *screen.Env, *time.Time) {
	t.Helper()
	words, err := ui.NewWords(ui.English)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)
	env := &screen.Env{
		Words: words, Theme: ui.NewTheme(ui.ThemeOptions{}), Zone: time.UTC,
		Now: func() time.Time { return now }, Status: offline.Status{Link: offline.Online},
	}
	m := &Model{o: Options{Now: env.Now, SinceBoot: func() time.Duration { return 0 }}, env: env}
	m.registered = registered{front: screen.SignIn, screens: []entry{{id: screen.SignIn, Screen: signin.New(env)}}}
	m.canvas.width, m.canvas.height, m.canvas.dirty = 80, 24, true
	return m, env, &now
}
