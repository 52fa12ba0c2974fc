package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"counterfoil/ui/vterm"
)

// usedShop is a counter whose folder holds a few days' work: so many operations, all done.
func usedShop(b *testing.B, operations int) *till {
	b.Helper()
	c, p := counterWithPlatform(b)
	ids, err := p.stock(operations)
	if err != nil {
		b.Fatal(err)
	}
	list := filepath.Join(c.dir, "ids")
	if err := os.WriteFile(list, []byte(strings.Join(ids, "\n")), 0o600); err != nil {
		b.Fatal(err)
	}
	if l, err := c.live(b.Context(), fate{}, "activate", "--amount", "30", "--from", list); err != nil || l.exit != 0 {
		b.Fatal(l.exit, l.said, err)
	}
	return c
}

// counterArgs opens the counter's screens.
func (t *till) counterArgs() []string {
	return []string{t.binary, "--config", filepath.Join(t.dir, "config.toml"), "--data", t.data}
}

// drawn is the time from starting a program until its screen shows text.
func drawn(b *testing.B, text string, program []string) time.Duration {
	b.Helper()
	from := time.Now()
	term := vterm.Start(b, vterm.Small, program)
	term.WaitFor(text)
	took := time.Since(from)
	term.End() // a folder left by a kill takes longer to open
	return took
}

func median(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2]) / float64(time.Millisecond)
}

// BenchmarkStart measures from starting the process to the first drawn sign-in:
// of a counter with a few days' work in its folder, of the demo, and, turn by
// turn with them, of a Bubble Tea program that only draws those words. Each
// figure is the median of -benchtime's rounds, in milliseconds.
func BenchmarkStart(b *testing.B) {
	bare := filepath.Join(b.TempDir(), "bare")
	if out, err := exec.Command("go", "build", "-o", bare, "./testdata/bare").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	c := usedShop(b, 300)
	var least, counter, demo []time.Duration
	for b.Loop() {
		least = append(least, drawn(b, "Sign in", []string{bare}))
		counter = append(counter, drawn(b, "Sign in", c.counterArgs()))
		demo = append(demo, drawn(b, "Sign in", []string{c.binary, "demo", "--lang", "en"}))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(least), "bare-ms")
	b.ReportMetric(median(counter), "counter-ms")
	b.ReportMetric(median(demo), "demo-ms")
	b.ReportMetric(median(counter)/median(least), "×bare")
}

// BenchmarkIdle opens a counter, signs somebody in and leaves it alone for
// twenty seconds: its share of one processor, and the memory that it then holds.
func BenchmarkIdle(b *testing.B) {
	const idle = 20 * time.Second
	c := usedShop(b, 300)
	var busy time.Duration
	var memory int
	for b.Loop() {
		term := vterm.Start(b, vterm.Small, c.counterArgs())
		term.WaitFor("Sign in")
		signIn(term, managerPIN)
		waitFor(12 * time.Second) // until what the start and the PIN left behind is cleared away
		before := c.processorTime(b)
		waitFor(idle)
		busy += c.processorTime(b) - before
		memory = max(memory, c.memory(b, "VmRSS"))
		term.Kill()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(100*busy.Seconds()/(idle.Seconds()*float64(b.N)), "%CPU")
	b.ReportMetric(float64(memory)/1024, "MiB")
}

// waitFor lets time go by: what an idle program uses shows in nothing else.
func waitFor(d time.Duration) { <-time.After(d) }

// process is the folder in /proc of the counter that holds the data folder.
func (t *till) process(tb testing.TB) string {
	tb.Helper()
	lock, err := os.ReadFile(filepath.Join(t.data, "lock"))
	if err != nil {
		tb.Fatal(err)
	}
	pid, _, _ := strings.Cut(string(lock), " ")
	return filepath.Join("/proc", pid)
}

// memory is a figure in KiB of the running counter, by the system's name for
// it: VmRSS is what is resident, VmHWM the most that ever was.
func (t *till) memory(tb testing.TB, name string) (kib int) {
	tb.Helper()
	status, err := os.ReadFile(filepath.Join(t.process(tb), "status"))
	if err != nil {
		tb.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), name+":")
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		tb.Fatal(err)
	}
	return kib
}

// processorTime is what all threads of the running counter used so far.
func (t *till) processorTime(tb testing.TB) (sum time.Duration) {
	tb.Helper()
	threads, err := filepath.Glob(filepath.Join(t.process(tb), "task", "*", "schedstat"))
	if err != nil || len(threads) == 0 {
		tb.Fatal("no threads: ", err)
	}
	for _, file := range threads {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has just ended
		}
		used, _, _ := strings.Cut(string(text), " ")
		ns, err := strconv.ParseInt(used, 10, 64)
		if err != nil {
			tb.Fatal(err)
		}
		sum += time.Duration(ns)
	}
	return sum
}
