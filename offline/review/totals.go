package review

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"counterfoil/api"
	"counterfoil/offline/files"
	"counterfoil/offline/sqlite"
)

// Count is how many records something has, and how many of them failed.
type Count struct {
	Name   string // a kind, a shop number, a terminal
	Text   string // of a shop: its names
	N      int
	Failed int
}

// Hour counts the records of one hour.
type Hour struct {
	At time.Time
	N  int
}

// Totals sum up what is stored at or below an id.
type Totals struct {
	Codes, Records     int
	Unanswered         int // codes whose records could not be had, or not yet
	Empty              int // codes that have no record
	Oldest             time.Time
	Kinds, Shops, TIDs []Count
	Hours              []Hour // in order; those without a record are left out
}

const hour = int64(time.Hour / time.Millisecond)

// Totals sums up. A million records take some tenths of a second.
func (r *Room) Totals(ctx context.Context, id api.ID) (t Totals, err error) {
	arg := []any{string(id)}
	_, of := in(id, "codes")
	scope, where := in(id, "records")
	from := func(by Sort) string {
		if slices.Contains(ordered(scope), by) {
			return ` FROM records INDEXED BY records_` + scope + `_` + string(by) + ` WHERE ` + where
		}
		return ` FROM records INDEXED BY records_` + scope + `_at WHERE ` + where
	}
	err = r.read(ctx, func(c *sqlite.Conn) error {
		err := c.Each(`SELECT count(*), sum(fetched=0 OR trouble<>''), sum(fetched>0 AND records=0), min(iif(fetched>0, fetched, NULL)), sum(records) FROM codes WHERE `+of,
			arg, func(row sqlite.Row) error {
				t.Codes, t.Unanswered, t.Empty, t.Records = int(row.Int(0)), int(row.Int(1)), int(row.Int(2)), int(row.Int(4))
				if row.Int(3) > 0 {
					t.Oldest = time.UnixMilli(row.Int(3)).In(r.o.Zone)
				}
				return nil
			})
		_, offset := r.o.Now().In(r.o.Zone).Zone()
		shift := int64(offset) * 1000 % hour
		if err == nil {
			err = c.Each(`SELECT (at+?)/?, count(*)`+from(ByTime)+` AND at>0 GROUP BY 1`, []any{shift, hour, string(id)}, func(row sqlite.Row) error {
				t.Hours = append(t.Hours, Hour{time.UnixMilli(row.Int(0)*hour - shift).In(r.o.Zone), int(row.Int(1))})
				return nil
			})
		}
		for by, to := range map[Sort]*[]Count{ByKind: &t.Kinds, ByShop: &t.Shops, ByTerminal: &t.TIDs} {
			if err == nil {
				err = c.Each(`SELECT `+string(by)+`, count(*), sum(NOT ok)`+from(by)+` GROUP BY 1 ORDER BY 2 DESC, 1`, arg, func(row sqlite.Row) error {
					*to = append(*to, Count{row.Text(0), "", int(row.Int(1)), int(row.Int(2))})
					return nil
				})
			}
		}
		for i := range t.Shops {
			if err == nil { // one number may carry two names
				t.Shops[i].Text, err = c.Text(`SELECT group_concat(DISTINCT nullif(data->>'ShopName', '')) FROM (SELECT data`+from(ByShop)+` AND shop=? ORDER BY at DESC LIMIT 200)`,
					string(id), t.Shops[i].Name)
			}
		}
		return err
	})
	return t, err
}

// MarksByID returns what marks the stored records of each code, and of whatever
// holds it, as the last reviews found it: by whichever program wrote the file.
func (r *Room) MarksByID() (map[string][]string, error) {
	byID := map[string][]string{}
	file := filepath.Join(r.o.Dir, fileName)
	if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
		return byID, nil
	}
	if err := files.Plain(file); err != nil {
		return byID, err
	}
	c, err := sqlite.Open(sqlite.Name(file, reading))
	if err != nil {
		return byID, err
	}
	err = c.Each(`SELECT DISTINCT c.code, reel.id, pkg.id, box.id, marks FROM records r JOIN codes c ON c.key=r.code
		JOIN holders reel ON reel.key=r.reel JOIN holders pkg ON pkg.key=r.pkg JOIN holders box ON box.key=r.box WHERE marks > ''`, nil, func(row sqlite.Row) error {
		for i := range 4 {
			for name := range strings.SplitSeq(row.Text(4), ",") {
				if id := row.Text(i); id != "" && !slices.Contains(byID[id], name) {
					byID[id] = append(byID[id], name)
				}
			}
		}
		return nil
	})
	return byID, errors.Join(err, c.Close())
}
