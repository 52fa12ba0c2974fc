package lookups

import (
	"context"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/catalog"
)

// catalogWriter writes small answers and confirmed statuses into the catalog in
// the order they came, many in one batch: a drain need not wait for what can be
// looked up again. An answer that finds no place in the queue is dropped.
type catalogWriter struct {
	catalog func() *catalog.Catalog
	queue   chan task
	hurry   chan struct{} // holds one where a batch need not wait for more
	closing chan struct{}
	done    sync.WaitGroup
	warn    func(error)
	changed func() // called after statuses were written
	batch   batch
}

// task is one thing to write, or somebody who waits until all before it is written.
type task struct {
	status  *catalog.Confirmed
	answer  *smallAnswer
	flushed chan struct{}
}

// smallAnswer is an answer that waits in memory.
type smallAnswer struct {
	id    api.ID
	nodes []api.Node
	seen  time.Time
}

// queueMost bounds what waits to be written, batchMost what is written in one
// go; batchWait is how long a batch waits for more: in a batch a status costs a
// fraction.
const (
	queueMost = 1024
	batchMost = 64
	batchWait = 20 * time.Millisecond
)

func newCatalogWriter(c func() *catalog.Catalog, warn func(error), changed func()) *catalogWriter {
	w := &catalogWriter{
		catalog: c, warn: warn, changed: changed,
		queue: make(chan task, queueMost), hurry: make(chan struct{}, 1), closing: make(chan struct{}),
	}
	w.batch.taken = map[string]bool{}
	w.done.Go(w.loop)
	return w
}

// add drops what finds no place.
func (w *catalogWriter) add(a *smallAnswer) {
	select {
	case w.queue <- task{answer: a}:
		w.came(false)
	default:
	}
}

// confirm waits for its place; faces hear when the status is written.
func (w *catalogWriter) confirm(c catalog.Confirmed) {
	select {
	case w.queue <- task{status: &c}:
		w.came(false)
	case <-w.closing:
	}
}

// flush waits, but not for long, until what is there by now is written.
func (w *catalogWriter) flush(limit time.Duration) {
	flushed := make(chan struct{})
	select {
	case w.queue <- task{flushed: flushed}:
		w.came(true)
	default:
		return
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-flushed:
	case <-timer.C:
	}
}

// close writes what is there and ends. What comes later is dropped.
func (w *catalogWriter) close() {
	close(w.closing)
	w.done.Wait()
}

// came is called after a task was added.
func (w *catalogWriter) came(urgent bool) {
	if !urgent && len(w.queue) < batchMost {
		return
	}
	select {
	case w.hurry <- struct{}{}:
	default:
	}
}

func (w *catalogWriter) loop() {
	var next *task
	for {
		var one task
		if next != nil {
			one, next = *next, nil
		} else {
			select {
			case one = <-w.queue:
			case <-w.closing:
				var more bool
				if one, more = w.waiting(); !more {
					return
				}
			}
		}
		if one.flushed != nil {
			close(one.flushed)
			continue
		}
		next = w.together(one)
	}
}

// waiting returns the next task that is there already.
func (w *catalogWriter) waiting() (task, bool) {
	select {
	case one := <-w.queue:
		return one, true
	default:
		return task{}, false
	}
}

// together writes a task and those that wait right behind it, and returns the
// first one that must come after them.
func (w *catalogWriter) together(first task) *task {
	w.batch.clear()
	w.gather()
	var after *task
	for one, n := first, 1; ; n++ {
		switch {
		case one.status != nil:
			w.batch.confirmed(*one.status)
		case one.answer != nil && w.batch.admits(one.answer):
			// Written before the statuses although it came after them: they are of other codes.
			w.batch.answered(one.answer)
		default:
			after = &one
		}
		var more bool
		if after != nil || n == batchMost {
			break
		}
		if one, more = w.waiting(); !more {
			break
		}
	}
	w.write()
	return after
}

// gather waits for a batch to fill, without waking for each task that comes.
func (w *catalogWriter) gather() {
	if len(w.queue) >= batchMost-1 {
		return
	}
	timer := time.NewTimer(batchWait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.hurry:
	case <-w.closing:
	}
}

// write brings the batch into the catalog. The look-up before each sending
// mostly repeats what the cashier's own brought; what the catalog does not show
// already comes before the statuses.
func (w *catalogWriter) write() {
	ctx, b := context.Background(), &w.batch
	shown, noted, err := w.catalog().Note(ctx, b.nodes, b.statuses)
	if err != nil {
		w.warn(err)
	}
	for i, a := range b.answers {
		if shown[i] {
			continue
		}
		if err := w.bring(ctx, a); err != nil {
			w.warn(err)
		}
	}
	if len(b.statuses) == 0 {
		return
	}
	if !noted {
		if err := w.catalog().SetStatuses(ctx, b.statuses); err != nil {
			w.warn(err)
		}
	}
	w.changed()
}

// bring puts one answer into the catalog.
func (w *catalogWriter) bring(ctx context.Context, a *smallAnswer) error {
	stage, err := w.catalog().Stage(ctx, a.id)
	if err != nil {
		return err
	}
	defer stage.Abort()
	for _, n := range a.nodes {
		if err := stage.Add(n); err != nil {
			return err
		}
	}
	_, err = stage.Commit(ctx, a.seen)
	return err
}

// batch is what is written in one go.
type batch struct {
	answers  []*smallAnswer
	nodes    [][]api.Node // of the answers
	statuses []catalog.Confirmed
	taken    map[string]bool // ids of statuses, and the codes of answers
	wide     bool            // one of the taken is no code
}

func (b *batch) clear() {
	clear(b.answers)
	clear(b.nodes)
	clear(b.taken)
	*b = batch{answers: b.answers[:0], nodes: b.nodes[:0], statuses: b.statuses[:0], taken: b.taken}
}

func (b *batch) confirmed(s catalog.Confirmed) {
	b.statuses = append(b.statuses, s)
	b.taken[string(s.ID)] = true
	b.wide = b.wide || s.ID.Level() != api.LevelCode
}

func (b *batch) answered(a *smallAnswer) {
	b.answers, b.nodes = append(b.answers, a), append(b.nodes, a.nodes)
	for i := range a.nodes {
		if n := &a.nodes[i]; n.Level == api.LevelCode {
			b.taken[n.ID] = true
			b.wide = b.wide || api.ID(n.ID).Level() != api.LevelCode
		}
	}
}

// admits reports that nothing taken concerns the answer: it is of codes, and so
// are all taken ids, and none of them is among its own.
func (b *batch) admits(a *smallAnswer) bool {
	if len(b.taken) == 0 {
		return true
	}
	if b.wide {
		return false
	}
	for i := range a.nodes {
		if b.taken[a.nodes[i].ID] {
			return false
		}
	}
	return len(a.nodes) > 0 && a.nodes[len(a.nodes)-1].Level == api.LevelCode
}
