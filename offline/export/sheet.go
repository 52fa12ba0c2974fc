package export

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"counterfoil/offline/money"
)

// ErrTooManyRows: a spreadsheet has no room for so many.
var ErrTooManyRows = errors.New("export: too many rows for a spreadsheet")

// maxSheetRows is what a spreadsheet has room for.
const maxSheetRows = 1 << 20

// The styles of cells, by their place among the cellXfs below.
const (
	styleText = iota + 1
	styleYuan
	styleDay
	styleMoment
	styleTitle
)

// sheetParts are the parts of a workbook (ECMA-376, SpreadsheetML) beside its one
// sheet: what each is, which belongs to which, and the styles.
var sheetParts = [...]struct{ name, text string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="` + relations + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="` + relations + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="` + relations + `/styles" Target="styles.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="` + spreadsheet + `" xmlns:r="` + relations + `">` +
		`<sheets><sheet name="operations" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/styles.xml", `<styleSheet xmlns="` + spreadsheet + `">` +
		`<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts>` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` + // @
		`<xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` + // 0.00
		`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`},
}

const (
	spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relations   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
)

// sheet is a workbook of one sheet. It is written by hand: the rows go out as they
// come, and a library for all that a spreadsheet can be would take 5 MB of every
// counter, whether it exports or not.
type sheet struct {
	file *zip.Writer
	rows io.Writer
	line bytes.Buffer
	n    int
}

func newSheet(out io.Writer) (*sheet, error) {
	s := &sheet{file: zip.NewWriter(out)}
	for _, part := range sheetParts {
		w, err := s.file.Create(part.name)
		if err == nil {
			_, err = io.WriteString(w, xml.Header+part.text)
		}
		if err != nil {
			return nil, err
		}
	}
	var err error
	if s.rows, err = s.file.Create("xl/worksheets/sheet1.xml"); err != nil {
		return nil, err
	}
	fmt.Fprintf(&s.line, xml.Header+`<worksheet xmlns="`+spreadsheet+`"><sheetViews><sheetView workbookViewId="0">`+
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`+
		`<cols><col min="1" max="%d" width="16" customWidth="1"/></cols><sheetData>`, len(Columns))
	titles := make([]any, len(Columns))
	for i, column := range Columns {
		titles[i] = title(column)
	}
	return s, s.row(titles)
}

// title is a cell of the first row.
type title string

func (s *sheet) row(cells []any) error {
	if s.n++; s.n > maxSheetRows {
		return ErrTooManyRows
	}
	fmt.Fprintf(&s.line, `<row r="%d">`, s.n)
	for i, cell := range cells {
		at := string(rune('A'+i)) + strconv.Itoa(s.n) // the columns end before Z
		switch v := cell.(type) {
		case nil:
		case title:
			s.text(at, styleTitle, string(v))
		case string:
			s.text(at, 0, v)
		case name:
			s.text(at, styleText, string(v))
		case bool:
			fmt.Fprintf(&s.line, `<c r="%s" t="b"><v>%d</v></c>`, at, map[bool]int{true: 1}[v])
		case int64:
			fmt.Fprintf(&s.line, `<c r="%s"><v>%d</v></c>`, at, v)
		case amount:
			fmt.Fprintf(&s.line, `<c r="%s" s="%d"><v>%s</v></c>`, at, styleYuan, money.Yuan(int64(v)))
		case date:
			day, err := time.Parse(time.DateOnly, string(v))
			if err != nil {
				s.text(at, 0, string(v))
				continue
			}
			s.moment(at, styleDay, day)
		case time.Time:
			s.moment(at, styleMoment, v)
		}
	}
	s.line.WriteString(`</row>`)
	_, err := s.line.WriteTo(s.rows)
	return err
}

// moment writes the days since the end of 1899. A sheet knows no zone: it shows what
// the clock on the wall showed.
func (s *sheet) moment(at string, style int, t time.Time) {
	wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	days := wall.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
	fmt.Fprintf(&s.line, `<c r="%s" s="%d"><v>%s</v></c>`, at, style, strconv.FormatFloat(days, 'f', -1, 64))
}

func (s *sheet) text(at string, style int, text string) {
	if text == "" {
		return
	}
	fmt.Fprintf(&s.line, `<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">`, at, style)
	_ = xml.EscapeText(&s.line, []byte(text)) // a bytes.Buffer takes all
	s.line.WriteString(`</t></is></c>`)
}

func (s *sheet) end() error {
	_, err := io.WriteString(s.rows, `</sheetData></worksheet>`)
	return errors.Join(err, s.file.Close())
}
