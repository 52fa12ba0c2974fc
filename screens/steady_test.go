package screens

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/vt"

	"counterfoil/ui/vterm"
)

func TestRowsOfWideCharactersAreRepaintedWhole(t *testing.T) {
	t.Parallel()
	size := vterm.Size{Cols: 40, Rows: 8}
	var s steady
	frames, want := []string{""}, []string{""}
	rows := slices.Repeat([]string{" " + strings.Repeat("0", 30)}, size.Rows)
	rows[6] = " " + strings.Repeat("激活 3 小时", 3) // five below the row that changes above it
	show := func() {
		screen := strings.Join(rows, "\n")
		frames, want = append(frames, s.drawn(screen)), append(want, screen)
	}
	show()
	for at := 1; at < 30; at++ {
		above, below := []rune(rows[1]), []rune(rows[6])
		above[at] = '1'
		for i := range below { // each digit, as a clock changes them
			if below[i] < 128 && below[i] > ' ' {
				below[i] = '1' + rune(at%8)
			}
		}
		rows[1], rows[6] = string(above), string(below)
		show()
	}
	terminal := vt.NewEmulator(size.Cols, size.Rows)
	go func() { _, _ = io.Copy(io.Discard, terminal) }() // what it answers
	defer terminal.InputPipe().(io.Closer).Close()       // ends the answering side; its own Close races with that
	for i, sent := range vterm.Repaints(t, size, frames...) {
		fmt.Fprint(terminal, strings.ReplaceAll(sent, "\n", "\r\n"))
		lines := strings.Split(terminal.String(), "\n")
		for n, row := range strings.Split(want[i+1], "\n") {
			if got := strings.TrimRight(lines[n], " \r"); got != row {
				t.Fatalf("row %d of frame %d is\n%q and should be\n%q", n, i, got, row)
			}
		}
	}
}
