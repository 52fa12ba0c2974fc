package offline

import (
	"context"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/catalog"
)

// keeper writes small look-ups and confirmed statuses into the catalog behind
// the caller's back, in order: a drain need not wait for what can be looked up
// again. What finds no place is dropped.
type keeper struct {
	catalog func() *catalog.Catalog
	work    chan task
	hurry   chan struct{} // holds one where company need not be waited for
	over    chan struct{} // closed by stop
	done    sync.WaitGroup
	warn    func(error)
	changed func() // called after statuses were written
	company company
}

// task is one thing to keep: a confirmed status, a small answer, or something else to do in its turn.
type task struct {
	status *catalog.Confirmed
	answer *smallAnswer
	run    func(context.Context) error
}

// smallAnswer is the answer to a look-up as far as it may wait in memory.
type smallAnswer struct {
	nodes []api.Node
	stage func(context.Context) error // brings it into the catalog
}

// keptWaiting bounds what waits to be written, keptNodes the nodes of a
// look-up that may wait, keptTogether what is written in one go; keptLinger is
// how long company is waited for: in company a status costs a fraction.
const (
	keptWaiting  = 1024
	keptNodes    = 64
	keptTogether = 64
	keptLinger   = 20 * time.Millisecond
)

func newKeeper(c func() *catalog.Catalog, warn func(error), changed func()) *keeper {
	k := &keeper{catalog: c, work: make(chan task, keptWaiting), hurry: make(chan struct{}, 1), over: make(chan struct{}), warn: warn, changed: changed}
	k.company.taken = map[string]bool{}
	k.done.Go(k.loop)
	return k
}

func (k *keeper) loop() {
	var next *task
	for {
		var one task
		if next != nil {
			one, next = *next, nil
		} else {
			select {
			case one = <-k.work:
			case <-k.over:
				var more bool
				if one, more = k.left(); !more {
					return
				}
			}
		}
		if one.run != nil {
			if err := one.run(context.Background()); err != nil {
				k.warn(err)
			}
			continue
		}
		next = k.together(one)
	}
}

// together keeps a task and those that wait right behind it, and returns the
// first one that must come after them.
func (k *keeper) together(first task) *task {
	k.company.clear()
	k.linger()
	var later *task
	for one, n := first, 1; ; n++ {
		switch {
		case one.status != nil:
			k.company.confirmed(*one.status)
		case one.answer != nil && k.company.admits(one.answer):
			// Written before the statuses although it came after them: they are of other codes.
			k.company.answered(one.answer)
		default:
			later = &one
		}
		var more bool
		if later != nil || n == keptTogether {
			break
		}
		if one, more = k.left(); !more {
			break
		}
	}
	k.write()
	return later
}

// linger waits for company, without waking for each that comes.
func (k *keeper) linger() {
	if len(k.work) >= keptTogether-1 {
		return
	}
	timer := time.NewTimer(keptLinger)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-k.hurry:
	case <-k.over:
	}
}

// came is called after a task was added.
func (k *keeper) came(urgent bool) {
	if !urgent && len(k.work) < keptTogether {
		return
	}
	select {
	case k.hurry <- struct{}{}:
	default:
	}
}

// company is what is written in one go.
type company struct {
	answers  []*smallAnswer
	nodes    [][]api.Node // of the answers
	statuses []catalog.Confirmed
	taken    map[string]bool // ids of statuses, and the codes of answers
	wide     bool            // one of the taken is no code
}

func (c *company) clear() {
	clear(c.answers)
	clear(c.nodes)
	clear(c.taken)
	*c = company{answers: c.answers[:0], nodes: c.nodes[:0], statuses: c.statuses[:0], taken: c.taken}
}

func (c *company) confirmed(s catalog.Confirmed) {
	c.statuses = append(c.statuses, s)
	c.taken[string(s.ID)] = true
	c.wide = c.wide || s.ID.Level() != api.LevelCode
}

func (c *company) answered(a *smallAnswer) {
	c.answers, c.nodes = append(c.answers, a), append(c.nodes, a.nodes)
	for i := range a.nodes {
		if n := &a.nodes[i]; n.Level == api.LevelCode {
			c.taken[n.ID] = true
			c.wide = c.wide || api.ID(n.ID).Level() != api.LevelCode
		}
	}
}

// admits reports that nothing taken concerns the answer: it is of codes, and so
// are all taken ids, and none of them is among its own.
func (c *company) admits(a *smallAnswer) bool {
	if len(c.taken) == 0 {
		return true
	}
	if c.wide {
		return false
	}
	for i := range a.nodes {
		if c.taken[a.nodes[i].ID] {
			return false
		}
	}
	return len(a.nodes) > 0 && a.nodes[len(a.nodes)-1].Level == api.LevelCode
}

// write brings the company into the catalog. The look-up before each sending
// mostly repeats what the cashier's own brought; what the catalog does not show
// already comes before the statuses.
func (k *keeper) write() {
	ctx, c := context.Background(), &k.company
	shown, noted, err := k.catalog().Note(ctx, c.nodes, c.statuses)
	if err != nil {
		k.warn(err)
	}
	for i, a := range c.answers {
		if shown[i] {
			continue
		}
		if err := a.stage(ctx); err != nil {
			k.warn(err)
		}
	}
	if len(c.statuses) == 0 {
		return
	}
	if !noted {
		if err := k.catalog().SetStatuses(ctx, c.statuses); err != nil {
			k.warn(err)
		}
	}
	k.changed()
}

// left returns the next task that is there already.
func (k *keeper) left() (task, bool) {
	select {
	case one := <-k.work:
		return one, true
	default:
		return task{}, false
	}
}

// stop writes what is there and ends. What comes later is dropped.
func (k *keeper) stop() {
	close(k.over)
	k.done.Wait()
}

// add drops what finds no place.
func (k *keeper) add(a *smallAnswer) {
	select {
	case k.work <- task{answer: a}:
		k.came(false)
	default:
	}
}

// settle waits, but not for long, until what is there by now is written.
func (k *keeper) settle(limit time.Duration) {
	done := make(chan struct{})
	select {
	case k.work <- task{run: func(context.Context) error { close(done); return nil }}:
		k.came(true)
	default:
		return
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// confirm waits for its place; faces hear when the status is written.
func (k *keeper) confirm(c catalog.Confirmed) {
	select {
	case k.work <- task{status: &c}:
		k.came(false)
	case <-k.over:
	}
}

// kept is one look-up's way into the catalog.
type kept struct {
	d     *Desk
	id    api.ID
	later bool // small answers may be written behind the caller's back
	nodes []api.Node
	stage *catalog.Stage
	lost  bool
	begun int64 // freshLooks.begin at the start of the look-up
	// staged says that the stage was there before the question was asked: it
	// hears of every status confirmed since, and sets it on top of the answer.
	staged bool
}

// keep begins keeping the answer to a look-up that is about to be asked.
func (d *Desk) keep(ctx context.Context, id api.ID, later bool) *kept {
	k := &kept{d: d, id: id, later: later, lost: d.s.ReadOnly, begun: d.looks.begin()}
	if !k.lost && !later {
		k.staged = k.begin(ctx)
	}
	return k
}

func (k *kept) add(ctx context.Context, n api.Node) {
	switch {
	case k.lost:
	case k.stage == nil && k.later && len(k.nodes) < keptNodes:
		if k.nodes == nil {
			k.nodes = make([]api.Node, 0, 4) // a code and what holds it
		}
		k.nodes = append(k.nodes, n)
	default:
		if k.stage == nil && !k.begin(ctx) {
			return
		}
		if err := k.stage.Add(n); err != nil {
			k.lose(err)
		}
	}
}

// begin opens the stage and hands it what was held back.
func (k *kept) begin(ctx context.Context) bool {
	var err error
	if k.stage, err = k.d.catalog().Stage(ctx, k.id); err != nil {
		k.lose(err)
		return false
	}
	for _, n := range k.nodes {
		if err := k.stage.Add(n); err != nil {
			k.lose(err)
			return false
		}
	}
	k.nodes = nil
	return true
}

func (k *kept) lose(err error) {
	k.d.log.Warn("look-up not kept", "err", err)
	k.abort()
	k.lost = true
}

func (k *kept) abort() {
	if k.stage != nil {
		k.stage.Abort()
		k.stage = nil
	}
}

// commit puts a verified answer into the catalog and returns the node's
// counts; nil where it is written later or could not be.
func (k *kept) commit(ctx context.Context, seen time.Time) map[string]int {
	if k.lost {
		return nil
	}
	if k.staged {
		// What was confirmed while it came belongs on top of it: the catalog sees to
		// that, and a large answer must not keep the others waiting.
		k.d.keeper.settle(keptPatience)
	} else {
		k.d.looks.keeping.Lock()
		defer k.d.looks.keeping.Unlock()
		if k.d.looks.overtaken(k.id, k.begun) {
			return nil // older than what an operation of ours did since
		}
	}
	if k.stage == nil && k.later {
		d, id, nodes := k.d, k.id, k.nodes
		d.keeper.add(&smallAnswer{nodes: nodes, stage: func(ctx context.Context) error {
			late := &kept{d: d, id: id, nodes: nodes}
			defer late.abort()
			if !late.begin(ctx) {
				return nil
			}
			_, err := late.stage.Commit(ctx, seen)
			return err
		}})
		return nil
	}
	if k.stage == nil && !k.begin(ctx) {
		return nil
	}
	root, err := k.stage.Commit(ctx, seen)
	if err != nil {
		k.lose(err)
		return nil
	}
	return root.Counts
}
