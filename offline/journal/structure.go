package journal

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"counterfoil/offline/sqlite"
)

// newest is the structure that the migrations make.
var newest = sync.OnceValues(func() (s sqlite.Structure, err error) {
	const name = "file:structure?mode=memory&cache=shared"
	c, err := sqlite.Open(name) // keeps it while it is migrated
	if err != nil {
		return s, err
	}
	files, err := migrations()
	if err == nil {
		err = migrateTo(context.Background(), name, files)
	}
	if err == nil {
		s, err = sqlite.StructureOf(c, gooseTable)
	}
	return s, errors.Join(err, c.Close())
})

// structure holds the database's structure against the migrations, and each
// table's values and indexes against it: a foreign trigger, a text stored as a
// blob, or a row that an index leaves out hides an operation from the queue
// although the walk sees it. A table at a time: a long reading keeps the WAL
// from being cut.
func (v *verifier) structure(ctx context.Context) error {
	want, err := newest()
	if err != nil {
		return err
	}
	have, err := sqlite.StructureOf(v.c, gooseTable)
	why := have.Differs(want)
	for _, table := range slices.Sorted(maps.Keys(want.Types)) {
		if err = errors.Join(err, ctx.Err()); err == nil && why == "" {
			why, err = want.Unfit(v.c, table)
		}
	}
	if err == nil && why == "" { // what neither walk comes by
		why, err = v.c.Text(`SELECT CASE WHEN EXISTS (SELECT 1 FROM events WHERE seq < 1) THEN 'events stand before the first'
			WHEN EXISTS (SELECT 1 FROM attempts WHERE op NOT IN (SELECT op FROM operations)) THEN 'attempts belong to no operation' END`)
	}
	if err == nil && why != "" {
		err = &ChainError{Seq: max(v.head.Seq, 1), Reason: "the database's structure: " + why}
	}
	return err
}
