package review

import (
	"context"
	"errors"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/sqlite"
)

// Progress is how far a fetch has come.
type Progress struct {
	Of     int     // codes
	Done   int     // asked, with or without an answer, and those that need not be
	Failed int     // without an answer
	Rate   float64 // calls a second
}

const (
	planned   = 512 // codes a transaction
	gathered  = 64  // answers a transaction, at most
	commitMax = 100 * time.Millisecond
)

// Fetch has the records of every code at or below an id, which below hands over,
// that are older than max_age, or all of them where refresh is set, at most Parallel calls at a time.
// It goes on where an earlier one was cut off. each, which may be nil, is told
// of the progress now and then. Why a code's call failed is kept with the code; the
// error is the database's, or the cause where ctx ended.
func (r *Room) Fetch(ctx context.Context, id api.ID, refresh bool, below func(func(Code) error) error, each func(Progress)) error {
	defer collectOften()()
	p, err := r.plan(id, below)
	if err != nil {
		return err
	}
	old := r.o.Now().Add(-r.o.MaxAge)
	if refresh {
		old = r.o.Now().Add(time.Millisecond) // also what was had in this very millisecond
	}
	outer := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_, where := in(id, "codes")
	err = r.read(ctx, func(c *sqlite.Conn) error {
		n, err := c.Int(`SELECT count(*) FROM codes WHERE `+where+` AND fetched<?`, string(id), old.UnixMilli())
		p.Done = p.Of - int(n)
		return err
	})
	if err != nil {
		return err
	}
	todo, got := make(chan string), make(chan answered, gathered)
	var unread error
	go func() {
		defer close(todo)
		unread = r.eachOld(ctx, id, old, todo)
	}()
	var workers sync.WaitGroup
	for range r.o.Parallel {
		workers.Go(func() {
			for code := range todo {
				answer, records := r.o.Ask(ctx, api.ID(code))
				got <- answered{code, answer, records}
			}
		})
	}
	go func() { workers.Wait(); close(got) }()
	if err = r.gather(got, &p, each, cancel); err == nil && ctx.Err() == nil {
		err = unread
	}
	return errors.Join(err, outer.Err())
}

// reviewGarbage is how much garbage may lie about while records are fetched and
// judged, in percent of what is in use: the platform is waited for most of the
// time, and the counter has to do with 64 MiB.
const reviewGarbage = 100

// collector is the process's, as it was before the first of those at work.
var collector struct {
	sync.Mutex
	atWork, was int
}

// collectOften has the collector leave less until end.
func collectOften() (end func()) {
	collector.Lock()
	defer collector.Unlock()
	if collector.atWork++; collector.atWork == 1 {
		collector.was = debug.SetGCPercent(reviewGarbage)
	}
	return func() {
		collector.Lock()
		defer collector.Unlock()
		if collector.atWork--; collector.atWork == 0 {
			debug.SetGCPercent(collector.was)
		}
	}
}

// plan notes which codes belong to the id.
func (r *Room) plan(id api.ID, below func(func(Code) error) error) (p Progress, err error) {
	if r.o.Beside {
		if err := r.borrow(id); err != nil {
			return p, err
		}
	}
	var group []Code
	flush := func() error {
		p.Of += len(group)
		defer func() { group = group[:0] }()
		return r.write(func(c *sqlite.Conn) error {
			for _, k := range group {
				err := c.Exec(`INSERT OR IGNORE INTO holders (id) VALUES (?), (?), (?)`, k.Reel, k.Pkg, k.Box)
				if err == nil {
					err = c.Exec(`INSERT INTO codes (code, reel, pkg, box, most, seen, fetched, trouble, records) VALUES (?, `+
						strings.Repeat(`(SELECT key FROM holders WHERE id=?), `, 3)+`?, ?, 0, '', 0)
					ON CONFLICT (code) DO UPDATE SET reel=iif(excluded.reel=0, reel, excluded.reel), pkg=iif(excluded.pkg=0, pkg, excluded.pkg),
						box=iif(excluded.box=0, box, excluded.box), most=max(most, excluded.most), seen=iif(excluded.most>most, excluded.seen, seen)`,
						k.ID, k.Reel, k.Pkg, k.Box, k.Remaining, k.Seen.UnixMilli())
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = below(func(k Code) error {
		if group = append(group, k); len(group) < planned {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	return p, err
}

// borrow takes over what the program that holds the data folder has stored of an id.
func (r *Room) borrow(id api.ID) error {
	r.lock.Lock()
	defer r.lock.Unlock()
	if err := r.open(); err != nil {
		return err
	}
	// What cannot be had of it is fetched.
	if r.w.Exec(`ATTACH ? AS stored`, sqlite.Name(filepath.Join(r.o.Dir, fileName), "mode=ro")) == nil {
		_ = r.w.Exec(`INSERT OR IGNORE INTO holders SELECT * FROM stored.holders`)
		for _, table := range []string{"codes", "records"} {
			_, where := in(id, table)
			_ = r.w.Exec(`INSERT OR REPLACE INTO `+table+` SELECT * FROM stored.`+table+` WHERE `+where, string(id))
		}
		_ = r.w.Exec(`DETACH stored`)
	}
	return nil
}

// eachOld hands over the codes whose records are older than a time, until ctx ends.
func (r *Room) eachOld(ctx context.Context, id api.ID, old time.Time, todo chan<- string) error {
	_, where := in(id, "codes")
	for after := ""; ; {
		var page []string
		err := r.read(ctx, func(c *sqlite.Conn) error {
			return c.Each(`SELECT code FROM codes WHERE `+where+` AND fetched<? AND code>? ORDER BY code LIMIT 256`, []any{string(id), old.UnixMilli(), after}, func(row sqlite.Row) error {
				page = append(page, row.Text(0))
				return nil
			})
		})
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1]
		for _, code := range page {
			select {
			case todo <- code:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

type answered struct {
	code    string
	answer  api.Answer
	records []api.Record
}

// ErrNotConfigured: the platform cannot be asked for records, a setting is missing.
var ErrNotConfigured = errors.New("review: no address or key for records")

// silent is how many codes in a row may stay without an answer before no more
// are asked: the way to the platform is cut, and each would take its time.
func (o Options) silent() int { return max(12, 3*o.Parallel) }

// gather stores what comes, several answers at a time.
func (r *Room) gather(got <-chan answered, p *Progress, each func(Progress), cancel func()) (err error) {
	began, asked, silent := time.Now(), 0, 0
	tick := time.NewTicker(commitMax)
	defer tick.Stop()
	var group []answered
	flush := func() {
		if len(group) > 0 && err == nil {
			if err = r.store(group); err != nil {
				cancel()
			}
		}
		group = group[:0]
		if each != nil && err == nil {
			p.Rate = float64(asked) / time.Since(began).Seconds()
			each(*p)
		}
	}
	for {
		select {
		case a, more := <-got:
			if !more {
				flush()
				return err
			}
			if a.answer.Reason == api.ReasonCancelled {
				continue // it was not asked
			}
			asked++
			p.Done++
			if !a.answer.Success() {
				p.Failed++
			}
			if silent++; a.answer.Outcome == api.Answered {
				silent = 0
			}
			if a.answer.Reason == api.ReasonSetting {
				err = ErrNotConfigured
			}
			if err != nil || silent >= r.o.silent() {
				cancel()
			}
			if group = append(group, a); len(group) >= gathered {
				flush()
			}
		case <-tick.C:
			flush()
		}
	}
}

// store keeps answers. A record that is there already keeps its key, and those
// that are not given any more go.
func (r *Room) store(group []answered) error {
	return r.write(func(c *sqlite.Conn) error {
		for _, a := range group {
			if !a.answer.Success() {
				why := string(a.answer.Reason)
				if why == "" {
					why = a.answer.Code
				}
				if err := c.Exec(`UPDATE codes SET trouble=? WHERE code=?`, why, a.code); err != nil {
					return err
				}
				continue
			}
			if err := r.replace(c, a); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Room) replace(c *sqlite.Conn, a answered) error {
	var key, reel, pkg, box int64
	err := c.Each(`SELECT key, reel, pkg, box FROM codes WHERE code=?`, []any{a.code}, func(row sqlite.Row) error {
		key, reel, pkg, box = row.Int(0), row.Int(1), row.Int(2), row.Int(3)
		return nil
	})
	if err != nil || key == 0 {
		return err
	}
	was := map[string]int64{}
	err = c.Each(`SELECT key, data FROM records WHERE code=?`, []any{key}, func(row sqlite.Row) error {
		was[row.Text(1)] = row.Int(0)
		return nil
	})
	times := map[string]int{}
	var order []string
	for _, given := range a.records {
		given.Code = a.code
		data := encode(given)
		if times[data]++; times[data] == 1 {
			order = append(order, data)
		}
	}
	for _, data := range order {
		if key, is := was[data]; is {
			delete(was, data)
			if err == nil {
				err = c.Exec(`UPDATE records SET times=? WHERE key=? AND times<>?1`, times[data], key)
			}
			continue
		}
		given := decode(data)
		kind, known := r.o.Kinds[given.Type]
		if !known {
			kind = given.Type
		}
		if err == nil {
			// The keys are given as values: with a SELECT in the statement SQLite would
			// write down each page before it changes it.
			err = c.Exec(`INSERT INTO records (code, at, kind, ok, shop, tid, marks, times, reel, pkg, box, place, data)
				VALUES (?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?)`,
				key, r.millis(given.At), kind, number(success(given.ReturnCode)), given.ShopNo, given.TID, times[data], reel, pkg, box, place(a.code), data)
		}
	}
	for _, key := range was {
		err = errors.Join(err, c.Exec(`DELETE FROM records WHERE key=?`, key))
	}
	return errors.Join(err, c.Exec(`UPDATE codes SET fetched=?, trouble='', records=? WHERE code=?`, r.o.Now().UnixMilli(), len(order), a.code))
}

// success is the platform's word for it in a record (platform.md §6.1).
func success(code string) bool {
	return api.Answer{Outcome: api.Answered, Code: code}.Success()
}

// millis reads the platform's time, yyyyMMddHHmmss in the shop's zone; 0 where it is none.
func (r *Room) millis(at string) int64 {
	for _, form := range []string{"20060102150405", "2006-01-02 15:04:05", time.RFC3339} {
		if t, err := time.ParseInLocation(form, at, r.o.Zone); err == nil {
			return t.UnixMilli()
		}
	}
	return 0
}

// Unanswered lists codes at or below an id whose records could not be had, or not yet, up to limit.
func (r *Room) Unanswered(ctx context.Context, id api.ID, limit int) (codes []string, err error) {
	_, where := in(id, "codes")
	err = r.read(ctx, func(c *sqlite.Conn) error {
		return c.Each(`SELECT code FROM codes WHERE `+where+` AND (fetched=0 OR trouble<>'') ORDER BY code LIMIT ?`, []any{string(id), limit}, func(row sqlite.Row) error {
			codes = append(codes, row.Text(0))
			return nil
		})
	})
	return slices.Clip(codes), err
}
