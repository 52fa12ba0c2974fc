package ui

// Want is what a list asks its source for: rows after or before a key, rows
// from a key on, the last ones, or the first ones where all are empty.
type Want struct {
	After, Before, From string
	Last                bool
	Limit               int
}

// List shows a window on rows that its source hands out by key, page by page,
// so that a million rows cost what a screenful costs. It asks through Next and
// is given rows through Add; it never reads by itself.
type List[T any] struct {
	Key func(T) string // a row's key, unique and stable

	rows     []T
	cursor   int // in rows
	top      int // in rows
	height   int
	endUp    bool // no rows before the first
	endDown  bool // no rows after the last
	awaiting bool
}

// listPage is how many rows are asked for at once, listKeep how many are kept.
const (
	listPage = 100
	listKeep = 400
)

// Reset forgets all rows; Next asks for the first page.
func (l *List[T]) Reset() { *l = List[T]{Key: l.Key, height: l.height} }

// Len is the number of rows held, Rows those in sight with the cursor's place among them.
func (l *List[T]) Len() int { return len(l.rows) }

// Rows returns the rows in sight and the cursor's place among them, -1 for none.
func (l *List[T]) Rows() (rows []T, cursor int) {
	if len(l.rows) == 0 {
		return nil, -1
	}
	end := min(l.top+l.height, len(l.rows))
	return l.rows[l.top:end], l.cursor - l.top
}

// At returns the row under the cursor.
func (l *List[T]) At() (row T, ok bool) {
	if len(l.rows) == 0 {
		return row, false
	}
	return l.rows[l.cursor], true
}

// SetHeight says how many rows can be seen.
func (l *List[T]) SetHeight(n int) {
	l.height = max(n, 1)
	l.clamp()
}

// Move moves the cursor by n rows.
func (l *List[T]) Move(n int) {
	l.cursor += n
	l.clamp()
}

// Home puts the cursor on the very first row, which may have to be asked for.
func (l *List[T]) Home() {
	if len(l.rows) > 0 && !l.endUp {
		l.Reset()
	}
	l.Move(-len(l.rows))
}

// End puts the cursor on the very last row; it returns what must be asked for
// first, ok is false for nothing.
func (l *List[T]) End() (want Want, ok bool) {
	if len(l.rows) == 0 || l.endDown {
		l.Move(len(l.rows))
		return Want{}, false
	}
	l.Reset()
	l.awaiting = true
	return Want{Last: true, Limit: listPage}, true
}

func (l *List[T]) clamp() {
	l.cursor = max(min(l.cursor, len(l.rows)-1), 0)
	l.top = max(min(l.top, l.cursor), l.cursor-l.height+1)
	l.top = max(min(l.top, len(l.rows)-l.height), 0)
}

// Next is what the list needs next; ok is false where it has enough or waits already.
func (l *List[T]) Next() (want Want, ok bool) {
	switch {
	case l.awaiting:
		return Want{}, false
	case len(l.rows) == 0:
		if l.endDown {
			return Want{}, false
		}
		want = Want{Limit: listPage}
	case !l.endDown && l.top+2*l.height >= len(l.rows):
		want = Want{After: l.Key(l.rows[len(l.rows)-1]), Limit: listPage}
	case !l.endUp && l.top < l.height:
		want = Want{Before: l.Key(l.rows[0]), Limit: listPage}
	default:
		return Want{}, false
	}
	l.awaiting = true
	return want, true
}

// Fail gives a want back that could not be served.
func (l *List[T]) Fail() { l.awaiting = false }

// Add takes what the source had for a want, in the list's order.
func (l *List[T]) Add(want Want, rows []T) {
	l.awaiting = false
	whole := len(rows) >= want.Limit
	switch {
	case want.Before != "":
		l.rows = append(append(make([]T, 0, len(rows)+len(l.rows)), rows...), l.rows...)
		l.cursor += len(rows)
		l.top += len(rows)
		l.endUp = !whole
		if extra := len(l.rows) - listKeep; extra > 0 && l.top+2*l.height < listKeep {
			l.rows, l.endDown = l.rows[:listKeep], false
		}
	case want.After != "":
		l.rows = append(l.rows, rows...)
		l.endDown = !whole
		if extra := len(l.rows) - listKeep; extra > 0 && l.top-extra >= l.height {
			l.rows = append([]T(nil), l.rows[extra:]...)
			l.cursor -= extra
			l.top -= extra
			l.endUp = false
		}
	case want.Last:
		l.rows, l.endUp, l.endDown = rows, !whole, true
		l.cursor = len(rows) - 1
	default:
		l.rows, l.endUp, l.endDown = rows, true, !whole
	}
	l.clamp()
}

// Window is what to ask for to read the rows held once more.
func (l *List[T]) Window() Want {
	want := Want{Limit: max(len(l.rows), listPage)}
	if len(l.rows) > 0 && !l.endUp {
		want.From = l.Key(l.rows[0])
	}
	return want
}

// Refresh puts what the source had for Window in place of all rows held, unless
// the window has moved on since. The cursor stays on the row it was on, or at
// its place where that row is gone.
func (l *List[T]) Refresh(want Want, rows []T) {
	at, had := l.At()
	if now := l.Window(); now.From != want.From {
		return
	}
	l.rows, l.endUp, l.endDown, l.awaiting = rows, want.From == "", len(rows) < want.Limit, false
	if had {
		for i, r := range rows {
			if l.Key(r) == l.Key(at) {
				l.top += i - l.cursor
				l.cursor = i
				break
			}
		}
	}
	l.clamp()
}

// Put shows rows that were read around a place: the cursor goes to one of
// them, on the line-th line in sight where there is room. endUp and endDown say
// that no more follow there.
func (l *List[T]) Put(rows []T, cursor, line int, endUp, endDown bool) {
	l.rows, l.cursor, l.top = rows, cursor, cursor-line
	l.endUp, l.endDown, l.awaiting = endUp, endDown, false
	l.clamp()
}

// Set puts the cursor on the n-th of the rows in sight.
func (l *List[T]) Set(n int) {
	l.cursor = l.top + min(max(n, 0), l.height-1)
	l.clamp()
}
