package export

import (
	"errors"
	"io"
	"time"

	"github.com/xuri/excelize/v2"
)

// ErrTooManyRows: a spreadsheet has no room for so many.
var ErrTooManyRows = errors.New("export: too many rows for a spreadsheet")

// sheet is a spreadsheet: what is written goes to a passing file as it comes.
type sheet struct {
	file *excelize.File
	rows *excelize.StreamWriter
	out  io.Writer
	n    int

	text, yuan, day, moment int // styles
}

func newSheet(out io.Writer, dir string) (_ *sheet, err error) {
	s := &sheet{file: excelize.NewFile(excelize.Options{TmpDir: dir}), out: out}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.file.Close())
		}
	}()
	const title = "operations"
	dateForm, momentForm := "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
	bold := 0
	for _, style := range []struct {
		of *int
		is excelize.Style
	}{
		{&s.text, excelize.Style{NumFmt: 49}}, // "@"
		{&s.yuan, excelize.Style{NumFmt: 2}},  // "0.00"
		{&s.day, excelize.Style{CustomNumFmt: &dateForm}},
		{&s.moment, excelize.Style{CustomNumFmt: &momentForm}},
		{&bold, excelize.Style{Font: &excelize.Font{Bold: true}}},
	} {
		if *style.of, err = s.file.NewStyle(&style.is); err != nil {
			return nil, err
		}
	}
	if err = s.file.SetSheetName("Sheet1", title); err != nil {
		return nil, err
	}
	if s.rows, err = s.file.NewStreamWriter(title); err != nil {
		return nil, err
	}
	err = errors.Join(s.rows.SetColWidth(1, len(Columns), 16),
		s.rows.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	titles := make([]any, len(Columns))
	for i, column := range Columns {
		titles[i] = excelize.Cell{StyleID: bold, Value: column}
	}
	return s, errors.Join(err, s.write(titles))
}

func (s *sheet) row(cells []any) error {
	for i, cell := range cells {
		switch v := cell.(type) {
		case name:
			cells[i] = excelize.Cell{StyleID: s.text, Value: string(v)}
		case amount:
			cells[i] = excelize.Cell{StyleID: s.yuan, Value: float64(v) / 100}
		case date:
			at, err := time.Parse(time.DateOnly, string(v))
			if err != nil {
				cells[i] = string(v)
				continue
			}
			cells[i] = excelize.Cell{StyleID: s.day, Value: at}
		case time.Time: // a sheet knows no zone: what the clock on the wall showed
			wall := time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), v.Second(), 0, time.UTC)
			cells[i] = excelize.Cell{StyleID: s.moment, Value: wall}
		}
	}
	return s.write(cells)
}

func (s *sheet) write(cells []any) error {
	s.n++
	at, err := excelize.CoordinatesToCellName(1, s.n)
	if errors.Is(err, excelize.ErrMaxRows) {
		return ErrTooManyRows
	}
	if err != nil {
		return err
	}
	return s.rows.SetRow(at, cells)
}

func (s *sheet) end() error {
	err := s.rows.Flush()
	if err == nil {
		_, err = s.file.WriteTo(s.out)
	}
	return errors.Join(err, s.file.Close())
}
