package catalog

// collector deletes garbage in the background, in steps that leave the writer to
// others in between, and takes moved codes from where they stood before.
type collector struct{ wake, quit, done chan struct{} }

const (
	deletedAtOnce = 512  // rows deleted in one step
	checkedAtOnce = 1000 // codes looked at in one step
)

func (g *collector) start(c *Catalog) {
	*g = collector{make(chan struct{}, 1), make(chan struct{}), make(chan struct{})}
	go func() {
		defer close(g.done)
		for {
			if more, err := c.collectStep(); err == nil && more {
				g.due()
			}
			select {
			case <-g.quit:
				return
			case <-g.wake:
			}
		}
	}()
}

func (g *collector) stop() {
	if g.quit != nil {
		close(g.quit)
		<-g.done
	}
}

// due tells that there may be something to do.
func (g *collector) due() {
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// collectStep does a few milliseconds' work; more is false when all is done.
func (c *Catalog) collectStep() (more bool, err error) {
	err = c.write(func(t *tx) error {
		if more, err = t.clearGarbage(); err == nil && !more {
			more, err = t.checkMoved()
		}
		return err
	})
	return more, err
}

// dropStaged gives up what a kill left staged.
func (t *tx) dropStaged() error {
	return t.conn.Exec("UPDATE nodes SET parent=?1 WHERE parent<?1", dead)
}

// clearGarbage deletes some of what was cut off, the lowest first.
func (t *tx) clearGarbage() (more bool, err error) {
	for left := int64(deletedAtOnce); left > 0; {
		var lowest int64
		for next := int64(dead); next != 0; {
			lowest = next
			if next, err = t.conn.Int("SELECT key FROM nodes WHERE parent=? LIMIT 1", next); err != nil {
				return more, err
			}
		}
		if lowest == dead {
			return more, nil
		}
		more = true
		err := t.conn.Exec("DELETE FROM codes WHERE key IN (SELECT key FROM codes WHERE key>=? AND key<? LIMIT ?)",
			codeKey(lowest, 0), codeKey(lowest+1, 0), left)
		if err != nil {
			return more, err
		}
		n, err := t.conn.Int("SELECT changes()")
		if err == nil && n < left {
			err = t.conn.Exec("DELETE FROM nodes WHERE key=?", lowest)
		}
		if err != nil {
			return more, err
		}
		left -= n + 1
	}
	return more, nil
}

// checkMoved looks whether codes of the answer stand elsewhere too. The collector
// does it where they are many, not where there is nothing else.
func (m *merging) checkMoved() error {
	top, err := m.t.node(topKey)
	if err != nil || top.codes == m.count {
		return err
	}
	first, end := codeKey(m.load, 0), codeKey(m.t.cat.numbers.next, 0)
	if m.count > int64(m.t.cat.pace.moves) {
		return m.t.conn.Exec("INSERT INTO unchecked VALUES (?,?,?)", m.load, first, end-1)
	}
	return m.t.dropMoved(first, end)
}

// checkMoved goes on with what commits left to the collector.
func (t *tx) checkMoved() (more bool, err error) {
	var load, after, last int64
	err = t.each("SELECT load, after, last FROM unchecked LIMIT 1", nil, func(r row) error {
		load, after, last = r.Int(0), r.Int(1), r.Int(2)
		return r.Check("iii")
	})
	if err != nil || load == 0 {
		return false, err
	}
	end, err := t.conn.Int("SELECT key FROM codes WHERE key>? AND key<=? ORDER BY key LIMIT 1 OFFSET ?", after, last, checkedAtOnce-1)
	if err != nil {
		return false, err
	}
	if end == 0 {
		err = t.conn.Exec("DELETE FROM unchecked WHERE load=?", load)
		end = last
	} else {
		err = t.conn.Exec("UPDATE unchecked SET after=? WHERE load=?", end, load)
	}
	if err == nil {
		err = t.dropMoved(after+1, end+1)
	}
	return true, err
}

// dropMoved looks for the codes of a span of keys in other live nodes, and
// deletes all but those of the newest load.
func (t *tx) dropMoved(from, to int64) error {
	type pair struct{ came, other, cameLoad, otherLoad int64 }
	var pairs []pair
	err := t.each("SELECT s.key, o.key, s.load, o.load FROM codes s CROSS JOIN codes o ON o.id=s.id AND o.load<>s.load "+
		"WHERE s.key>=? AND s.key<?", []any{from, to},
		func(r row) error {
			pairs = append(pairs, pair{r.Int(0), r.Int(1), r.Int(2), r.Int(3)})
			return r.Check("iiii")
		})
	if err != nil {
		return err
	}
	for _, p := range pairs {
		c, err := t.chain(p.came >> numberBits)
		if err != nil {
			return err
		}
		o, err := t.chain(p.other >> numberBits)
		if err != nil {
			return err
		}
		switch {
		case !o.live() || !c.live():
		case p.otherLoad < p.cameLoad:
			err = t.drop(o, p.other)
		default:
			err = t.drop(c, p.came)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// drop deletes a live code, unless it is gone already.
func (t *tx) drop(up chain, key int64) error {
	if err := t.pushMarks(up); err != nil {
		return err
	}
	c, err := t.code(key)
	if err != nil || c == nil {
		return err
	}
	up.change(c.counted(c.status), -1)
	up[0].own--
	return t.conn.Exec("DELETE FROM codes WHERE key=?", key)
}
