package offline

import (
	"cmp"
	"context"
	"encoding/json"
	"strconv"
	"time"

	"counterfoil/offline/export"
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
	if err != nil {
		d.s.Log.Warn("records", "err", err) // a cache: the operations are exported all the same
	}
	ofDay := func(ctx context.Context, day string) map[string][]string {
		marks, err := d.data.reviews.MarksByOperation(ctx, day)
		if err != nil {
			d.s.Log.Warn("records", "err", err)
		}
		return marks
	}
	id, err := d.journal().Identity(ctx)
	if err == nil {
		s := export.Source{Journal: d.journal(), Dir: d.s.Data, Needs: d.NeedsManager, Zone: d.s.Zone, Marks: marks, OfDay: ofDay, Key: key}
		m, err = s.Run(ctx, r, export.Origin{Counter: d.s.CounterName, ShopNo: d.s.ShopNo, Journal: id.Journal,
			At: d.clock.Now().In(d.s.Zone).Truncate(time.Millisecond), By: who.Name})
	}
	return m, publicErrorOf(err, map[string]any{"Path": cmp.Or(m.Path, r.Path), "Z": r.Filter.Z})
}
