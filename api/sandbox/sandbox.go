package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"counterfoil/api"
)

// The keys of a sandbox are those of the public signature vectors (platform.md §3),
// so that nothing here looks like a secret.
const (
	DefaultMACKey    = "94365019BBF9CEEAB0DF658E67754A70"
	DefaultAppSecret = "D6954F665B12A4318DF2DE43082858DE" //nolint:gosec // public
	DefaultAppID     = "ebuyde43082858d1"
)

// Options set a sandbox up. The zero value is a strict platform in memory.
type Options struct {
	// Seed fixes generated ids and the dice of faults; the same seed gives the same run.
	Seed int64
	// B2B signs the range action's answers and checks its requests, by the sandbox's
	// own scheme (api.RSASigner), which is not the platform's. The zero one answers
	// with the literal "skip" and takes any signature.
	B2B api.RSASigner
	// Zone is the platform's time zone; nil for Asia/Shanghai.
	Zone *time.Location
	// Now is the platform's wall clock; nil for time.Now. Pauses of faults are real time.
	Now func() time.Time
	// VoidLeaves is the status a void brings a code to: api.StatusVoid (also for "") or api.StatusInactive.
	VoidLeaves string
	// DateOptional accepts trace numbers without today's date in front.
	DateOptional bool
	RangeRules
	// DataDir keeps the state over restarts in DataDir/sandbox.jsonl; "" for memory only.
	DataDir string
	// OpenControls lets other machines use the control surface too.
	OpenControls bool
	// Log receives a line for each call, codes masked; nil for none.
	Log *slog.Logger
}

// RangeRules say how the platform takes an order for a range.
type RangeRules struct {
	// RangePolls is how many calls of one range order answer 80 before 100; 0 for 1, negative for none.
	RangePolls int
	// RangeTakes is how long an order is at work, and answered 80, from its acceptance on.
	RangeTakes time.Duration
	// RangeLenient accepts a number that differs from the range's size and a
	// voucher range without codeType, as the platform's own example has them (platform.md §6.12).
	RangeLenient bool
}

// Effect is one thing really applied. At is in the platform's zone; ID is one
// id of the call (bin:from-to for a range), Codes how many codes it moved.
type Effect struct {
	At     time.Time `json:"at"`
	Action string    `json:"action"`
	Trace  string    `json:"trace"`
	ID     string    `json:"id"`
	Codes  int       `json:"codes"`
}

// Sandbox is one platform. It is safe for concurrent use.
type Sandbox struct {
	options Options
	stop    context.Context // done after Close
	cancel  context.CancelFunc
	late    sync.WaitGroup // requests that are applied after their connection was cut
	faults  faults
	ports   ports

	mu    sync.Mutex    // of what follows
	hurry chan struct{} // closed by ApplyLate, and replaced
	file  *os.File      // nil when memory only
	vouchers
	ledger
}

// vouchers are the boxes that the platform knows.
type vouchers struct {
	statuses []string
	loaded   map[string]place
	made     []*box
}

// ledger is what was asked of the platform, and what it did.
type ledger struct {
	traces       map[string]*transaction // nil value: spent by a call that changes nothing
	lastTrace    string
	effects      []Effect
	orders       map[orderKey]*rangeOrder
	uuids        map[string]bool
	transactions int
}

// New opens a sandbox, reading back what DataDir holds.
func New(o Options) (*Sandbox, error) {
	if o.Zone == nil {
		o.Zone = china()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.VoidLeaves == "" {
		o.VoidLeaves = api.StatusVoid
	}
	if o.VoidLeaves != api.StatusVoid && o.VoidLeaves != api.StatusInactive {
		return nil, fmt.Errorf("a void leaves 05 or 03, not %q", o.VoidLeaves)
	}
	if o.RangePolls == 0 {
		o.RangePolls = 1
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Sandbox{
		options: o, hurry: make(chan struct{}),
		vouchers: vouchers{
			statuses: []string{api.StatusActive, api.StatusInactive, api.StatusFrozen, api.StatusVoid},
			loaded:   map[string]place{},
		},
		ledger: ledger{traces: map[string]*transaction{}, orders: map[orderKey]*rangeOrder{}, uuids: map[string]bool{}},
	}
	s.stop, s.cancel = context.WithCancel(context.Background())
	s.faults.seed = uint64(o.Seed)
	if err := s.open(); err != nil {
		s.cancel()
		return nil, err
	}
	return s, nil
}

// china is the platform's zone; China has had no summer time since 1991, so a
// machine without zone files is served by a fixed offset.
func china() *time.Location {
	if zone, err := time.LoadLocation("Asia/Shanghai"); err == nil {
		return zone
	}
	return time.FixedZone("CST", 8*3600)
}

// Close ends pauses, drops requests that were to be applied late, waits for
// them and closes the file. Servers are closed by themselves before.
func (s *Sandbox) Close() error {
	s.mu.Lock() // nothing is started after this
	s.cancel()
	s.mu.Unlock()
	s.late.Wait()
	s.ports.timers.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}

// ApplyLate applies at once what is to be applied late.
func (s *Sandbox) ApplyLate() {
	s.mu.Lock()
	close(s.hurry)
	s.hurry = make(chan struct{})
	s.mu.Unlock()
	s.late.Wait()
}

// lateNow is closed by the next ApplyLate.
func (s *Sandbox) lateNow() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hurry
}

// Effects returns everything applied so far, oldest first.
func (s *Sandbox) Effects() []Effect {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Effect(nil), s.effects...)
}

// Status returns a code's status, "" when the code is not known.
func (s *Sandbox) Status(code string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.find(code)
	if !ok || p.rank != codeRank {
		return ""
	}
	return s.statuses[p.box.status[p.index]]
}

// Boxes returns the ids of all boxes, generated ones last.
func (s *Sandbox) Boxes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for id, p := range s.loaded {
		if p.rank == boxRank {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, b := range s.made {
		ids = append(ids, b.id(boxRank, 0))
	}
	return ids
}

func (s *Sandbox) now() time.Time { return s.options.Now().In(s.options.Zone) }

// entry is one line of sandbox.jsonl; exactly one field is set.
type entry struct {
	Boxes    json.RawMessage `json:"boxes,omitempty"`
	Generate *generateEntry  `json:"generate,omitempty"`
	Trace    string          `json:"trace,omitempty"`
	UUID     string          `json:"uuid,omitempty"`
	Change   *transaction    `json:"change,omitempty"`
	Order    *rangeOrder     `json:"order,omitempty"`
}

type generateEntry struct {
	Packages int `json:"packages"`
	Reels    int `json:"reels"`
	Codes    int `json:"codes"`
}
