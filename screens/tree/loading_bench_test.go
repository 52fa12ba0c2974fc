package tree_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
	"counterfoil/ui/vterm"
)

// platform starts the sandbox in a process of its own, as a platform is
// elsewhere, and returns its address and the id of a box of so many codes there.
func platform(tb testing.TB, packages, reels, codes int) (url, boxID string) {
	tb.Helper()
	must := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	cmd := exec.Command(vterm.Binary(tb), "sandbox", "--json", "--addr", "127.0.0.1:0")
	home := tb.TempDir()
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_STATE_HOME="+home, "XDG_CONFIG_HOME="+home)
	out, err := cmd.StdoutPipe()
	must(err)
	must(cmd.Start())
	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	var where struct {
		URL string `json:"url"`
	}
	must(json.NewDecoder(out).Decode(&where))
	body, err := json.Marshal(map[string]any{"generate": map[string]int{"packages": packages, "reels": reels, "codes": codes}})
	must(err)
	answer, err := http.Post(where.URL+"/sandbox/boxes", "application/json", bytes.NewReader(body))
	must(err)
	defer answer.Body.Close()
	var made struct{ Boxes []string }
	must(json.NewDecoder(answer.Body).Decode(&made))
	if len(made.Boxes) != 1 {
		tb.Fatalf("the sandbox made %v", made.Boxes)
	}
	return where.URL, made.Boxes[0]
}

// BenchmarkScanWhileLoading measures from a scan's last character to the card,
// and to the card with the platform's answer, while a box of a million codes
// streams in over and over and while nothing does, by turns. The platform is
// another process of the same machine. Reported are the ratios of the medians
// and of the 99th percentiles, as "noise" those between the scans of every other
// turn in which nothing loads, and as "bare" those of one HTTP call that asks
// the platform for next to nothing: what its being busy costs on this machine.
func BenchmarkScanWhileLoading(b *testing.B) {
	url, boxID := platform(b, 10, 10, 1_000_000)
	s := offlinetest.Open(b, func(s *offlinetest.Shop) { s.URL, s.Clock = url, offlinetest.NewClock(time.Now()) })
	l := screenstest.OnShop(s, 120, 40, "en")
	ids := []string{"R112102F-0000242-2585", "R151102F-0000241-2555"}
	n := 0
	scan := func() (card, answer time.Duration) {
		n++
		id := ids[n%len(ids)]
		s.Clock.Forward(3 * time.Second) // the same scan within two seconds is one scan
		l.Type(id)
		from := time.Now()
		l.Send(screenstest.Press("enter"))
		l.Until(id)
		card = time.Since(from)
		l.Until("to activate")
		return card, time.Since(from)
	}
	const quiet, busy, after = 0, 1, 2
	bare := func() time.Duration {
		from := time.Now()
		answer, err := http.Get(url + "/sandbox/effects")
		if err == nil {
			err = answer.Body.Close()
		}
		if err != nil {
			b.Fatal(err)
		}
		return time.Since(from)
	}
	var cards, answers, bares [3][]time.Duration
	turn := func(kind int) {
		for range 25 {
			card, answer := scan()
			cards[kind], answers[kind] = append(cards[kind], card), append(answers[kind], answer)
			bares[kind] = append(bares[kind], bare())
		}
	}
	scan()
	for b.Loop() {
		turn(quiet)
		stop := loading(l, api.ID(boxID))
		turn(busy)
		stop()
		turn(after)
	}
	for name, took := range map[string]*[3][]time.Duration{"card": &cards, "answer": &answers, "bare": &bares} {
		for i := range took {
			slices.Sort(took[i])
		}
		at := func(i, percent int) float64 { return float64(took[i][len(took[i])*percent/100]) / 1e3 }
		b.ReportMetric(at(quiet, 50), "µs-"+name)
		b.ReportMetric(at(busy, 50)/at(quiet, 50), "×quiet-"+name+"-median")
		b.ReportMetric(at(busy, 99)/at(quiet, 99), "×quiet-"+name+"-p99")
		b.ReportMetric(at(after, 50)/at(quiet, 50), "noise-"+name+"-median")
		b.ReportMetric(at(after, 99)/at(quiet, 99), "noise-"+name+"-p99")
	}
	b.ReportMetric(0, "ns/op")
}

// loading looks a box up again and again, from when its first codes are there
// until stop.
func loading(l *screenstest.Counter, id api.ID) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	arriving, done := make(chan struct{}), make(chan error, 1)
	go func() {
		n := 0
		for {
			_, err := l.Desk.Lookup(ctx, id, func(api.Node) error {
				if n++; n == 10_000 {
					close(arriving)
				}
				return nil
			})
			if err != nil || ctx.Err() != nil {
				done <- err
				return
			}
		}
	}()
	<-arriving
	return func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "canceled") {
			l.TB.Error(err)
		}
	}
}
