package operators

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
)

// Session is a signed-in operator; the zero Session is nobody. Only SignIn
// makes one that may act. Role is what it was then: every act reads it again.
type Session struct {
	Name string
	Role Role
	id   string
}

// SignIn checks a PIN and begins a session. Errors: those of CheckPIN.
func (p *People) SignIn(ctx context.Context, name, pin string) (Session, error) {
	o, err := p.CheckPIN(ctx, name, pin)
	if err != nil {
		return Session{}, err
	}
	s := Session{Name: o.Name, Role: o.Role, id: rand.Text()}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions[s.id] = s
	return s, nil
}

// SignOut ends a session; one that has ended stays so.
func (p *People) SignOut(s Session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sessions, s.id)
}

// signOutAll ends all sessions of a person.
func (p *People) signOutAll(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, s := range p.sessions {
		if s.Name == name {
			delete(p.sessions, id)
		}
	}
}

// May returns a live session with the role that its operator has now, if that
// role may act so. Errors: ErrSignedOut, ErrNoManager (nobody can sign in yet),
// ErrOperatorDisabled, *NeedsManagerError.
func (p *People) May(ctx context.Context, s Session, act Act) (Session, error) {
	p.mu.Lock()
	live, ok := p.sessions[s.id]
	p.mu.Unlock()
	if !ok {
		if any, err := p.Managed(ctx); err != nil || any {
			return Session{}, errors.Join(err, ErrSignedOut)
		}
		return Session{}, ErrNoManager
	}
	o, _, err := find(p.reading(ctx), live.Name)
	if err == nil && o.Disabled {
		err = fmt.Errorf("%w: %s", ErrOperatorDisabled, o.Name)
	}
	if errors.Is(err, ErrOperatorDisabled) || errors.Is(err, ErrNoOperator) {
		p.signOutAll(live.Name)
	}
	if err == nil && !o.Role.May(act) {
		err = &NeedsManagerError{act}
	}
	live.Role = o.Role
	return live, err
}

// Managed reports whether there is a manager. While there is none, nobody can
// sign in, and the first manager can be added by anybody.
func (p *People) Managed(ctx context.Context) (managed bool, err error) {
	all, err := p.List(ctx)
	for _, o := range all {
		managed = managed || o.Role == Manager
	}
	return managed, err
}
