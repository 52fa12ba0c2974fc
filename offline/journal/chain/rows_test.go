package chain_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// anyOperation is an operation as far as its columns let it differ, whether or not
// a counter could bring it there.
func anyOperation() *rapid.Generator[operation.Operation] {
	texts := rapid.StringOfN(rapid.RuneFrom([]rune("a\"'\\\x00,]}{中 \n")), 0, 4, -1)
	times := rapid.Custom(func(t *rapid.T) time.Time {
		zone := time.FixedZone("", rapid.IntRange(-23*60, 23*60).Draw(t, "zone")*60)
		return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "part")).In(zone)
	})
	seen := rapid.Custom(func(t *rapid.T) operation.Seen {
		return operation.Seen{At: times.Draw(t, "at"), Counts: map[string]int{texts.Draw(t, "status"): 1}}
	})
	return rapid.Custom(func(t *rapid.T) operation.Operation {
		text := func(name string) string { return texts.Draw(t, name) }
		o := operation.Operation{
			Op: "01" + text("op"), Kind: rapid.SampledFrom([]operation.Kind{operation.Activate, operation.Void, operation.Range}).Draw(t, "kind"),
			ID: text("id"), Level: text("level"), State: rapid.SampledFrom(operation.States()).Draw(t, "state"),
			AmountFen: rapid.Int64().Draw(t, "fen"), Offline: rapid.Bool().Draw(t, "offline"), Entered: operation.Entered(text("entered")),
			Operator: text("operator"), ApprovedBy: text("approved by"), ApprovedFor: rapid.SliceOfN(texts, 0, 2).Draw(t, "approved for"),
			Counter: text("counter"), AcceptedAt: times.Draw(t, "accepted"), OrderNo: text("order"), Seq: rapid.Int64Min(1).Draw(t, "seq"), Hash: text("hash"),
			Day: text("day"), Why: text("why"), Reason: text("reason"), SettledAs: text("settled as"), SettledBy: text("settled by"),
			SettleAskedBy: text("asked by"), WaitsFor: text("waits for"), Asked: rapid.IntRange(0, 99).Draw(t, "asked"), Name: text("name"),
			FinishedAt: rapid.Ptr(times, true).Draw(t, "finished"), NextAt: rapid.Ptr(times, true).Draw(t, "next"),
		}
		if o.Kind == operation.Range {
			o.Range = &operation.RangeOrder{OrderID: text("order id"), Count: rapid.Int().Draw(t, "count"), SellingFen: rapid.Int64().Draw(t, "selling")}
		}
		for range rapid.IntRange(0, 2).Draw(t, "attempts") {
			o.Attempts = append(o.Attempts, operation.Attempt{Trace: text("trace"), SentAt: times.Draw(t, "sent"), EndedAt: rapid.Ptr(times, true).Draw(t, "ended"),
				Outcome: text("outcome"), Message: text("message"), NoEffect: rapid.Bool().Draw(t, "no effect"), Before: rapid.Ptr(seen, true).Draw(t, "before")})
		}
		for range rapid.IntRange(0, 2).Draw(t, "evidence") {
			o.Evidence = append(o.Evidence, operation.Evidence{At: times.Draw(t, "at"), Asked: text("asked"), Seen: rapid.Ptr(seen, true).Draw(t, "seen"), Verdict: text("verdict")})
		}
		return o
	})
}

// sameOperation holds two operations together by their JSON, which is what is hashed.
func sameOperation(t *rapid.T, want, got *operation.Operation) {
	t.Helper()
	a, err := chain.EncodeOperation(want)
	b, err2 := chain.EncodeOperation(got)
	if err := errors.Join(err, err2); err != nil || a != b {
		t.Fatalf("%v\n%s\n%s", err, a, b)
	}
}

// selectRow reads the operations' columns, and of the lists none.
var selectRow = `SELECT ` + strings.Join(chain.OperationColumns, ", ") + ` FROM operations`

var insertRow = `INSERT INTO operations (` + strings.Join(chain.OperationColumns, ", ") + `) VALUES (?` +
	strings.Repeat(",?", len(chain.OperationColumns)-1) + `)`

func TestAnOperationsRowGivesBackWhatWasWritten(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	rapid.Check(t, func(t *rapid.T) {
		op := anyOperation().Draw(t, "operation")
		op.Attempts, op.Evidence = nil, nil // these have tables of their own
		args, err := chain.OperationArgs(&op)
		if err != nil {
			t.Fatal(err)
		}
		var got operation.Operation
		err = errors.Join(b.c.Exec(`DELETE FROM operations`), b.c.Exec(insertRow, args...), b.c.Each(selectRow, nil, func(row sqlite.Row) (err error) {
			got, err = chain.OperationOf(row)
			return err
		}))
		if err != nil {
			t.Fatal(err)
		}
		sameOperation(t, &op, &got)
	})
}

func TestEveryColumnOfTheTableIsWrittenAndRead(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	var have []string
	b.must(b.c.Each(`SELECT name FROM pragma_table_info('operations') WHERE name <> 'accepted_seq'`, nil, func(row sqlite.Row) error {
		have = append(have, row.Text(0))
		return nil
	}))
	want := slices.Clone(chain.OperationColumns)
	slices.Sort(want)
	if slices.Sort(have); !slices.Equal(have, want) {
		t.Errorf("the table has %v, an operation's row %v", have, want)
	}
}

// A row that damage changed is not read as another operation: the error says
// that the database is at fault, and which column.
func TestARowThatCannotBeReadNamesItsColumn(t *testing.T) {
	t.Parallel()
	op := journaltest.Operation(1)
	args, err := chain.OperationArgs(&op)
	if err != nil {
		t.Fatal(err)
	}
	whole := make(sqlite.Row, 0, len(args)+2)
	for _, a := range args {
		whole = append(whole, a)
	}
	whole = append(whole, `{"trace":"1"}`, nil)
	if got, err := chain.OperationOf(whole); err != nil || len(got.Attempts) != 1 || len(got.Evidence) != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	for column, values := range map[string][]any{
		"kind": {"", "activatf", "range"}, "state": {"", "queuee"}, "offline": {int64(2), int64(-1)},
		"accepted_at": {"2026-11-22", "2026-11-22T10:15:03+24:00", "x"}, "finished_at": {"x"}, "next_at": {"2026-13-22T10:15:03Z"},
		"range": {"{", "x"}, "approved_for": {"[", `"x"`}, "attempts": {"{", `{"trace":1}`}, "evidence": {"]", `{"at":"x"}`},
	} {
		i := slices.Index(append(slices.Clone(chain.OperationColumns), "attempts", "evidence"), column)
		for _, value := range values {
			row := slices.Clone(whole)
			row[i] = value
			_, err := chain.OperationOf(row)
			if !errors.Is(err, sqlite.ErrUnreadable) || !strings.Contains(fmt.Sprint(err), column) && value != "range" {
				t.Errorf("%s of %v: %v", column, value, err)
			}
		}
	}
}

func TestAStampKeepsTheMomentAndItsZone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", rapid.IntRange(-23*60-59, 23*60+59).Draw(t, "zone")*60)
		want := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "part")).In(zone)
		got, err := chain.ParseStamp(chain.Stamp(want))
		_, a := want.Zone()
		if _, b := got.Zone(); err != nil || !got.Equal(want) || a != b {
			t.Fatalf("%v is read as %v, %v", want, got, err)
		}
		if _, err := got.MarshalJSON(); err != nil {
			t.Fatal(err)
		}
	})
	if never, err := chain.ParseStamp(chain.Stamp(time.Time{})); err != nil || !never.IsZero() {
		t.Errorf("no time is read as %v, %v", never, err)
	}
}
