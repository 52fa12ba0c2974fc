package cli_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"counterfoil/ui/vterm"
)

// lines is how long the long list is, and BenchmarkList's where it is longer than
// usual; -lines 1000000 takes its time.
var lines = flag.Int("lines", 400, "lines of the long list")

// codes makes so many new codes.
func (w *world) codes(n int) (ids []string) {
	w.t.Helper()
	w.staff()
	box, err := w.sandbox.Generate(1, 20, n)
	w.must(err)
	code := regexp.MustCompile(`^\{"level":"code","id":"([^"]+)"`)
	for line := range strings.Lines(w.runIn(asMgr, "--operator", "mgr", "lookup", box, "--json").want(w.t, 0).out) {
		if found := code.FindStringSubmatch(line); found != nil {
			ids = append(ids, found[1])
		}
	}
	if len(ids) < n {
		w.t.Fatalf("%d codes, want %d", len(ids), n)
	}
	return ids[:n]
}

// patient is the environment of a counter that has no limits worth the name and
// waits for a busy platform.
var patient = []string{"COUNTERFOIL_PLATFORM_ANSWER_TIMEOUT=30s", "COUNTERFOIL_PLATFORM_ABSENT_AFTER=60s", "COUNTERFOIL_BULK_MAX_COUNT=1000000",
	"COUNTERFOIL_BULK_MAX_TOTAL=100000000", "COUNTERFOIL_OFFLINE_MAX_OPERATIONS=1000000", "COUNTERFOIL_OFFLINE_MAX_TOTAL=100000000"}

// longList is a list of new codes of which every tenth line is wrong in some way.
func (w *world) longList(n int) (list string, wrong []int) {
	w.t.Helper()
	ids := w.codes(n - n/10)
	text := strings.Builder{}
	text.WriteString("id,amount\n")
	for i, next := 0, 0; i < n; i++ {
		if i%10 != 9 {
			fmt.Fprintf(&text, "%s,15.00\n", ids[next])
			next++
			continue
		}
		wrong = append(wrong, i+2)
		kinds := []string{"no id,15.00", ids[next-1] + ",many", "\"open,15.00", ids[next-2] + ",15.00"} // the last is a repeat
		text.WriteString(kinds[i/10%len(kinds)] + "\n")
	}
	return w.file("long.csv", text.String()), wrong
}

// TestALongListIsSoldOnceInLittleMemory kills the program in the middle of a list
// and gives the list again.
func TestALongListIsSoldOnceInLittleMemory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.environ = append(w.environ, patient...)
	list, wrong := w.longList(*lines)
	w.killedAfter(*lines/3, "activate", "--from", list)
	named := w.killedAfter(-1, "activate", "--from", list)
	w.run("queue", "replay")
	effects := map[string]int{}
	for _, e := range w.sandbox.Effects() {
		effects[e.ID]++
	}
	if len(effects) != *lines-len(wrong) {
		t.Errorf("%d active, want %d", len(effects), *lines-len(wrong))
	}
	for id, n := range effects {
		if n != 1 {
			t.Errorf("%s was activated %d times", id, n)
		}
	}
	for _, number := range wrong {
		if !named[number] {
			t.Errorf("line %d is not named", number)
		}
	}
	t.Logf("%d of %d lines wrong, %d named when it was given again", len(wrong), *lines, len(named))
}

// killedAfter runs the program until it has printed so many lines, to its end for
// -1, and returns which lines of the list it named. It fails where more memory was
// used than it may.
func (w *world) killedAfter(n int, args ...string) (named map[int]bool) {
	w.t.Helper()
	args, environ := w.asSomebody(append([]string{"--config", w.config, "--data", w.data()}, args...), nil)
	cmd := exec.Command(vterm.Binary(w.t), args...)
	cmd.Env = append(environ, w.environ...)
	out, err := cmd.StdoutPipe()
	w.must(err)
	var talk bytes.Buffer
	cmd.Stderr = &talk
	began := time.Now()
	w.must(cmd.Start())
	printed, used := 0, 0
	measure := func() {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
		if _, most, ok := strings.Cut(string(status), "VmHWM:"); ok {
			_, _ = fmt.Sscan(most, &used) // KiB, the most so far
		}
	}
	for rows := bufio.NewScanner(out); rows.Scan(); printed++ {
		if printed%50 == 0 {
			measure()
		}
		if printed == n {
			w.must(cmd.Process.Kill())
		}
	}
	measure()
	_ = cmd.Wait()
	gone := time.Since(began)
	w.t.Logf("%d operations in %v, %.0f a second, %d KiB at most, %v of the processor", printed, gone, float64(printed)/gone.Seconds(), used,
		cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	if most := 64 << 10; used == 0 || used > most {
		w.t.Errorf("%d KiB of memory, may be %d", used, most)
	}
	if code := cmd.ProcessState.ExitCode(); n < 0 && code != 1 {
		w.t.Errorf("exit %d for a list with wrong lines", code)
	}
	named = map[int]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\S+, line (\d+): `).FindAllStringSubmatch(talk.String(), -1) {
		number, _ := strconv.Atoi(m[1])
		named[number] = true
	}
	return named
}

// BenchmarkList activates the codes of a list against a drain of as many that
// wait, in one run with the same platform: one in the same process, which leaves
// only the counter's own work to compare, and one that takes 20 ms, as over a
// shop's line. Reported is the median of the ratios.
func BenchmarkList(b *testing.B) {
	for _, c := range []struct {
		name, faults string
		lines        int
	}{{"at once", `[]`, max(10_000, *lines)}, {"20 ms", `[{"do":"delay:20ms"}]`, 1000}} {
		b.Run(c.name, func(b *testing.B) {
			var lists, ratios []float64
			for b.Loop() {
				w := newWorld(b)
				w.environ = append(w.environ, patient...)
				ids := w.codes(2 * c.lines)
				w.faults(c.faults)
				rate := func(args ...string) float64 {
					began := time.Now()
					w.run(args...).want(b, 0)
					return float64(c.lines) / time.Since(began).Seconds()
				}
				w.run("activate", "--amount", "15", "--offline", "--from", w.file("waiting", strings.Join(ids[:c.lines], "\n"))).want(b, 4)
				drain := rate("queue", "replay")
				list := rate("activate", "--amount", "15", "--from", w.file("list", strings.Join(ids[c.lines:], "\n")))
				lists, ratios = append(lists, list), append(ratios, list/drain)
			}
			slices.Sort(lists)
			slices.Sort(ratios)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(lists[len(lists)/2], "lines/s")
			b.ReportMetric(ratios[len(ratios)/2], "list/drain")
		})
	}
}
