package offline_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/journal"
	"counterfoil/offline/offlinetest"
)

// BenchmarkGrowth opens the counter, accepts an operation offline and reads the
// queue's first page, with a thousand, ten thousand and a hundred thousand
// operations in the journal, in one run. Reported are medians at a thousand,
// the ratios of the larger journals to it, and what verify and doctor take.
func BenchmarkGrowth(b *testing.B) {
	const rounds = 15
	type figures struct{ open, accept, page time.Duration }
	var base figures
	for _, n := range []int{1_000, 10_000, 100_000} {
		s := openShop(b, func(s *offlinetest.Shop) { s.Settings.Data, s.Settings.Limits = b.TempDir(), offline.Limits{} })
		s.Must(s.Desk.Stop())
		fill(b, s, n)
		s.Down()
		var open, accept, page []time.Duration
		for range rounds {
			start := time.Now()
			s.Reopen()
			open = append(open, time.Since(start))
			for i := range rounds {
				id := api.ID(fmt.Sprintf("R%07d-%07d-%04d", len(open), i, n%10_000))
				start = time.Now()
				s.accept(offline.Activate, id, waiting)
				accept = append(accept, time.Since(start))
				start = time.Now()
				_, err := s.Desk.Operations(context.Background(), offline.Query{Limit: 50})
				s.Must(err)
				page = append(page, time.Since(start))
			}
			s.Must(s.Desk.Stop())
		}
		s.Reopen()
		start := time.Now()
		_, err := s.Desk.Verify(context.Background(), nil)
		s.Must(err)
		b.ReportMetric(float64(time.Since(start).Milliseconds()), fmt.Sprintf("verify-%dk-ms", n/1000))
		start = time.Now()
		s.Desk.Doctor(context.Background())
		b.ReportMetric(float64(time.Since(start).Milliseconds()), fmt.Sprintf("doctor-%dk-ms", n/1000))
		s.Close()
		got := figures{median(open), median(accept), median(page)}
		if n == 1_000 {
			base = got
			b.ReportMetric(float64(got.open.Microseconds()), "open-µs")
			b.ReportMetric(float64(got.accept.Microseconds()), "accept-µs")
			b.ReportMetric(float64(got.page.Microseconds()), "page-µs")
			continue
		}
		b.ReportMetric(float64(got.open)/float64(base.open), fmt.Sprintf("open-%dk/1k", n/1000))
		b.ReportMetric(float64(got.accept)/float64(base.accept), fmt.Sprintf("accept-%dk/1k", n/1000))
		b.ReportMetric(float64(got.page)/float64(base.page), fmt.Sprintf("page-%dk/1k", n/1000))
	}
}

// fill puts n operations of earlier days into the shop's journal.
func fill(b *testing.B, s *shop, n int) {
	ctx := context.Background()
	j, err := journal.Open(ctx, journal.Options{Dir: s.Settings.Data, Now: s.Now})
	s.Must(err)
	at := s.Now().Add(-48 * time.Hour)
	const batch = 1_000
	for first := 0; first < n; first += batch {
		s.Must(j.Write(ctx, func(tx *journal.Tx) error {
			for i := first; i < first+batch; i++ {
				done := at.Add(time.Second)
				op := offline.Operation{
					Op: fmt.Sprintf("01K%023d", i), Kind: offline.Activate, ID: fmt.Sprintf("R999999X-%07d-0001", i), Level: "reel",
					State: offline.Done, AmountFen: 3000, Operator: "amy", Counter: "C01", AcceptedAt: at, FinishedAt: &done, Day: "2026-01-01",
					Attempts: []offline.Attempt{{
						Trace: fmt.Sprintf("20260101000001%09d", i), SentAt: at, EndedAt: &done, Outcome: "answered", Code: "A00", Message: "SUCCESS",
					}},
				}
				_, err := tx.NextTrace("20260101", int64(i))
				if err := errors.Join(err, tx.Put(&op, "answered")); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	s.Must(j.Close())
	b.Logf("%d operations in the journal", n)
}
