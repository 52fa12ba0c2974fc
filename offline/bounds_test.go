package offline_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/offline/operation"
)

// Random requests by a cashier and a manager, alone and as lines of baskets, with and
// without approvals, of what was looked up and what was not, over outages, restarts and
// a lost catalog: nothing that the platform applied is above a limit without the
// second person that it needs.
func TestNothingAboveALimitIsAppliedWithoutTheApprovalItNeeds(t *testing.T) {
	t.Parallel()
	const pieces, most = 3, 5000
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{shop: openShop(t, func(s *offlinetest.Shop) {
			s.Settings.Rules.Batch = operation.BatchLimits{Count: pieces, TotalFen: most}
			s.Settings.Rules.SettleTime = time.Millisecond
		})}
		defer m.Close()
		m.Must(m.Desk.AddOperator(t.Context(), m.Manager, "li", offline.Manager, "8888"))
		for n := 2; n < 6; n++ {
			for range 2 {
				box, err := m.Sandbox.Generate(1, 1, n)
				m.Must(err)
				m.ids = append(m.ids, api.ID(box))
			}
		}
		basket := m.Desk.NewBatch()
		ask := func(rt *rapid.T) {
			kind := rapid.SampledFrom([]offline.Kind{offline.Activate, offline.Activate, offline.Void}).Draw(rt, "kind")
			id := rapid.SampledFrom(m.ids).Draw(rt, "id")
			_, _ = m.tryAccept(kind, id, func(r *offline.Request) {
				if kind == offline.Activate {
					r.AmountFen = rapid.SampledFrom([]int64{3000, most + 1}).Draw(rt, "fen")
				}
				r.Offline = rapid.Bool().Draw(rt, "offline")
				if rapid.Bool().Draw(rt, "by a manager") {
					r.Operator = m.Manager
				}
				switch rapid.IntRange(0, 5).Draw(rt, "approver") {
				case 0:
					r.Approver = m.As("li", "8888")
				case 1:
					r.Approver = m.approver()
				case 2:
					r.Approver, r.ApprovedFor = m.As("li", "8888"), []offline.ErrorKind{offline.ErrNeedsManager}
				}
				if rapid.Bool().Draw(rt, "in a basket") {
					card, _ := m.Desk.Card(t.Context(), id)
					r.Share = basket.Take(offline.Line{Kind: kind, ID: id, Pieces: card.Node.Codes, Fen: r.AmountFen})
				}
			})
		}
		rt.Repeat(map[string]func(*rapid.T){
			"ask":       ask,
			"ask again": ask,
			"look": func(rt *rapid.T) {
				_, _ = m.Desk.Lookup(t.Context(), rapid.SampledFrom(m.ids).Draw(rt, "id"), nil)
			},
			"break":  m.breakPlatform,
			"silent": func(*rapid.T) { m.Faults(sandbox.Fault{Action: api.ActionLookup, Do: "drop_request", Times: 3}) },
			"mend":   func(*rapid.T) { m.Faults() },
			"replay": func(*rapid.T) { m.Must(m.Desk.Replay(t.Context(), nil)) },
			"restart": func(rt *rapid.T) {
				m.Stop()
				if rapid.Bool().Draw(rt, "the catalog is lost") {
					lost, err := filepath.Glob(filepath.Join(m.Settings.Data, "catalog.db*"))
					m.Must(err)
					for _, file := range lost {
						m.Must(os.Remove(file))
					}
				}
				m.Reopen()
				basket = m.Desk.NewBatch()
			},
			"a basket is cleared": func(*rapid.T) { basket = m.Desk.NewBatch() },
			"":                    func(rt *rapid.T) { m.bounded(rt, pieces, most) },
		})
	})
}

// bounded holds what the platform applied against the limits.
func (m *machine) bounded(rt *rapid.T, pieces int, most int64) {
	ops, err := m.Desk.Operations(m.TB.Context(), offline.Query{Whole: true})
	m.Must(err)
	for _, e := range m.Sandbox.Effects() {
		i := slices.IndexFunc(ops, func(op offline.Operation) bool {
			return slices.ContainsFunc(op.Attempts, func(a offline.Attempt) bool { return a.Trace == e.Trace })
		})
		if i < 0 {
			rt.Fatalf("nobody asked for %+v", e)
		}
		op := ops[i]
		second := op.ApprovedBy != "" && op.ApprovedBy != op.Operator && slices.Contains(op.ApprovedFor, operation.ApprovedOverLimit)
		if !second && (e.Codes > pieces || op.AmountFen > most) {
			rt.Fatalf("%d codes for %d fen, by %s, approved by %q for %q", e.Codes, op.AmountFen, op.Operator, op.ApprovedBy, op.ApprovedFor)
		}
	}
}
