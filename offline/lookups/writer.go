package lookups

import (
	"context"
	"errors"
	"sync"
	"time"

	"counterfoil/offline/catalog"
)

// catalogWriter writes small answers and confirmed statuses into the catalog in
// the order they came, many in one group: a drain need not wait for what can be
// looked up again. An answer that finds no place in the queue is dropped.
type catalogWriter struct {
	catalog func() *catalog.Catalog
	queue   chan task
	hurry   chan struct{} // holds one where a group need not wait for more
	closing chan struct{}
	done    sync.WaitGroup
	warn    func(error)
	changed func() // called after statuses were written
}

// task is one thing to write, or somebody who waits until all before it is written.
type task struct {
	news    catalog.News
	flushed chan struct{}
}

// queueMost bounds what waits to be written, groupMost what is written in one
// go; groupWait is how long a group waits for more, since a status costs a fraction
// of its own commit there.
const (
	queueMost = 1024
	groupMost = 192
	groupWait = 50 * time.Millisecond
)

func newCatalogWriter(c func() *catalog.Catalog, warn func(error), changed func()) *catalogWriter {
	w := &catalogWriter{
		catalog: c, warn: warn, changed: changed,
		queue: make(chan task, queueMost), hurry: make(chan struct{}, 1), closing: make(chan struct{}),
	}
	w.done.Go(w.loop)
	return w
}

// add drops an answer that finds no place.
func (w *catalogWriter) add(answer catalog.News) {
	select {
	case w.queue <- task{news: answer}:
		w.came(false)
	default:
	}
}

// confirm waits for its place; faces hear when the status is written.
func (w *catalogWriter) confirm(c catalog.Confirmed) {
	select {
	case w.queue <- task{news: catalog.News{Confirmed: c}}:
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
	if !urgent && len(w.queue) < groupMost {
		return
	}
	select {
	case w.hurry <- struct{}{}:
	default:
	}
}

func (w *catalogWriter) loop() {
	for {
		select {
		case one := <-w.queue:
			w.gather()
			w.write(one)
		case <-w.closing:
			for len(w.queue) > 0 {
				w.write(<-w.queue)
			}
			return
		}
	}
}

// gather waits for a group to fill, without waking for each task that comes.
func (w *catalogWriter) gather() {
	if len(w.queue) >= groupMost-1 {
		return
	}
	timer := time.NewTimer(groupWait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.hurry:
	case <-w.closing:
	}
}

// write brings a task and those that wait behind it into the catalog.
func (w *catalogWriter) write(one task) {
	var news []catalog.News
	statuses := false
	for n := 1; ; n++ {
		if one.flushed != nil {
			defer close(one.flushed)
		} else {
			news = append(news, one.news)
			statuses = statuses || one.news.Nodes == nil
		}
		if n == groupMost || len(w.queue) == 0 {
			break
		}
		one = <-w.queue // nobody else takes from it
	}
	if len(news) == 0 {
		return
	}
	err := w.note(news)
	if errors.Is(err, catalog.ErrOrder) { // one answer must not cost the others
		for i := range news {
			if err := w.note(news[i : i+1]); err != nil {
				w.warn(err)
			}
		}
	} else if err != nil {
		w.warn(err)
	}
	if statuses {
		w.changed()
	}
}

func (w *catalogWriter) note(news []catalog.News) error {
	return w.catalog().Note(context.Background(), news)
}
