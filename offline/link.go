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

// askAlive makes the probe's call: a query about a transaction that never
// existed.
func (d *Desk) askAlive(ctx context.Context) api.Answer {
	trace, err := d.traces.Loose()
	if err != nil {
		return api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled, Err: err}
	}
	return d.client.Query(ctx, api.QueryRequest{TraceNo: trace, OriginalTraceNo: trace})
}

// linkChanged logs a change of the link and signals it. Only changes from or to
// offline are worth more than a debug line.
func (d *Desk) linkChanged(offline bool, a api.Answer) {
	level := slog.LevelDebug
	if offline {
		level = slog.LevelInfo
	}
	d.s.Log.Log(context.Background(), level, "link", "state", string(d.link.State()), "reason", string(a.Reason), "err", a.Err)
	d.sender.Wake()
	d.changed()
}

// Probe asks the platform for a sign of life and returns its answer.
func (d *Desk) Probe(ctx context.Context) api.Answer { return d.link.Probe(ctx) }

// TryNow probes the link and looks at everything that waits without its pause.
func (d *Desk) TryNow() {
	d.list.DropPauses(false)
	d.link.ProbeNow()
	d.sender.Wake()
	d.changed()
}
