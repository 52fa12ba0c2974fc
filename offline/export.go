package offline

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"strconv"
	"time"

	"counterfoil/offline/day"
	"counterfoil/offline/export"
	"counterfoil/offline/journal"
	"counterfoil/offline/operators"
)

// The words of the exports' room.
type (
	ExportRequest  = export.Request
	ExportFilter   = export.Filter
	ExportManifest = export.Manifest
	ExportManager  = export.Manager
)

// The forms of an export.
const (
	CSV       = export.CSV
	JSONLines = export.JSON
	Sheet     = export.XLSX
)

// What becomes of operations that need a manager.
const (
	OnlyManager    = export.OnlyManager
	WithoutManager = export.WithoutManager
)

// Export writes operations as a table, for a manager: to a new file with a
// manifest beside it, both whole or neither, or to r.Out. Whole codes are noted in
// the journal. Errors: ErrNeedsManager, ErrNoClose, ErrFileExists, ErrTooManyRows.
func (d *Desk) Export(ctx context.Context, by Session, r ExportRequest) (m ExportManifest, err error) {
	filter, err := json.Marshal(r.Filter)
	who := by
	if err == nil {
		who, err = d.people.Allowed(ctx, by, operators.Export, strconv.FormatBool(r.Open)+" "+string(filter))
	}
	if err == nil && r.Open {
		approver := who.Approver
		if who.Name != by.Name {
			approver = who.Name
		}
		err = d.noteUnmasked(ctx, by.Name, approver, "", "export "+string(filter))
	}
	key := []byte(d.s.ExportKey)
	if err == nil && len(key) == 0 {
		key, err = export.Key(d.s.Data)
	}
	if err != nil {
		return m, publicError(err)
	}
	marks, err := d.data.reviews.MarksByID()
	on, z := r.Filter.Day, day.Report{}
	switch {
	case r.Filter.Since:
		on = d.Day()
	case err == nil && r.Filter.Z > 0:
		err = d.journal().Snapshot(ctx, func(s *journal.Snapshot) (err error) {
			z, err = day.Closed(s.Each, r.Filter.Z)
			return err
		})
		on = z.Day
	}
	if err == nil && on != "" { // else it may be of several days
		var byOp map[string][]string
		byOp, err = d.data.reviews.MarksByOperation(ctx, on)
		maps.Copy(marks, byOp)
	}
	if err != nil {
		d.s.Log.Warn("records", "err", err) // a cache: the operations are exported all the same
	}
	id, err := d.journal().Identity(ctx)
	if err == nil {
		s := export.Source{Journal: d.journal(), Dir: d.s.Data, Needs: d.NeedsManager, Zone: d.s.Zone, Marks: marks, Key: key}
		m, err = s.Run(ctx, r, export.Origin{Counter: d.s.CounterName, ShopNo: d.s.ShopNo, Journal: id.Journal,
			At: d.clock.Now().In(d.s.Zone).Truncate(time.Millisecond), By: who.Name})
	}
	return m, publicErrorOf(err, map[string]any{"Path": cmp.Or(m.Path, r.Path), "Z": r.Filter.Z})
}
