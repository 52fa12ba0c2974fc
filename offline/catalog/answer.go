package catalog

import (
	"fmt"
	"slices"
	"strings"

	"counterfoil/api"
)

// answer stages a look-up's answer under no parent, where nobody sees it. Root
// is staged as one tree with all below it; of what stands beside and above it
// each node is staged by itself.
type answer struct {
	root  string
	load  int64         // 0 before the first node
	at    chain         // the node whose children are arriving
	tops  []top         // the root and the nodes beside it, parents first
	codes []arrivedCode // of at[0], not inserted before the end of add
	count int64         // of inserted codes
}

// top is a node that finds its place at the commit.
type top struct{ key, up int64 } // up is the staged node that holds it, 0 for none

// add stages nodes.
func (a *answer) add(t *tx, group []api.Node) (err error) {
	if a.load == 0 {
		a.load = t.cat.numbers.take()
	}
	for _, n := range a.at { // of an earlier transaction
		t.nodes[n.key] = n
	}
	for i := range group {
		switch n := &group[i]; {
		case n.ID == "":
			err = fmt.Errorf("%w: no id", ErrOrder)
		case n.Level == api.LevelCode:
			err = a.code(t, n)
		default:
			err = a.inner(t, n)
		}
		if err != nil {
			return err
		}
	}
	return a.insertCodes(t)
}

// open makes a staged node the one whose children are arriving; found is false
// where it has not come.
func (a *answer) open(t *tx, id string) (found bool, err error) {
	if err := a.insertCodes(t); err != nil {
		return false, err
	}
	if i := slices.IndexFunc(a.at, func(n *node) bool { return n.id == id }); i >= 0 {
		a.at = a.at[i:]
		return true, nil
	}
	key, err := t.conn.Int("SELECT key FROM nodes WHERE id=? AND load=?", id, a.load)
	if err == nil && key != 0 {
		a.at, err = t.chain(key)
	}
	return key != 0, err
}

// parent is open for the parent of what arrives.
func (a *answer) parent(t *tx, id string) error {
	if len(a.at) > 0 && a.at[0].id == id {
		return nil
	}
	found, err := a.open(t, id)
	switch {
	case err != nil || found:
		return err
	case id == "": // of a code whose parent is not known
		return a.inner(t, &api.Node{})
	}
	return fmt.Errorf("%w: parent %s has not come", ErrOrder, api.ID(id).Masked())
}

func (a *answer) inner(t *tx, n *api.Node) error {
	level := levelNumber(n.Level)
	if level == 0 {
		level = levelNumber(api.ID(n.ID).Level())
	}
	one := &node{parent: -a.load, id: n.ID, level: level, load: a.load, whole: n.ID == a.root && n.ID != ""}
	var up chain
	if n.Parent != "" {
		if err := a.parent(t, n.Parent); err != nil {
			return err
		}
		up = a.at
		if up[0].level >= level {
			return fmt.Errorf("%w: %s cannot stand in %s", ErrOrder, n.ID, n.Parent)
		}
	}
	if found, err := a.open(t, n.ID); err != nil || found { // the platform repeats packages
		return err
	}
	one.key = t.cat.numbers.take()
	switch {
	case len(up) == 0:
		a.tops = append(a.tops, top{one.key, 0})
	case up[0].whole:
		one.whole, one.parent, one.ord = true, up[0].key, up[0].nextOrd
		up[0].nextOrd++
		up[0].kids++
		up[0].dirty = true
	default:
		a.tops = append(a.tops, top{one.key, up[0].key})
		up = nil
	}
	a.at = append(chain{one}, up...)
	t.nodes[one.key] = one
	return t.save(one)
}

func (a *answer) code(t *tx, n *api.Node) error {
	if err := a.parent(t, n.Parent); err != nil {
		return err
	}
	key, err := t.cat.dict.share(t, attributes{n.Status, n.StatusText, n.Name, n.FaceValue, n.ValidFrom, n.ValidTo, n.Remaining})
	if err != nil {
		return err
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

// insertCodes stores the codes that wait; of repeats the first holds.
func (a *answer) insertCodes(t *tx) error {
	if len(a.codes) == 0 {
		return nil
	}
	up := a.at[0]
	first := codeKey(up.key, up.nextNo)
	if err := up.hasRoom(len(a.codes)); err != nil {
		return err
	}
	args := make([]any, 0, 5*codesAtOnce)
	for i, c := range a.codes {
		args = append(args, first+int64(i), c.ID, a.load, c.attributes, c.Status)
	}
	var came counts
	err := t.each("INSERT OR IGNORE INTO codes (key, id, load, attributes, status, seen) VALUES (?,?,?,?,?,0)"+
		strings.Repeat(",(?,?,?,?,?,0)", len(a.codes)-1)+" RETURNING key", args, func(r row) error {
		c := a.codes[r.Int(0)-first]
		came.add(c.Status, c.FaceValue, 1)
		up.nextNo = r.Int(0) + 1 - codeKey(up.key, 0)
		return nil
	})
	up.own += came.total()
	a.count += came.total()
	a.at.change(came, 1)
	a.codes = a.codes[:0]
	return err
}

// hasRoom reports an error where n more codes do not fit in.
func (n *node) hasRoom(more int) error {
	if n.nextNo+int64(more) > 1<<numberBits {
		return fmt.Errorf("%w: %s holds too many codes", ErrOrder, n.id)
	}
	return nil
}
