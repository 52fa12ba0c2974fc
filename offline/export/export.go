// Package export writes operations as a table for other programs: CSV, one JSON
// object a line, or a spreadsheet, in memory that does not grow with the rows. It
// selects nothing and masks nothing; what it is given is what stands in the file.
package export

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"

	"counterfoil/offline/money"
	"counterfoil/offline/operation"
)

// The forms of a table.
const (
	CSV  = "csv"
	JSON = "json"
	XLSX = "xlsx"
)

// Columns are the names of the columns, in their order.
var Columns = []string{
	"business_day", "z_no", "op", "kind", "level", "id", "code_ref", "state", "why", "amount_fen", "amount_yuan", "operator", "approved_by",
	"offline", "entered", "accepted_at", "finished_at", "late_for_z", "order_no", "trace_no", "platform_code", "mark",
}

// Row is an operation as it is exported.
type Row struct {
	operation.Operation
	Z       int64  // under which it was accepted; 0 for none
	Late    bool   // its outcome came under a later Z
	CodeRef string // tells masked ids apart
	Mark    string // what in the records of its codes is worth a look
}

// Options say how a table is written.
type Options struct {
	Format string
	Excel  bool           // CSV that a spreadsheet opens: digits stay text
	Zone   *time.Location // of its times
}

// Sum is a number of rows and their amounts.
type Sum struct {
	Rows int64 `json:"rows"`
	Fen  int64 `json:"amount_fen"`
}

func (s Sum) plus(fen int64) Sum { return Sum{s.Rows + 1, s.Fen + fen} }

// Written is what came of a table.
type Written struct {
	Sum
	States map[operation.State]Sum `json:"states"`
	SHA256 string                  `json:"sha256"` // of its bytes
}

// What a cell can hold beside nil, a plain string, an int64, a bool and a time.
type (
	name   string // an id or a number that nobody calculates with
	amount int64  // fen, written as yuan
	date   string // yyyy-MM-dd
)

func (r *Row) cells(zone *time.Location) []any {
	var z, late, finished any
	if r.Z > 0 {
		z = r.Z
	}
	if r.Late {
		late = r.Z
	}
	if r.FinishedAt != nil {
		finished = r.FinishedAt.In(zone)
	}
	trace, code := "", ""
	if n := len(r.Attempts); n > 0 {
		trace, code = r.Attempts[n-1].Trace, r.Attempts[n-1].Code
	} else if n := len(r.Evidence); n > 0 && r.State == operation.Refused { // the look-up refused it
		code = r.Evidence[n-1].Code
	}
	for _, e := range r.Evidence {
		if e.Asked == operation.AskedRepeat && e.Code != "" { // of a range's order, whose first answer is history
			code = e.Code
		}
	}
	return []any{
		date(r.Day), z, name(r.Op), string(r.Kind), r.Level, name(r.ID), name(r.CodeRef), string(r.State), r.Why, r.AmountFen, amount(r.AmountFen), r.Operator,
		r.ApprovedBy, r.Offline, string(r.Entered), r.AcceptedAt.In(zone), finished, late, name(r.OrderNo), name(trace), name(code), r.Mark,
	}
}

// table is one form of a table while it is written.
type table interface {
	row(cells []any) error
	end() error
}

// Write writes the rows that each hands over.
func Write(w io.Writer, o Options, each func(func(*Row) error) error) (Written, error) {
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(w, sum), 64<<10)
	all := Written{States: map[operation.State]Sum{}}
	t, err := begin(out, o)
	if err != nil {
		return all, err
	}
	err = each(func(r *Row) error {
		all.Sum, all.States[r.State] = all.plus(r.AmountFen), all.States[r.State].plus(r.AmountFen)
		return t.row(r.cells(o.Zone))
	})
	if end := t.end(); err == nil {
		err = end
	}
	if err == nil {
		err = out.Flush()
	}
	all.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return all, err
}

func begin(out *bufio.Writer, o Options) (table, error) {
	switch o.Format {
	case XLSX:
		return newSheet(out)
	case JSON:
		return lines{out}, nil
	}
	c := commas{out, o.Excel}
	titles := make([]any, len(Columns))
	for i, title := range Columns {
		titles[i] = title
	}
	_, _ = out.WriteString("\ufeff") // a bufio.Writer keeps its error
	return c, c.row(titles)
}

// timeForm is how a time is written: milliseconds, the shop's offset.
const timeForm = "2006-01-02T15:04:05.000Z07:00"

// commas is CSV by RFC 4180.
type commas struct {
	*bufio.Writer
	excel bool
}

func (c commas) row(cells []any) error {
	for i, cell := range cells {
		if i > 0 {
			_ = c.WriteByte(',')
		}
		_, _ = c.WriteString(c.cell(cell))
	}
	_, err := c.WriteString("\r\n")
	return err
}

func (c commas) end() error { return nil }

// numeric is what a spreadsheet makes a number of.
var numeric = regexp.MustCompile(`^[0-9][0-9.,]*([eE][0-9]+)?$`)

func (c commas) cell(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return quoted(guarded(v))
	case name:
		if c.excel && numeric.MatchString(string(v)) {
			return quoted(`="` + string(v) + `"`)
		}
		return quoted(guarded(string(v)))
	case amount:
		return money.Yuan(int64(v))
	case time.Time:
		return v.Format(timeForm)
	}
	return fmt.Sprint(cell)
}

// guarded keeps a text from being taken for a formula, in any form of its first character.
func guarded(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if text != "" && strings.ContainsAny(norm.NFKC.String(string(first))[:1], "=+-@\t\r\n") {
		return "'" + text
	}
	return text
}

func quoted(text string) string {
	if text == "" {
		return ""
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// lines is one JSON object a line.
type lines struct{ *bufio.Writer }

func (l lines) row(cells []any) error {
	line := []byte{'{'}
	for i, cell := range cells {
		if i > 0 {
			line = append(line, ',')
		}
		line, _ = jsontext.AppendQuote(line, Columns[i])
		line = append(line, ':')
		switch v := cell.(type) {
		case nil:
			line = append(line, "null"...)
		case bool:
			line = strconv.AppendBool(line, v)
		case int64:
			line = strconv.AppendInt(line, v, 10)
		case amount:
			line = append(line, money.Yuan(int64(v))...)
		case time.Time:
			line, _ = jsontext.AppendQuote(line, v.Format(timeForm))
		default:
			line, _ = jsontext.AppendQuote(line, fmt.Sprint(v))
		}
	}
	_, err := l.Write(append(line, '}', '\n'))
	return err
}

func (l lines) end() error { return nil }
