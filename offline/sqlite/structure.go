package sqlite

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Structure is what a database is made of.
type Structure struct {
	// Made is by type and name the statement that made a thing, without comments and white space.
	Made  map[string]string
	Types map[string][][2]string // by table the columns and their types
}

var notSaid = regexp.MustCompile(`--[^\n]*|\s+`)

// MadeOf reads what the database is made of, but for SQLite's own tables and
// indexes and the table except. It needs no module that a foreign table names.
func MadeOf(c *Conn, except string) (map[string]string, error) {
	made := map[string]string{}
	err := c.Each(`SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT GLOB 'sqlite_autoindex_*'
		AND name NOT GLOB 'sqlite_stat[1-4]' AND name NOT IN ('sqlite_sequence', ?)`, []any{except}, func(row Row) error {
		made[row.Text(0)+" "+row.Text(1)] = row.Text(2) + " " + notSaid.ReplaceAllString(row.Text(3), "")
		return nil
	})
	return made, err
}

// StructureOf reads the structure with the types of the tables' columns.
func StructureOf(c *Conn, except string) (Structure, error) {
	made, err := MadeOf(c, except)
	s := Structure{made, map[string][][2]string{}}
	for thing := range made {
		if table, is := strings.CutPrefix(thing, "table "); is {
			s.Types[table] = nil
		}
	}
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

// Differs says what a database that is made so has otherwise, "" for nothing.
func (s Structure) Differs(made map[string]string) string {
	all := maps.Clone(made)
	maps.Copy(all, s.Made)
	for _, thing := range slices.Sorted(maps.Keys(all)) {
		have, is := made[thing]
		want, ours := s.Made[thing]
		switch {
		case !is:
			return "the " + thing + " is missing"
		case !ours:
			return "the " + thing + " is foreign to it"
		case have != want:
			return "the " + thing + " is not as the program made it"
		}
	}
	return ""
}

// Complete looks for every table with all its columns, and reads none of their
// rows. Error: one of which Missing names the first that is not there.
func (s Structure) Complete(c *Conn) (err error) {
	for _, table := range slices.Sorted(maps.Keys(s.Types)) {
		var columns []string
		for _, column := range s.Types[table] {
			columns = append(columns, table+"."+column[0])
		}
		if err == nil {
			err = c.Each(`SELECT `+strings.Join(columns, ", ")+` FROM `+table+` LIMIT 0`, nil, func(Row) error { return nil })
		}
	}
	return err
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
