package ui

// List shows a window on rows that are read around its cursor, so that a million
// rows cost what a few screenfuls cost. It never reads by itself: whoever holds
// it reads where it is Short, and Puts what was read.
type List[T any] struct {
	Key func(T) string // a row's key, unique and stable

	rows    []T
	cursor  int // in rows
	top     int // in rows
	height  int
	endUp   bool // no rows before the first
	endDown bool // no rows after the last
}

// Reset forgets all rows.
func (l *List[T]) Reset() { *l = List[T]{Key: l.Key, height: l.height} }

// Rows returns the rows in sight and the cursor's place among them, -1 for none.
func (l *List[T]) Rows() (rows []T, cursor int) {
	if len(l.rows) == 0 {
		return nil, -1
	}
	end := min(l.top+l.height, len(l.rows))
	return l.rows[l.top:end], l.cursor - l.top
}

// All returns the rows that are held.
func (l *List[T]) All() []T { return l.rows }

// At returns the row under the cursor.
func (l *List[T]) At() (row T, ok bool) {
	if len(l.rows) == 0 {
		return row, false
	}
	return l.rows[l.cursor], true
}

// First is how many rows come before those in sight, where that is known.
func (l *List[T]) First() (n int, known bool) { return l.top, l.endUp }

// Held is how many rows are held, and whether those are all there are.
func (l *List[T]) Held() (n int, whole bool) { return len(l.rows), l.endUp && l.endDown }

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

// Set puts the cursor on the n-th of the rows in sight.
func (l *List[T]) Set(n int) {
	l.cursor = l.top + min(max(n, 0), l.height-1)
	l.clamp()
}

func (l *List[T]) clamp() {
	l.cursor = max(min(l.cursor, len(l.rows)-1), 0)
	l.top = max(min(l.top, l.cursor), l.cursor-l.height+1)
	l.top = max(min(l.top, len(l.rows)-l.height), 0)
}

// Short reports that less than a screenful is held on a side where more follows.
func (l *List[T]) Short() bool {
	return !l.endUp && l.top < l.height || !l.endDown && l.top+2*l.height > len(l.rows)
}

// Around is how many rows to read before the cursor and behind it: with them the
// list is not Short before the cursor has moved by a screenful.
func (l *List[T]) Around() (before, behind int) { return 2 * l.height, 3 * l.height }

// Put takes rows in place of those held. The cursor goes to the at-th of them,
// or, to stay, to the row that it is on, where that is among them. That row stays
// on the line it has; one that was not in sight gets some neighbours on both sides.
// endUp and endDown say that no more follow there.
func (l *List[T]) Put(rows []T, at int, stay, endUp, endDown bool) {
	find := func(key string, in []T) (int, bool) {
		for i, r := range in {
			if l.Key(r) == key {
				return i, true
			}
		}
		return 0, false
	}
	seen, line := l.Rows()
	if stay && len(seen) > 0 {
		if i, ok := find(l.Key(seen[line]), rows); ok {
			at = i
		}
	}
	at = max(min(at, len(rows)-1), 0)
	line = max(min(line, l.height*2/3), l.height/3)
	if len(seen) == 0 {
		line = 0
	}
	if len(rows) > 0 {
		if i, ok := find(l.Key(rows[at]), seen); ok {
			line = i
		}
	}
	l.rows, l.cursor, l.top, l.endUp, l.endDown = rows, at, at-line, endUp, endDown
	l.clamp()
}
