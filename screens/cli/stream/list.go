package stream

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/config"
)

// maxLine bounds a line of a list of ids, in bytes.
const maxLine = 64 << 10

// Line is an id of the command line, number 0, or a line of a list.
type Line struct {
	Number int
	ID     api.ID
	Amount int64  // in fen, of the list's column; 0 for none
	Wrong  string // the message about a line that is left out, "" for none
	Text   string // what is wrong there
}

// EachLine hands over the lines of a list that are not empty: an id a line, or
// CSV whose header names id and perhaps amount; UTF-8, or UTF-16 with its byte
// order mark. A line longer than any could be is cut and goes on as one line.
func EachLine(list io.Reader, name string, fn func(Line) error) error {
	r := bufio.NewReaderSize(transform.NewReader(list, unicode.BOMOverride(transform.Nop)), maxLine)
	var c *columns
	for number := 0; ; {
		raw, err := r.ReadSlice('\n')
		text := strings.TrimRight(string(raw), "\r\n")
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.ReadSlice('\n')
		}
		for part := range strings.SplitSeq(text, "\r") {
			number++
			if part = strings.TrimSpace(part); part == "" {
				continue
			}
			if c == nil {
				if c = columnsOf(part); c.comma != 0 {
					continue
				}
			}
			if err := fn(c.line(number, part)); err != nil {
				return err
			}
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return &config.Error{Phrase: config.Phrase{ID: "cli.activate.no_file", Args: map[string]any{"File": name}}, Cause: err}
		}
	}
}

// columns are where a CSV's lines have what is asked for; comma is 0 in a plain list.
type columns struct {
	comma      rune
	id, amount int // -1 for none
}

// columnsOf reads a list's first line.
func columnsOf(header string) *columns {
	for _, comma := range ",;\t" {
		names := cells(header, comma)
		for i := range names {
			names[i] = strings.ToLower(api.Clean(names[i], 10))
		}
		if id := slices.Index(names, "id"); id >= 0 {
			return &columns{comma, id, slices.Index(names, "amount")}
		}
	}
	return &columns{}
}

// cells are those of one line; none where a quotation has no end.
func cells(text string, comma rune) []string {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.TrimLeadingSpace = comma, true
	cells, err := r.Read()
	if err != nil {
		return nil
	}
	return cells
}

func (c *columns) line(number int, text string) Line {
	l := Line{Number: number, Text: text, Wrong: "cli.activate.bad_line"}
	id := text
	if c.comma != 0 {
		cells := cells(text, c.comma)
		if c.id >= len(cells) {
			return l
		}
		id = cells[c.id]
		if c.amount >= 0 && c.amount < len(cells) && strings.TrimSpace(cells[c.amount]) != "" {
			l.Text = cells[c.amount]
			var err error
			if l.Amount, err = offline.ParseYuan(l.Text); err != nil || l.Amount == 0 {
				l.Wrong = "cli.activate.bad_amount"
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
