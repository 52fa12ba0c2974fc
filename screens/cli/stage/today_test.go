package stage_test

import (
	"path/filepath"
	"testing"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/stage"
)

func TestADemonstrationBeginsWithOneOfEveryOutcome(t *testing.T) {
	t.Parallel()
	played, _, settings := staged(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s := settings.Desk(filepath.Join(t.TempDir(), "data"))
	s.PublicPINs = true
	client, err := api.New(settings.Client())
	must(err)
	desk, err := offline.Open(t.Context(), s, client)
	must(err)
	defer func() { must(desk.Stop()) }()
	must(stage.Cast(t.Context(), desk))
	desk.Start()
	must(played.Shift(t.Context(), desk))
	if n := len(played.Effects()); n != 0 {
		t.Errorf("the demonstration begins with %d effects of its own", n)
	}
	ops, err := desk.Operations(t.Context(), offline.Query{})
	must(err)
	got := map[offline.State]int{}
	for _, op := range ops {
		if got[op.State]++; op.Operator != "amy" || op.Entered != offline.Scanned {
			t.Errorf("%s of %s by %q, entered by %s", op.Kind, op.ID, op.Operator, op.Entered)
		}
	}
	for state, n := range map[offline.State]int{offline.Done: 4, offline.Refused: 1, offline.Unknown: 1, offline.Queued: 1, offline.Attention: 1} {
		if got[state] != n {
			t.Errorf("%d are %s, want %d: %v", got[state], state, n, got)
		}
	}
	if v, err := desk.Verify(t.Context(), nil); err != nil || len(v.Gaps) > 0 {
		t.Errorf("the journal does not verify: %+v %v", v, err)
	}
}
