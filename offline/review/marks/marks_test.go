package marks

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"counterfoil/offline/operation"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.FixedZone("CST", 8*60*60))

func at(minutes float64) time.Time { return noon.Add(time.Duration(minutes * float64(time.Minute))) }

// rec is a record of code 1 at shop 1490 and terminal T1, changed as wanted.
func rec(minutes float64, kind string, change ...func(*Record)) Record {
	r := Record{Key: int64(minutes*1000) + 1_000_000, Code: "1", At: at(minutes), Kind: kind, OK: true, ShopNo: "1490", TID: "T1", Times: 1}
	for _, f := range change {
		f(&r)
	}
	return r
}

func shop(no string) func(*Record) { return func(r *Record) { r.ShopNo = no } }
func tid(no string) func(*Record)  { return func(r *Record) { r.TID = no } }
func failed(r *Record)             { r.OK = false }
func online(r *Record)             { r.Online = true }
func twice(r *Record)              { r.Times = 2 }

// did is an operation of amy's on code 1 that was done within a second.
func did(minutes float64, kind operation.Kind, change ...func(*operation.Operation)) operation.Operation {
	end := at(minutes).Add(time.Second)
	o := operation.Operation{
		Op: fmt.Sprintf("%s%07.2f", kind, minutes+1000), Kind: kind, ID: "1", State: operation.Done, Operator: "amy", AcceptedAt: at(minutes), FinishedAt: &end,
		Entered: operation.Scanned, AmountFen: 3000, Attempts: []operation.Attempt{{SentAt: at(minutes), EndedAt: &end, Outcome: "answered"}},
	}
	for _, f := range change {
		f(&o)
	}
	return o
}

func by(name string) func(*operation.Operation) {
	return func(o *operation.Operation) { o.Operator = name }
}
func on(id string) func(*operation.Operation) { return func(o *operation.Operation) { o.ID = id } }
func is(s operation.State) func(*operation.Operation) {
	return func(o *operation.Operation) { o.State = s }
}
func entered(e operation.Entered) func(*operation.Operation) {
	return func(o *operation.Operation) { o.Entered = e }
}
func offline(fen int64) func(*operation.Operation) {
	return func(o *operation.Operation) { o.Offline, o.AmountFen = true, fen }
}

func judge(change ...func(*Judge)) Judge {
	j := Judge{Thresholds: Defaults(), Shop: Shop{
		No: "1490", TID: "POS01", Opens: 8 * time.Hour, Closes: 22 * time.Hour, MostFen: 500_000,
		Day: func(t time.Time) string { return t.Format(time.DateOnly) },
	}}
	j.Thresholds[NeverHere], _ = Parse(NeverHere, "on")
	for _, f := range change {
		f(&j)
	}
	return j
}

// held counts the marks of a rule.
func held(found []Mark, rule string) (n int) {
	for _, m := range found {
		if m.Rule == rule {
			n++
		}
	}
	return n
}

func TestMarksOfOneCode(t *testing.T) {
	t.Parallel()
	frees := func(j *Judge) { j.VoidFrees = true }
	noHours := func(j *Judge) { j.Opens, j.Closes = 0, 0 }
	overnight := func(j *Judge) { j.Opens, j.Closes = 18*time.Hour, 2*time.Hour }
	offAll := func(j *Judge) { j.Thresholds = map[string]Threshold{} }
	activate, void := operation.Activate, operation.Void
	for _, c := range []struct {
		name    string
		rule    string
		want    int
		records []Record
		ops     []operation.Operation
		had     int
		change  func(*Judge)
	}{
		{"two shops in half an hour", TwoShops, 1, []Record{rec(0, Used), rec(30, Used, shop("8"))}, nil, -1, nil},
		{"two shops, later", TwoShops, 0, []Record{rec(0, Used), rec(31, Used, shop("8"))}, nil, -1, nil},
		{"one shop with two names", TwoShops, 0, []Record{rec(0, Used), rec(3, Used)}, nil, -1, nil},
		{"an online order", TwoShops, 0, []Record{rec(0, Used), rec(3, Used, shop("8"), online)}, nil, -1, nil},
		{"a shop without a number", TwoShops, 0, []Record{rec(0, Used), rec(3, Used, shop(""))}, nil, -1, nil},
		{"a failed use", TwoShops, 0, []Record{rec(0, Used), rec(3, Used, shop("8"), failed)}, nil, -1, nil},
		{"two shops with others between", TwoShops, 1, []Record{rec(0, Used), rec(1, Used), rec(2, Made), rec(3, Used, shop("8"))}, nil, -1, nil},

		{"used more than it had", OverUse, 1, []Record{rec(0, Used), rec(60, Used)}, nil, 1, nil},
		{"used as often as it had", OverUse, 0, []Record{rec(0, Used), rec(60, Used)}, nil, 2, nil},
		{"a use was cancelled", OverUse, 0, []Record{rec(0, Used), rec(5, Cancelled), rec(60, Used)}, nil, 1, nil},
		{"a cancellation failed", OverUse, 1, []Record{rec(0, Used), rec(5, Cancelled, failed), rec(60, Used)}, nil, 1, nil},
		{"never seen", OverUse, 0, []Record{rec(0, Used), rec(60, Used)}, nil, -1, nil},

		{"used after our void", AfterVoid, 1, []Record{rec(5, Used)}, []operation.Operation{did(0, void)}, -1, nil},
		{"used within the skew", AfterVoid, 0, []Record{rec(1, Used)}, []operation.Operation{did(0, void)}, -1, nil},
		{"a void only un-activates", AfterVoid, 0, []Record{rec(5, Used)}, []operation.Operation{did(0, void)}, -1, frees},
		{"a refused void", AfterVoid, 0, []Record{rec(5, Used)}, []operation.Operation{did(0, void, is(operation.Refused))}, -1, nil},
		{"activated again in between", AfterVoid, 0, []Record{rec(5, Used)}, []operation.Operation{did(0, void), did(2, activate)}, -1, nil},
		{"the void of the box", AfterVoid, 1, []Record{rec(5, Used)}, []operation.Operation{did(0, void, on("X1"))}, -1, nil},

		{"used before our activation", BeforeActive, 1, []Record{rec(-5, Used)}, []operation.Operation{did(0, activate)}, -1, nil},
		{"used in the second of our activation", BeforeActive, 0, []Record{rec(0, Used)}, []operation.Operation{did(0.01, activate)}, -1, nil},
		{"activated elsewhere", BeforeActive, 0, []Record{rec(-5, Used)}, nil, -1, nil},
		{"used before a second activation", BeforeActive, 0, []Record{rec(5, Used)}, []operation.Operation{did(0, activate), did(9, activate)}, -1, nil},

		{"used here and unknown here", NeverHere, 1, []Record{rec(0, Used)}, nil, -1, nil},
		{"used elsewhere", NeverHere, 0, []Record{rec(0, Used, shop("8"))}, nil, -1, nil},
		{"used and activated here", NeverHere, 0, []Record{rec(5, Used)}, []operation.Operation{did(0, activate)}, -1, nil},

		{"used at another shop soon", QuickDrain, 1, []Record{rec(20, Used, shop("8"))}, []operation.Operation{did(0, activate)}, -1, nil},
		{"used at another shop later", QuickDrain, 0, []Record{rec(21, Used, shop("8"))}, []operation.Operation{did(0, activate)}, -1, nil},
		{"used here soon", QuickDrain, 0, []Record{rec(5, Used)}, []operation.Operation{did(0, activate)}, -1, nil},
		{"used soon at a shop without a number", QuickDrain, 0, []Record{rec(5, Used, shop(""))}, []operation.Operation{did(0, activate)}, -1, nil},
		{"used soon after a refusal", QuickDrain, 0, []Record{rec(5, Used, shop("8"))}, []operation.Operation{did(0, activate, is(operation.Refused))}, -1, nil},

		{"used at night", ClosedHours, 1, []Record{rec(-6*60, Used)}, nil, -1, nil},
		{"a quarter after closing", ClosedHours, 0, []Record{rec(10*60+15, Used)}, nil, -1, nil},
		{"used at night elsewhere", ClosedHours, 0, []Record{rec(-6*60, Used, shop("8"))}, nil, -1, nil},
		{"hours not known", ClosedHours, 0, []Record{rec(-6*60, Used)}, nil, -1, noHours},
		{"hours past midnight, open", ClosedHours, 0, []Record{rec(-10*60-30, Used), rec(-9*60-45, Used)}, nil, -1, overnight},
		{"hours past midnight, closed", ClosedHours, 1, []Record{rec(0, Used)}, nil, -1, overnight},

		{"five failures in ten minutes", FailBurst, 1, []Record{rec(0, Used, failed), rec(1, Used, failed), rec(2, Used, failed), rec(3, Used, failed), rec(10, Used, failed)}, nil, -1, nil},
		{"five failures, slower", FailBurst, 0, []Record{rec(0, Used, failed), rec(1, Used, failed), rec(2, Used, failed), rec(3, Used, failed), rec(11, Used, failed)}, nil, -1, nil},
		{"four failures and a use", FailBurst, 0, []Record{rec(0, Used, failed), rec(1, Used, failed), rec(2, Used, failed), rec(3, Used, failed), rec(4, Used)}, nil, -1, nil},

		{"a record given twice", DupRecord, 1, []Record{rec(0, Used, twice)}, nil, -1, nil},
		{"two alike at different times", DupRecord, 0, []Record{rec(0, Used), rec(1, Used)}, nil, -1, nil},

		{"voided though used", VoidUsed, 1, []Record{rec(-9, Used)}, []operation.Operation{did(0, void)}, -1, nil},
		{"voided after the use was cancelled", VoidUsed, 0, []Record{rec(-9, Used), rec(-8, Cancelled)}, []operation.Operation{did(0, void)}, -1, nil},
		{"used after the void", VoidUsed, 0, []Record{rec(9, Used)}, []operation.Operation{did(0, void)}, -1, nil},
		{"a void that a manager settled as done", VoidUsed, 1, []Record{rec(-9, Used)}, []operation.Operation{did(0, void, is(operation.Settled), func(o *operation.Operation) { o.SettledAs = operation.SettledDone })}, -1, nil},

		{"an unknown type is no use", TwoShops, 0, []Record{rec(0, "77"), rec(3, "77", shop("8"))}, nil, -1, nil},
		{"a time that cannot be read", OverUse, 0, []Record{rec(0, Used), rec(1, Used, func(r *Record) { r.At = time.Time{} })}, nil, 1, nil},
		{"switched off", TwoShops, 0, []Record{rec(0, Used), rec(3, Used, shop("8"))}, nil, -1, offAll},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j := judge()
			if c.change != nil {
				c.change(&j)
			}
			found := j.OfCode(&Code{ID: "1", Records: c.records, Operations: c.ops, Had: c.had})
			if n := held(found, c.rule); n != c.want {
				t.Errorf("%d marks %s, want %d: %+v", n, c.rule, c.want, found)
			}
			for _, m := range found {
				if m.Threshold == "" || len(m.Records)+len(m.Operations) == 0 || m.Code != "1" {
					t.Errorf("a mark that rests on nothing: %+v", m)
				}
			}
		})
	}
}

func TestMarksOfTerminals(t *testing.T) {
	t.Parallel()
	serial := func(n int) string { return fmt.Sprintf("10019010700000%05d-M4DEDSfV", n) }
	for _, c := range []struct {
		name string
		rule string
		want int
		add  func(add func(*Code, ...Look))
	}{
		{"five codes activated and used at one terminal", SameTill, 1, func(add func(*Code, ...Look)) {
			for n := range 5 {
				add(&Code{ID: serial(n * 10), Records: []Record{rec(float64(n)+1, Used)}, Operations: []operation.Operation{did(float64(n), operation.Activate)}})
			}
		}},
		{"the fifth after more than two minutes", SameTill, 0, func(add func(*Code, ...Look)) {
			for n := range 5 {
				add(&Code{ID: serial(n * 10), Records: []Record{rec(float64(n*n)*0.2+2, Used)}, Operations: []operation.Operation{did(float64(min(n, 3)*min(n, 3))*0.2, operation.Activate)}})
			}
		}},
		{"at several terminals", SameTill, 0, func(add func(*Code, ...Look)) {
			for n := range 6 {
				add(&Code{ID: serial(n * 10), Records: []Record{rec(float64(n)+1, Used, tid(fmt.Sprint(n%2)))}, Operations: []operation.Operation{did(float64(n), operation.Activate)}})
			}
		}},
		{"over two days", SameTill, 0, func(add func(*Code, ...Look)) {
			for n := range 6 {
				m := float64(n % 2 * 24 * 60)
				add(&Code{ID: serial(n * 10), Records: []Record{rec(m+1, Used)}, Operations: []operation.Operation{did(m, operation.Activate)}})
			}
		}},
		{"five codes failed at one terminal", FailBurst, 1, func(add func(*Code, ...Look)) {
			for n := range 5 {
				add(&Code{ID: serial(n * 10), Records: []Record{rec(float64(n)*2.5, Used, failed)}})
			}
		}},
		{"five failures of two codes", FailBurst, 0, func(add func(*Code, ...Look)) {
			for n := range 2 {
				add(&Code{ID: serial(n), Records: []Record{rec(float64(n), Used, failed), rec(float64(n)+2, Used, failed)}})
			}
		}},
		{"failures without a terminal", FailBurst, 0, func(add func(*Code, ...Look)) {
			for n := range 6 {
				add(&Code{ID: serial(n), Records: []Record{rec(float64(n), Used, failed, tid(""))}})
			}
		}},
		{"ten neighbours failed", Walk, 1, func(add func(*Code, ...Look)) {
			for n := range 10 {
				add(&Code{ID: serial(95 + n), Records: []Record{rec(float64(n)*0.5, Used, failed)}})
			}
		}},
		{"ten that are not neighbours", Walk, 0, func(add func(*Code, ...Look)) {
			for n := range 10 {
				add(&Code{ID: serial(n * 2), Records: []Record{rec(float64(n)*0.5, Used, failed)}})
			}
		}},
		{"nine neighbours", Walk, 0, func(add func(*Code, ...Look)) {
			for n := range 9 {
				add(&Code{ID: serial(n), Records: []Record{rec(float64(n)*0.5, Used, failed)}})
			}
		}},
		{"ten neighbours looked up here", Walk, 1, func(add func(*Code, ...Look)) {
			for n := range 10 {
				add(&Code{ID: serial(n)}, Look{At: at(float64(n) * 0.5), ID: serial(n)})
			}
		}},
		{"ten neighbours looked up and sold", Walk, 0, func(add func(*Code, ...Look)) {
			for n := range 10 {
				m := float64(n) * 0.5
				add(&Code{ID: serial(n), Operations: []operation.Operation{did(m+0.2, operation.Activate, on(serial(n)))}}, Look{At: at(m), ID: serial(n)})
			}
		}},
		{"ten neighbours in an hour", Walk, 0, func(add func(*Code, ...Look)) {
			for n := range 10 {
				add(&Code{ID: serial(n), Records: []Record{rec(float64(n)*6, Used, failed)}})
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j, tills := judge(), Tills{}
			c.add(func(code *Code, looks ...Look) { tills.Add(j, code, looks) })
			if found := tills.Marks(j); held(found, c.rule) != c.want {
				t.Errorf("%d marks %s, want %d: %+v", held(found, c.rule), c.rule, c.want, found)
			}
		})
	}
}

// many repeats an operation n times a minute apart, each on another id.
func many(n int, kind operation.Kind, from float64, change ...func(*operation.Operation)) (list []operation.Operation) {
	for i := range n {
		o := did(from+float64(i), kind, change...)
		o.ID, o.Op = fmt.Sprint(kind, from, i), fmt.Sprint(kind, from, o.Operator, i)
		list = append(list, o)
	}
	return list
}

// voided are n activations and their voids so many minutes later.
func voided(n int, later float64, change ...func(*operation.Operation)) []operation.Operation {
	list := many(n, operation.Activate, 0, change...)
	for i, o := range list {
		list = append(list, did(float64(i)+later, operation.Void, append(change, on(o.ID))...))
	}
	return list
}

func looks(n int, name string) (list []Look) {
	for i := range n {
		list = append(list, Look{At: at(float64(i)), Operator: name, ID: fmt.Sprint(operation.Activate, 0.0, i), Inactive: true})
	}
	return list
}

func TestMarksOfOperators(t *testing.T) {
	t.Parallel()
	refused, attention := is(operation.Refused), is(operation.Attention)
	scan, typed := entered(operation.Scanned), entered(operation.Typed)
	for _, c := range []struct {
		name   string
		rule   string
		want   int
		ops    []operation.Operation
		looks  []Look
		before []float64
		face   int64
	}{
		{"five voids soon after", VoidSoon, 1, voided(5, 10), nil, nil, 0},
		{"four voids soon after", VoidSoon, 0, voided(4, 10), nil, nil, 0},
		{"five voids later", VoidSoon, 0, voided(5, 20), nil, nil, 0},
		{"five of two hundred", VoidSoon, 0, slices.Concat(voided(5, 10), many(200, operation.Activate, 90)), nil, nil, 0},
		{"as usual at this shop", VoidSoon, 0, slices.Concat(voided(5, 10), many(45, operation.Activate, 90)), nil, []float64{0.08, 0.1, 0.09}, 0},
		{"twice what is usual", VoidSoon, 1, slices.Concat(voided(5, 10), many(45, operation.Activate, 90)), nil, []float64{0.05, 0.02, 0.05}, 0},
		{"voids by two operators", VoidSoon, 0, slices.Concat(voided(3, 10), voided(3, 10, by("li"))), nil, nil, 0},

		{"three of four refused later", OfflineBad, 1, slices.Concat(many(2, operation.Activate, 0, offline(1), refused), many(1, operation.Activate, 9, offline(1), attention), many(1, operation.Activate, 20, offline(1))), nil, nil, 0},
		{"two refused later", OfflineBad, 0, many(2, operation.Activate, 0, offline(1), refused), nil, nil, 0},
		{"three of thirty", OfflineBad, 0, slices.Concat(many(3, operation.Activate, 0, offline(1), refused), many(27, operation.Activate, 40, offline(1))), nil, nil, 0},
		{"refused online", OfflineBad, 0, many(5, operation.Activate, 0, refused), nil, nil, 0},
		{"withdrawn", OfflineBad, 0, many(5, operation.Activate, 0, offline(1), is(operation.Withdrawn)), nil, nil, 0},

		{"ten of twelve typed", ManyTyped, 1, slices.Concat(many(10, operation.Activate, 0, typed), many(2, operation.Activate, 40, scan), many(9, operation.Activate, 60, scan, by("li"))), nil, nil, 0},
		{"nine typed", ManyTyped, 0, many(9, operation.Activate, 0, typed), nil, nil, 0},
		{"a fifth typed", ManyTyped, 0, slices.Concat(many(10, operation.Activate, 0, typed), many(40, operation.Activate, 40, scan)), nil, nil, 0},
		{"pasted and from the tree", ManyTyped, 0, slices.Concat(many(20, operation.Activate, 0, entered(operation.Pasted)), many(20, operation.Activate, 60, entered(operation.FromTree))), nil, nil, 0},
		{"before it was kept", ManyTyped, 0, many(20, operation.Activate, 0, entered("")), nil, nil, 0},

		{"twenty looked up, none sold", LookOnly, 1, nil, looks(20, "amy"), nil, 0},
		{"nineteen looked up", LookOnly, 0, nil, looks(19, "amy"), nil, 0},
		{"one of them sold", LookOnly, 0, many(1, operation.Activate, 0), looks(20, "amy"), nil, 0},
		{"the same looked at again", LookOnly, 0, nil, slices.Concat(looks(15, "amy"), looks(15, "amy")), nil, 0},
		{"by two operators", LookOnly, 0, nil, slices.Concat(looks(15, "amy"), looks(15, "li")), nil, 0},

		{"three just below the limit", UnderLimit, 1, many(3, operation.Activate, 0, offline(490_000)), nil, nil, 0},
		{"three at the lower edge", UnderLimit, 1, many(3, operation.Activate, 0, offline(475_000)), nil, nil, 0},
		{"three further below", UnderLimit, 0, many(3, operation.Activate, 0, offline(474_999)), nil, nil, 0},
		{"two just below", UnderLimit, 0, many(2, operation.Activate, 0, offline(490_000)), nil, nil, 0},
		{"multiples of the face value", UnderLimit, 0, many(3, operation.Activate, 0, offline(490_000)), nil, nil, 1000},
		{"online", UnderLimit, 0, many(3, operation.Activate, 0, func(o *operation.Operation) { o.AmountFen = 490_000 }), nil, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			found := judge().OfDay(&Shifts{Day: "2026-11-22", Operations: c.ops, Looks: c.looks,
				Face: func(string) int64 { return c.face }, Before: func() []float64 { return c.before }})
			if n := held(found, c.rule); n != c.want {
				t.Errorf("%d marks %s, want %d: %+v", n, c.rule, c.want, found)
			}
		})
	}
}

func TestWhereEverybodyTypesItIsTheScanner(t *testing.T) {
	t.Parallel()
	typed := entered(operation.Typed)
	found := judge().OfDay(&Shifts{Operations: slices.Concat(many(12, operation.Activate, 0, typed), many(11, operation.Activate, 50, typed, by("li")))})
	if len(found) != 1 || found[0].Args["Scanner"] != true || found[0].Operator != "" || len(found[0].Operations) != 23 {
		t.Errorf("%+v", found)
	}
}

func TestEveryRuleHasAThresholdThatIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	if len(Rules()) != 17 {
		t.Errorf("%d rules", len(Rules()))
	}
	for _, r := range Rules() {
		got, err := Parse(r.Name, r.Default)
		if off, _ := Parse(r.Name, "off"); err != nil || got.On == (r.Default == "off") || off.On || got.Text != r.Default {
			t.Errorf("%s: %+v %v", r.Name, got, err)
		}
	}
	if got, _ := Parse(VoidSoon, "7 in 1h, 9%"); got.Count != 7 || got.Window != time.Hour || got.Percent != 9 {
		t.Errorf("%+v", got)
	}
}

func TestTenThousandFailuresOfOneCodeAreJudgedQuickly(t *testing.T) {
	t.Parallel()
	c := &Code{ID: "1", Had: 1}
	for n := range 10_000 {
		c.Records = append(c.Records, rec(float64(n)/100, Used, failed))
	}
	began := time.Now()
	if found := judge().OfCode(c); held(found, FailBurst) != 1 {
		t.Errorf("%d bursts", held(found, FailBurst))
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("took %v", took)
	}
}
