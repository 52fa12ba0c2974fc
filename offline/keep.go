package offline

import (
	"context"
	"slices"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/catalog"
)

// keeper writes small look-ups and confirmed statuses into the catalog behind
// the caller's back, in order: a drain need not wait for what can be looked up
// again. What finds no place is dropped.
type keeper struct {
	catalog *catalog.Catalog
	work    chan task
	done    sync.WaitGroup
	warn    func(error)
	changed func() // called after statuses were written
}

// task is one thing to keep: a confirmed status, or something else.
type task struct {
	status *catalog.Confirmed
	run    func(context.Context) error
}

// keptWaiting bounds what waits to be written, keptNodes the look-ups that may
// wait, keptTogether the statuses of one transaction.
const (
	keptWaiting  = 1024
	keptNodes    = 64
	keptTogether = 64
)

func newKeeper(c *catalog.Catalog, warn func(error), changed func()) *keeper {
	k := &keeper{catalog: c, work: make(chan task, keptWaiting), warn: warn, changed: changed}
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
			var more bool
			if one, more = <-k.work; !more {
				return
			}
		}
		if one.status == nil {
			if err := one.run(context.Background()); err != nil {
				k.warn(err)
			}
			continue
		}
		next = k.statuses(one)
	}
}

// statuses writes a status and those that wait right behind it, and returns
// the first task that is none.
func (k *keeper) statuses(first task) *task {
	batch := []task{first}
	var other *task
	for len(batch) < keptTogether {
		one, ok := k.waiting()
		if !ok {
			break
		}
		if one.status == nil {
			other = &one
			break
		}
		batch = append(batch, one)
	}
	list := make([]catalog.Confirmed, len(batch))
	for i, one := range batch {
		list[i] = *one.status
	}
	if err := k.catalog.SetStatuses(context.Background(), list); err != nil {
		k.warn(err)
	}
	k.changed()
	return other
}

// waiting returns the next task that is there already.
func (k *keeper) waiting() (task, bool) {
	select {
	case one, more := <-k.work:
		return one, more
	default:
		return task{}, false
	}
}

func (k *keeper) stop() {
	close(k.work)
	k.done.Wait()
}

// add drops what finds no place.
func (k *keeper) add(f func(context.Context) error) {
	select {
	case k.work <- task{run: f}:
	default:
	}
}

// settle waits, but not for long, until what is there by now is written.
func (k *keeper) settle(limit time.Duration) {
	done := make(chan struct{})
	select {
	case k.work <- task{run: func(context.Context) error { close(done); return nil }}:
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
func (k *keeper) confirm(c catalog.Confirmed) { k.work <- task{status: &c} }

// kept is one look-up's way into the catalog.
type kept struct {
	d     *Desk
	id    api.ID
	later bool // small answers may be written behind the caller's back
	nodes []api.Node
	stage *catalog.Stage
	lost  bool
	begun int64 // freshLooks.begin at the start of the look-up
}

func (k *kept) add(ctx context.Context, n api.Node) {
	switch {
	case k.lost:
	case k.stage == nil && k.later && len(k.nodes) < keptNodes:
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
	if k.stage, err = k.d.catalog.Stage(ctx, k.id); err != nil {
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
	k.d.looks.keeping.Lock()
	defer k.d.looks.keeping.Unlock()
	if k.d.looks.overtaken(k.id, k.begun) {
		return nil // older than what an operation of ours did since
	}
	if k.stage == nil && k.later {
		d, id, nodes := k.d, k.id, k.nodes
		d.keeper.add(func(ctx context.Context) error {
			late := &kept{d: d, id: id, nodes: nodes}
			defer late.abort()
			if !d.known(ctx, nodes) && late.begin(ctx) {
				_, err := late.stage.Commit(ctx, seen)
				return err
			}
			return nil
		})
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

// known reports whether the catalog shows all of this already: the look-up
// before each sending mostly repeats what the cashier's own look-up brought.
func (d *Desk) known(ctx context.Context, nodes []api.Node) bool {
	if len(nodes) > 0 && nodes[len(nodes)-1].Level == api.LevelCode {
		// What holds a code is said by the code's own row.
		nodes = slices.DeleteFunc(slices.Clone(nodes), func(n api.Node) bool { return n.Level != api.LevelCode })
	}
	for _, n := range nodes {
		have, ok, err := d.catalog.Get(ctx, api.ID(n.ID))
		if err != nil || !ok || have.Parent != n.Parent || have.Status != n.Status || have.Remaining != n.Remaining {
			return false
		}
	}
	return len(nodes) > 0
}
