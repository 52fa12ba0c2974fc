package catalog

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"counterfoil/api"
)

// Search says what to find.
type Search struct {
	Text   string // any part of an id or of a code's name, upper and lower case (of ASCII) alike; "" all
	Status string // only codes of this status and nodes holding one; with no Text only codes; "" all
	Under  string // only below this node; "" everywhere
	After  string // only behind this node in the order of the tree; "" from the beginning
	Limit  int    // 0 for all
	// Whole, where not 0, is how many matches are handed over one by one. Of those
	// behind, every Every-th is: they are counted without being named.
	Whole, Every int64
}

// Match is a node that was found.
type Match struct {
	N      int64 // the how manieth it is of this search, from 1
	ID     string
	Level  api.Level
	Parent string
}

// Find hands over matches in the order of the tree, while it goes, and returns
// how many there were; each may be nil to count only. A million codes take about
// a tenth of a second; what is found is handed over as it goes, and ctx ends it.
func (c *Catalog) Find(ctx context.Context, s Search, each func(Match) error) (n int64, err error) {
	if s.Text == "" && s.Status == "" {
		return 0, nil
	}
	f := &finder{text: []byte(strings.ToLower(s.Text)), limit: int64(s.Limit), whole: s.Whole, every: s.Every, each: each}
	var steps []step
	err = c.read(ctx, func(t *tx) (err error) {
		if s.Status != "" {
			var ok bool
			if f.status, ok = c.words.known(s.Status); !ok {
				return nil
			}
			f.filter = true
		}
		steps, err = t.startBehind(s.Under, s.After)
		return err
	})
	if err != nil {
		return 0, err
	}
	err = c.walk(ctx, &walker{v: f, steps: steps})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return f.n, err
}

var errEnough = errors.New("enough")

type finder struct {
	text   []byte // lower case
	filter bool
	status uint8
	limit  int64
	whole  int64
	every  int64
	each   func(Match) error
	held   []Match
	n      int64
	lower  []byte
	names  []bool
}

func (f *finder) waiting() int { return len(f.held) }

func (f *finder) deliver(ctx context.Context) error {
	for _, m := range f.held {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.each(m); err != nil {
			return err
		}
	}
	f.held = f.held[:0]
	return nil
}

func hit[T string | []byte](f *finder, id T, level api.Level, parent string) error {
	f.n++
	if f.each != nil && (f.whole == 0 || f.n <= f.whole || f.every > 0 && (f.n-f.whole)%f.every == 0) {
		f.held = append(f.held, Match{f.n, string(id), level, parent})
	}
	if f.n == f.limit {
		return errEnough
	}
	return nil
}

func (f *finder) enter(_ *tx, c chain) (bool, error) {
	if f.filter && !slices.ContainsFunc(c.counts(), func(x cell) bool { return x.status == f.status }) {
		return false, nil
	}
	if len(f.text) > 0 && bytes.Contains(f.fold([]byte(c[0].id)), f.text) {
		parent := ""
		if len(c) > 1 {
			parent = c[1].id
		}
		return true, hit(f, c[0].id, levels[c[0].level], parent)
	}
	return true, nil
}

// fold makes ASCII lower case; the answer is good until the next call.
func (f *finder) fold(b []byte) []byte {
	f.lower = append(f.lower[:0], b...)
	for i, x := range f.lower {
		if x-'A' < 26 {
			f.lower[i] = x + 'a' - 'A'
		}
	}
	return f.lower
}

func (f *finder) codes(_ *tx, c chain, ch *chunk, i int) error {
	named := f.named(ch)
	folded := f.fold(ch.text)
	if !named && !bytes.Contains(folded, f.text) { // a match over the edge of two ids is sorted out below
		return nil
	}
	m := mark{}
	if f.filter {
		m = c.inherited()
	}
	for ; i < ch.n(); i++ {
		if f.filter && f.statusOf(ch, i, m) != f.status {
			continue
		}
		from := int32(0)
		if i > 0 {
			from = ch.ends[i-1]
		}
		if f.names[ch.at[i]] || bytes.Contains(folded[from:ch.ends[i]], f.text) {
			if err := hit(f, ch.id(i), api.LevelCode, c[0].id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *finder) statusOf(ch *chunk, i int, m mark) uint8 {
	if m.ver > ch.ver {
		return m.status
	}
	return ch.st[i]
}

// named notes which of a chunk's names have the text, and whether one has.
func (f *finder) named(ch *chunk) (some bool) {
	f.names = f.names[:0]
	for _, l := range ch.looks {
		has := len(f.text) > 0 && strings.Contains(strings.ToLower(l.name), string(f.text))
		f.names = append(f.names, has)
		some = some || has
	}
	return some
}
