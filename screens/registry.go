package screens

import (
	"counterfoil/offline"
	"counterfoil/screens/counter"
	"counterfoil/screens/doctor"
	"counterfoil/screens/queue"
	"counterfoil/screens/screen"
	"counterfoil/screens/signin"
	"counterfoil/screens/tree"
	"counterfoil/ui"
)

// entry is one screen of the program, and how one gets to it.
type entry struct {
	id    screen.ID
	title string       // message id, as the key hints name it
	role  offline.Role // the smallest that may open it; "" for anybody, signed in or not
	key   string       // "" where no key leads to it
	screen.Screen
}

// registry makes the screens, in the order of their keys.
func registry(env *screen.Env) []entry {
	return []entry{
		{screen.SignIn, "signin.title", "", "", signin.New(env)},
		{screen.Counter, "counter.title", offline.Cashier, "f1", counter.New(env)},
		{screen.Tree, "tree.title", offline.Cashier, "f3", tree.New(env)},
		{screen.Queue, "queue.title", offline.Cashier, "f5", queue.New(env)},
		{screen.Doctor, "keys.doctor", "", "f9", doctor.New(env)},
	}
}

// allowed reports whether a session may open an entry. A counter without
// operators asks nobody.
func (e entry) allowed(signedIn bool, s offline.Session) bool {
	switch {
	case e.role == "":
		return true
	case !signedIn:
		return false
	}
	return e.role != offline.Manager || s.Role == offline.Manager || s == (offline.Session{})
}

func (e entry) binding(signedIn bool, s offline.Session) ui.Binding {
	b := ui.Binding{Keys: []string{e.key}, Words: e.title}
	if !e.allowed(signedIn, s) {
		b.Reason = "reason.sign_in"
		if signedIn {
			b.Reason = "reason.manager"
		}
	}
	return b
}
