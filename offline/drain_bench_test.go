package offline_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
)

// drained is how many operations one round of BenchmarkDrain sends.
const drained = 2000

// BenchmarkDrain empties a queue of waiting activations with one lane and with
// four, against the same calls (look-up and activation) by one sender without
// a database. Reported are operations per second and the ratios to that floor.
func BenchmarkDrain(b *testing.B) {
	for range b.N {
		floor := bareCalls(b)
		one := drain(b, 1)
		four := drain(b, 4)
		b.ReportMetric(floor, "http-op/s")
		b.ReportMetric(one, "lane1-op/s")
		b.ReportMetric(four, "lanes4-op/s")
		b.ReportMetric(one/floor, "lane1/http")
		b.ReportMetric(four/floor, "lanes4/http")
	}
}

func drain(b *testing.B, lanes int) float64 {
	s := openShop(b, func(s *shop) {
		s.dir = b.TempDir()
		s.rules.Parallel = lanes
		s.rules.AnswerTimeout = 10 * time.Second
		s.limits = offline.Limits{}
	})
	defer s.close()
	box, err := s.box.Generate(1, 20, drained)
	s.must(err)
	codes := codesOf(s, box)
	for _, c := range codes {
		s.accept(offline.Activate, c, waiting)
	}
	start := time.Now()
	s.must(s.desk.Replay(context.Background(), nil))
	took := time.Since(start)
	if st := s.desk.Status(); st.Waiting+st.Unknown+st.Attention != 0 || len(s.box.Effects()) != drained {
		b.Fatalf("not drained: %+v, %d effects", st, len(s.box.Effects()))
	}
	return drained / took.Seconds()
}

func bareCalls(b *testing.B) float64 {
	s := openShop(b)
	defer s.close()
	box, err := s.box.Generate(1, 20, drained)
	s.must(err)
	codes := codesOf(s, box)
	day := s.now().Format("20060102")
	start := time.Now()
	for i, c := range codes {
		look := s.client.Lookup(context.Background(), api.LookupRequest{TraceNo: fmt.Sprintf("%s000009%09d", day, 2*i), ID: c},
			func(api.Node) error { return nil })
		act := s.client.Activate(context.Background(), api.ActivateRequest{
			TraceNo: fmt.Sprintf("%s000009%09d", day, 2*i+1), ID: c, TotalAmount: "3000",
		})
		if !look.Success() || !act.Success() {
			b.Fatalf("bare calls: %+v %+v", look, act)
		}
	}
	return drained / time.Since(start).Seconds()
}
