package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"counterfoil/api"
	"counterfoil/offline"
)

// maxLine bounds a line of a list of ids, in bytes.
const maxLine = 64 << 10

// line is an id of the command line, number 0, or a line of the list.
type line struct {
	number int
	id     api.ID
	amount int64  // in fen, of the list's column; 0 for the command's
	wrong  string // the message about a line that is left out, "" for none
	text   string // what is wrong there
}

// eachLine hands over the lines of a list that are not empty: an id a line, or
// CSV whose header names id and perhaps amount; UTF-8, or UTF-16 with its byte
// order mark. A line longer than any could be is cut and goes on as one line.
func eachLine(list io.Reader, name string, fn func(line) error) error {
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
			return trouble(err, "cli.activate.no_file", map[string]any{"File": name})
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
			names[i] = strings.ToLower(api.Clean(names[i], maxQuoted))
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

func (c *columns) line(number int, text string) line {
	l := line{number: number, text: text, wrong: "cli.activate.bad_line"}
	id := text
	if c.comma != 0 {
		cells := cells(text, c.comma)
		if c.id >= len(cells) {
			return l
		}
		id = cells[c.id]
		if c.amount >= 0 && c.amount < len(cells) && strings.TrimSpace(cells[c.amount]) != "" {
			l.text = cells[c.amount]
			var err error
			if l.amount, err = offline.ParseYuan(l.text); err != nil || l.amount == 0 {
				l.wrong = "cli.activate.bad_amount"
				return l
			}
		}
	}
	parsed, err := api.ParseID(id)
	if l.text = id; err == nil {
		l.id, l.wrong = parsed, ""
	}
	return l
}

// openList opens the list that a command names; "-" is standard input.
func (a *app) openList(from string) (io.ReadCloser, error) {
	switch from {
	case "":
		return io.NopCloser(strings.NewReader("")), nil
	case "-":
		return io.NopCloser(a.Stdin), nil
	}
	f, err := os.Open(from)
	if err != nil {
		return nil, trouble(err, "cli.activate.no_file", map[string]any{"File": from})
	}
	return f, nil
}

// leftOut says that a line of a list is none.
func (a *app) leftOut(l line, list string) {
	a.raise(exitFailed)
	a.say(l.wrong, map[string]any{"File": list, "Line": l.number, "Text": shorten(l.text)})
}

// allRight reads a list to its end and says what is wrong in it, which is an
// error. What it returns is what was read: the file may change meanwhile.
func (a *app) allRight(ctx context.Context, list io.Reader, name string) (_ io.ReadCloser, err error) {
	kept, err := os.CreateTemp("", "counterfoil-list-")
	if err != nil {
		return nil, trouble(err, "cli.folder", map[string]any{"Path": os.TempDir()})
	}
	_ = os.Remove(kept.Name()) // it lives while it is open
	defer func() {
		if err != nil {
			_ = kept.Close()
		}
	}()
	wrong := 0
	err = eachLine(io.TeeReader(list, kept), name, func(l line) error {
		if l.wrong != "" {
			wrong++
			a.leftOut(l, name)
		}
		return ctx.Err()
	})
	if err == nil {
		_, err = kept.Seek(0, io.SeekStart)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, err
	case wrong > 0:
		return nil, trouble(nil, "cli.activate.strict", map[string]any{"Count": wrong})
	}
	return kept, nil
}

// dryLine is what would be asked for one id, for scripts.
type dryLine struct {
	DryRun    bool         `json:"dry_run"`
	Kind      offline.Kind `json:"kind"`
	ID        api.ID       `json:"id"`
	Level     api.Level    `json:"level"`
	AmountFen int64        `json:"amount_fen"`
}

// dryRun prints what would be asked for and touches nothing, neither the data
// folder nor the network.
func (a *app) dryRun(ctx context.Context, o order, ids []api.ID, list io.Reader) error {
	show := func(l line) error {
		if l.wrong != "" {
			a.leftOut(l, o.from)
			return ctx.Err()
		}
		d := dryLine{true, o.kind, l.id, l.id.Level(), o.amountOf(l)}
		if a.json {
			return a.line(d)
		}
		table(a.Stdout, [][]string{{a.words.T("cli.dry_run." + string(o.kind)), string(d.ID), a.yuan(d.AmountFen)}})
		return cmp.Or(ctx.Err(), a.out.lost)
	}
	for _, id := range ids {
		if err := show(line{id: id}); err != nil {
			return err
		}
	}
	return eachLine(list, o.from, show)
}
