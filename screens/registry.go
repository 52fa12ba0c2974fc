package screens

import (
	"counterfoil/offline"
	"counterfoil/screens/counter"
	"counterfoil/screens/day"
	"counterfoil/screens/doctor"
	"counterfoil/screens/people"
	"counterfoil/screens/queue"
	"counterfoil/screens/review"
	"counterfoil/screens/screen"
	"counterfoil/screens/serials"
	"counterfoil/screens/signin"
	"counterfoil/screens/tree"
	"counterfoil/ui"
)

// entry is one screen of the program, and how one gets to it.
type entry struct {
	id    screen.ID
	title string      // message id, as the key hints name it
	act   offline.Act // what one must be allowed to do to open it
	key   string      // "" where no key leads to it
	make  func(*screen.Env) screen.Screen
	screen.Screen
}

// registry lists the screens, in the order of their keys, and makes them.
func registry(env *screen.Env) []entry {
	all := []entry{
		{screen.SignIn, "signin.title", offline.Look, "", signin.New, nil},
		{screen.Counter, "counter.title", offline.Sell, "f1", counter.New, nil},
		{screen.Tree, "tree.title", offline.Sell, "f3", tree.New, nil},
		{screen.Queue, "queue.title", offline.Sell, "f5", queue.New, nil},
		{screen.Review, "review.title", offline.RecordsOfCode, "f6", review.New, nil},
		{screen.Serials, "serials.title", offline.SellRange, "f7", serials.New, nil},
		{screen.BusinessDay, "day.title", offline.Day, "f8", day.New, nil},
		{screen.Doctor, "keys.doctor", offline.Look, "f9", doctor.New, nil},
		{screen.People, "people.title", offline.OwnPIN, "f12", people.New, nil},
	}
	for i := range all {
		all[i].renew(env)
	}
	return all
}

// renew makes the screen for a session.
func (e *entry) renew(env *screen.Env) {
	if last, ok := e.Screen.(screen.Lasting); ok {
		e.Screen = last.Renewed(env)
		return
	}
	e.Screen = e.make(env)
}

// allowed reports whether the session may open an entry.
func (e entry) allowed(env *screen.Env) bool {
	return env.May(e.act)
}

// opens reports a screen that a manager's PIN opens for whoever is signed in.
func (e entry) opens() bool { return e.act.Covers(e.act) }

func (e entry) binding(env *screen.Env) ui.Binding {
	b := ui.Binding{Keys: []string{e.key}, Words: e.title}
	switch {
	case e.allowed(env), env.SignedIn() && e.opens():
	case env.SignedIn():
		b.Reason = "reason.manager"
	default:
		b.Reason, b.Minor = "reason.sign_in", true // what nobody may only takes the place of what works
	}
	return b
}
