package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"counterfoil/offline/export"
	"counterfoil/offline/operation"
)

var zone = time.FixedZone("CST", 8*3600)

func sale(id string) *export.Row {
	at := time.Date(2026, 11, 22, 18, 30, 5, 120e6, zone)
	return &export.Row{Z: 7, Late: true, CodeRef: "00ff", Operation: operation.Operation{
		Op: "01K", Kind: operation.Activate, ID: id, Level: "code", State: operation.Done, AmountFen: 3005, Operator: "amy",
		AcceptedAt: at, Day: "2026-11-22", OrderNo: "1234567890123456789", Attempts: []operation.Attempt{{Trace: "20261122000001000000001", Code: "00"}},
	}}
}

func write(t *testing.T, o export.Options, rows ...*export.Row) (string, export.Written) {
	t.Helper()
	var out bytes.Buffer
	o.Zone = zone
	done, err := export.Write(&out, o, func(each func(*export.Row) error) error {
		for _, r := range rows {
			if err := each(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), done
}

func column(name string) int {
	for i, c := range export.Columns {
		if c == name {
			return i
		}
	}
	panic(name)
}

func TestNoTextOfACSVIsTakenForAFormula(t *testing.T) {
	t.Parallel()
	for _, first := range strings.Split("= + - @ \t \r \n ＝ ＋ － ＠ ﹦ ﹢ ﹣ ﹫", " ") {
		r := sale("1")
		r.Operator = first + `1+1","x`
		text, _ := write(t, export.Options{Format: export.CSV}, r)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != len(export.Columns) {
			t.Fatalf("%q: %v %v", first, rows, err)
		}
		want := strings.ReplaceAll("'"+r.Operator, "\r\n", "\n")
		if got := rows[1][column("operator")]; got != want {
			t.Errorf("%q became %q", r.Operator, got)
		}
	}
	r := sale("1")
	r.AmountFen = -5
	text, _ := write(t, export.Options{Format: export.CSV}, r)
	if !strings.Contains(text, ",-5,-0.05,") {
		t.Errorf("a number below zero is guarded: %s", text)
	}
}

func TestACSVHasAByteOrderMarkLineEndsAndQuotedIds(t *testing.T) {
	t.Parallel()
	text, done := write(t, export.Options{Format: export.CSV}, sale("1001901070000000258"))
	lines := strings.Split(text, "\r\n")
	if !strings.HasPrefix(text, "\ufeff\"business_day\",\"z_no\",") || len(lines) != 3 || lines[2] != "" || done.Rows != 1 || done.Fen != 3005 || done.States[operation.Done].Rows != 1 {
		t.Fatalf("%q %+v", text, done)
	}
	want := `2026-11-22,7,"01K","activate","code","1001901070000000258","00ff","done",,3005,30.05,"amy",,false,,2026-11-22T18:30:05.120+08:00,,7,"1234567890123456789","20261122000001000000001","00",`
	if lines[1] != want {
		t.Errorf("got  %s\nwant %s", lines[1], want)
	}
	text, _ = write(t, export.Options{Format: export.CSV, Excel: true}, sale("1001901070000000258"))
	for _, kept := range []string{`"=""1001901070000000258"""`, `"=""1234567890123456789"""`, `"=""00"""`, `"01K"`} {
		if !strings.Contains(text, ","+kept+",") {
			t.Errorf("%s is not kept as text: %s", kept, text)
		}
	}
}

func TestJSONLinesHoldTheValuesAsTheyAre(t *testing.T) {
	t.Parallel()
	text, _ := write(t, export.Options{Format: export.JSON}, sale("=1"), sale("2"))
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var row map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &row); err != nil || len(lines) != 2 || len(row) != len(export.Columns) {
		t.Fatalf("%v %q", err, text)
	}
	if row["id"] != "=1" || row["amount_fen"] != 3005.0 || row["amount_yuan"] != 30.05 || row["offline"] != false || row["finished_at"] != nil || row["late_for_z"] != 7.0 {
		t.Errorf("%v", row)
	}
}

func TestASpreadsheetHasTextsNumbersAndDates(t *testing.T) {
	t.Parallel()
	sold := sale("1001901070000000258")
	sold.Why, sold.Operator = ` a<b>&"c" `+"\x01\n", "小明🙂"
	text, done := write(t, export.Options{Format: export.XLSX}, sold)
	if done.SHA256 == "" {
		t.Error("no sum of its bytes")
	}
	f, err := excelize.OpenReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	name := f.GetSheetName(0)
	cell := func(title string) (string, excelize.CellType, string) {
		at, err := excelize.CoordinatesToCellName(column(title)+1, 2)
		shown, errShown := f.GetCellValue(name, at)
		kind, errKind := f.GetCellType(name, at)
		raw, errRaw := f.GetCellValue(name, at, excelize.Options{RawCellValue: true})
		for _, err := range []error{err, errShown, errKind, errRaw} {
			if err != nil {
				t.Fatal(err)
			}
		}
		return shown, kind, raw
	}
	if shown, kind, _ := cell("id"); shown != "1001901070000000258" || kind != excelize.CellTypeInlineString {
		t.Errorf("id %q %v", shown, kind)
	}
	if shown, kind, raw := cell("amount_yuan"); shown != "30.05" || kind == excelize.CellTypeInlineString || raw != "30.05" {
		t.Errorf("amount %q %v %q", shown, kind, raw)
	}
	if shown, _, raw := cell("business_day"); shown != "2026-11-22" || raw != "46348" {
		t.Errorf("day %q %q", shown, raw)
	}
	if shown, _, _ := cell("accepted_at"); shown != "2026-11-22 18:30:05" {
		t.Errorf("accepted at %q", shown)
	}
	for title, want := range map[string]string{
		"z_no": "7", "kind": "activate", "why": " a<b>&\"c\" �\n", "operator": "小明🙂", "approved_by": "", "offline": "FALSE",
		"finished_at": "", "order_no": "1234567890123456789", "amount_fen": "3005", "mark": "",
	} {
		if shown, _, _ := cell(title); shown != want {
			t.Errorf("%s: %q, want %q", title, shown, want)
		}
	}
	titles, err := f.GetRows(name)
	if err != nil || len(titles) != 2 || !slices.Equal(titles[0], export.Columns) {
		t.Errorf("%q %v", titles, err)
	}
	panes, err := f.GetPanes(name)
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the titles are not frozen: %+v %v", panes, err)
	}
}

var rows = flag.Int("rows", 20_000, "rows that take no more memory than a few")

func TestManyRowsTakeNoMoreMemoryThanAFew(t *testing.T) {
	for _, form := range []string{export.CSV, export.JSON, export.XLSX} {
		var most uint64
		r := sale("1001901070000000258-M4DEDSfV")
		o := export.Options{Format: form, Zone: zone}
		_, err := export.Write(io.Discard, o, func(each func(*export.Row) error) error {
			for n := range *rows {
				r.Op = fmt.Sprint(n)
				if err := each(r); err != nil {
					return err
				}
				if n%5_000 == 4_999 {
					runtime.GC()
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					most = max(most, m.HeapAlloc)
				}
			}
			return nil
		})
		if err != nil || most > 64<<20 {
			t.Errorf("%s: %d MiB in use, %v", form, most>>20, err)
		}
	}
}
