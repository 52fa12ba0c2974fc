package catalog

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
)

func TestTheBackgroundWaitsForOthersButNotForEver(t *testing.T) {
	var w turn
	w.take(false)
	order := make(chan string, 16)
	queue := func(name string, background bool) {
		waiting := func() int {
			w.mu.Lock()
			defer w.mu.Unlock()
			return len(w.asking) + len(w.working)
		}
		before := waiting()
		go func() {
			w.take(background)
			order <- name
			w.give()
		}()
		for waiting() == before {
			runtime.Gosched()
		}
	}
	var want []string
	queue("load", true)
	for i := range overtakes + 2 {
		queue(fmt.Sprint(i), false)
		want = append(want, fmt.Sprint(i))
	}
	if !w.wanted() {
		t.Error("the load is not told that others wait")
	}
	w.give()
	var got []string
	for range len(want) + 1 {
		got = append(got, <-order)
	}
	if want = slices.Insert(want, overtakes, "load"); !slices.Equal(got, want) {
		t.Errorf("they went in the order %v, want %v", got, want)
	}
	if w.wanted() {
		t.Error("somebody still waits")
	}
}
