package sqlite

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// Structure is what a database is made of.
type Structure struct {
	// Made is by type and name the statement that made a thing, without comments and white space.
	Made  map[string]string
	Types map[string][][2]string // by table the columns and their types
}

var notSaid = regexp.MustCompile(`--[^\n]*|\s+`)

// StructureOf reads the structure, but for SQLite's own tables and indexes and
// those that belong to the table except.
func StructureOf(c *Conn, except string) (Structure, error) {
	s := Structure{map[string]string{}, map[string][][2]string{}}
	err := c.Each(`SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type NOT IN ('table', 'index')
		OR name NOT LIKE 'sqlite\_%' ESCAPE '\' AND tbl_name <> ?`, []any{except}, func(row Row) error {
		s.Made[row.Text(0)+" "+row.Text(1)] = row.Text(2) + " " + notSaid.ReplaceAllString(row.Text(3), "")
		if row.Text(0) == "table" {
			s.Types[row.Text(1)] = nil
		}
		return nil
	})
	for table := range s.Types {
		if err == nil {
			err = c.Each(`SELECT name, lower(type) FROM pragma_table_info(?)`, []any{table}, func(row Row) error {
				s.Types[table] = append(s.Types[table], [2]string{row.Text(0), row.Text(1)})
				return nil
			})
		}
	}
	return s, err
}

// Differs says what the structure has otherwise than want, "" for nothing.
func (s Structure) Differs(want Structure) string {
	all := maps.Clone(s.Made)
	maps.Copy(all, want.Made)
	for _, thing := range slices.Sorted(maps.Keys(all)) {
		have, is := s.Made[thing]
		made, wanted := want.Made[thing]
		switch {
		case !is:
			return "the " + thing + " is missing"
		case !wanted:
			return "the " + thing + " is foreign to it"
		case have != made:
			return "the " + thing + " is not as the program made it"
		}
	}
	return ""
}

// Unfit holds a table's values against the types of its columns, which SQLite
// does not, and its indexes against its rows; it says what does not fit.
func (s Structure) Unfit(c *Conn, table string) (string, error) {
	cases := ""
	for _, column := range s.Types[table] {
		cases += fmt.Sprintf(" WHEN typeof(%s) <> '%s' THEN '%[1]s'", column[0], column[1])
	}
	column, err := c.Text(`SELECT CASE` + cases + ` END AS wrong FROM ` + table + ` NOT INDEXED WHERE wrong IS NOT NULL LIMIT 1`)
	if err != nil || column != "" {
		return "a value in " + table + "." + column + " is of another type than the program writes", err
	}
	said, err := c.Text(`SELECT integrity_check FROM pragma_integrity_check(?)`, table)
	if err != nil || said != "ok" {
		return "the table " + table + " and its indexes: " + said, err
	}
	return "", nil
}
