package stage_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/screens/cli/config"
	"counterfoil/screens/cli/stage"
)

// staged is a stage, its clock, and a demonstration's settings.
func staged(t *testing.T) (*stage.Stage, *stage.Clock, *config.Config) {
	t.Helper()
	clock := &stage.Clock{}
	played, err := stage.Open(sandbox.Options{VoidLeaves: api.StatusVoid, Now: clock.Now}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(played.Close)
	var meaning offline.Rules
	meaning.TraceCodes, meaning.ActivationAbsentCodes, meaning.DuplicateTraceCodes, meaning.UnclearCodes = sandbox.ClientCodes()
	settings, err := config.Demo("shop", api.Settings{
		POSPURL: played.Server.POSPURL(), PaaSURL: played.Server.PaaSURL(), MACKey: sandbox.DefaultMACKey, AppSecret: sandbox.DefaultAppSecret,
		PaaS: api.PaaS{AppID: sandbox.DefaultAppID},
	}, meaning, nil)
	if err != nil {
		t.Fatal(err)
	}
	return played, clock, settings
}

// TestEveryMarkShowsOnItsVoucherInTheDemonstration plays the stories and reviews each reel.
func TestEveryMarkShowsOnItsVoucherInTheDemonstration(t *testing.T) {
	t.Parallel()
	played, clock, settings := staged(t)
	s := settings.Desk(filepath.Join(t.TempDir(), "data"))
	s.PublicPINs = true
	began := time.Now()
	err := played.Rehearse(t.Context(), s, settings.Client(), clock)
	if err != nil || len(played.Effects()) != 0 {
		t.Fatalf("%v, %d effects", err, len(played.Effects()))
	}
	t.Logf("played in %v", time.Since(began))
	client, err := api.New(settings.Client())
	if err != nil {
		t.Fatal(err)
	}
	desk, err := offline.Open(t.Context(), s, client)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = desk.Stop() }()
	mgr, err := desk.SignIn(t.Context(), "mgr", "9999")
	if err != nil {
		t.Fatal(err)
	}
	open, err := desk.Operations(t.Context(), offline.Query{States: []offline.State{offline.Queued, offline.Unknown, offline.Attention}})
	if err != nil || len(open) != 0 {
		t.Errorf("the demonstration begins with open operations: %+v %v", open, err)
	}
	x, err := desk.ReportX(t.Context(), mgr)
	closes, closesErr := desk.Closes(t.Context(), mgr)
	if err != nil || closesErr != nil || len(closes) != 1 || x.Accepted.Ops != 0 || x.Day != desk.Day() || closes[0].Day >= x.Day || closes[0].Checked.Skipped {
		t.Errorf("yesterday is not closed apart from today: %+v, %d closes, %v", x.Book, len(closes), errors.Join(err, closesErr))
	}
	stories, err := played.Stories(time.Now())
	if err != nil || len(stories) != len(offline.MarkRules()) {
		t.Fatalf("%d stories, %v", len(stories), err)
	}
	for _, story := range stories {
		if err := desk.FetchRecords(t.Context(), mgr, api.ID(story.Reel), false, nil); err != nil {
			t.Fatal(err)
		}
		found, err := desk.Marks(t.Context(), mgr, api.ID(story.Reel))
		shows := false
		var others []string
		for _, m := range found {
			shows = shows || m.Rule == story.Mark
			others = append(others, m.Rule)
		}
		if err != nil || !shows {
			t.Errorf("%s does not show on %s, only %q (%v)", story.Mark, story.Reel, others, err)
		}
	}
}
