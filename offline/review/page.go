package review

import (
	"context"
	"encoding/json"
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

// Record is one stored operation record.
type Record struct {
	api.Record
	Key   int64
	At    time.Time // zero where the platform's text, Record.At, is no time
	Kind  string
	OK    bool
	Times int      // how often the platform gave it
	Marks []string // the rules that mark it, the weightiest first
	at    int64
}

func encode(r api.Record) string {
	b, _ := json.Marshal(r) // of texts only
	return string(b)
}

func decode(data string) (r api.Record) {
	_ = json.Unmarshal([]byte(data), &r)
	return r
}

// Sort is what records are ordered by.
type Sort string

// The orders; within each by time.
const (
	ByTime     Sort = "at"
	ByCode     Sort = "code"
	ByKind     Sort = "kind"
	ByShop     Sort = "shop"
	ByTerminal Sort = "tid"
	ByMark     Sort = "mark"
)

// Query selects records at or below an id; empty fields select all.
type Query struct {
	ID                    api.ID
	Kind, Shop, TID, Mark string
	From, To              time.Time // To is not included
	Text                  string    // in the code, the shop's name or the platform's words
	Sort                  Sort
	Desc                  bool
	After                 *Record // the row before the page, wherever it would stand
	Backward              bool    // the page that ends before After
	Limit                 int
}

// few is up to how many rows are fetched and sorted; more are walked in their order.
const few = 20_000

type predicate struct {
	sql   string
	args  []any
	index string // "" for none
}

func (q Query) predicates() []predicate {
	where, arg := in(q.ID)
	column, _, _ := strings.Cut(where, "=")
	list := []predicate{{where, []any{arg}, "records_" + column}}
	for column, value := range map[string]string{"kind": q.Kind, "shop": q.Shop, "tid": q.TID} {
		if value != "" {
			list = append(list, predicate{column + `=CAST(? AS TEXT)`, []any{value}, "records_" + column})
		}
	}
	if q.Mark != "" {
		// Only the weightiest of a record's marks is in the index.
		list = append(list, predicate{`mark>'' AND ','||marks||',' LIKE '%,'||?||',%'`, []any{q.Mark}, "records_mark"})
	}
	if !q.From.IsZero() || !q.To.IsZero() {
		to := int64(1<<62 - 1)
		if !q.To.IsZero() {
			to = q.To.UnixMilli()
		}
		list = append(list, predicate{`at>=? AND at<?`, []any{max(q.From.UnixMilli(), 1), to}, "records_at"})
	}
	if q.Text != "" {
		list = append(list, predicate{`instr(lower(data), lower(?))>0`, []any{q.Text}, ""})
	}
	return list
}

// Records reads a page by key.
func (r *Room) Records(ctx context.Context, q Query) (page []Record, err error) {
	if q.Sort == "" {
		q.Sort = ByTime
	}
	err = r.read(ctx, func(c *sqlite.Conn) error {
		conditions := q.predicates()
		if q.Sort == ByCode {
			// The codes of a package lie together: the walk begins and ends with them.
			where, arg := in(q.ID)
			first, firstErr := c.Text(`SELECT min(code) FROM codes WHERE `+where, arg)
			last, lastErr := c.Text(`SELECT max(code) FROM codes WHERE `+where, arg)
			if err := errors.Join(firstErr, lastErr); err != nil {
				return err
			}
			conditions = append(conditions, predicate{`code BETWEEN ? AND ?`, []any{first, last}, ""})
		}
		index, err := q.driver(c, conditions)
		if err != nil {
			return err
		}
		var where []string
		var args []any
		for _, p := range conditions {
			where, args = append(where, p.sql), append(args, p.args...)
		}
		desc, than, column := "", ">", string(q.Sort)
		if q.Desc != q.Backward {
			desc, than = " DESC", "<"
		}
		if q.After != nil {
			where = append(where, `(`+column+`, at, key) `+than+` (?, ?, ?)`)
			args = append(args, q.After.value(q.Sort), q.After.at, q.After.Key)
		}
		query := `SELECT key, at, kind, ok, times, marks, data FROM records INDEXED BY ` + index + ` WHERE ` + strings.Join(where, ` AND `) +
			` ORDER BY ` + column + desc + `, at` + desc + `, key` + desc + ` LIMIT ?`
		return c.Each(query, append(args, q.Limit), func(row sqlite.Row) error {
			page = append(page, r.recordOf(row))
			return nil
		})
	})
	if q.Backward {
		slices.Reverse(page)
	}
	return page, err
}

// driver names the index to read by: that of the narrowest condition where it
// leaves few rows, else the one that has them in order.
func (q Query) driver(c *sqlite.Conn, conditions []predicate) (string, error) {
	best, least := "records_"+string(q.Sort), int64(few+1)
	for _, p := range conditions {
		if p.index == "" {
			continue
		}
		n, err := c.Int(`SELECT count(*) FROM (SELECT 1 FROM records INDEXED BY `+p.index+` WHERE `+p.sql+` LIMIT ?)`, append(p.args, few+1)...)
		if err != nil {
			return "", err
		}
		// By time, every condition's own index has its rows in order.
		if n < least || least > few && q.Sort == ByTime && p.index != "records_mark" {
			best, least = p.index, n
		}
	}
	return best, nil
}

func (r *Room) recordOf(row sqlite.Row) Record {
	one := Record{Record: decode(row.Text(6)), Key: row.Int(0), at: row.Int(1), Kind: row.Text(2), OK: row.Int(3) != 0, Times: int(row.Int(4))}
	if one.at != 0 {
		one.At = time.UnixMilli(one.at).In(r.o.Zone)
	}
	if text := row.Text(5); text != "" {
		one.Marks = strings.Split(text, ",")
	}
	return one
}

func (o *Record) value(s Sort) any {
	switch s {
	case ByCode:
		return o.Code
	case ByKind:
		return o.Kind
	case ByShop:
		return o.ShopNo
	case ByTerminal:
		return o.TID
	case ByMark:
		if len(o.Marks) > 0 {
			return o.Marks[0]
		}
		return ""
	}
	return o.at
}

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

// Totals sums up. A million records take some seconds.
func (r *Room) Totals(ctx context.Context, id api.ID) (t Totals, err error) {
	where, arg := in(id)
	err = r.read(ctx, func(c *sqlite.Conn) error {
		err := c.Each(`SELECT count(*), sum(fetched=0 OR trouble<>''), sum(fetched>0 AND records=0), min(iif(fetched>0, fetched, NULL)), sum(records) FROM codes WHERE `+where,
			[]any{arg}, func(row sqlite.Row) error {
				t.Codes, t.Unanswered, t.Empty, t.Records = int(row.Int(0)), int(row.Int(1)), int(row.Int(2)), int(row.Int(4))
				if row.Int(3) > 0 {
					t.Oldest = time.UnixMilli(row.Int(3)).In(r.o.Zone)
				}
				return nil
			})
		_, offset := r.o.Now().In(r.o.Zone).Zone()
		shift := int64(offset) * 1000 % hour
		if err == nil {
			err = c.Each(`SELECT (at+?)/?, count(*) FROM records WHERE `+where+` AND at>0 GROUP BY 1`, []any{shift, hour, arg}, func(row sqlite.Row) error {
				t.Hours = append(t.Hours, Hour{time.UnixMilli(row.Int(0)*hour - shift).In(r.o.Zone), int(row.Int(1))})
				return nil
			})
		}
		from := `records`
		if t.Records > 10*few {
			from += ` NOT INDEXED` // most of the file: it is read as it lies
		}
		for column, to := range map[string]*[]Count{"kind": &t.Kinds, "shop": &t.Shops, "tid": &t.TIDs} {
			if err == nil {
				err = c.Each(`SELECT `+column+`, count(*), sum(NOT ok) FROM `+from+` WHERE `+where+` GROUP BY 1 ORDER BY 2 DESC, 1`, []any{arg}, func(row sqlite.Row) error {
					*to = append(*to, Count{row.Text(0), "", int(row.Int(1)), int(row.Int(2))})
					return nil
				})
			}
		}
		for i := range t.Shops {
			if err == nil { // one number may carry two names
				t.Shops[i].Text, err = c.Text(`SELECT group_concat(DISTINCT nullif(data->>'ShopName', '')) FROM (SELECT data FROM records INDEXED BY records_shop WHERE shop=? ORDER BY at DESC LIMIT 200)`, t.Shops[i].Name)
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
	err = c.Each(`SELECT DISTINCT code, reel, pkg, box, marks FROM records WHERE mark > ''`, nil, func(row sqlite.Row) error {
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
