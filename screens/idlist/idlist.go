// Package idlist reads lists of ids, however they were saved or copied: one
// function for the command line, for what is pasted and for a file that a screen
// was given. It opens nothing, and asks nobody what an id is.
package idlist

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"counterfoil/api"
	"counterfoil/offline"
)

// ErrNoText is returned for what is no text, such as a workbook.
var ErrNoText = errors.New("no text")

// Line is a line of a list that is not empty; number 0 is an id by itself.
type Line struct {
	Number int
	ID     api.ID
	Amount int64  // in fen, of the list's column; 0 for none
	Wrong  string // the message about a line that is left out, "" for none
	Text   string // what is wrong there
}

const (
	maxLine    = 64 << 10 // bytes; what a line has beyond is left out
	maxWrapped = 20       // lines of one record, with line ends in its cells
)

// Each hands over the lines of a list that are not empty, in order and with
// little memory: an id a line, or CSV (of commas, semicolons or tabs) whose header
// names id and perhaps amount; in UTF-8, UTF-16 or GB 18030, lines ending in LF,
// CRLF or CR. It returns the first error of fn or of the list, or ErrNoText.
func Each(list io.Reader, fn func(Line) error) error {
	text, err := decoded(bufio.NewReaderSize(list, 512))
	if err != nil {
		return err
	}
	r := &reader{in: bufio.NewReaderSize(text, maxLine)}
	var c *columns
	for {
		raw, err := r.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if c == nil {
			if strings.HasPrefix(raw.text, "sep=") { // of a spreadsheet, to itself
				continue
			}
			if c = columnsOf(raw.text); c.comma != 0 {
				continue
			}
		}
		if err := fn(c.line(r.whole(raw, c))); err != nil {
			return err
		}
	}
}

// decoded is a list as UTF-8, and what is not, line by line, as it stands.
func decoded(list *bufio.Reader) (io.Reader, error) {
	var into encoding.Encoding
	_, err := list.Peek(2) // no more than what is there: somebody may be typing
	begin, _ := list.Peek(list.Buffered())
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case bytes.HasPrefix(begin, []byte("\xff\xfe")), bytes.HasPrefix(begin, []byte("\xfe\xff")):
	case len(begin) > 1 && begin[0] != 0 && begin[1] == 0:
		into = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case len(begin) > 1 && begin[0] == 0 && begin[1] != 0:
		into = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case bytes.IndexByte(begin, 0) >= 0, bytes.HasPrefix(begin, []byte("PK\x03\x04")):
		return nil, ErrNoText
	}
	if into != nil {
		return into.NewDecoder().Reader(list), nil
	}
	return transform.NewReader(list, unicode.BOMOverride(transform.Nop)), nil
}

// row is a line as it stands in the list.
type row struct {
	number int
	text   string
}

// reader splits a list into rows.
type reader struct {
	in     *bufio.Reader
	number int
	cr     bool  // the last row ended in CR: an LF that follows belongs to it
	ahead  []row // read and given back
	line   []byte
}

// next returns the next row that is not empty, io.EOF after the last.
func (r *reader) next() (row, error) {
	if len(r.ahead) > 0 {
		first := r.ahead[0]
		r.ahead = r.ahead[1:]
		return first, nil
	}
	for {
		err := r.read()
		text := strings.TrimSpace(string(r.line))
		if !utf8.ValidString(text) {
			if chinese, err := simplifiedchinese.GB18030.NewDecoder().String(text); err == nil {
				text = chinese
			}
		}
		switch {
		case text != "":
			return row{r.number, text}, nil
		case err != nil:
			return row{}, err
		}
	}
}

// read reads one row, of which it keeps maxLine bytes.
func (r *reader) read() error {
	r.line = r.line[:0]
	for {
		c, err := r.in.ReadByte()
		switch {
		case err != nil:
			if len(r.line) > 0 {
				r.number++
			}
			return err
		case c == '\n' && r.cr:
			r.cr = false
		case c == '\n', c == '\r':
			r.number, r.cr = r.number+1, c == '\r'
			return nil
		default:
			if r.cr = false; len(r.line) < maxLine {
				r.line = append(r.line, c)
			}
		}
	}
}

// whole joins a record of a CSV whose quoted cells hold line ends. Where no
// quotation ends within reach, the row stands by itself.
func (r *reader) whole(first row, c *columns) row {
	if c.comma == 0 || strings.Count(first.text, `"`)%2 == 0 {
		return first
	}
	joined, rows := first, []row(nil)
	for len(rows) < maxWrapped && len(joined.text) < maxLine {
		next, err := r.next()
		if err != nil {
			break
		}
		rows = append(rows, next)
		if joined.text += "\n" + next.text; strings.Count(next.text, `"`)%2 == 0 {
			continue
		}
		if len(cells(joined.text, c.comma, false)) == c.of {
			return joined
		}
		break
	}
	r.ahead = append(rows, r.ahead...)
	return first
}

// columns are where a CSV's lines have what is asked for; comma is 0 in a plain list.
type columns struct {
	comma      rune
	of         int
	id, amount []int
}

// columnsOf reads a list's first line.
func columnsOf(header string) *columns {
	for _, comma := range ",;\t" {
		names := cells(header, comma, true)
		for i := range names {
			names[i] = strings.ToLower(api.Clean(names[i], 10))
		}
		if slices.Contains(names, "id") {
			c := &columns{comma: comma, of: len(names)}
			for i, name := range names {
				switch name {
				case "id":
					c.id = append(c.id, i)
				case "amount":
					c.amount = append(c.amount, i)
				}
			}
			return c
		}
	}
	return &columns{}
}

// in is what stands in the columns of one name: more than one is no id and no amount.
func in(columns []int, cells []string) string {
	var found []string
	for _, n := range columns {
		if n < len(cells) && strings.TrimSpace(cells[n]) != "" {
			found = append(found, cells[n])
		}
	}
	return strings.Join(found, " / ")
}

// Headed reports that a text begins with a CSV's header.
func Headed(text string) bool {
	first, _, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(text), "\r", "\n"), "\n")
	return strings.HasPrefix(first, "sep=") || columnsOf(first).comma != 0
}

// cells are those of one record. A lax reading takes quotes as they stand, also
// where a quotation has no end; otherwise there are none then.
func cells(text string, comma rune, lax bool) []string {
	if !strings.Contains(text, `"`) {
		return strings.Split(text, string(comma))
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.TrimLeadingSpace, r.LazyQuotes = comma, true, lax
	cells, err := r.Read()
	if err != nil {
		return nil
	}
	return cells
}

func (c *columns) line(r row) Line {
	l := Line{Number: r.number, Text: r.text, Wrong: "list.bad_line"}
	id := r.text
	if c.comma != 0 {
		cells := cells(r.text, c.comma, true)
		if c.id[0] >= len(cells) {
			return l
		}
		id = in(c.id, cells)
		amount := in(c.amount, cells)
		if len(c.amount) > 0 && strings.Count(r.text, `"`)%2 != 0 {
			return l // the amount may stand where the quotation ends
		}
		if amount != "" {
			l.Text = amount
			var err error
			if l.Amount, err = offline.ParseYuan(l.Text); err != nil || l.Amount == 0 {
				l.Wrong = "list.bad_amount"
				return l
			}
		}
	}
	parsed, err := api.ParseID(id)
	if l.Text = id; err == nil {
		l.ID, l.Wrong = parsed, ""
	}
	return l
}
