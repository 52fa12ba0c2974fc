package journal

import (
	"context"
	"slices"
	"testing"

	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
)

// fromBefore makes a closed database what a program wrote that kept neither what an approval was for nor how an id was entered.
func fromBefore(t *testing.T, dir string) {
	t.Helper()
	tamper(t, dir, `ALTER TABLE operations DROP COLUMN approved_for`, `ALTER TABLE operations DROP COLUMN entered`,
		`ALTER TABLE operations DROP COLUMN settle_asked_by`, `ALTER TABLE operations DROP COLUMN accepted_seq`, `DROP TABLE postings`, `DROP TABLE headings`,
		`DELETE FROM goose_db_version WHERE version_id>=3`)
}

func TestWhatAnApprovalWasForIsKeptThroughChanges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	op := journaltest.Operation(1)
	op.ApprovedBy, op.ApprovedFor = "mgr", []string{"over_limit", `"odd", <word>`}
	put(t, j, &op, "accepted")
	send(t, j, &op, 1)
	op.ApprovedFor = op.ApprovedFor[:1]
	put(t, j, &op, "changed")
	if n := survivors(t, j, []operation.Operation{op}); n != 1 {
		t.Fatal("it reads otherwise than it was stored")
	}
	if _, err := j.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	got, err := j.Operation(context.Background(), op.Op)
	if err != nil || !slices.Equal(got.ApprovedFor, []string{"over_limit"}) {
		t.Fatalf("it was approved for %q: %v", got.ApprovedFor, err)
	}
}

func TestOperationsFromBeforeApprovalsHadReasonsVerifyAsTheyStand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	op := journaltest.Operation(1)
	op.ApprovedBy = "mgr"
	put(t, j, &op, "accepted")
	closeNow(t, j)
	fromBefore(t, dir)
	j = openIn(t, dir)
	if _, err := j.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if survivors(t, j, []operation.Operation{op}) != 1 {
		t.Fatal("it reads otherwise than it was stored")
	}
	send(t, j, &op, 1)
	if _, err := j.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}
