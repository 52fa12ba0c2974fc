package catalog

import (
	"fmt"
	"strings"

	"counterfoil/api"
)

// answer stages a look-up's answer under no parent, where nobody sees it.
type answer struct {
	root  string
	load  int64 // 0 before the first node
	stack []*arrival
	tops  []int64       // nodes without a parent in the answer
	last  int64         // the newest node; the first is not before load
	codes []arrivedCode // of the top of the stack, not inserted before the end of add
	count int64         // of inserted codes
}

// arrival is a node whose children are arriving.
type arrival struct {
	*node
	came counts // since it was opened
}

// add stages nodes and returns how many: fewer where somebody waits for the writer.
func (a *answer) add(t *tx, batch []api.Node) (done int, err error) {
	if a.load == 0 {
		a.load = t.cat.numbers.take()
	}
	for i := range batch {
		if i > 0 && i%t.cat.pace.heed == 0 && t.cat.lock.wanted() {
			break
		}
		done = i + 1
		switch n := &batch[i]; {
		case n.ID == "":
			err = fmt.Errorf("%w: no id", ErrOrder)
		case n.Level == api.LevelCode:
			err = a.code(t, n)
		default:
			err = a.inner(t, n)
		}
		if err != nil {
			return done, err
		}
	}
	if err := a.insertCodes(t); err != nil {
		return done, err
	}
	// A kill must leave nothing that no node leads to.
	for _, one := range a.stack {
		if err := t.save(one.node); err != nil {
			return done, err
		}
	}
	return done, nil
}

// finish takes the last nodes and stores what the stack holds.
func (a *answer) finish(t *tx, batch []api.Node) error {
	for len(batch) > 0 {
		n, err := a.add(t, batch)
		if err != nil {
			return err
		}
		batch = batch[n:]
	}
	return a.popTo(t, 0)
}

// popTo closes the nodes above a height of the stack.
func (a *answer) popTo(t *tx, height int) error {
	for len(a.stack) > height {
		if err := a.insertCodes(t); err != nil {
			return err
		}
		top := len(a.stack) - 1
		one := a.stack[top]
		one.counts.addAll(one.came, 1)
		one.node.codes += one.came.total()
		if err := t.save(one.node); err != nil {
			return err
		}
		t.nodes[one.key] = one.node
		if a.stack = a.stack[:top]; top > 0 {
			a.stack[top-1].came.addAll(one.came, 1)
		}
	}
	return nil
}

// staged finds a node of this answer that was closed; 0 for none.
func (a *answer) staged(t *tx, id string) (key int64, err error) {
	return t.conn.Int("SELECT key FROM nodes WHERE id=? AND load=?", id, a.load)
}

// parent makes the node of an id the top of the stack.
func (a *answer) parent(t *tx, id string) (*arrival, error) {
	for i := len(a.stack) - 1; i >= 0; i-- {
		if a.stack[i].id == id {
			return a.stack[i], a.popTo(t, i+1)
		}
	}
	key, err := a.staged(t, id)
	switch {
	case err != nil:
		return nil, err
	case key != 0:
		err = a.reopen(t, key)
	case id == "": // of a code whose parent is not known
		err = a.inner(t, &api.Node{})
	default:
		err = fmt.Errorf("%w: parent %s has not come", ErrOrder, api.ID(id).Masked())
	}
	if err != nil {
		return nil, err
	}
	return a.stack[len(a.stack)-1], nil
}

// reopen continues a node that was closed: the platform repeats packages.
func (a *answer) reopen(t *tx, key int64) error {
	if err := a.popTo(t, 0); err != nil {
		return err
	}
	c, err := t.chain(key)
	if err != nil {
		return err
	}
	for i := len(c) - 1; i >= 0; i-- {
		a.stack = append(a.stack, &arrival{node: c[i]})
	}
	return nil
}

func (a *answer) inner(t *tx, n *api.Node) error {
	level := levelNumber(n.Level)
	if level == 0 {
		level = levelNumber(api.ID(n.ID).Level())
	}
	var up *arrival
	var err error
	if n.Parent != "" {
		if up, err = a.parent(t, n.Parent); err != nil {
			return err
		}
		if up.level >= level {
			return fmt.Errorf("%w: %s cannot stand in %s", ErrOrder, n.ID, n.Parent)
		}
	} else if err = a.popTo(t, 0); err != nil {
		return err
	}
	key, err := a.staged(t, n.ID)
	if err != nil {
		return err
	}
	for _, one := range a.stack { // these may not be stored yet
		if one.id == n.ID {
			key = one.key
		}
	}
	if key != 0 {
		return a.reopen(t, key)
	}
	if err := a.insertCodes(t); err != nil {
		return err
	}
	one := &arrival{node: &node{key: t.cat.numbers.take(), parent: -a.load, id: n.ID, level: level, load: a.load}}
	one.whole = n.ID == a.root && n.ID != ""
	a.last = one.key
	if up != nil {
		one.whole = one.whole || up.whole
		one.node.parent, one.ord = up.key, up.nextOrd
		up.nextOrd++
		up.kids++
	} else {
		a.tops = append(a.tops, one.key)
	}
	a.stack = append(a.stack, one)
	return nil
}

func (a *answer) code(t *tx, n *api.Node) error {
	up, err := a.parent(t, n.Parent)
	if err != nil {
		return err
	}
	key, err := t.cat.dict.share(t, attributes{n.Status, n.StatusText, n.Name, n.FaceValue, n.ValidFrom, n.ValidTo, n.Remaining})
	if err != nil {
		return err
	}
	if up.nextNo+int64(len(a.codes)) == 1<<numberBits {
		return fmt.Errorf("%w: %s holds too many codes", ErrOrder, up.id)
	}
	if a.codes = append(a.codes, arrivedCode{n, key}); len(a.codes) < codesAtOnce {
		return nil
	}
	return a.insertCodes(t)
}

// codesAtOnce are inserted by one statement, which spares a third of the work.
const codesAtOnce = 16

type arrivedCode struct {
	*api.Node
	attributes int64
}

// insertCodes stores the codes that wait for the top of the stack.
func (a *answer) insertCodes(t *tx) error {
	if len(a.codes) == 0 {
		return nil
	}
	up := a.stack[len(a.stack)-1]
	first := codeKey(up.key, up.nextNo)
	args := make([]any, 0, 5*codesAtOnce)
	for i, c := range a.codes {
		args = append(args, first+int64(i), c.ID, a.load, c.attributes, c.Status)
	}
	n, err := t.conn.Changes("INSERT OR IGNORE INTO codes (key, id, load, attributes, status, seen) VALUES (?,?,?,?,?,0)"+
		strings.Repeat(",(?,?,?,?,?,0)", len(a.codes)-1), args...)
	for i, c := range a.codes {
		stored := first + int64(i)
		if err == nil && n < int64(len(a.codes)) { // there were repeats, of which the first holds
			stored, err = t.conn.Int("SELECT key FROM codes WHERE id=? AND load=?", c.ID, a.load)
		}
		if err != nil {
			return err
		}
		if stored == first+int64(i) {
			up.nextNo = stored + 1 - codeKey(up.key, 0)
			up.own++
			up.came.add(c.Status, c.FaceValue, 1)
			a.count++
		}
	}
	a.codes = a.codes[:0]
	return nil
}
