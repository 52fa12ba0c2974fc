package catalog

import (
	"strings"
	"unicode"

	"counterfoil/api"
)

// findQuery looks for matches among what up[0] holds.
type findQuery struct {
	*finder
	up chain
	filter
}

const like = ` LIKE ? ESCAPE '\'`

// matches is the term for ids with the text. Nearly all of a search's time goes
// into it: LIKE takes four times as long, and is needed only where there are letters.
func (q *findQuery) matches(column string) (term string, arg any) {
	if q.like == "" || strings.ContainsFunc(q.Text, unicode.IsLetter) {
		return column + like, q.like
	}
	return "instr(" + column + ", ?) > 0", q.Text
}

// child is the next child behind an ord that matches, which found says, or is no reel.
func (q *findQuery) child(ord int64) (next *node, found bool, err error) {
	matches, text := q.matches("id")
	args := append([]any{text, q.up[0].key, ord, reelLevel, text}, q.filter.args...)
	err = q.t.each("SELECT "+nodeColumns+", "+matches+" FROM nodes r WHERE parent=? AND ord>? AND (level<>? OR "+matches+")"+
		q.filter.nodes+" ORDER BY ord LIMIT 1", args, func(r row) (err error) {
		next, err = scanNode(r[:len(r)-1])
		found = r.Int(len(r)-1) != 0
		return err
	})
	return next, found, err
}

// through looks through codes behind a place: those of the reels before an ord,
// or where the place is past all children, those directly under up[0].
func (q *findQuery) through(at step, before int64) error {
	for {
		skip, want, room := q.plan()
		if want > 0 {
			got, err := q.take(&at, before, want, skip)
			if err != nil {
				return err
			}
			if got == want {
				continue
			}
			if skip == 0 {
				return nil
			}
		}
		from, args := q.from(at, before)
		n, err := q.t.conn.Int("SELECT count(*) FROM (SELECT 1"+from+" LIMIT ?)", append(args, room)...)
		q.n += n
		if err != nil {
			return err
		}
		return q.enough()
	}
}

// plan says how many matches may be passed over uncounted, and how many are
// wanted then; none where it is enough to count. room is how many there may be.
func (q *findQuery) plan() (skip, want, room int64) {
	if room = past; q.Limit > 0 {
		room = int64(q.Limit) - q.n
	}
	switch {
	case q.each == nil:
	case q.Whole == 0:
		want = room
	case q.n < q.Whole:
		want = min(room, q.Whole-q.n)
	case q.Every > 0:
		if skip = q.Every - 1 - (q.n-q.Whole)%q.Every; skip < room {
			want = 1
		}
	}
	return skip, want, room
}

// take takes matches behind a place, which it moves.
func (q *findQuery) take(at *step, before, want, skip int64) (got int64, err error) {
	from, args := q.from(*at, before)
	err = q.t.each("SELECT r.ord, r.id, c.key, c.id"+from+" ORDER BY r.ord, r.key, c.key LIMIT ? OFFSET ?", append(args, want, skip), func(r row) error {
		if got++; got == 1 {
			q.n += skip
		}
		if at.ord < past {
			at.ord = r.Int(0)
		}
		at.code = r.Int(2)
		if err := r.Check("itit"); err != nil {
			return err
		}
		return q.hit(r.Text(3), api.LevelCode, r.Text(1))
	})
	return got, err
}

// from is the SQL of through: of nodes, and of the codes that match in each.
func (q *findQuery) from(at step, before int64) (string, []any) {
	from := " FROM nodes r CROSS JOIN codes c ON c.key > CASE WHEN ?>0 AND ? IN (r.ord,?) THEN ? ELSE (r.key<<24)-1 END" +
		" AND c.key < ((r.key+1)<<24) WHERE "
	args := []any{at.code, at.ord, past, at.code, q.up[0].key}
	if at.ord == past {
		from += "r.key=?"
	} else {
		from += "r.parent=? AND r.ord>=? AND r.ord<? AND r.level=?"
		args = append(args, at.ord, before, reelLevel)
	}
	from, args = from+q.filter.nodes, append(args, q.filter.args...)
	if q.filter.codes != "" {
		from, args = from+" AND CASE r.marked WHEN 0 THEN c.status ELSE r.mark END=?", append(args, q.Status)
	}
	if q.like == "" {
		return from, args
	}
	matches, text := q.matches("c.id")
	from, args = from+" AND ("+matches, append(args, text)
	if q.names {
		from, args = from+" OR c.attributes IN (SELECT key FROM attributes WHERE name"+like+")", append(args, q.like)
	}
	return from + ")", args
}
