package review

import (
	"context"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// row is one line of a timeline: a record of the platform, or what this counter did.
type row struct {
	key     string
	at      time.Time
	record  *offline.Record
	op      *offline.Operation
	attempt *offline.Attempt // of op; nil for its acceptance
}

// reading is how the reading of the rows stands.
type reading struct {
	loaded  bool
	no      int // the latest; what an earlier one brings is dropped
	awaited bool
	again   bool
	problem error
}

// sums is what is known of all records, once it is read.
type sums struct {
	summed bool
	totals offline.RecordTotals
	marks  []offline.Mark
}

// fetch is one run that fetches records.
type fetch struct {
	cancel   context.CancelFunc
	progress atomic.Pointer[offline.ReviewProgress]
	tick     chan struct{} // now and then, until it is closed
}

type (
	page struct {
		id      api.ID
		no      int
		rows    []row
		cursor  int
		jump    bool
		endUp   bool
		endDown bool
		err     error
	}
	ticked  struct{ fetch *fetch }
	fetched struct {
		fetch *fetch
		err   error
	}
	summed struct {
		id api.ID
		sums
		err error
	}
	unmasked struct {
		id  api.ID
		err error
	}
)

// Failure implements screen.Failing.
func (m fetched) Failure() error { return m.err }

// mostOfCode is how many records of one code are shown.
const mostOfCode = 1000

// tickEvery is how often the rows are read while records come in.
const tickEvery = time.Second

func dayOf(y int, m time.Month, d int, zone *time.Location) time.Time {
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

// begin fetches what is too old, or all.
func (s *review) begin(refresh bool) tea.Cmd {
	ctx, cancel := context.WithCancel(s.env.Context)
	f := &fetch{cancel: cancel, tick: make(chan struct{}, 1)}
	s.fetch = f
	env, id := s.env, s.id
	run := screen.Reply(screen.Review, func() tea.Msg {
		defer cancel()
		defer close(f.tick)
		var last time.Time
		return fetched{f, env.Desk.FetchRecords(ctx, env.Session, id, refresh, func(p offline.ReviewProgress) {
			f.progress.Store(&p)
			if now := time.Now(); now.Sub(last) > tickEvery {
				last = now
				select {
				case f.tick <- struct{}{}:
				default:
				}
			}
		})}
	})
	return tea.Batch(run, f.wait())
}

func (f *fetch) wait() tea.Cmd {
	return screen.Reply(screen.Review, func() tea.Msg {
		if _, more := <-f.tick; !more {
			return nil
		}
		return ticked{f}
	})
}

func (s *review) stop() {
	if s.fetch != nil {
		s.fetch.cancel()
		s.fetch = nil
	}
}

// took takes what commands brought.
func (s *review) took(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page:
		return s.take(msg)
	case ticked:
		if msg.fetch == s.fetch {
			return tea.Batch(s.refresh(), msg.fetch.wait())
		}
	case fetched:
		if msg.fetch != s.fetch {
			return nil
		}
		s.fetch = nil
		var say tea.Cmd
		if msg.err != nil {
			say = screen.Say(s.env.Problem(msg.err), ui.Bad)
		}
		return tea.Batch(say, s.sum())
	case summed:
		if msg.id == s.id && msg.err == nil {
			s.sums = msg.sums
		}
		return s.refresh()
	case written:
		if msg.err != nil {
			return screen.Say(s.env.Problem(msg.err), ui.Bad)
		}
		return screen.Say(s.env.T("review.case", map[string]any{"File": msg.names[0]}), ui.Good)
	case unmasked:
		if msg.err != nil {
			return screen.Say(s.env.Problem(msg.err), ui.Bad)
		}
		s.whole = s.whole || msg.id == s.id
	}
	return nil
}

// sum judges what is stored and sums it up.
func (s *review) sum() tea.Cmd {
	env, id := s.env, s.id
	return screen.Reply(screen.Review, func() tea.Msg {
		m := summed{id: id, sums: sums{summed: true}}
		if m.marks, m.err = env.Desk.Marks(env.Context, env.Session, id); m.err == nil {
			m.totals, m.err = env.Desk.RecordTotals(env.Context, env.Session, id)
		}
		return m
	})
}

// unmask shows whole codes from now on, and has the journal know.
func (s *review) unmask() tea.Cmd {
	env, id := s.env, s.id
	return screen.Reply(screen.Review, func() tea.Msg {
		return unmasked{id, env.Desk.Unmasked(env.Context, env.Session, id, "review")}
	})
}

// refresh reads the rows around the cursor once more.
func (s *review) refresh() tea.Cmd {
	switch {
	case s.id == "":
		return nil
	case s.read.awaited:
		s.read.again = true
		return nil
	}
	at, _ := s.list.At()
	if !s.moved {
		at.record = nil
	}
	return s.rows(at.record, false, !s.moved)
}

func (s *review) more() tea.Cmd {
	if !s.read.loaded || s.read.awaited || !s.list.Short() {
		return nil
	}
	return s.refresh()
}

// rows reads the rows around a record, the first where it is nil, or the last.
func (s *review) rows(at *offline.Record, last, jump bool) tea.Cmd {
	if s.id == "" {
		return nil
	}
	s.read.no++
	s.read.awaited, s.read.again = true, false
	env, q, no := s.env, s.query, s.read.no
	up, down := s.list.Around()
	read := around
	if s.isCode() {
		read = timeline
	}
	return screen.Reply(screen.Review, func() tea.Msg {
		p := read(env, q, at, last, up, down)
		p.id, p.no, p.jump = q.ID, no, jump
		return p
	})
}

func (s *review) take(msg page) tea.Cmd {
	if msg.id != s.id || msg.no != s.read.no {
		return nil
	}
	if s.read.awaited, s.read.problem = false, msg.err; msg.err != nil {
		return nil
	}
	s.read.loaded = true
	s.list.Put(msg.rows, msg.cursor, !msg.jump, msg.endUp, msg.endDown)
	if s.read.again {
		return s.refresh()
	}
	return s.more()
}

// around reads a window of the records by key.
func around(env *screen.Env, q offline.RecordQuery, at *offline.Record, last bool, up, down int) (p page) {
	read := func(after *offline.Record, backward bool, limit int) (found []offline.Record) {
		q.After, q.Backward, q.Limit = after, backward, limit
		if p.err == nil {
			found, p.err = env.Desk.Records(env.Context, env.Session, q)
		}
		return found
	}
	var list []offline.Record
	if at != nil || last {
		list = read(at, true, up)
		p.cursor = len(list)
	}
	p.endUp, p.endDown = len(list) < up, last
	if !last {
		var from *offline.Record
		if len(list) > 0 {
			from = &list[len(list)-1]
		}
		behind := read(from, false, down+1)
		p.endDown = len(behind) <= down
		list = append(list, behind...)
	}
	for i := range list {
		p.rows = append(p.rows, row{key: strconv.FormatInt(list[i].Key, 10), at: list[i].At, record: &list[i]})
	}
	return p
}

// timeline reads all that is known of one code: its records, and what this
// counter did with it and with what holds it.
func timeline(env *screen.Env, q offline.RecordQuery, at *offline.Record, last bool, _, _ int) (p page) {
	filtered := q.Kind+q.Shop+q.TID+q.Mark+q.Text != ""
	q.Limit = mostOfCode
	records, err := env.Desk.Records(env.Context, env.Session, q)
	ops, opErr := env.Desk.Here(env.Context, q.ID)
	if p.err = err; err == nil {
		p.err = opErr
	}
	for i := range records {
		p.rows = append(p.rows, row{key: strconv.FormatInt(records[i].Key, 10), at: records[i].At, record: &records[i]})
	}
	for i := range ops {
		op := &ops[i]
		if filtered {
			break
		}
		p.rows = append(p.rows, row{key: op.Op, at: op.AcceptedAt, op: op})
		for n := range op.Attempts {
			p.rows = append(p.rows, row{key: op.Op + "/" + strconv.Itoa(n), at: op.Attempts[n].SentAt, op: op, attempt: &op.Attempts[n]})
		}
	}
	if q.Sort == "at" {
		slices.SortStableFunc(p.rows, func(a, b row) int {
			if q.Desc {
				a, b = b, a
			}
			return a.at.Compare(b.at)
		})
	}
	p.endUp, p.endDown = true, true
	if last {
		p.cursor = len(p.rows) - 1
	}
	for i, r := range p.rows {
		if at != nil && r.record != nil && r.record.Key == at.Key {
			p.cursor = i
		}
	}
	return p
}
