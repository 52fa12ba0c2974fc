package slip

import (
	"strconv"
	"strings"
	"time"

	"counterfoil/ui"
)

// Row is a line of a basket on its slip.
type Row struct {
	N    int    // by which the screen names it
	ID   string // as it may be read
	Fen  int64
	What string // what became of it, in words
	Done bool
}

// Basket is the slip of a basket that was sent: each line, how many are done with
// their sum, and which are to be kept back. The time is in the shop's zone.
func Basket(words *ui.Words, shop, by string, at time.Time, rows []Row) string {
	s := &slip{Words: words}
	s.line(ui.Spread(s.T("slip.basket"), at.Format("2006-01-02 15:04"), Width))
	s.line(ui.Spread(shop, by, Width))
	s.line(strings.Repeat("-", Width))
	var done, fen int64
	var kept []string
	for _, r := range rows {
		n, amount := ui.FitLeft(strconv.Itoa(r.N), 5)+" ", " "+ui.FitLeft(money(r.Fen), max(10, len(money(r.Fen))))
		s.line(n + ui.FitMiddle(r.ID, Width-ui.Width(n+amount)) + amount)
		s.line("      " + r.What)
		if r.Done {
			done, fen = done+1, fen+r.Fen
		} else {
			kept = append(kept, strconv.Itoa(r.N))
		}
	}
	s.line(strings.Repeat("-", Width))
	s.sum(s.T("slip.basket_done"), done, fen)
	s.count(s.T("slip.basket_kept"), int64(len(kept)))
	for _, row := range ui.Wrap(strings.Join(kept, ", "), Width-3) {
		if row != "" {
			s.line("   " + row)
		}
	}
	return s.String()
}
