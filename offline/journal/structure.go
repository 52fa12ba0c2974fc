package journal

import (
	"context"
	"errors"
	"fmt"
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
	early := int64(0)
	if err == nil && why == "" {
		early, err = v.c.Int(`SELECT count(*) FROM events WHERE seq < 1`)
	}
	if early > 0 {
		why = fmt.Sprintf("%d events stand before the first", early)
	}
	if err == nil && why == "" {
		ghost := ""
		if ghost, err = v.c.Text(`SELECT op FROM attempts WHERE op NOT IN (SELECT op FROM operations) LIMIT 1`); ghost != "" {
			why = "attempts of " + ghost + ", which is no operation"
		}
	}
	if err == nil && why != "" {
		err = &ChainError{Seq: max(v.head.Seq, 1), Reason: "the database's structure: " + why}
	}
	return err
}
