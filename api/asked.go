package api

// asked is the id that was looked up, in an answer that may not name it: a
// look-up of a box can be answered by packages alone, and a node can lack its
// id (platform.md §6.5, §6.7).
type asked struct {
	id    string // "" where nothing may be put in: a code, or no usable id
	level Level
	// seen says that the answer holds a node of this level or id, so that none
	// is to be made up.
	seen bool
	// stands says that the id was put in over the nodes at the answer's root.
	stands bool
	orphan *orphan
}

// orphan is the first node of the asked level where it has no id. Whether it
// is what was asked for shows at the answer's end, where no other has come.
type orphan struct {
	parent string
	held   []*spill
}

func (o *orphan) drop() {
	if o != nil {
		dropAll(o.held)
	}
}

// ask tells what was looked up. Codes are never made up: a payment may hang on them.
func (r *rows) ask(id ID) {
	level := id.Level()
	if level != "" && level != LevelCode && printableID([]byte(id)) {
		r.asked = asked{id: string(id), level: level}
	}
}

// under returns the parent of a node that is about to be given. A node at the
// answer's root that belongs below the asked id, of which the answer has said
// nothing so far, is hung under that id, which is given first.
func (r *rows) under(level Level, parent string) (string, error) {
	a := &r.asked
	switch {
	case parent != "" || a.id == "" || level.Rank() <= a.level.Rank():
		return parent, nil
	case !a.seen:
		a.seen, a.stands = true, true
		if err := r.give(Node{Level: a.level, ID: a.id, Remaining: -1}); err != nil {
			return "", err
		}
	}
	if a.stands {
		return a.id, nil
	}
	return parent, nil
}

// met notes a node that is not the orphan: beside it the orphan could be any.
func (b branch) met(level Level, id string) error {
	a := &b.asked
	if a.id == "" || level != a.level && id != a.id {
		return nil
	}
	a.seen = true
	o := a.orphan
	if o == nil {
		return nil
	}
	a.orphan = nil
	return b.releaseAll(o.held, o.parent)
}

// nameless takes the children of a node without an id: they go to the next
// known node above, or wait where the node may be the asked one.
func (b branch) nameless(level Level, parent string, held []*spill) error {
	a := &b.asked
	if level == a.level && !a.seen && a.id != "" && len(held) > 0 {
		a.seen, a.orphan = true, &orphan{parent: parent, held: held}
		return nil
	}
	if err := b.met(level, ""); err != nil {
		dropAll(held)
		return err
	}
	return b.releaseAll(held, parent)
}

// adopt gives the orphan the asked id, at the answer's end.
func (b branch) adopt() error {
	a := &b.asked
	o := a.orphan
	if o == nil {
		return nil
	}
	a.orphan = nil
	if err := b.give(Node{Level: a.level, ID: a.id, Parent: o.parent, Remaining: -1}); err != nil {
		dropAll(o.held)
		return err
	}
	return b.releaseAll(o.held, a.id)
}
