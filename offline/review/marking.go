package review

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"counterfoil/api"
	"counterfoil/offline/operation"
	"counterfoil/offline/review/marks"
	"counterfoil/offline/sqlite"
)

// usualDays is how many days before one tell what is usual at this shop.
const usualDays = 28

// marking is one run of the rules over what is stored at or below an id.
type marking struct {
	*Room
	ctx   context.Context
	judge marks.Judge
	tills marks.Tills
	found []marks.Mark
	days  map[string]bool // on which operations on the id were accepted
	ours  map[string]bool // operations on the id, on what it holds and on what holds it
	ids   map[string]bool // looked up here, among the codes and what holds them
}

// MarksByOperation returns the rules about operators that mark an operation of a
// business day, by operation.
func (r *Room) MarksByOperation(ctx context.Context, day string) (map[string][]string, error) {
	m := r.marking(ctx)
	s, err := m.shifts(day)
	if err != nil {
		return nil, err
	}
	byOp := map[string][]string{}
	for _, mark := range m.judge.OfDay(s) {
		for _, op := range mark.Operations {
			byOp[op] = append(byOp[op], mark.Rule) // a rule marks it once a day
		}
	}
	return byOp, nil
}

func (r *Room) marking(ctx context.Context) *marking {
	return &marking{
		Room: r, ctx: ctx, judge: marks.Judge{Shop: r.o.Shop, Thresholds: r.o.Marks}, days: map[string]bool{}, ours: map[string]bool{}, ids: map[string]bool{},
	}
}

// Mark applies the rules to what is stored at or below an id and returns the
// marks. Those of operators come with an id above a code only.
func (r *Room) Mark(ctx context.Context, id api.ID) ([]marks.Mark, error) {
	defer collectOften()()
	m := r.marking(ctx)
	if err := m.codes(id); err != nil {
		return nil, err
	}
	m.found = append(m.found, m.tills.Marks(m.judge)...)
	if id.Level() != api.LevelCode {
		if err := m.people(); err != nil {
			return nil, err
		}
	}
	return m.found, r.keepMarks(id, m)
}

// codes goes through the codes, each with its records by time.
func (m *marking) codes(id api.ID) error {
	_, where := in(id, "codes")
	for after := ""; ; {
		var page []Code
		var recorded []bool
		err := m.read(m.ctx, func(c *sqlite.Conn) error {
			return c.Each(`SELECT c.code, reel.id, pkg.id, box.id, most, seen, records FROM codes c JOIN holders reel ON reel.key=c.reel
				JOIN holders pkg ON pkg.key=c.pkg JOIN holders box ON box.key=c.box WHERE c.`+where+` AND code>? ORDER BY code LIMIT 256`, []any{string(id), after}, func(row sqlite.Row) error {
				page = append(page, Code{row.Text(0), row.Text(1), row.Text(2), row.Text(3), int(row.Int(4)), time.UnixMilli(row.Int(5))})
				recorded = append(recorded, row.Int(6) > 0)
				return nil
			})
		})
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].ID
		if err := m.page(page, recorded); err != nil {
			return err
		}
	}
}

// page judges some codes. What the journal and the look-ups have of them, and of
// what holds them, is read at once.
func (m *marking) page(page []Code, recorded []bool) error {
	var ids []string
	seen := map[string]bool{}
	for _, k := range page {
		for _, id := range k.around() {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	ops, err := m.o.Operations(m.ctx, ids)
	if err != nil {
		return err
	}
	byID := map[string][]operation.Operation{}
	for _, o := range ops {
		byID[o.ID] = append(byID[o.ID], o)
		m.days[o.Day], m.ours[o.Op] = true, true
	}
	looks, err := m.looks(ids)
	if err != nil {
		return err
	}
	for i, k := range page {
		c := marks.Code{ID: k.ID, Had: -1}
		for _, id := range k.around() {
			c.Operations = append(c.Operations, byID[id]...)
		}
		slices.SortFunc(c.Operations, func(a, b operation.Operation) int { return strings.Compare(a.Op, b.Op) })
		if err := m.code(&c, k, recorded[i], looks[k.ID]); err != nil {
			return err
		}
	}
	return nil
}

func (m *marking) code(c *marks.Code, k Code, recorded bool, looks []marks.Look) error {
	err := m.read(m.ctx, func(conn *sqlite.Conn) error {
		if !recorded {
			return nil
		}
		return conn.Each(`SELECT key, at, kind, ok, times, marks, data FROM records INDEXED BY records_code_at
			WHERE code=(SELECT key FROM codes WHERE code=?) ORDER BY at, key`, []any{k.ID}, func(row sqlite.Row) error {
			one := m.recordOf(row)
			c.Records = append(c.Records, marks.Record{Key: one.Key, Code: k.ID, At: one.At, Kind: one.Kind, OK: one.OK,
				ShopNo: one.ShopNo, TID: one.TID, Online: one.Extend["oms"] != "", Times: one.Times})
			return nil
		})
	})
	if err != nil {
		return err
	}
	if k.Remaining >= 0 {
		c.Had = k.Remaining + c.NetUses(k.Seen)
	}
	m.tills.Add(m.judge, c, looks)
	m.found = append(m.found, m.judge.OfCode(c)...)
	return nil
}

// looks returns the looks at some ids, without those from the tree.
func (m *marking) looks(ids []string) (map[string][]marks.Look, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	all := map[string][]marks.Look{}
	return all, m.read(m.ctx, func(c *sqlite.Conn) error {
		return c.Each(`SELECT at, operator, inactive, id FROM looks WHERE id IN (SELECT value FROM json_each(?)) AND entered<>'tree'`, []any{string(list)}, func(row sqlite.Row) error {
			l := m.look(row.Int(0), row.Text(1), row.Text(3), row.Int(2))
			all[l.ID], m.ids[l.ID], m.days[m.o.Shop.Day(l.At)] = append(all[l.ID], l), true, true
			return nil
		})
	})
}

func (m *marking) look(at int64, operator, id string, inactive int64) marks.Look {
	return marks.Look{At: time.UnixMilli(at).In(m.o.Zone), Operator: operator, ID: id, Inactive: inactive != 0}
}

// around lists a code and what holds it.
func (k Code) around() []string {
	ids := []string{k.ID}
	for _, id := range []string{k.Reel, k.Pkg, k.Box} {
		if id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// people applies the rules about operators to the days on which something was
// done with the vouchers, and keeps the marks that rest on them.
func (m *marking) people() error {
	for day := range m.days {
		s, err := m.shifts(day)
		if err != nil {
			return err
		}
		for _, mark := range m.judge.OfDay(s) {
			if slices.ContainsFunc(mark.Operations, func(op string) bool { return m.ours[op] }) || slices.ContainsFunc(mark.IDs, func(id string) bool { return m.ids[id] }) {
				m.found = append(m.found, mark)
			}
		}
	}
	return nil
}

func (m *marking) shifts(day string) (*marks.Shifts, error) {
	s := &marks.Shifts{Day: day, Face: func(id string) int64 { return m.o.Face(m.ctx, id) }}
	noon, err := time.ParseInLocation(time.DateOnly, day, m.o.Zone)
	if err != nil {
		return nil, err
	}
	noon = noon.Add(12 * time.Hour)
	s.Before = func() (shares []float64) {
		for n := 1; n <= usualDays; n++ {
			ops, err := m.o.OfDay(m.ctx, noon.AddDate(0, 0, -n).Format(time.DateOnly))
			if share, ok := m.judge.SoonVoidShare(ops); ok && err == nil {
				shares = append(shares, share)
			}
		}
		return shares
	}
	if s.Operations, err = m.o.OfDay(m.ctx, day); err != nil {
		return nil, err
	}
	return s, m.read(m.ctx, func(c *sqlite.Conn) error {
		return c.Each(`SELECT at, operator, id, inactive FROM looks WHERE at>? AND at<? AND entered<>'tree' ORDER BY at`,
			[]any{noon.Add(-36 * time.Hour).UnixMilli(), noon.Add(36 * time.Hour).UnixMilli()}, func(row sqlite.Row) error {
				if l := m.look(row.Int(0), row.Text(1), row.Text(2), row.Int(3)); m.o.Shop.Day(l.At) == day {
					s.Looks = append(s.Looks, l)
				}
				return nil
			})
	})
}

// marked is how many records get their marks in one commit: a cashier's look waits for no more.
const marked = 500

// keepMarks has the records say what marks them, in place of what the run before said.
func (r *Room) keepMarks(id api.ID, m *marking) error {
	_, where := in(id, "records")
	byRecord := map[int64][]string{}
	for _, rule := range marks.Rules() { // the weightiest first
		for _, mark := range m.found {
			for _, key := range mark.Records {
				if mark.Rule == rule.Name && !slices.Contains(byRecord[key], rule.Name) {
					byRecord[key] = append(byRecord[key], rule.Name)
				}
			}
		}
	}
	was := map[int64]string{}
	err := r.read(m.ctx, func(c *sqlite.Conn) error {
		return c.Each(`SELECT key, marks FROM records WHERE marks>'' AND `+where, []any{string(id)}, func(row sqlite.Row) error {
			was[row.Int(0)] = row.Text(1)
			return nil
		})
	})
	for key := range was {
		if _, still := byRecord[key]; !still {
			byRecord[key] = nil
		}
	}
	var changed []int64
	for key, names := range byRecord {
		if strings.Join(names, ",") != was[key] {
			changed = append(changed, key)
		}
	}
	for some := range slices.Chunk(changed, marked) {
		if err == nil {
			err = r.write(func(c *sqlite.Conn) (err error) {
				for _, key := range some {
					err = errors.Join(err, c.Exec(`UPDATE records SET marks=? WHERE key=?`, strings.Join(byRecord[key], ","), key))
				}
				return err
			})
		}
	}
	return err
}
