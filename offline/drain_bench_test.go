package offline_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// drained is how many operations one round of BenchmarkDrain sends.
const drained = 10_000

// BenchmarkDrain empties a queue of waiting activations with one permit and with
// four, against the same calls (look-up and activation) by one sender without
// a database. The platform is a process of its own. Rounds are interleaved;
// reported are the medians of the ratios to the bare calls of the same round.
func BenchmarkDrain(b *testing.B) {
	// As the program has it (screens/cli, wiring.go).
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(36 << 20))
	var floors, bare, ones, fours, cpuBare, cpuFours []float64
	for b.Loop() {
		floor, _ := bareCalls(b, load{drained, 1, 0})
		floors = append(floors, floor)
		rate, cpu := bareCalls(b, load{drained, 4, 0})
		bare, cpuBare = append(bare, rate/floor), append(cpuBare, cpu)
		rate, _ = drain(b, load{drained, 1, 0})
		ones = append(ones, rate/floor)
		rate, cpu = drain(b, load{drained, 4, 0})
		fours, cpuFours = append(fours, rate/floor), append(cpuFours, cpu)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(floors), "http-op/s")
	b.ReportMetric(median(bare), "http4/http")
	b.ReportMetric(median(ones), "permit1/http")
	b.ReportMetric(median(fours), "permits4/http")
	b.ReportMetric(median(cpuBare), "µs-cpu/http4-op")
	b.ReportMetric(median(cpuFours), "µs-cpu/permits4-op")
}

// load is what a round sends: how many operations, with how many permits, and how
// long the platform takes for each call.
type load struct {
	operations, permits int
	delay               time.Duration
}

// BenchmarkDrainToADistantPlatform is the same with a platform that takes 20 ms
// a call, as over a shop's line, against bare calls by as many senders as there
// are permits: what remains is what the desk makes a call wait.
func BenchmarkDrainToADistantPlatform(b *testing.B) {
	ratios := map[int][]float64{}
	for b.Loop() {
		for _, permits := range []int{1, 4} {
			l := load{150 * permits, permits, 20 * time.Millisecond}
			floor, _ := bareCalls(b, l)
			rate, _ := drain(b, l)
			ratios[permits] = append(ratios[permits], rate/floor)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ratios[1]), "permit1/http1")
	b.ReportMetric(median(ratios[4]), "permits4/http4")
}

// measured is how many operations a second work brings, and what each takes of
// this process' processor time, in microseconds.
func measured(operations int, work func()) (rate, cpu float64) {
	spent := func() time.Duration {
		var u unix.Rusage
		_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	start, before := time.Now(), spent()
	work()
	return float64(operations) / time.Since(start).Seconds(), float64((spent() - before).Microseconds()) / float64(operations)
}

func drain(b *testing.B, l load) (rate, cpu float64) {
	p := startPlatform(b)
	defer p.stop()
	s := openShop(b, offlinetest.OnDisk, func(s *offlinetest.Shop) {
		s.URL = p.url
		s.Settings.Calls.Parallel = l.permits
		s.Settings.Calls.AnswerTimeout = 10 * time.Second
		s.Settings.Limits = offline.Limits{}
	})
	defer s.Close()
	for _, c := range s.codesIn(p.box)[:l.operations] {
		s.accept(offline.Activate, c, waiting)
	}
	p.slowDown(l.delay)
	rate, cpu = measured(l.operations, func() { s.Must(s.Desk.Replay(context.Background(), nil)) })
	if st := s.Desk.Status(); st.Waiting+st.Unknown+st.Attention != 0 || p.effects() != l.operations {
		b.Fatalf("not drained: %+v, %d effects", st, p.effects())
	}
	return rate, cpu
}

// bareCalls makes the same calls with as many senders and no database.
func bareCalls(b *testing.B, l load) (rate, cpu float64) {
	p := startPlatform(b)
	defer p.stop()
	s := openShop(b, func(s *offlinetest.Shop) { s.URL = p.url })
	defer s.Close()
	codes := make(chan api.ID, l.operations)
	for _, c := range s.codesIn(p.box)[:l.operations] {
		codes <- c
	}
	close(codes)
	client := s.NewClient()
	day := s.Now().Format("20060102")
	var trace atomic.Int64
	next := func() string { return fmt.Sprintf("%s000009%09d", day, trace.Add(1)) }
	send := func() {
		for c := range codes {
			look := client.Lookup(context.Background(), api.LookupRequest{TraceNo: next(), ID: c},
				func(api.Node) error { return nil })
			act := client.Activate(context.Background(), api.ActivateRequest{TraceNo: next(), ID: c, TotalAmount: "3000"})
			if !look.Success() || !act.Success() {
				b.Errorf("bare calls: %+v %+v", look, act)
				return
			}
		}
	}
	p.slowDown(l.delay)
	return measured(l.operations, func() {
		var senders sync.WaitGroup
		for range l.permits {
			senders.Go(send)
		}
		senders.Wait()
	})
}

// platform is a sandbox in another process with one box of drained codes.
type platform struct {
	b    *testing.B
	cmd  *exec.Cmd
	in   io.Closer
	url  string
	box  string
	done bool
}

// platformEnv turns the test binary into a platform.
const platformEnv = "COUNTERFOIL_TEST_PLATFORM"

// TestMain lets the test binary be the platform that a benchmark sends to, or
// who damages a file.
func TestMain(m *testing.M) {
	if what := os.Getenv(vandalEnv); what != "" {
		os.Exit(asVandal(what))
	}
	if os.Getenv(platformEnv) == "" {
		_ = flag.Set("test.parallel", "5") // they wait for answers more than they work
		os.Exit(m.Run())
	}
	if err := servePlatform(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// servePlatform prints its address and its box, and serves until its input ends.
func servePlatform() error {
	box, err := sandbox.New(sandbox.Options{Seed: 1, Now: offlinetest.NewClock(offlinetest.Opening).Now})
	if err != nil {
		return err
	}
	id, err := box.Generate(1, 20, drained)
	if err != nil {
		return err
	}
	server, err := box.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(server.URL(), id)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func startPlatform(b *testing.B) *platform {
	b.Helper()
	p := &platform{b: b, cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), platformEnv+"=1")
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	p.in = in
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	p.url, p.box, _ = strings.Cut(strings.TrimSpace(line), " ")
	return p
}

func (p *platform) stop() {
	if p.done {
		return
	}
	p.done = true
	_ = p.in.Close()
	_ = p.cmd.Wait()
}

// slowDown has the platform take so long for each call from now on.
func (p *platform) slowDown(delay time.Duration) {
	if delay == 0 {
		return
	}
	rules := fmt.Sprintf(`[{"do":"delay:%v"}]`, delay)
	request, err := http.NewRequest(http.MethodPut, p.url+"/sandbox/faults", strings.NewReader(rules))
	if err != nil {
		p.b.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		p.b.Fatal(err)
	}
	_ = answer.Body.Close() // nothing of it is read
	if answer.StatusCode/100 != 2 {
		p.b.Fatal(answer.Status)
	}
}

// effects counts what the platform really applied.
func (p *platform) effects() int {
	answer, err := http.Get(p.url + "/sandbox/effects")
	if err != nil {
		p.b.Fatal(err)
	}
	defer answer.Body.Close()
	n := 0
	for lines := json.NewDecoder(answer.Body); lines.More(); n++ {
		var effect struct{}
		if err := lines.Decode(&effect); err != nil {
			p.b.Fatal(err)
		}
	}
	return n
}
