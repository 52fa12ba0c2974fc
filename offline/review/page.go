package review

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"counterfoil/api"
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
	ByMark     Sort = "marks"
)

// Query asks for a page of the records at or below an id.
type Query struct {
	ID api.ID
	Filter
	Sort     Sort
	Desc     bool
	After    *Record // the row before the page, wherever it would stand
	Backward bool    // the page that ends before After
	Limit    int
}

// Filter selects records; empty fields select all.
type Filter struct {
	Kind, Shop, TID, Mark string
	From, To              time.Time // To is not included
	Text                  string    // in the code, the shop's name or the platform's words
}

// Narrows reports that it leaves something out.
func (f Filter) Narrows() bool { return f != (Filter{}) }

// few is the most rows that are sorted; more are walked in their order.
const few = 20_000

// ordered lists the orders in which the records of a scope, the column that says
// what belongs to an id, can be walked. A code's and a reel's are few.
func ordered(scope string) []Sort {
	if scope == "code" || scope == "reel" {
		return []Sort{ByTime}
	}
	return []Sort{ByTime, ByKind, ByShop, ByTerminal, ByMark}
}

// apart lists the filters by which a box's rows stand together in the order of codes,
// the narrowest first.
var apart = []Sort{ByTerminal, ByShop, ByKind}

// place is a number that grows with a code's text, or stays: its first eighteen
// characters where they are digits. A letter counts as nines, any other as zeros.
func place(code string) (n int64) {
	const digits = 18
	rest := int64(-1) // what follows the digits; -1 within them
	for i := range digits {
		switch {
		case rest >= 0:
		case i >= len(code) || code[i] < '0':
			rest = 0
		case code[i] > '9':
			rest = 9
		}
		if n *= 10; rest >= 0 {
			n += rest
		} else {
			n += int64(code[i] - '0')
		}
	}
	return n
}

// in is the column by which the rows of a table, codes or records, belong to an id,
// and the condition on it, whose argument is the id.
func in(id api.ID, table string) (scope, condition string) {
	scope = map[api.Level]string{api.LevelBox: "box", api.LevelPackage: "pkg", api.LevelReel: "reel"}[id.Level()]
	switch {
	case scope != "":
		return scope, scope + `=(SELECT key FROM holders WHERE id=?)`
	case table == "codes":
		return "code", `code=?`
	}
	return "code", `code=(SELECT key FROM codes WHERE code=?)`
}

type predicate struct {
	sql  string
	args []any
	by   Sort // whose order has its rows side by side; "" for none
}

func (q Query) predicates() []predicate {
	_, scope := in(q.ID, "records")
	list := []predicate{{`r.` + scope, []any{string(q.ID)}, ByTime}}
	for _, by := range []Sort{ByKind, ByShop, ByTerminal} {
		if only := q.only(by); only != "" {
			list = append(list, predicate{string(by) + `=?`, []any{only}, by})
		}
	}
	if q.Mark != "" {
		list = append(list, predicate{`marks>'' AND ','||marks||',' LIKE '%,'||?||',%'`, []any{q.Mark}, ByMark})
	}
	if !q.From.IsZero() || !q.To.IsZero() {
		to := int64(1<<62 - 1)
		if !q.To.IsZero() {
			to = q.To.UnixMilli()
		}
		list = append(list, predicate{`at>=? AND at<?`, []any{max(q.From.UnixMilli(), 1), to}, ByTime})
	}
	if q.Text != "" {
		// Most rows are left out before their values are looked at by themselves.
		list = append(list, predicate{`instr(lower(data), lower(?))>0 AND EXISTS (SELECT 1 FROM json_tree(data) WHERE instr(lower(atom), lower(?))>0)`, []any{q.Text, q.Text}, ""})
	}
	return list
}

// Records reads a page by key.
func (r *Room) Records(ctx context.Context, q Query) (page []Record, err error) {
	err = r.read(ctx, func(c *sqlite.Conn) error {
		query, args, err := q.keys(c, few)
		var keys []int64
		if err == nil {
			err = c.Each(query, args, func(row sqlite.Row) error {
				keys = append(keys, row.Int(0))
				return nil
			})
		}
		for _, key := range keys {
			if err == nil {
				err = c.Each(`SELECT key, at, kind, ok, times, marks, data FROM records WHERE key=?`, []any{key}, func(row sqlite.Row) error {
					page = append(page, r.recordOf(row))
					return nil
				})
			}
		}
		return err
	})
	if q.Backward {
		slices.Reverse(page)
	}
	return page, err
}

// keys is the statement that finds the keys of a page. Up to few rows, none below zero, are sorted
// where that is quicker than to walk them in their order.
func (q Query) keys(c *sqlite.Conn, few int64) (query string, args []any, err error) {
	scope, condition := in(q.ID, "records")
	if q.Sort == "" || q.Sort == ByCode && scope == "code" {
		q.Sort = ByTime
	}
	conditions := q.predicates()
	var by Sort
	begins, err := q.begins(c, scope, conditions[0], few)
	if err == nil && begins == nil {
		by, err = q.driver(c, scope, conditions, few)
	}
	if err != nil {
		return "", nil, err
	}
	from, order := `records r INDEXED BY records_`+scope+`_`+string(by), []string{string(q.Sort), `at`, `r.key`}
	byCode := `codes c INDEXED BY codes_` + scope + ` CROSS JOIN records r INDEXED BY records_code_at ON r.code=c.key`
	if q.Sort == ByCode {
		order[0] = `c.code`
	}
	switch {
	case begins != nil:
		from = byCode
		conditions[0].sql = `c.` + condition
		conditions = append(conditions, *begins)
	case q.Sort == ByCode && by != ByCode:
		from += ` CROSS JOIN codes c ON c.key=r.code`
	case q.Sort == ByCode && scope == "box" && q.narrowest() != "":
		from, order = `records r INDEXED BY records_box_`+q.narrowest()+`_code CROSS JOIN codes c ON c.key=r.code`, append([]string{`place`, `c.code`}, order[1:]...)
	case q.Sort == ByCode:
		from = byCode
		conditions[0].sql = `c.` + condition
	}
	if q.Sort == ByTime || q.only(q.Sort) != "" { // rows of one value are ordered by time alone
		order = order[1:]
	}
	desc, than := ``, `>`
	if q.Desc != q.Backward {
		desc, than = ` DESC`, `<`
	}
	if q.After != nil {
		after := []any{place(q.After.Code), q.After.value(q.Sort), q.After.at, q.After.Key}[4-len(order):]
		if q.Sort == ByCode { // a comparison over two tables finds no place in an index
			conditions = append(conditions, predicate{order[0] + than + `=?`, after[:1], ""})
		}
		conditions = append(conditions, predicate{`(` + strings.Join(order, `, `) + `) ` + than + ` (?` + strings.Repeat(`, ?`, len(order)-1) + `)`, after, ""})
	}
	var where []string
	for _, p := range conditions {
		where, args = append(where, p.sql), append(args, p.args...)
	}
	return `SELECT r.key FROM ` + from + ` WHERE ` + strings.Join(where, ` AND `) +
		` ORDER BY ` + strings.Join(order, desc+`, `) + desc + ` LIMIT ?`, append(args, q.Limit), nil
}

// beginning is how many digits a text has at least to be the beginning of a code.
const beginning = 6

// begins is the condition that a code begins with the digits that are looked for, nil
// where none does or where that leaves more than a few rows.
func (q Query) begins(c *sqlite.Conn, scope string, of predicate, few int64) (*predicate, error) {
	digits := q.Text[:len(q.Text)-len(strings.TrimLeft(q.Text, "0123456789"))]
	if len(digits) < beginning || scope == "code" {
		return nil, nil
	}
	p := predicate{`c.code>=? AND c.code<?`, []any{digits, digits + ":"}, ""} // after 9
	n, err := c.Int(`SELECT count(*) FROM (SELECT 1 FROM codes c INDEXED BY codes_`+scope+` CROSS JOIN records r INDEXED BY records_code_at ON r.code=c.key WHERE c.`+
		strings.TrimPrefix(of.sql, `r.`)+` AND `+p.sql+` LIMIT ?)`, append(slices.Concat(of.args, p.args), few+1)...)
	if err != nil || n == 0 || n > few {
		return nil, err
	}
	return &p, nil
}

// narrowest is the first of apart that the query filters by, "" for none.
func (f Filter) narrowest() string {
	for _, by := range apart {
		if f.only(by) != "" {
			return string(by)
		}
	}
	return ""
}

// only is the value of a column that it selects by, "" for any.
func (f Filter) only(by Sort) string {
	return map[Sort]string{ByTerminal: f.TID, ByShop: f.Shop, ByKind: f.Kind}[by]
}

// driver names the order to read in: that of the narrowest condition where it
// leaves few rows, which are sorted, else the one that is asked for.
func (q Query) driver(c *sqlite.Conn, scope string, conditions []predicate, few int64) (Sort, error) {
	best, least, orders := q.Sort, few+1, ordered(scope)
	if best != ByCode && !slices.Contains(orders, best) {
		best = ByTime
	}
	for _, p := range conditions[1:] {
		if !slices.Contains(orders, p.by) {
			continue
		}
		n, err := c.Int(`SELECT count(*) FROM (SELECT 1 FROM records r INDEXED BY records_`+scope+`_`+string(p.by)+
			` WHERE `+conditions[0].sql+` AND `+p.sql+` LIMIT ?)`, append(slices.Concat(conditions[0].args, p.args), few+1)...)
		if err != nil {
			return "", err
		}
		// By time, the rows of one value are in order too.
		if n < least || least > few && q.Sort == ByTime && p.by != ByMark {
			best, least = p.by, n
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
		return strings.Join(o.Marks, ",")
	}
	return o.at
}
