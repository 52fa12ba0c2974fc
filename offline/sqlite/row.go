package sqlite

import (
	"database/sql/driver"
	"fmt"
)

// Row is one row of a query. A column of another type than asked for, as damage
// makes it, reads as the zero value (a number as its text); Check finds it.
type Row []driver.Value

// Int is column i as a number.
func (r Row) Int(i int) int64 {
	n, _ := r[i].(int64)
	return n
}

// Text is column i as a text.
func (r Row) Text(i int) string {
	switch v := r[i].(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case nil:
		return ""
	}
	return fmt.Sprint(r[i])
}

// Bytes is column i as bytes, which the caller may keep.
func (r Row) Bytes(i int) []byte {
	switch v := r[i].(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	return nil
}

// Check holds the columns to their types, one letter each: i for a number, t
// for a text or bytes, '.' for anything. The error is an ErrUnreadable.
func (r Row) Check(types string) error {
	for i, want := range types {
		var fits bool
		switch r[i].(type) {
		case int64:
			fits = want != 't'
		case string, []byte:
			fits = want != 'i'
		default:
			fits = want == '.'
		}
		if !fits {
			return fmt.Errorf("%w: a %T in column %d", ErrUnreadable, r[i], i)
		}
	}
	return nil
}
