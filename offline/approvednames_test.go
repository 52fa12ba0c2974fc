package offline_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"counterfoil/offline"
	"counterfoil/offline/sqlite"
)

// An approval is another's act: the event names her, and who asked.
func TestEventsOfApprovedActsNameBoth(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx := t.Context()
	s.sold(1)
	_, err := s.Desk.Reconcile(ctx, s.Cashier.With(s.approver()), offline.ReconcileRequest{})
	s.Must(err)
	reports, err := s.Desk.CloseDay(ctx, s.Cashier.With(s.approver()), offline.CloseRequest{})
	s.Must(err)
	if z := reports[0]; z.By != s.Manager.Name || z.AskedBy != s.Cashier.Name {
		t.Errorf("Z is by %q, asked by %q", z.By, z.AskedBy)
	}
	_, err = s.Desk.NoteClose(ctx, s.Cashier.With(s.approver()), 1, "late")
	s.Must(err)
	s.Must(s.Desk.AddOperator(ctx, s.Cashier.With(s.approver()), "bob", offline.Cashier, "2222"))
	s.Must(s.Desk.ResetPIN(ctx, s.Cashier.With(s.approver()), "bob", "3333"))
	s.Must(s.Desk.DisableOperator(ctx, s.Manager, "bob")) // asked for by nobody else
	s.Stop()
	db, err := sqlite.Open(sqlite.Name(filepath.Join(s.Settings.Data, "counterfoil.db"), ""))
	s.Must(err)
	defer func() { s.Must(db.Close()) }()
	for event, asked := range map[string]string{"day.closed": s.Cashier.Name, "day.noted": s.Cashier.Name, "reconciled": s.Cashier.Name,
		"operator.added": s.Cashier.Name, "operator.pin_reset": s.Cashier.Name, "operator.disabled": ""} {
		text, err := db.Text(`SELECT data FROM events WHERE event = '` + event + `' ORDER BY seq DESC LIMIT 1`)
		s.Must(err)
		var who struct {
			By    string `json:"by"`
			Asked string `json:"asked_by"`
		}
		if err := json.Unmarshal([]byte(text), &who); err != nil || who.By != s.Manager.Name || who.Asked != asked {
			t.Errorf("%s is by %q, asked by %q: %v", event, who.By, who.Asked, err)
		}
	}
}
