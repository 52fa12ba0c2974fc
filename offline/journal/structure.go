package journal

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"counterfoil/offline/sqlite"
)

// structure is what a database is made of: by type and name the statement that
// made it, and by table the types of its columns.
type structure struct {
	made  map[string]string
	types map[string][][2]string
}

// newest is the structure that the migrations make.
var newest = sync.OnceValues(func() (s structure, err error) {
	const name = "file:structure?mode=memory&cache=shared"
	c, err := sqlite.Open(name) // keeps it while it is migrated
	if err != nil {
		return s, err
	}
	defer func() { _ = c.Close() }()
	files, err := migrations()
	if err == nil {
		err = migrateTo(context.Background(), name, files)
	}
	if err == nil {
		s.made, err = madeOf(c)
	}
	s.types = map[string][][2]string{}
	for _, thing := range slices.Sorted(maps.Keys(s.made)) {
		table, is := strings.CutPrefix(thing, "table ")
		if err != nil || !is {
			continue
		}
		err = c.Each(`SELECT name, lower(type) FROM pragma_table_info(?)`, []any{table}, func(row sqlite.Row) error {
			s.types[table] = append(s.types[table], [2]string{row.Text(0), row.Text(1)})
			return nil
		})
	}
	return s, err
})

var notSaid = regexp.MustCompile(`--[^\n]*|\s+`) // comments and white space

func madeOf(c *sqlite.Conn) (map[string]string, error) {
	made := map[string]string{}
	err := c.Each(`SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type NOT IN ('table', 'index')
		OR name NOT LIKE 'sqlite\_%' ESCAPE '\' AND tbl_name <> '`+gooseTable+`'`, nil, func(row sqlite.Row) error {
		made[row.Text(0)+" "+row.Text(1)] = row.Text(2) + " " + notSaid.ReplaceAllString(row.Text(3), "")
		return nil
	})
	return made, err
}

// structure holds what the database is made of against the migrations: a foreign
// trigger, view or index makes readers see other rows than the walk.
func (v *verifier) structure() error {
	want, err := newest()
	if err != nil {
		return err
	}
	have, err := madeOf(v.c)
	if err != nil {
		return err
	}
	all := maps.Clone(have)
	maps.Copy(all, want.made)
	for _, thing := range slices.Sorted(maps.Keys(all)) {
		why := ""
		_, is := have[thing]
		_, ours := want.made[thing]
		switch {
		case !is:
			why = "is missing"
		case !ours:
			why = "is foreign to it"
		case have[thing] != want.made[thing]:
			why = "is not as the program made it"
		}
		if why != "" {
			return &ChainError{Seq: v.head.Seq, Reason: "the database's structure: the " + thing + " " + why}
		}
	}
	return nil
}

// values holds every value against its column's type, and every index against
// its table: a text stored as a blob, or a row that an index leaves out, hides
// an operation from the queue although its row reads as it should.
func (v *verifier) values(ctx context.Context) error {
	want, err := newest()
	if err != nil {
		return err
	}
	for _, table := range slices.Sorted(maps.Keys(want.types)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		cases := ""
		for _, column := range want.types[table] {
			cases += fmt.Sprintf(" WHEN typeof(%s) <> '%s' THEN '%[1]s'", column[0], column[1])
		}
		wrong, err := v.c.Text(`SELECT CASE` + cases + ` END AS wrong FROM ` + table + ` NOT INDEXED WHERE wrong IS NOT NULL LIMIT 1`)
		if err == nil && wrong != "" {
			err = &ChainError{Seq: v.head.Seq, Reason: fmt.Sprintf("a value in %s.%s is of another type than the program writes", table, wrong)}
		}
		if err != nil {
			return err
		}
		// A table at a time: a long reading keeps the WAL from being cut.
		said, err := v.c.Text(`SELECT integrity_check FROM pragma_integrity_check(?)`, table)
		if err == nil && said != "ok" {
			err = &ChainError{Seq: v.head.Seq, Reason: "the table " + table + " and its indexes: " + said}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
