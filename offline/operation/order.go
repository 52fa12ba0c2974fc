package operation

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"counterfoil/api"
)

// The types of what a range activates (platform.md §2.7).
const (
	RangeCards    = 1
	RangeVouchers = 2
)

// RangeOrder is what a Range operation activates (platform.md §2.7). Prices are
// whole fen, of one piece; the validity is "yyyy-MM-dd HH:mm:ss" in the shop's
// zone, or "".
type RangeOrder struct {
	// OrderID is minted with the operation and never again: the platform answers a
	// repeat with this order's progress, whatever its fields say.
	OrderID    string `json:"order_id"`
	Type       int    `json:"type"`
	BIN        string `json:"bin"`
	From       string `json:"from"` // 7 digits, as To, which is in the range
	To         string `json:"to"`
	Count      int    `json:"count"`
	SellingFen int64  `json:"selling_fen"`
	CostFen    int64  `json:"cost_fen"`
	ValidFrom  string `json:"valid_from"`
	ValidTo    string `json:"valid_to"`
	Polls      int    `json:"polls"` // how often the order was sent again to ask for its progress
	// Who ordered it, as it was sent first; zero in orders from before it was kept.
	api.B2B
}

// ID is how a range is named, BIN:FROM-TO.
func (r *RangeOrder) ID() string { return fmt.Sprintf("%s:%s-%s", r.BIN, r.From, r.To) }

// TotalFen is what all its pieces are sold for.
func (r *RangeOrder) TotalFen() int64 { return r.SellingFen * int64(r.Count) }

// Overlaps reports ranges of the same type and BIN that share a serial.
func (r *RangeOrder) Overlaps(other *RangeOrder) bool {
	return r.Type == other.Type && r.BIN == other.BIN && r.From <= other.To && other.From <= r.To
}

// Size is how many serials lie from From to To; ok is false where these are no
// serials, or in the wrong order.
func (r *RangeOrder) Size() (n int, ok bool) {
	first, last := serialNumber(r.From), serialNumber(r.To)
	return last - first + 1, first >= 0 && first <= last
}

// serialDigits is how long a serial is, binDigits a BIN by the type of what bears
// it (platform.md §2.7).
const serialDigits = 7

var binDigits = map[int]int{RangeCards: 6, RangeVouchers: 4}

// serialNumber is the number of a serial, -1 for any other text.
func serialNumber(text string) int {
	if n, ok := digits(text, serialDigits); ok {
		return n
	}
	return -1
}

func digits(text string, long int) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err == nil && len(text) == long
}

// Remark is something to say of a range before it is sent: a word, which faces
// show as the sentence "range.<word>", and that sentence's values.
type Remark struct {
	Word string         `json:"word"`
	Args map[string]any `json:"args,omitempty"`
}

// Contradictions are what forbids to send a range, in the order of its fields;
// the zone is the shop's.
func (r *RangeOrder) Contradictions(now time.Time) []Remark {
	var all []Remark
	say := func(is bool, word string, args map[string]any) {
		if is {
			all = append(all, Remark{word, args})
		}
	}
	long := binDigits[r.Type]
	_, bin := digits(r.BIN, long)
	say(long == 0, "type", nil)
	say(long != 0 && !bin, "bin", map[string]any{"Value": r.BIN, "Digits": long})
	say(serialNumber(r.From) < 0, "serial", map[string]any{"Value": r.From, "Last": false})
	say(serialNumber(r.To) < 0, "serial", map[string]any{"Value": r.To, "Last": true})
	size, ordered := r.Size()
	say(!ordered && serialNumber(r.From) >= 0 && serialNumber(r.To) >= 0, "reversed", map[string]any{"From": r.From, "To": r.To})
	say(ordered && r.Count != size, "count", map[string]any{"From": r.From, "To": r.To, "Size": size, "Count": r.Count})
	say(r.SellingFen < 0 || r.CostFen < 0, "negative", nil)
	say(r.Type == RangeVouchers && r.SellingFen == 0, "no_price", nil)
	say(r.CostFen > r.SellingFen, "cost", map[string]any{"SellingFen": r.SellingFen, "CostFen": r.CostFen})
	from, fromOK := moment(r.ValidFrom, now.Location())
	to, toOK := moment(r.ValidTo, now.Location())
	say(!fromOK, "validity", map[string]any{"Value": r.ValidFrom})
	say(!toOK, "validity", map[string]any{"Value": r.ValidTo})
	say(r.ValidTo != "" && toOK && !to.After(from), "validity_ends", map[string]any{"From": r.ValidFrom, "To": r.ValidTo})
	say(toOK && r.ValidTo != "" && to.Before(now), "validity_past", map[string]any{"To": r.ValidTo})
	return all
}

// moment reads one end of a validity; "" is none.
func moment(text string, zone *time.Location) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateTime, text, zone)
	return t, text == "" || err == nil && len(text) == len(time.DateTime)
}

// Warnings are what is unusual about a range beside the earlier ones of this
// counter: a BIN never used, a price more than twice or less than half of that of
// any on the BIN (the newest such is named), more pieces than ever. What was
// refused, withdrawn or settled as without effect used nothing.
func (r *RangeOrder) Warnings(earlier []Operation) []Remark {
	var all []Remark
	most, known, unlike := 0, false, (*RangeOrder)(nil)
	for i := range earlier {
		op, o := &earlier[i], earlier[i].Range
		if op.State == Refused || op.State == Withdrawn || op.State == Settled && op.SettledAs == SettledNoEffect {
			continue
		}
		most = max(most, o.Count)
		if o.Type != r.Type || o.BIN != r.BIN {
			continue
		}
		known = true
		if (r.SellingFen > 2*o.SellingFen || 2*r.SellingFen < o.SellingFen) && (unlike == nil || o.OrderID > unlike.OrderID) {
			unlike = o
		}
	}
	switch {
	case !known && r.BIN != "":
		all = append(all, Remark{"new_bin", map[string]any{"BIN": r.BIN}})
	case unlike != nil:
		all = append(all, Remark{"price", map[string]any{"ID": unlike.ID(), "SellingFen": r.SellingFen, "OtherFen": unlike.SellingFen}})
	}
	if most > 0 && r.Count > most {
		all = append(all, Remark{"most", map[string]any{"Count": r.Count, "Most": most}})
	}
	return all
}

// RangePreview is what a range would be.
type RangePreview struct {
	SellingFen int64 `json:"selling_fen"` // of all pieces
	CostFen    int64 `json:"cost_fen"`    // of all pieces
	// Wrong forbids to send it.
	Wrong    []Remark `json:"wrong,omitempty"`
	Unusual  []Remark `json:"unusual,omitempty"`
	Overlaps []string `json:"overlaps,omitempty"` // the operations of overlapping ranges, which forbid it too
	Passed            // a limit above which a second manager must approve
}

// PreviewRange says what a range would be and what speaks against it, beside the
// earlier ranges of this counter; now is the platform's time in the shop's zone.
func (r Rules) PreviewRange(o *RangeOrder, earlier []Operation, now time.Time) RangePreview {
	return RangePreview{
		SellingFen: o.TotalFen(), CostFen: o.CostFen * int64(o.Count),
		Wrong: o.Contradictions(now), Unusual: o.Warnings(earlier), Overlaps: r.Overlapping(o, earlier, now),
		Passed: r.Batch.Passed(int64(o.Count), o.TotalFen()),
	}
}

// Overlapping lists, of other ranges, the operations that forbid to send this one.
func (r Rules) Overlapping(o *RangeOrder, others []Operation, now time.Time) (ops []string) {
	for i := range others {
		if op := &others[i]; op.Range.Overlaps(o) && r.Holds(op, now) {
			ops = append(ops, op.Op)
		}
	}
	return ops
}

// Holds reports a range that forbids to send an overlapping one: open, done, or
// settled and perhaps still to take effect (absent_after).
func (r Rules) Holds(o *Operation, now time.Time) bool {
	late := o.Why == WhyMayTakeEffect && o.FinishedAt != nil && now.Sub(*o.FinishedAt) > r.AbsentAfter
	return o.State.Open() || o.MayHaveEffect() && !late
}

// firstPoll is the pause before the same order is sent again for the first time.
const firstPoll = 2 * time.Second

// readOrder reads an answer to a range's order, to its first sending or to a
// repeat (platform.md §2.7). The codes are not those of the other actions; one
// that reads like their success is not taken for a refusal.
func (r Rules) readOrder(a api.Answer) Reading {
	switch {
	case a.Outcome == api.NotSent:
		return ReadNotSent
	case a.Outcome != api.Answered:
		return ReadUnclear
	case a.Code == api.RangeDone:
		return ReadSuccess
	case a.Code == api.RangeInProgress:
		return ReadProgress
	case a.Code == api.RangeFailed:
		return ReadFailed
	case a.Success(), named(r.UnclearCodes, a.Code):
		return ReadUnclear
	}
	return ReadRefusal
}

// ordered moves a range as the answer to its order says; repeated where an
// earlier sending of the order may have had effect. It returns what the answer
// is worth as evidence. Of a failure looked tells whether codes of it changed;
// where none is known a person decides, and so where a repeat is refused.
func (r Rules) ordered(o *Operation, read Reading, looked []Evidence, repeated bool, at time.Time) (verdict string, retry Retry) {
	retry = Retry{Kind: RetryOrder, First: firstPoll}
	switch {
	case read == ReadNotSent && !repeated:
		o.move(Queued, "")
		return "", Retry{Kind: RetryUnanswered, First: firstRetry}
	case read == ReadSuccess:
		o.finish(Done, "", at)
		return verdictDone, Retry{}
	case read == ReadFailed && noneChanged(looked):
		for i := range o.Attempts {
			o.Attempts[i].NoEffect = true
		}
		r.refuseOrder(o, WhyNoneChanged, looked, at)
		return verdictRefused, Retry{}
	case read == ReadFailed:
		o.move(Attention, WhyOrderFailed)
		return verdictRefused, Retry{}
	case read == ReadRefusal && repeated:
		o.move(Attention, WhyOrderRefused)
		return verdictContradiction, Retry{}
	case read == ReadRefusal:
		o.Attempts[len(o.Attempts)-1].NoEffect = true
		r.refuseOrder(o, "", looked, at)
		return verdictRefused, Retry{}
	case read == ReadProgress:
		o.move(Unknown, WhyInProgress)
	default:
		o.move(Unknown, o.Why) // what was in progress still is, as far as anybody knows
	}
	return verdictUnclear, retry
}

// refuseOrder closes a range that was refused. Codes of it that were seen are
// looked up once more after absent_after, as any refused id is.
func (r Rules) refuseOrder(o *Operation, why string, looked []Evidence, at time.Time) {
	o.finish(Refused, why, at)
	if slices.ContainsFunc(looked, func(ev Evidence) bool { return ev.Seen != nil }) {
		o.nextAt(at.Add(r.AbsentAfter))
	}
}

// Sample is what was seen of a code of a range when its order was over, nil for nothing.
func (o *Operation) Sample(masked string) *Seen {
	for _, ev := range o.Evidence {
		if ev.Asked == AskedLookup && ev.Message == masked && ev.Seen != nil {
			return ev.Seen
		}
	}
	return nil
}

// concludedOrder applies the answer to the first sending of a range's order, and
// what codes of it were seen to be behind it.
func (r Rules) concludedOrder(o Operation, read Reading, looked []Evidence, at time.Time) (Operation, Change) {
	event := map[Reading]Event{ReadNotSent: EventNotSent, ReadUnclear: EventUnknown}[read]
	if event == "" {
		event = EventAnswered
	}
	o.Evidence = append(o.Evidence, looked...)
	_, retry := r.ordered(&o, read, looked, false, at)
	return o, Change{Event: event, Retry: retry}
}

// askedOrder applies a repeat of a range's order, the first piece of evidence of
// its round; behind it codes were looked up. A repeat that says what the one before said is counted, and kept
// only once; one that nobody answered is not worth an event either.
func (r Rules) askedOrder(o Operation, round Round) (Operation, Change) {
	ev := round.Evidence[0]
	read := r.readOrder(answered(ev.Outcome, ev.Code))
	o.Asked++
	o.Range.Polls++
	same := len(o.Evidence) > 0 && read != ReadRefusal && sameAnswer(o.Evidence[len(o.Evidence)-1], ev)
	o.Evidence = append(o.Evidence, round.Evidence[1:]...)
	verdict, retry := r.ordered(&o, read, round.Evidence[1:], true, round.At)
	if ev.Verdict = verdict; !same {
		o.Evidence = append(o.Evidence, ev)
	}
	if same && ev.Outcome != string(api.Answered) {
		return o, Change{Retry: retry}
	}
	return o, Change{Event: EventAsked, Retry: retry}
}

func sameAnswer(a, b Evidence) bool {
	return a.Asked == b.Asked && a.Outcome == b.Outcome && a.Cause == b.Cause && a.Code == b.Code && a.Message == b.Message
}
