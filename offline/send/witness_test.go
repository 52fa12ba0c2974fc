package send_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/operation"
	"counterfoil/offline/send"
)

// lost has an operation's answer get lost, and leaves it unknown.
func (l *till) lost(kind operation.Kind, id api.ID, do string) string {
	l.t.Helper()
	op := l.wait(kind, id)[0]
	action := map[operation.Kind]string{operation.Activate: api.ActionActivate, operation.Void: api.ActionVoid}[kind]
	l.faults(sandbox.Fault{Action: action, Times: 1, Do: do})
	l.Drive(op)
	l.wantState(op, operation.Unknown)
	return op
}

// soldAndVoided activates a code and has the answer to its void get lost.
func (l *till) soldAndVoided() string {
	l.t.Helper()
	code := l.codes(1)[0]
	sold := l.wait(operation.Activate, code)[0]
	l.Drive(sold)
	l.wantState(sold, operation.Done)
	return l.lost(operation.Void, code, "drop_answer")
}

func TestAnActivationThatIsDoneDoesNotExplainAVoidedCode(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	op := l.soldAndVoided()
	l.faults()
	l.replay()
	for _, asked := range l.wantState(op, operation.Done).Evidence {
		if asked.Asked == operation.AskedQuery {
			t.Errorf("the platform has no query about a void: %+v", asked)
		}
	}
}

func TestWhatAskingFoundDoneIsNotSentOnWhatWasSeenBefore(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	op := l.lost(operation.Activate, code, "drop_answer")
	l.faults(sandbox.Fault{Action: api.ActionLookup, Times: 1, Do: "stale_lookup"})
	l.show(code)
	if _, fresh := l.lookups.Fresh(code); !fresh {
		t.Fatal("the look-up does not count")
	}
	l.replay()
	l.wantState(op, operation.Done)
	if seen, fresh := l.lookups.Fresh(code); fresh {
		t.Errorf("it still counts as %v", seen.Counts)
	}
}

func TestRecordsDecideAVoidOnlyWhereTheyAreOursAndNoLookUpSpeaksAgainst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults []sandbox.Fault
		want   operation.State
	}{
		"ours":                          {[]sandbox.Fault{{Do: "telling_records"}}, operation.Done},
		"silent of it":                  {nil, operation.Attention},
		"foreign":                       {[]sandbox.Fault{{Do: "foreign_records"}}, operation.Attention},
		"unsigned":                      {[]sandbox.Fault{{Action: api.ActionRecords, Do: "unsigned"}}, operation.Attention},
		"of another code":               {[]sandbox.Fault{{Action: api.ActionRecords, Do: "other_answer"}}, operation.Attention},
		"ours, and the look-up is not":  {[]sandbox.Fault{{Do: "telling_records"}, {Do: "stale_lookup"}}, operation.Unknown},
		"ours, and it shows another id": {[]sandbox.Fault{{Do: "telling_records"}, {Do: "other_id"}}, operation.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := openTill(t, func(o *send.Options) { o.Rules.VoidLeaves = "" })
			op := l.soldAndVoided()
			l.faults(c.faults...)
			l.replay()
			l.wantState(op, c.want)
		})
	}
}

func TestNothingIsSentOnAnAnswerAboutAnotherID(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	op := l.wait(operation.Activate, code)[0]
	l.faults(sandbox.Fault{Do: "other_id"})
	l.replay()
	if got := l.wantState(op, operation.Queued); len(got.Attempts) != 0 {
		t.Errorf("sent on another id's look-up: %+v", got.Attempts)
	}
	l.faults()
	l.replay()
	l.wantState(op, operation.Done)
	l.wantEffects(code)
}

func TestAnAnswerAboutAnotherIDProvesNothing(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	op := l.lost(operation.Activate, code, "drop_request")
	l.faults(sandbox.Fault{Do: "other_id"})
	l.replay()
	got := l.wantState(op, operation.Unknown)
	if last := got.Evidence[len(got.Evidence)-1]; last.Cause != string(api.ReasonOther) || last.Seen != nil {
		t.Errorf("noted as %+v", last)
	}
	l.faults()
	l.replay()
	l.wantState(op, operation.Done)
	l.wantEffects(code)
}

func TestAQuerysAnswerThatShowsAnotherIDIsNone(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	op := l.lost(operation.Activate, l.codes(1)[0], "drop_answer")
	l.front.stand(func(platform http.Handler, w http.ResponseWriter, r *http.Request) {
		if path.Base(r.URL.Path) != api.ActionActivateQuery {
			platform.ServeHTTP(w, r)
			return
		}
		fields, asked := map[string]string{}, struct{ TraceNo string }{}
		_ = json.NewDecoder(r.Body).Decode(&fields)
		body, _ := base64.StdEncoding.DecodeString(fields["body"])
		_ = json.Unmarshal(body, &asked)
		fields["body"] = base64.StdEncoding.EncodeToString([]byte(`{"returnCode":"R00","traceNo":"` + asked.TraceNo + `","codeDetail":[{"code":"10000001"}]}`))
		fields["sign"] = api.SignPOSP(fields, sandbox.DefaultMACKey)
		_ = json.NewEncoder(w).Encode(fields)
	})
	l.faults()
	l.run()
	l.until("it is asked about", func() bool { l.list.DropPauses(false); l.Wake(); return l.stored(op).Asked > 0 })
	got := l.wantState(op, operation.Unknown)
	if said := got.Evidence[0]; said.Asked != operation.AskedQuery || said.Cause != string(api.ReasonOther) {
		t.Errorf("the query said %+v", said)
	}
}

func TestWhatTheCardShowsToBeSoIsNotSent(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	l.sells(operation.Activate, code)
	l.until("it is sold", func() bool { return l.count(operation.Done) == 1 })
	l.show(code)
	op := l.sells(operation.Activate, code)
	l.until("it needs a person", func() bool { return l.count(operation.Attention) == 1 })
	if got := l.stored(op); len(got.Attempts) != 0 || got.Why != operation.WhyAlreadyThere || l.Fault() != nil {
		t.Errorf("it is %s (%s) with attempts %+v; the trouble is %v", got.State, got.Why, got.Attempts, l.Fault())
	}
	l.wantEffects(code)
}

func TestAnEarlierOperationDoesNotExplainALateChange(t *testing.T) {
	t.Parallel()
	l := openTill(t, func(o *send.Options) { o.Rules.StatusForwardOnly = false })
	code := l.codes(1)[0]
	first := l.wait(operation.Activate, code)[0]
	l.Drive(first)
	l.wantState(first, operation.Done)
	l.faults(sandbox.Fault{Action: api.ActionLookup, Times: 1, Do: "stale_lookup"})
	second := l.wait(operation.Activate, code)[0]
	l.Drive(second)
	l.wantState(second, operation.Refused)
	l.forward(2 * time.Hour)
	l.replay()
	if got := l.wantState(second, operation.Attention); got.Why != operation.WhyLateChange {
		t.Errorf("because of %q", got.Why)
	}
}

func TestOnlyTheNewestLaterOperationExplainsALateChange(t *testing.T) {
	t.Parallel()
	type later struct {
		kind  operation.Kind
		level api.Level
	}
	code, reel := api.LevelCode, api.LevelReel
	for name, c := range map[string]struct {
		later []later // of a platform where a void leads back to inactive
		want  operation.State
	}{
		"none":                         {nil, operation.Attention},
		"an activation":                {[]later{{operation.Activate, code}}, operation.Refused},
		"an activation of its reel":    {[]later{{operation.Activate, reel}}, operation.Refused},
		"a void":                       {[]later{{operation.Void, code}}, operation.Attention},
		"a void behind its reel":       {[]later{{operation.Activate, reel}, {operation.Void, code}}, operation.Attention},
		"its reel behind a void of it": {[]later{{operation.Void, code}, {operation.Activate, reel}}, operation.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := openTill(t, func(o *send.Options) { o.Rules.StatusForwardOnly = false })
			id := l.codes(1)[0]
			l.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "refuse:A05"})
			op := l.wait(operation.Activate, id)[0]
			l.Drive(op)
			l.wantState(op, operation.Refused)
			for _, later := range c.later {
				on := id
				if later.level == reel {
					on = api.ID(l.options.Above(t.Context(), id)[reel])
				}
				l.queue(l.accept(later.kind, on), operation.EventAnswered, func(op *operation.Operation) { op.State = operation.Done })
			}
			trace, err := l.traces.Loose()
			l.must(err)
			if a := l.options.Client.Activate(t.Context(), api.ActivateRequest{TraceNo: trace, ID: id, TotalAmount: "3000"}); !a.Success() {
				t.Fatalf("%+v", a)
			}
			l.forward(2 * time.Hour)
			told := l.replay()
			got := l.wantState(op, c.want)
			if changed := got.State == operation.Attention; changed && got.Why != operation.WhyLateChange || changed != (len(told) == 1) {
				t.Errorf("because of %q; the replay tells of %+v", got.Why, told)
			}
		})
	}
}

func TestARefusalsDateIsJudgedByTheAnswersOwnStamp(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	l.show(code)
	l.front.stand(func(platform http.Handler, w http.ResponseWriter, r *http.Request) {
		platform.ServeHTTP(w, r)
		if path.Base(r.URL.Path) == api.ActionActivate {
			l.forward(25 * time.Hour) // this machine's clock jumps while the answer travels
		}
	})
	l.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "refuse:A05"})
	op := l.wait(operation.Activate, code)[0]
	l.Drive(op)
	l.wantState(op, operation.Refused)
}

func TestARefusalWithoutAStampIsJudgedByTheCountersClock(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	l.front.stand(func(platform http.Handler, w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		platform.ServeHTTP(answer, r)
		fields := map[string]string{}
		_ = json.NewDecoder(answer.Body).Decode(&fields)
		if path.Base(r.URL.Path) == api.ActionActivate {
			fields["timestamp"] = ""
			fields["sign"] = api.SignPOSP(fields, sandbox.DefaultMACKey)
		}
		_ = json.NewEncoder(w).Encode(fields)
	})
	l.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "refuse:A05"})
	op := l.wait(operation.Activate, code)[0]
	l.Drive(op)
	if got := l.wantState(op, operation.Refused); got.Attempts[0].Code != "A05" {
		t.Errorf("%+v", got.Attempts)
	}
}

func TestAStatusThatAnEarlierOperationBroughtIsNotTheRefusedOnes(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	l.Drive(l.wait(operation.Activate, code)[0])
	before := operation.Seen{Counts: map[string]int{api.StatusInactive: 1}} // an outdated look-up
	ended := l.options.Clock.Now()
	trace, err := l.traces.Loose()
	l.must(err)
	op := l.queue(l.accept(operation.Activate, code), operation.EventAccepted, func(op *operation.Operation) {
		op.Attempts = []operation.Attempt{{Trace: trace, SentAt: ended, EndedAt: &ended, Outcome: string(api.Unanswered), Before: &before}}
	})
	l.faults(sandbox.Fault{Action: api.ActionLookup, Times: 1, Do: "stale_lookup"}) // so that it goes out once more
	l.Drive(op.Op)
	if got := l.wantState(op.Op, operation.Attention); got.Why != operation.WhyAlreadyThere || len(got.Attempts) != 2 {
		t.Errorf("it is %s with %+v", got.Why, got.Attempts)
	}
	l.wantEffects(code)
}

func TestARepeatThatDoesNoHarmWaitsForSettleTimeAllTheSame(t *testing.T) {
	t.Parallel()
	l := openTill(t, func(o *send.Options) { o.Rules.SettleTime = time.Hour })
	code := l.codes(1)[0]
	op := l.lost(operation.Activate, code, "drop_request")
	l.forward(59 * time.Minute)
	l.list.DropPauses(false)
	if due := l.list.Due(1); due.Questions != 0 {
		t.Fatalf("asked about too soon: %+v", due)
	}
	l.run()
	l.Wake()
	l.forward(2 * time.Minute)
	l.until("it is sent again", func() bool { l.list.DropPauses(false); l.Wake(); return l.count(operation.Done) == 1 })
	got := l.stored(op)
	if len(got.Attempts) != 2 {
		t.Errorf("attempts %+v", got.Attempts)
	}
	if last := got.Evidence[len(got.Evidence)-1]; last.Asked != operation.AskedQuery || last.Trace != got.Attempts[0].Trace {
		t.Errorf("behind the success %+v was asked, and not only about the first attempt", last)
	}
}
