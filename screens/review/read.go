package review

import (
	"context"
	"errors"
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
	cancel  context.CancelFunc
	loaded  bool
	no      int // the latest; what an earlier one brings is dropped
	awaited bool
	again   bool
	problem error
}

// sums is what is known of all records, once it is read, and once it is judged.
type sums struct {
	cancel         context.CancelFunc // of the latest run
	summed, judged bool
	totals         offline.RecordTotals
	marks          []offline.Mark
	rests          map[int][]string // what marks rest on, where it was asked for
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
		id     api.ID
		totals offline.RecordTotals
		err    error
	}
	judged struct {
		id    api.ID
		marks []offline.Mark
		err   error
	}
	unmasked struct {
		id  api.ID
		err error
	}
)

// Failure implements screen.Failing.
func (m fetched) Failure() error { return m.err }

// tickEvery is how often the rows are read while records come in.
const tickEvery = time.Second

// begin fetches what is too old, or all.
func (s *review) begin(refresh bool) tea.Cmd {
	ctx, cancel := context.WithCancel(s.env.Context)
	f := &fetch{cancel: cancel, tick: make(chan struct{}, 1)}
	f.progress.Store(&offline.ReviewProgress{})
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
	if s.sums.cancel != nil {
		s.sums.cancel()
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
		return tea.Batch(s.problem(msg.err), s.sum(), s.refresh())
	case summed:
		if msg.id != s.id || msg.err != nil {
			return s.problem(msg.err)
		}
		s.summed, s.totals = true, msg.totals
	case judged:
		if msg.id != s.id || msg.err != nil {
			return s.problem(msg.err)
		}
		s.judged, s.marks, s.rests = true, msg.marks, nil
		return s.refresh()
	case written:
		if msg.err != nil {
			return s.problem(msg.err)
		}
		return screen.Say(s.env.T("review.case", map[string]any{"File": msg.names[0]}), ui.Good)
	case rested:
		return s.rested(msg)
	case unmasked:
		if msg.err != nil {
			return s.problem(msg.err)
		}
		if msg.id == s.id {
			s.whole, s.rests = true, nil // they are masked
		}
	}
	return nil
}

// problem says what went wrong, if anything did.
func (s *review) problem(err error) tea.Cmd {
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	return screen.Say(s.env.Problem(err), ui.Bad)
}

// sum adds up what is stored, and judges it, which takes longer, until one leaves.
func (s *review) sum() tea.Cmd {
	if s.sums.cancel != nil {
		s.sums.cancel()
	}
	env, id := s.env, s.id
	ctx, cancel := context.WithCancel(env.Context)
	s.sums.cancel = cancel
	return tea.Batch(screen.Reply(screen.Review, func() tea.Msg {
		totals, err := env.Desk.RecordTotals(ctx, env.Session, id)
		return summed{id, totals, err}
	}), screen.Reply(screen.Review, func() tea.Msg {
		marks, err := env.Desk.Marks(ctx, env.Session, id)
		return judged{id, marks, err}
	}))
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
	if !s.moved {
		return s.rows(nil, false, true)
	}
	return s.rows(s.near(), false, false)
}

// near is the record that the cursor is on, or the last before it.
func (s *review) near() (record *offline.Record) {
	at, _ := s.list.At()
	for _, r := range s.list.All() {
		if r.record != nil {
			record = r.record
		}
		if r.key == at.key {
			break
		}
	}
	return record
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
	if s.read.cancel != nil {
		s.read.cancel()
	}
	ctx, cancel := context.WithCancel(s.env.Context)
	s.read.cancel = cancel
	env, q, no := s.env, s.query, s.read.no
	up, down := s.list.Around()
	read := around
	if s.isCode() {
		read = timeline
	}
	return screen.Reply(screen.Review, func() tea.Msg {
		defer cancel()
		p := read(ctx, env, q, at, last, up, down)
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
func around(ctx context.Context, env *screen.Env, q offline.RecordQuery, at *offline.Record, last bool, up, down int) (p page) {
	read := func(after *offline.Record, backward bool, limit int) (found []offline.Record) {
		q.After, q.Backward, q.Limit = after, backward, limit
		if p.err == nil {
			found, p.err = env.Desk.Records(ctx, env.Session, q)
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

// timeline reads a window of what is known of one code: its records, and what this
// counter did meanwhile with it and with what holds it.
func timeline(ctx context.Context, env *screen.Env, q offline.RecordQuery, at *offline.Record, last bool, up, down int) page {
	p := around(ctx, env, q, at, last, up, down)
	if q.Kind+q.Shop+q.TID+q.Mark+q.Text != "" || !q.From.IsZero() || p.err != nil {
		return p
	}
	var ops []offline.Operation
	if ops, p.err = env.Desk.Here(ctx, q.ID); p.err != nil {
		return p
	}
	compare := func(a, b row) int {
		if q.Desc {
			a, b = b, a
		}
		return a.at.Compare(b.at)
	}
	records := p.rows
	for _, r := range acts(ops) {
		inside := p.endDown
		if n := len(records); n > 0 && q.Sort == "at" {
			inside = (p.endUp || compare(r, records[0]) > 0) && (p.endDown || compare(r, records[n-1]) < 0)
		}
		if inside {
			p.rows = append(p.rows, r)
		}
	}
	if q.Sort == "at" {
		slices.SortStableFunc(p.rows, compare)
	}
	switch {
	case last:
		p.cursor = len(p.rows) - 1
	case at != nil:
		p.cursor = max(slices.IndexFunc(p.rows, func(r row) bool { return r.record != nil && r.record.Key == at.Key }), 0)
	}
	return p
}

// acts are the rows of what this counter did: each operation, and its attempts.
func acts(ops []offline.Operation) (rows []row) {
	for i := range ops {
		op := &ops[i]
		rows = append(rows, row{key: op.Op, at: op.AcceptedAt, op: op})
		for n := range op.Attempts {
			rows = append(rows, row{key: op.Op + "/" + strconv.Itoa(n), at: op.Attempts[n].SentAt, op: op, attempt: &op.Attempts[n]})
		}
	}
	return rows
}
