package offline_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// reviewing is a shop whose counter can ask for records.
func reviewing(t testing.TB, change ...func(*offlinetest.Shop)) *offlinetest.Shop {
	t.Helper()
	return offlinetest.Open(t, append([]func(*offlinetest.Shop){func(s *offlinetest.Shop) {
		s.Client.PaaS.AppID = sandbox.DefaultAppID
		s.Settings.Review = offline.ReviewSettings{
			MaxAge: 24 * time.Hour, Kinds: map[string]string{"1": "made", "2": "used", "3": "cancelled"}, Marks: map[string]offline.MarkThreshold{},
		}
		for _, r := range offline.MarkRules() {
			s.Settings.Review.Marks[r.Name], _ = offline.ParseMark(r.Name, r.Default)
		}
	}}, change...)...)
}

func recordsOf(id string) offline.RecordQuery {
	return offline.RecordQuery{ID: api.ID(id), Sort: "code"}
}

// all pages through records.
func all(t testing.TB, s *offlinetest.Shop, q offline.RecordQuery) (records []offline.Record) {
	t.Helper()
	for q.Limit = 7; ; {
		page, err := s.Desk.Records(context.Background(), s.Manager, q)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, page...)
		if len(page) < q.Limit {
			return records
		}
		q.After = &page[len(page)-1]
	}
}

func TestTheRecordsOfEverythingBelowAreFetchedOnceWithinTheirAge(t *testing.T) {
	t.Parallel()
	s := reviewing(t).Start()
	box := s.Known(2, 6, 60)
	var last offline.ReviewProgress
	fetch := func(refresh bool) {
		t.Helper()
		s.Must(s.Desk.FetchRecords(t.Context(), s.Manager, api.ID(box), refresh, func(p offline.ReviewProgress) { last = p }))
	}
	fetch(false)
	totals, err := s.Desk.RecordTotals(t.Context(), s.Manager, api.ID(box))
	if err != nil || totals.Codes != 60 || totals.Records != 60 || totals.Unanswered != 0 || last.Done != 60 || last.Failed != 0 {
		t.Fatalf("%+v %+v %v", totals, last, err)
	}
	first := all(t, s, recordsOf(box))
	s.Faults(sandbox.Fault{Action: api.ActionRecords, Do: "drop_answer"})
	fetch(false)
	if last.Done != 60 || last.Failed != 0 {
		t.Errorf("what is young enough was asked again: %+v", last)
	}
	s.Reopen()
	fetch(false)
	if last.Failed != 0 {
		t.Errorf("after a restart: %+v", last)
	}
	s.Faults()
	fetch(true)
	if again := all(t, s, recordsOf(box)); len(again) != 60 || again[3].Key != first[3].Key {
		t.Errorf("a record lost its place when it was fetched again")
	}
	s.Clock.Forward(25 * time.Hour)
	s.Faults(sandbox.Fault{Action: api.ActionRecords, Do: "drop_answer"})
	fetch(false)
	codes, err := s.Desk.Unanswered(t.Context(), s.Manager, api.ID(box), 100)
	if err != nil || last.Failed == 0 || len(codes) != last.Failed || len(all(t, s, offline.RecordQuery{ID: api.ID(box)})) != 60 {
		t.Errorf("%+v, %d without an answer, %v: what was known must stay", last, len(codes), err)
	}
}

func TestACodeWithoutAnAnswerIsSaidToBeSo(t *testing.T) {
	t.Parallel()
	s := reviewing(t)
	box := s.Known(1, 1, 40)
	s.Faults(sandbox.Fault{Do: "silent_tenth"})
	s.Must(s.Desk.FetchRecords(t.Context(), s.Manager, api.ID(box), false, nil))
	totals, err := s.Desk.RecordTotals(t.Context(), s.Manager, api.ID(box))
	codes, _ := s.Desk.Unanswered(t.Context(), s.Manager, api.ID(box), 100)
	if err != nil || totals.Unanswered == 0 || totals.Unanswered != len(codes) || totals.Empty != 0 || totals.Records != 40-len(codes) {
		t.Errorf("%+v, %q, %v", totals, codes, err)
	}
	s.Faults()
	s.Must(s.Desk.FetchRecords(t.Context(), s.Manager, api.ID(box), false, nil))
	if totals, _ = s.Desk.RecordTotals(t.Context(), s.Manager, api.ID(box)); totals.Unanswered != 0 || totals.Records != 40 {
		t.Errorf("asked again: %+v", totals)
	}
}

func TestAReviewThatIsCancelledGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	s := reviewing(t)
	box := s.Known(1, 5, 500)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Desk.FetchRecords(ctx, s.Manager, api.ID(box), false, func(p offline.ReviewProgress) {
		if p.Done > 100 {
			cancel()
		}
	})
	before, _ := s.Desk.RecordTotals(t.Context(), s.Manager, api.ID(box))
	if err == nil || before.Records < 100 || before.Records == 500 || before.Unanswered != 500-before.Records {
		t.Fatalf("%v %+v", err, before)
	}
	s.Reopen()
	asked := 0
	s.Must(s.Desk.FetchRecords(t.Context(), s.Manager, api.ID(box), false, func(p offline.ReviewProgress) {
		if asked == 0 {
			asked = p.Of - p.Done
		}
	}))
	if after, _ := s.Desk.RecordTotals(t.Context(), s.Manager, api.ID(box)); after.Records != 500 || asked > 500-before.Records {
		t.Errorf("%+v, %d asked anew", after, asked)
	}
}

func TestACutLineEndsAReviewSoon(t *testing.T) {
	t.Parallel()
	s := reviewing(t)
	box := s.Known(1, 5, 500)
	s.Down()
	began := time.Now()
	var last offline.ReviewProgress
	s.Must(s.Desk.FetchRecords(t.Context(), s.Manager, api.ID(box), false, func(p offline.ReviewProgress) { last = p }))
	if last.Failed > 50 || time.Since(began) > 5*time.Second {
		t.Errorf("%+v in %v", last, time.Since(began))
	}
	if totals, _ := s.Desk.RecordTotals(t.Context(), s.Manager, api.ID(box)); totals.Unanswered != 500 {
		t.Errorf("%+v", totals)
	}
	s.Up()
}

func TestWhoMaySeeRecords(t *testing.T) {
	t.Parallel()
	s := reviewing(t)
	s.LookUp(offlinetest.Box)
	for _, c := range []struct {
		who  offline.Session
		id   api.ID
		want offline.ErrorKind
	}{
		{s.Manager, offlinetest.Reel, ""}, {s.Cashier, offlinetest.ReelCode, ""}, {offline.Session{}, offlinetest.ReelCode, ""},
		{s.Cashier, offlinetest.Reel, offline.ErrNeedsManager}, {offline.Session{}, offlinetest.Reel, offline.ErrSignedOut},
		{s.Cashier, offlinetest.Box, offline.ErrNeedsManager},
	} {
		_, records := s.Desk.Records(t.Context(), c.who, offline.RecordQuery{ID: c.id, Limit: 1})
		_, totals := s.Desk.RecordTotals(t.Context(), c.who, c.id)
		_, marks := s.Desk.Marks(t.Context(), c.who, c.id)
		_, unanswered := s.Desk.Unanswered(t.Context(), c.who, c.id, 1)
		fetch := s.Desk.FetchRecords(t.Context(), c.who, c.id, false, nil)
		for i, err := range []error{records, totals, marks, unanswered, fetch} {
			if offline.KindOf(err) != c.want {
				t.Errorf("%s of %s, act %d: %v, want %q", c.id, c.who.Name, i, err, c.want)
			}
		}
	}
	if err := s.Desk.Unmasked(t.Context(), s.Cashier, offlinetest.Reel, "review"); offline.KindOf(err) != offline.ErrNeedsManager {
		t.Errorf("a cashier unmasks: %v", err)
	}
	s.Must(s.Desk.Unmasked(t.Context(), s.Manager, offlinetest.Reel, "review"))
	if _, err := s.Desk.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestRecordsPageTheSameWayFromBothEnds(t *testing.T) {
	t.Parallel()
	s := reviewing(t)
	box := s.Known(1, 2, 60)
	s.Must(s.Desk.FetchRecords(t.Context(), s.Manager, api.ID(box), false, nil))
	for _, sort := range []offline.RecordSort{"at", "code", "kind", "shop", "tid", "marks"} {
		for _, desc := range []bool{false, true} {
			q := offline.RecordQuery{ID: api.ID(box), Limit: 8, Desc: desc}
			q.Sort = sort
			forward := all(t, s, q)
			if len(forward) != 60 {
				t.Fatalf("%s: %d records", sort, len(forward))
			}
			q.After, q.Backward = &forward[20], true
			page, err := s.Desk.Records(t.Context(), s.Manager, q)
			keys := func(list []offline.Record) (keys []int64) {
				for _, r := range list {
					keys = append(keys, r.Key)
				}
				return keys
			}
			if err != nil || !slices.Equal(keys(page), keys(forward[12:20])) {
				t.Errorf("%s %v: back from 20: %v, want %v (%v)", sort, desc, keys(page), keys(forward[12:20]), err)
			}
		}
	}
}

func TestALookIsKeptForTheMarks(t *testing.T) {
	t.Parallel()
	s := reviewing(t)
	box := s.Known(1, 1, 25)
	var codes []string
	s.Must(s.Desk.FetchRecords(t.Context(), s.Manager, api.ID(box), false, nil))
	for _, r := range all(t, s, recordsOf(box)) {
		codes = append(codes, r.Code)
	}
	for i, entered := range map[int]offline.Entered{20: offline.Scanned, 25: offline.FromTree} {
		for _, code := range codes[:i] {
			card, err := s.Desk.Lookup(t.Context(), api.ID(code), nil)
			s.Must(err)
			s.Desk.NoteLook(s.Cashier, card, entered)
			s.Clock.Forward(time.Second)
		}
	}
	found, err := s.Desk.Marks(t.Context(), s.Manager, api.ID(box))
	rules := fmt.Sprint(found)
	n := 0
	for _, m := range found {
		if m.Rule == "look_only" && m.Operator == "amy" && len(m.IDs) == 20 {
			n++
		}
	}
	if err != nil || n != 1 {
		t.Errorf("%v %s", err, rules)
	}
}

func TestOddRecordsAreShownAsTheyAre(t *testing.T) {
	t.Parallel()
	s := reviewing(t)
	s.LookUp(offlinetest.Box)
	for fault, want := range map[string]func(r []offline.Record, marks []offline.Mark) bool{
		"duplicate_records": func(r []offline.Record, marks []offline.Mark) bool {
			return len(r) == 1 && r[0].Times == 2 && len(marks) == 1 && marks[0].Rule == "dup_record"
		},
		"unknown_types": func(r []offline.Record, _ []offline.Mark) bool { return len(r) == 1 && r[0].Kind == "77" },
		"empty_shops": func(r []offline.Record, marks []offline.Mark) bool {
			return len(r) == 1 && r[0].ShopNo == "" && len(marks) == 0
		},
		"future_times": func(r []offline.Record, _ []offline.Mark) bool { return r[0].At.After(s.Clock.Now()) },
		"many_records": func(r []offline.Record, _ []offline.Mark) bool { return len(r) == 10_000 },
	} {
		s.Faults(sandbox.Fault{Do: fault})
		s.Must(s.Desk.FetchRecords(t.Context(), s.Cashier, offlinetest.ReelCode, true, nil))
		marks, err := s.Desk.Marks(t.Context(), s.Cashier, offlinetest.ReelCode)
		s.Must(err)
		records, err := s.Desk.Records(t.Context(), s.Cashier, offline.RecordQuery{ID: offlinetest.ReelCode, Limit: 20_000})
		if err != nil || !want(records, marks) {
			t.Errorf("%s: %d records, %+v, %v", fault, len(records), marks, err)
		}
	}
}

func TestAnExportOfSeveralDaysTellsWhatTheRulesSayOfEach(t *testing.T) {
	t.Parallel()
	s := &shop{reviewing(t, func(s *offlinetest.Shop) {
		s.Settings.Review.Marks, s.Settings.Limits.MaxAge = map[string]offline.MarkThreshold{}, 100*time.Hour
		s.Settings.Review.Marks["typed"], _ = offline.ParseMark("typed", "2, 20%")
	})}
	for _, id := range s.codesOf(1, 2, 4) { // two a day
		s.accept(offline.Activate, id, waiting, func(r *offline.Request) { r.Entered = offline.Typed })
		s.Clock.Forward(13 * time.Hour)
	}
	var out bytes.Buffer
	_, err := s.Desk.Export(t.Context(), s.Manager, offline.ExportRequest{Format: offline.JSONLines, Out: &out})
	s.Must(err)
	if rows, marked := strings.Count(out.String(), "\n"), strings.Count(out.String(), `"mark":"typed"`); rows != 4 || marked != 4 {
		t.Errorf("%d of %d rows are marked:\n%s", marked, rows, &out)
	}
}
