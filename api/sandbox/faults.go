package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"counterfoil/api"
)

// ErrFaults is the kind of every error about rules.
var ErrFaults = errors.New("the rules are not taken")

// Fault is one rule. The first rule that fires decides a call; the others do
// not count it as fired.
//
//   - refuse_connection shuts the port, for real: connecting is refused. Nobody
//     can count refused connections, so Times counts seconds here (0: until
//     the rules are replaced), and the rule takes no action and no probability.
//     Only Server can do it; its ControlURL stays open.
//   - drop_request: the request is read and not applied; the connection is cut.
//   - drop_answer: applied; the connection is cut without a byte.
//   - delay:5s: applied at once, answered after that time.
//   - status:503: not applied; an HTTP status with a short text.
//   - html: not applied; a page of a network's sign-in with status 200.
//   - garbage: applied; bytes that are no JSON with status 200.
//   - bad_sign: applied; the signature is wrong.
//   - other_answer: applied; the answer, rightly signed, belongs to another call.
//   - other_id: a look-up is answered with the tree of another id: a reel beside
//     the asked one, and the like. What is asked is not shown.
//   - unsigned: applied; the answer bears no signature.
//   - telling_records: a code's records bear the trace numbers of what was done to it.
//   - foreign_records: they bear them inside longer texts and with code 99; the
//     answer has another uuid and no signature.
//   - duplicate_records: a code's records are given twice.
//   - unknown_types: they are of a type that nobody knows, 77.
//   - empty_shops: they name no shop and no terminal.
//   - future_times: they are of tomorrow.
//   - many_records: there are ten thousand of them.
//   - silent_tenth: of one code in ten, always the same ones, the connection is cut.
//   - gzip: applied; the answer comes packed, whatever was asked for.
//   - slow_drip: applied; a byte every 100 ms.
//   - drip:500ms: applied; a space every so often, and never an end.
//   - refuse:A05: refused with that code, not applied.
//   - late:5s: the connection is cut at once, the request applied after that
//     time; Close drops what is still to come.
//   - twice: applied, and its effect counted twice (activations, voids, ranges).
//   - stale_lookup: a look-up answers each code's status before its last change.
//   - in_process: applied; answered with A80, V80, R80 or H80, of a range 80.
//   - query_always_ok: activeResultQuery says R00 whatever it was asked.
type Fault struct {
	// Action names the calls it is for; "" or "*" for all it makes sense for.
	Action string `json:"action"`
	// ID names the calls it is for by what they are about; "" for all.
	ID string `json:"id,omitempty"`
	// Skip lets that many calls pass first.
	Skip int `json:"skip,omitempty"`
	// Times ends the rule after it fired so often; 0 for never.
	Times int `json:"times,omitempty"`
	// Probability from over 0 to 1 that it fires; 0 here, or absent in JSON, for 1. The dice follow the seed.
	Probability float64 `json:"probability,omitempty"`
	// Do says what happens.
	Do string `json:"do"`
}

const (
	doRefuseConnection = "refuse_connection"
	doDropRequest      = "drop_request"
	doDropAnswer       = "drop_answer"
	doDelay            = "delay"
	doStatus           = "status"
	doGarbage          = "garbage"
	doHTML             = "html"
	doBadSign          = "bad_sign"
	doOtherAnswer      = "other_answer"
	doOtherID          = "other_id"
	doUnsigned         = "unsigned"
	doTellingRecords   = "telling_records"
	doForeignRecords   = "foreign_records"
	doDuplicateRecords = "duplicate_records"
	doUnknownTypes     = "unknown_types"
	doEmptyShops       = "empty_shops"
	doFutureTimes      = "future_times"
	doManyRecords      = "many_records"
	doSilentTenth      = "silent_tenth"
	doGzip             = "gzip"
	doSlowDrip         = "slow_drip"
	doDrip             = "drip"
	doRefuse           = "refuse"
	doLate             = "late"
	doTwice            = "twice"
	doStaleLookup      = "stale_lookup"
	doInProcess        = "in_process"
	doQueryAlwaysOK    = "query_always_ok"
)

// firing is a rule applied to one call; the zero value is none.
type firing struct {
	do     string
	text   string        // refuse: the code
	pause  time.Duration // delay, late, drip
	status int           // status
}

// rule is a Fault ready for use.
type rule struct {
	Fault
	firing
	seen, fired int
}

type faults struct {
	seed uint64

	mu    sync.Mutex
	rules []*rule
	shut  *rule // the refuse_connection rule in force, nil for none
}

// SetFaults replaces the rules. An unknown rule is an error and leaves the old ones.
func (s *Sandbox) SetFaults(list []Fault) error {
	rules := make([]*rule, 0, len(list))
	for i, f := range list {
		r, err := f.rule()
		if err != nil {
			return fmt.Errorf("rule %d: %w", i+1, err)
		}
		rules = append(rules, r)
	}
	var shut *rule
	if i := slices.IndexFunc(rules, func(r *rule) bool { return r.do == doRefuseConnection && r.Skip == 0 }); i >= 0 {
		shut = rules[i]
	}
	s.faults.mu.Lock()
	s.faults.rules, s.faults.shut = rules, shut
	s.faults.mu.Unlock()
	if shut != nil {
		return s.shutPort(shut)
	}
	return s.ports.adjust()
}

// Faults returns the rules as they were set.
func (s *Sandbox) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := make([]Fault, 0, len(s.faults.rules))
	for _, r := range s.faults.rules {
		list = append(list, r.Fault)
	}
	return list
}

// ParseFaults reads a JSON list of rules, strictly: an unknown field, an
// unknown rule or anything behind the list is an error.
func ParseFaults(r io.Reader) ([]Fault, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var list []struct {
		Fault
		Probability *float64 `json:"probability"`
	}
	if err := strict(raw, &list); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFaults, err)
	}
	out := make([]Fault, 0, len(list))
	for i, f := range list {
		fault := f.Fault
		if f.Probability != nil {
			fault.Probability = *f.Probability
			if fault.Probability == 0 {
				return nil, fmt.Errorf("rule %d: %w: a probability of 0 never fires", i+1, ErrFaults)
			}
		}
		if _, err := fault.rule(); err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		out = append(out, fault)
	}
	return out, nil
}

// strict decodes exactly one JSON value without unknown fields.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind the JSON value")
	}
	return nil
}

func (f Fault) rule() (*rule, error) {
	bad := func(format string, args ...any) (*rule, error) {
		return nil, fmt.Errorf("%w: %s", ErrFaults, fmt.Sprintf(format, args...))
	}
	if f.Skip < 0 || f.Times < 0 {
		return bad("skip and times cannot be negative")
	}
	if f.Probability < 0 || f.Probability > 1 {
		return bad("the probability %v is not between 0 and 1", f.Probability)
	}
	if f.Action != "" && f.Action != "*" && !known(f.Action) {
		return bad("the platform has no action %q", f.Action)
	}
	word, argument, has := strings.Cut(f.Do, ":")
	if f.ID != "" && word == doRefuseConnection {
		return bad("%s has read no id yet", f.Do)
	}
	r := &rule{Fault: f, firing: firing{do: word}}
	var err error
	switch word {
	case doDelay, doLate, doDrip:
		r.pause, err = time.ParseDuration(argument)
		if err != nil || r.pause < 0 || r.pause == 0 && word == doDrip {
			return bad("%q needs a time, as in %s:5s", f.Do, word)
		}
		return r, nil
	case doStatus:
		r.status, err = strconv.Atoi(argument)
		if err != nil || r.status < 200 || r.status > 599 {
			return bad("%q needs an HTTP status, as in status:503", f.Do)
		}
		return r, nil
	case doRefuse:
		r.text = argument
		if argument == "" || len(argument) > 8 {
			return bad("%q needs a code, as in refuse:A05", f.Do)
		}
		return r, nil
	}
	if has {
		return bad("%q takes nothing after the colon", word)
	}
	switch word {
	case doRefuseConnection:
		if (f.Action != "" && f.Action != "*") || (f.Probability != 0 && f.Probability != 1) {
			return bad("refuse_connection is for all actions and always: a refused connection never said what it wanted")
		}
	case doDropRequest, doDropAnswer, doGarbage, doHTML, doBadSign, doOtherAnswer, doOtherID, doUnsigned, doTellingRecords, doForeignRecords, doDuplicateRecords, doUnknownTypes,
		doEmptyShops, doFutureTimes, doManyRecords, doSilentTenth, doGzip, doSlowDrip, doTwice,
		doStaleLookup, doInProcess, doQueryAlwaysOK:
		if f.Action != "" && f.Action != "*" && !r.fits(f.Action) {
			return bad("%s makes no sense for %s", word, f.Action)
		}
	default:
		return bad("there is no rule %q", f.Do)
	}
	return r, nil
}

func known(action string) bool {
	_, posp := letters[action]
	return posp || action == api.ActionRange || action == api.ActionRecords
}

// fits tells whether the rule makes sense for an action at all.
func (f firing) fits(action string) bool {
	switch f.do {
	case doTwice:
		return changes(action)
	case doStaleLookup, doOtherID:
		return action == api.ActionLookup
	case doTellingRecords, doForeignRecords, doDuplicateRecords, doUnknownTypes, doEmptyShops, doFutureTimes, doManyRecords, doSilentTenth:
		return action == api.ActionRecords
	case doQueryAlwaysOK:
		return action == api.ActionActivateQuery
	case doInProcess:
		return action != api.ActionRecords
	}
	return true
}

// pick counts a call against the rules and returns what is to happen to it.
// A refuse_connection rule that begins after this call is returned as well.
func (fs *faults) pick(action string, raw []byte) (f firing, shut *rule) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i, r := range fs.rules {
		if (r.Action != "" && r.Action != "*" && r.Action != action) || !r.fits(action) || r.ID != "" && !bytes.Contains(unpacked(raw), []byte(r.ID)) {
			continue
		}
		r.seen++
		if r.do == doRefuseConnection {
			if r.seen == r.Skip && fs.shut == nil {
				fs.shut, shut = r, r
			}
			continue
		}
		if r.seen <= r.Skip || (r.Times > 0 && r.fired >= r.Times) {
			continue
		}
		if r.Probability > 0 && r.Probability < 1 {
			roll := float64(scramble(fs.seed+uint64(i), "dice", r.seen)>>11) / (1 << 53)
			if roll >= r.Probability {
				continue
			}
		}
		r.fired++
		return r.firing, shut
	}
	return firing{}, shut
}

// unpacked is what a request is about: POSP packs it into its envelope.
func unpacked(raw []byte) []byte {
	var env struct {
		Body []byte `json:"body"` // base64
	}
	if err := json.Unmarshal(raw, &env); err != nil || len(env.Body) == 0 {
		return raw
	}
	return env.Body
}

// isShut tells whether a refuse_connection rule is in force.
func (fs *faults) isShut() bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.shut != nil
}

// shutPort begins a refuse_connection rule, and ends it after its seconds.
func (s *Sandbox) shutPort(r *rule) error {
	if r.Times > 0 {
		s.background(&s.ports.timers, func() {
			if !s.pause(s.stop, time.Duration(r.Times)*time.Second) {
				return
			}
			s.faults.mu.Lock()
			if s.faults.shut == r {
				s.faults.shut = nil
			}
			s.faults.mu.Unlock()
			if err := s.ports.adjust(); err != nil {
				s.options.Log.Error("the port stays shut", "error", err)
			}
		})
	}
	return s.ports.adjust()
}
