package chain

import (
	"context"
	"errors"
	"maps"
	"slices"

	"counterfoil/offline/sqlite"
)

// VersionTable is where goose keeps which migrations ran.
const VersionTable = "goose_db_version"

// structure holds the database's structure against the migrations, and each
// table's values and indexes against it: a foreign trigger, a text stored as a
// blob, or a row that an index leaves out hides an operation from the queue
// although the walk sees it. A table at a time: a long reading keeps the WAL
// from being cut.
func (v *verifier) structure(ctx context.Context, want sqlite.Structure) error {
	made, err := sqlite.MadeOf(v.c, VersionTable)
	why := want.Differs(made)
	for _, table := range slices.Sorted(maps.Keys(want.Types)) {
		if err = errors.Join(err, ctx.Err()); err == nil && why == "" {
			why, err = want.Unfit(v.c, table)
		}
	}
	if err == nil && why == "" { // what neither walk comes by
		why, err = v.c.Text(`SELECT CASE WHEN EXISTS (SELECT 1 FROM events WHERE seq < 1) THEN 'events stand before the first'
			WHEN (SELECT count(DISTINCT version_id) <= max(version_id) OR min(is_applied) < 1 FROM ` + VersionTable + `) THEN 'a migration is missing'
			WHEN EXISTS (SELECT 1 FROM attempts WHERE op NOT IN (SELECT op FROM operations)) THEN 'attempts belong to no operation'
			WHEN EXISTS (SELECT 1 FROM postings WHERE seq > (` + SQLProjected + `) OR seq IN (SELECT seq FROM events WHERE op = '')) THEN 'what no event of an operation posted is posted'
			WHEN EXISTS (SELECT 1 FROM days WHERE op NOT IN (SELECT op FROM operations)) THEN 'a business day begins with no operation' END`)
	}
	if err == nil && why == "" {
		why, err = tracesUnfit(v.c.Each, "")
	}
	if err == nil && why != "" {
		err = &MisfitError{Seq: max(v.head.Seq, 1), Why: "the database's structure: " + why}
	}
	return err
}
