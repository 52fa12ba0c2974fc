package offline

import (
	"context"
	"errors"
	"sync/atomic"

	"counterfoil/offline/catalog"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/salvage"
)

// folder is the data folder: the journal and the catalog as they were opened
// last. A reader of the ones before is told that they are damaged.
type folder struct {
	s     Settings
	book  atomic.Pointer[journal.Journal]
	cache atomic.Pointer[catalog.Catalog]
}

func openFolder(ctx context.Context, s Settings) (*folder, error) {
	f := &folder{s: s}
	j, err := salvage.Open(ctx, journal.Options{Dir: s.Data, Now: s.Now, Log: s.Log, ReadOnly: s.ReadOnly,
		Counter: journal.Counter{Name: s.CounterName, Number: s.Number}})
	if err != nil {
		return nil, err
	}
	f.book.Store(j)
	if err := f.openCatalog(ctx); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return f, nil
}

func (f *folder) openCatalog(ctx context.Context) error {
	c, err := catalog.Open(ctx, catalog.Options{Dir: f.s.Data, ReadOnly: f.s.ReadOnly})
	if err == nil {
		f.cache.Store(c)
	}
	return err
}

// reopenJournal opens the journal again after damage or a failure of the device.
func (f *folder) reopenJournal(ctx context.Context) error {
	next, err := salvage.Reopen(ctx, f.journal())
	if err == nil {
		f.book.Store(next)
	}
	return err
}

func (f *folder) journal() *journal.Journal { return f.book.Load() }

func (f *folder) catalog() *catalog.Catalog { return f.cache.Load() }

func (f *folder) close() error {
	return errors.Join(f.catalog().Close(), f.journal().Close())
}
