package idlist_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"

	"counterfoil/screens/idlist"
)

const (
	reel = "R112102F-0000242-2585"
	code = "1001901070000000258-M4DEDSfV"
)

// read is a list as "number id amount", or "number! text" for what is left out.
func read(t *testing.T, list io.Reader) (lines []string) {
	t.Helper()
	err := idlist.Each(list, func(l idlist.Line) error {
		if l.Wrong != "" {
			lines = append(lines, fmt.Sprintf("%d! %.12s", l.Number, l.Text))
		} else {
			lines = append(lines, fmt.Sprintf("%d %s %d", l.Number, l.ID, l.Amount))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return lines
}

func wide(text string, order binary.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func TestAListIsReadHoweverItWasSaved(t *testing.T) {
	t.Parallel()
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("备注,id\n中杯,no id 中\n大杯," + reel)
	if err != nil {
		t.Fatal(err)
	}
	both := []string{"1 " + reel + " 0", "3 " + code + " 0"}
	plain := reel + "\r\n\r\n" + code + "\r\n"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a name twice":               {"amount,id,amount,id\n1," + reel + ",4000,\n30," + reel + ",,\n,R,," + reel, []string{"2! 1 / 4000", "3 " + reel + " 3000", "4! R / R112102F"}},
		"CRLF":                       {plain, both},
		"CR":                         {strings.ReplaceAll(plain, "\r\n", "\r"), both},
		"LF, without a last end":     {reel + "\n \n" + code, both},
		"a byte order mark":          {"\ufeff" + plain, both},
		"UTF-16 LE":                  {wide("\ufeff"+plain, binary.LittleEndian), both},
		"UTF-16 BE":                  {wide("\ufeff"+plain, binary.BigEndian), both},
		"UTF-16 LE without a mark":   {wide(plain, binary.LittleEndian), both},
		"UTF-16 BE without a mark":   {wide(plain, binary.BigEndian), both},
		"quotes and blanks":          {" “" + reel + "” \n\n\t\"" + code[:4] + "\u200b" + code[4:] + "\"\u00a0", both},
		"a spreadsheet's text":       {"id\n\"=\"\"" + code + "\"\"\"\n=\"" + code + "\"", []string{"2 " + code + " 0", "3 " + code + " 0"}},
		"GB 18030":                   {gb, []string{"2! no id 中", "3 " + reel + " 0"}},
		"columns in any order":       {"Amount;Name;ID\n30.00;\"a;b\";" + reel + "\n;x;" + code, []string{"2 " + reel + " 3000", "3 " + code + " 0"}},
		"tabs":                       {"id\tamount\n" + reel + "\t1,500\n" + code, []string{"2 " + reel + " 150000", "3 " + code + " 0"}},
		"a separator of its own":     {"sep=;\nid;amount\n" + reel + ";30", []string{"3 " + reel + " 3000"}},
		"line ends in cells":         {"id,note,amount\n" + reel + ",\"a\nb\r\nc\",30\n" + code + ",x,15", []string{"2 " + reel + " 3000", "5 " + code + " 1500"}},
		"a quotation without an end": {"id,amount,note\n" + reel + ",30,\"a\n" + code + ",15,x", []string{"2! " + reel[:12], "3 " + code + " 1500"}},
		"bad amounts":                {"id,amount\n" + reel + ",many\n" + reel + ",0\n" + reel + ",-3", []string{"2! many", "3! 0", "4! -3"}},
		"a line beyond bounds":       {strings.Repeat("x", 100_000) + "\n" + reel, []string{"1! xxxxxxxxxxxx", "2 " + reel + " 0"}},
		"nothing":                    {"\r\n \n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := read(t, strings.NewReader(c.text)); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			if got := read(t, iotest.OneByteReader(strings.NewReader(c.text))); !slices.Equal(got, c.want) {
				t.Errorf("byte by byte %q, want %q", got, c.want)
			}
		})
	}
}

// No line of a list may be lost for its length: without a line feed all of it once
// counted as one line.
func TestALongListIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	const n = 20_000
	for _, end := range []string{"\r", "\n", "\r\n"} {
		if got := read(t, strings.NewReader(strings.Repeat(reel+end, n))); len(got) != n || got[n-1] != fmt.Sprintf("%d %s 0", n, reel) {
			t.Errorf("%q: %d lines", end, len(got))
		}
	}
}

func TestWhatIsNoTextIsSaidSo(t *testing.T) {
	t.Parallel()
	for _, data := range []string{"PK\x03\x04workbook", "\x7fELF\x02\x01\x01\x00\x00", "\x00\x00\x00"} {
		if err := idlist.Each(strings.NewReader(data), func(idlist.Line) error { return nil }); !errors.Is(err, idlist.ErrNoText) {
			t.Errorf("%q: %v", data, err)
		}
	}
}

func FuzzEach(f *testing.F) {
	for _, seed := range []string{"id,amount\n" + reel + ",30", "\xff\xfeR\x00", "sep=;\n\"id\"\n\"a\nb\"", "id\n" + strings.Repeat("\"\n", 50)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		number := 0
		_ = idlist.Each(strings.NewReader(text), func(l idlist.Line) error {
			if l.Number <= number {
				t.Fatalf("line %d after %d", l.Number, number)
			}
			if number = l.Number; l.Wrong == "" && l.ID == "" {
				t.Fatal("a right line without an id")
			}
			return nil
		})
	})
}
