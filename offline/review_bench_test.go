package offline_test

import (
	"sync"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
)

// BenchmarkReview has the records of a package of ten thousand codes from a platform that
// answers in 20 ms, against the same calls of a bare client, as many at once, and
// tells how long a card takes meanwhile against its usual time.
func BenchmarkReview(b *testing.B) {
	s := reviewing(b).Start()
	box := s.Known(1, 1000, 10_000)
	client := s.NewClient()
	defer client.Close()
	s.Must(s.Desk.FetchRecords(b.Context(), s.Manager, api.ID(box), false, nil))
	var ids []api.ID
	for _, r := range all(b, s, recordsOf(box)) {
		ids = append(ids, api.ID(r.Code))
	}
	s.Faults(sandbox.Fault{Do: "delay:20ms"})
	card := func() time.Duration {
		began := time.Now()
		if _, err := s.Desk.Lookup(b.Context(), ids[0], nil); err != nil {
			b.Fatal(err)
		}
		return time.Since(began)
	}
	var bare, whole, usual, meanwhile time.Duration
	const cards = 500
	for b.Loop() {
		began := time.Now()
		todo := make(chan api.ID)
		var workers sync.WaitGroup
		for range s.Settings.Calls.Parallel {
			workers.Go(func() {
				for id := range todo {
					if a, _ := client.Records(b.Context(), id); !a.Success() {
						b.Error(a.Err)
					}
				}
			})
		}
		for _, id := range ids {
			todo <- id
		}
		close(todo)
		workers.Wait()
		bare += time.Since(began)
		began = time.Now()
		s.Must(s.Desk.FetchRecords(b.Context(), s.Manager, api.ID(box), true, nil))
		whole += time.Since(began)
		for range cards {
			usual += card()
		}
		done := make(chan error, 1)
		go func() { done <- s.Desk.FetchRecords(b.Context(), s.Manager, api.ID(box), true, nil) }()
		for range cards {
			meanwhile += card()
		}
		s.Must(<-done)
	}
	b.ReportMetric(bare.Seconds()/whole.Seconds(), "×bare")
	b.ReportMetric(float64(meanwhile)/float64(usual), "×card")
}
