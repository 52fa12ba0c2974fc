package operators

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"counterfoil/offline/journal/chain"
)

// Session is a signed-in operator; the zero Session is nobody. Only SignIn
// makes one that may act. Role is what it was then: every act reads it again.
type Session struct {
	Name     string
	Role     Role
	Approver string // by May: the manager who opened the screen on which she may act so; "" for none
	id       string
	behind   string // the session of a manager who stands behind one request
}

// With is the session with a manager's behind it, for one request of hers.
func (s Session) With(manager Session) Session {
	s.behind = manager.id
	return s
}

// Who names whoever stands behind an act that Allowed allowed for a session, and
// her whose session it is where that is somebody else.
func (s Session) Who(asking Session) chain.Who {
	w := chain.Who{By: cmp.Or(s.Approver, s.Name)}
	if asking.Name != w.By {
		w.AskedBy = asking.Name
	}
	return w
}

// live is a session that has not ended.
type live struct {
	Session
	at       time.Time // of the PIN
	approved string    // the one request that it stands behind, "" for none yet
	opened   Act       // the screen that a manager opened for it, "" for none
	opener   string    // the manager
}

// approvalLasts is how long after the PIN a manager stands behind a request.
const approvalLasts = time.Minute

// SignIn checks a PIN and begins a session. Errors: those of CheckPIN.
func (p *People) SignIn(ctx context.Context, name, pin string) (Session, error) {
	o, err := p.CheckPIN(ctx, name, pin)
	if err != nil {
		return Session{}, err
	}
	s := Session{Name: o.Name, Role: o.Role, id: rand.Text()}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions[s.id] = &live{Session: s, at: p.now()}
	return s, nil
}

// SignOut ends a session; false where it had ended.
func (p *People) SignOut(s Session) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, was := p.sessions[s.id]
	delete(p.sessions, s.id)
	return was
}

// Approves has a manager's session stand behind an operator's request: the first
// one that it is shown, within a minute of the PIN. It is used up by SignOut.
// Errors: those of May, and *NeedsManagerError for any other request.
func (p *People) Approves(ctx context.Context, manager, operator Session, request string) (Session, error) {
	manager, err := p.May(ctx, manager, Approve)
	if err != nil {
		return Session{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.sessions[manager.id]
	if l == nil {
		return Session{}, ErrSignedOut
	}
	l.approved = cmp.Or(l.approved, request)
	if age := p.now().Sub(l.at); l.approved != request || l.Name == operator.Name || age < 0 || age > approvalLasts {
		return Session{}, &NeedsManagerError{Approve}
	}
	return manager, nil
}

// Allowed returns in whose name an act is done: of an operator who may, or else of
// the manager behind her session who approved exactly this request, whose
// session ends with it. Errors: those of May.
func (p *People) Allowed(ctx context.Context, s Session, act Act, request string) (Session, error) {
	by, err := p.May(ctx, s, act)
	if needs := (*NeedsManagerError)(nil); !errors.As(err, &needs) || s.behind == "" {
		return by, err
	}
	manager, err := p.Approves(ctx, Session{id: s.behind}, by, fmt.Sprintf("%s %s", act, request))
	if err == nil && !p.SignOut(manager) || errors.Is(err, ErrSignedOut) || errors.Is(err, ErrOperatorDisabled) {
		err = &NeedsManagerError{act} // it was used, and the operator's own session lives
	}
	return manager, err
}

// Still has what was allowed in a manager's name be allowed at the act itself, where
// others were waited for meanwhile: a used approval, while its manager may give one.
// Errors: those of May.
func (p *People) Still(ctx context.Context, s Session, act Act, manager string) error {
	_, err := p.May(ctx, s, act)
	if needs := (*NeedsManagerError)(nil); errors.As(err, &needs) && s.behind != "" && p.approves(ctx, manager) {
		return nil
	}
	return err
}

// approves reports that somebody may approve now.
func (p *People) approves(ctx context.Context, name string) bool {
	o, err := p.operator(ctx, name)
	return err == nil && !o.Disabled && o.Role.May(Approve)
}

// Open lets an operator do what a screen is for, until Leave or the end of her
// session, where a manager stands behind it as behind a request. No more than
// one screen is open. Errors: those of Allowed.
func (p *People) Open(ctx context.Context, s Session, screen Act) error {
	if _, opens := covers[screen]; !opens {
		return &NeedsManagerError{screen}
	}
	by, err := p.Allowed(ctx, s, screen, "screen")
	if err != nil || by.id == s.id {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.sessions[s.id]
	if l == nil {
		return ErrSignedOut
	}
	l.opened, l.opener = screen, by.Name
	return nil
}

// Leave ends what Open began.
func (p *People) Leave(s Session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.sessions[s.id]; l != nil {
		l.opened, l.opener = "", ""
	}
}

// opened is the manager who opened a screen for a session on which it may act so,
// and who still may: "" for nobody.
func (p *People) opened(ctx context.Context, l live, act Act) string {
	if l.opened.Covers(act) && p.approves(ctx, l.opener) {
		return l.opener
	}
	return ""
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
	var l live
	found, ok := p.sessions[s.id]
	if ok {
		l = *found
	}
	p.mu.Unlock()
	if !ok {
		if managed, err := p.Managed(ctx); err != nil || managed {
			return Session{}, errors.Join(err, ErrSignedOut)
		}
		return Session{}, ErrNoManager
	}
	if act.believed() { // the chain itself says who acts
		if err := p.restore(ctx, true); err != nil {
			return Session{}, err
		}
	}
	o, err := p.operator(ctx, l.Name)
	if err == nil && o.Disabled {
		err = fmt.Errorf("%w: %s", ErrOperatorDisabled, o.Name)
	}
	if errors.Is(err, ErrOperatorDisabled) || errors.Is(err, ErrNoOperator) {
		p.signOutAll(l.Name)
	}
	by := Session{Name: o.Name, Role: o.Role, id: s.id}
	if err == nil && !o.Role.May(act) {
		if by.Approver = p.opened(ctx, l, act); by.Approver == "" {
			err = &NeedsManagerError{act}
		}
	}
	return by, err
}

// believed reports an act that makes others believe what is stored.
func (a Act) believed() bool { return a == Acknowledge || a == ChangePeople }

// Managed reports whether there is a manager. While there is none, nobody can
// sign in, and the first manager can be added by anybody.
func (p *People) Managed(ctx context.Context) (managed bool, err error) {
	all, err := p.List(ctx)
	for _, o := range all {
		managed = managed || o.Role == Manager
	}
	return managed, err
}
