package catalog

import (
	"runtime"
	"sync"
	"testing"
)

func TestTheBackgroundWaitsForOthersButNotForEver(t *testing.T) {
	var l writerLock
	var wg sync.WaitGroup
	give := l.take(true)
	order := make(chan bool, 3)
	for _, background := range []bool{true, false, true} {
		wg.Go(func() {
			give := l.take(background)
			order <- background
			give()
		})
	}
	for !l.wanted() {
		runtime.Gosched()
	}
	give()
	if <-order {
		t.Error("the background went before somebody who waited")
	}
	wg.Wait()
	if !<-order || !<-order {
		t.Error("the foreground went twice")
	}
	if l.wanted() {
		t.Error("somebody still waits")
	}
}
