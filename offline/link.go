package offline

import (
	"context"
	"log/slog"

	"counterfoil/api"
	"counterfoil/offline/link"
)

// Link is the state of the way to the platform.
type Link = link.State

// The states of the link.
const (
	Unheard = link.Unheard
	Online  = link.Online
	Shaky   = link.Shaky
	Offline = link.Offline
)

func (d *Desk) newLink() *link.Link {
	return link.New(link.Options{
		Now: d.s.Now, Alive: d.askAlive, Permit: d.permitProbe,
		Heard: d.clock.Note, Back: d.dueNow, Changed: d.linkChanged,
	})
}

// askAlive asks what became of a transaction that never was.
func (d *Desk) askAlive(ctx context.Context) api.Answer {
	trace, err := d.traces.Loose()
	if err != nil {
		return api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled, Err: err}
	}
	return d.client.Query(ctx, api.QueryRequest{TraceNo: trace, OriginalTraceNo: trace})
}

// permitProbe counts a probe among the lanes. Where all of them ask the platform
// already, one more question tells nothing; of a link that is offline only the
// probe asks, beside what may still be on its way.
func (d *Desk) permitProbe() (release func(), ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busyLanes >= d.s.Calls.Parallel && d.link.State() != Offline {
		return nil, false
	}
	d.busyLanes++
	return func() {
		d.mu.Lock()
		d.busyLanes--
		d.mu.Unlock()
		d.poke()
	}, true
}

// linkChanged tells of a change. One from or to offline matters to the log.
func (d *Desk) linkChanged(offline bool, a api.Answer) {
	level := slog.LevelDebug
	if offline {
		level = slog.LevelInfo
	}
	d.log.Log(context.Background(), level, "link", "state", string(d.link.State()), "reason", string(a.Reason), "err", a.Err)
	d.poke()
	d.changed()
}

// dueNow drops the pauses of what waits to be sent, and of questions that nobody answered.
func (d *Desk) dueNow() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.open.order {
		if !e.busy && (e.op.State == Queued || e.op.State == Unknown && e.unheard) {
			e.op.NextAt, e.tries = nil, 0
		}
	}
}

// Probe asks the platform for a sign of life and returns its answer.
func (d *Desk) Probe(ctx context.Context) api.Answer { return d.link.Probe(ctx) }

// TryNow probes the link and looks at everything that waits without its pause.
func (d *Desk) TryNow() {
	d.mu.Lock()
	for _, e := range d.open.order {
		if !e.busy && (e.op.State == Queued || e.op.State == Unknown) {
			e.op.NextAt = nil
		}
	}
	d.mu.Unlock()
	d.link.ProbeNow()
	d.poke()
	d.changed()
}
