// Package marks holds the rules by which a voucher's records are worth a look.
// They are pure: a rule is a function of records, operations of the journal, the
// catalog's words and thresholds, one file a family. A mark is a reason to look,
// never a judgement; it carries its rule, its thresholds and what it rests on.
package marks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterfoil/offline/operation"
)

// The rules, by the names of their settings in [review.marks].
const (
	TwoShops     = "two_shops"
	OverUse      = "over_use"
	AfterVoid    = "after_void"
	BeforeActive = "before_active"
	NeverHere    = "never_here"
	QuickDrain   = "quick_drain"
	SameTill     = "same_till"
	ClosedHours  = "closed_hours"
	FailBurst    = "fail_burst"
	Walk         = "walk"
	DupRecord    = "dup_record"
	VoidSoon     = "void_soon"
	VoidUsed     = "void_used"
	OfflineBad   = "offline_bad"
	ManyTyped    = "typed"
	LookOnly     = "look_only"
	UnderLimit   = "under_limit"
)

// Rule is a rule's name and its default threshold as it is written.
type Rule struct{ Name, Default string }

// Rules lists all rules, the weightiest first: a record with several marks is
// sorted under the first.
func Rules() []Rule {
	return []Rule{
		{AfterVoid, "60s"}, {VoidUsed, "on"}, {OverUse, "on"}, {TwoShops, "30m"}, {BeforeActive, "on"}, {QuickDrain, "20m"},
		{SameTill, "5 in 2m"}, {Walk, "10 in 5m"}, {FailBurst, "5 in 10m"}, {ClosedHours, "15m"}, {NeverHere, "off"}, {DupRecord, "on"},
		{VoidSoon, "5 in 15m, 3%"}, {OfflineBad, "3, 10%"}, {ManyTyped, "10, 20%"}, {LookOnly, "20 in 30m"}, {UnderLimit, "3, 5%"},
	}
}

// Threshold says from where on a rule marks. Which parts a rule has, its default shows.
type Threshold struct {
	On      bool
	Count   int
	Window  time.Duration
	Percent int
	Text    string // as it is written
}

// Defaults are the thresholds where nothing is set, by rule.
func Defaults() map[string]Threshold {
	all := map[string]Threshold{}
	for _, r := range Rules() {
		all[r.Name], _ = Parse(r.Name, r.Default)
	}
	return all
}

const (
	mostCount  = 1_000_000
	mostWindow = 31 * 24 * time.Hour
)

// Parse reads a rule's threshold: "off", or what its default shows, such as "on",
// "30m", "5 in 10m", "3, 10%" or "5 in 15m, 3%".
func Parse(rule, text string) (Threshold, error) {
	bad := fmt.Errorf("marks: %q is no threshold of %s", text, rule)
	i := slices.IndexFunc(Rules(), func(r Rule) bool { return r.Name == rule })
	if i < 0 {
		return Threshold{}, fmt.Errorf("marks: no rule %q", rule)
	}
	if text == "off" {
		return Threshold{Text: text}, nil
	}
	form, t := Rules()[i].Default, Threshold{On: true, Text: text}
	rest, percent, has := strings.Cut(text, ", ")
	if has != strings.Contains(form, ", ") {
		return Threshold{}, bad
	}
	if has {
		number, ok := strings.CutSuffix(percent, "%")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 0 || n > 100 {
			return Threshold{}, bad
		}
		t.Percent = n
	}
	count, window, both := strings.Cut(rest, " in ")
	switch {
	case both != strings.Contains(form, " in "):
		return Threshold{}, bad
	case form == "on" || form == "off":
		if rest != "on" {
			return Threshold{}, bad
		}
		return t, nil
	case !both && !has:
		count, window = "1", rest
	case !both:
		window = "0s"
	}
	n, err := strconv.Atoi(count)
	d, noTime := time.ParseDuration(window)
	if err != nil || noTime != nil || n < 1 || n > mostCount || d < 0 || d > mostWindow {
		return Threshold{}, bad
	}
	t.Count, t.Window = n, d
	return t, nil
}

// The kinds of records that the rules know (review.kinds).
const (
	Made      = "made"
	Used      = "used"
	Cancelled = "cancelled"
)

// Record is one operation record of a code, as the platform told it (platform.md §2.8).
type Record struct {
	Key    int64
	Code   string
	At     time.Time // zero where it cannot be read
	Kind   string    // Made, Used, Cancelled, or the platform's type as it stands
	OK     bool      // the return code means success
	ShopNo string
	TID    string
	Online bool // extendData.oms is set
	Times  int  // how often it was given
}

func (r Record) does(kind string) bool { return r.Kind == kind && r.OK && !r.At.IsZero() }

// Look is one id that somebody looked up at this counter.
type Look struct {
	At       time.Time
	Operator string
	ID       string
	Inactive bool // it could have been activated
}

// Mark says that something is worth a look, and what it rests on.
type Mark struct {
	Rule       string         `json:"rule"`
	Threshold  string         `json:"threshold"`
	Code       string         `json:"code,omitempty"`
	Operator   string         `json:"operator,omitempty"`
	Records    []int64        `json:"-"`
	Operations []string       `json:"operations,omitempty"`
	IDs        []string       `json:"ids,omitempty"` // looked up, for the marks that rest on look-ups
	Args       map[string]any `json:"args,omitempty"`
}

// Shop is what the rules know of the shop.
type Shop struct {
	No        string
	TID       string // this counter's, by which the platform knows it
	VoidFrees bool   // a voided code may be activated and used again
	Opens     time.Duration
	Closes    time.Duration // after midnight, as Opens; both zero where the hours are not known
	Day       func(time.Time) string
	MostFen   int64 // of one operation accepted offline; 0 for no limit
}

// Judge applies the rules.
type Judge struct {
	Shop
	Thresholds map[string]Threshold // by rule
}

func (j Judge) on(rule string) (Threshold, bool) {
	t := j.Thresholds[rule]
	return t, t.On
}

func (j Judge) mark(rule string, args map[string]any) Mark {
	return Mark{Rule: rule, Threshold: j.Thresholds[rule].Text, Args: args}
}

// effect is the time within which an operation took effect, by the platform's
// clock; ok is false where it did not, or is not known to.
func effect(o *operation.Operation) (from, to time.Time, ok bool) {
	if o.State != operation.Done && (o.State != operation.Settled || o.SettledAs != operation.SettledDone) {
		return from, to, false
	}
	from, to = o.AcceptedAt, o.AcceptedAt
	for _, a := range o.Attempts {
		if a.NoEffect || a.Outcome == "not_sent" {
			continue
		}
		skew := time.Duration(a.SkewMs) * time.Millisecond
		if from = a.SentAt.Add(skew); a.EndedAt != nil {
			to = a.EndedAt.Add(skew)
		} else {
			to = from
		}
	}
	return from, to, true
}

// text writes a time span as the settings do: 30m, not 30m0s.
func text(d time.Duration) string {
	s := d.Round(time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
