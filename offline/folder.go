package offline

import (
	"context"
	"errors"
	"sync/atomic"

	"counterfoil/offline/batch"
	"counterfoil/offline/catalog"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/salvage"
	"counterfoil/offline/review"
)

// folder is the data folder: the journal and the catalog as they were opened
// last. A reader of the ones before is told that they are damaged.
type folder struct {
	s     Settings
	book  atomic.Pointer[journal.Journal]
	cache atomic.Pointer[catalog.Catalog]
	// reviews opens its file by itself, when it is first needed.
	reviews *review.Room
	baskets *batch.Baskets
}

// space is called when a full disk has space again.
func openFolder(ctx context.Context, s Settings, space func()) (*folder, error) {
	f := &folder{s: s, baskets: batch.NewBaskets(s.Data)}
	j, err := salvage.Open(ctx, journal.Options{Dir: s.Data, Now: s.Now, Log: s.Log, ReadOnly: s.ReadOnly,
		Reserve: s.Reserve, Space: space, Counter: chain.Counter{Name: s.CounterName, Number: s.Number, Training: s.PublicPINs}})
	if err != nil {
		return nil, err
	}
	f.book.Store(j)
	_ = f.openCatalog(ctx) // sales go on without it
	return f, nil
}

// openCatalog opens the catalog, or one that keeps nothing: it is a cache.
func (f *folder) openCatalog(ctx context.Context) error {
	c, err := catalog.Open(ctx, catalog.Options{Dir: f.s.Data, ReadOnly: f.s.ReadOnly})
	if err != nil {
		f.s.Log.Warn("the catalog cannot be opened", "err", err)
	}
	if c != nil {
		f.cache.Store(c)
	}
	return err
}

// CheckFolder looks whether dir may be used as a data folder, and holds a journal. It
// changes nothing. Errors: ErrNotOurs, ErrNoCounter where there is no folder.
func CheckFolder(dir string) (holds bool, err error) {
	holds, err = journal.CheckFolder(dir)
	return holds, publicError(err)
}

// LostDatabase reports whether a folder that holds a journal lacks its database, or
// has an empty one in its place: a start begins a new one.
func LostDatabase(dir string) bool { return journal.LostDatabase(dir) }

// Held reports whether another program has the folder.
func Held(dir string) bool { return journal.Held(dir) }

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
	_ = f.baskets.Kept() // the screen said so
	return errors.Join(f.reviews.Close(), f.catalog().Close(), f.journal().Close())
}
