package send_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"sync"
	"time"
)

// front stands before the sandbox: it counts the calls on their way and holds them up.
type front struct {
	http.Handler
	hear sync.Mutex // came is called with one call at a time

	mu        sync.Mutex
	now, most int
	calls     []string // actions, in the order they came
	held      map[string]chan struct{}
	came      func(action, body string) // nil for nobody who wants to know
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	action := path.Base(r.URL.Path)
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.mu.Lock()
	f.now++
	f.most = max(f.most, f.now)
	f.calls = append(f.calls, action)
	held, came := f.held[action], f.came
	f.mu.Unlock()
	if came != nil {
		var envelope struct {
			Body []byte `json:"body"`
		}
		_ = json.Unmarshal(body, &envelope)
		f.hear.Lock()
		came(action, string(envelope.Body))
		f.hear.Unlock()
	}
	if held == nil {
		held = f.moment()
	}
	select {
	case <-held:
	case <-r.Context().Done():
	}
	f.mu.Lock()
	f.now-- // before the caller can know of an answer
	platform := f.Handler
	f.mu.Unlock()
	platform.ServeHTTP(w, r)
}

// moment is what every call takes here, so that some are on their way together.
func (f *front) moment() chan struct{} {
	over := make(chan struct{})
	time.AfterFunc(time.Millisecond, func() { close(over) })
	return over
}

// hold has calls of an action wait until letGo.
func (f *front) hold(action string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held[action] = make(chan struct{})
}

func (f *front) letGo() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.held {
		close(c)
	}
	clear(f.held)
}

func (f *front) onCall(came func(action, body string)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.came = came
}

// count counts the calls of an action so far.
func (f *front) count(action string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		if c == action {
			n++
		}
	}
	return n
}

func (f *front) atOnce() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.most
}

// stand puts a function in the platform's place, which it may ask.
func (f *front) stand(answer func(platform http.Handler, w http.ResponseWriter, r *http.Request)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	platform := f.Handler
	f.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(platform, w, r) })
}
