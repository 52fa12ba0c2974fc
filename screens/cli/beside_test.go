package cli_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"counterfoil/api"
	"counterfoil/offline"
)

// hold opens the counter's data folder as an open counter does, and returns
// what lets it go.
func (w *world) hold() (desk *offline.Desk, release func()) {
	w.t.Helper()
	w.staff()
	client, err := api.New(api.Settings{})
	if err != nil {
		w.t.Fatal(err)
	}
	desk, err = offline.Open(context.Background(), offline.Settings{Data: w.data(), Number: 1}, client)
	if err != nil {
		w.t.Fatal(err)
	}
	return desk, func() {
		if err := desk.Stop(); err != nil {
			w.t.Error(err)
		}
	}
}

func TestSecondWriterSaysWhoHoldsTheFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	w.run("verify").want(t, 0)
	_, release := w.hold()
	defer release()
	s := w.run("activate", codeA, "--amount", "15").want(t, 1)
	if !strings.Contains(s.err, "process") || w.applied(codeA) != 0 {
		t.Errorf("stderr %q", s.err)
	}
}

func TestThatNobodyIsNamedIsSaidBeforeWhoHasTheFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	_, release := w.hold()
	t.Cleanup(release)
	var waiting sync.WaitGroup // each for the folder
	for _, command := range []string{"close", "operators pin", "activate " + codeA + " --amount 15", "verify --acknowledge --reason y"} {
		waiting.Go(func() {
			t.Run(command, func(t *testing.T) { w.run(strings.Fields(command)...).want(t, 2) })
		})
	}
	waiting.Wait()
}

func TestReadingWorksBesideAnOpenCounter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	op := w.run("activate", codeA, "--amount", "15", "--json").want(t, 0).one(t)["op"].(string)
	_, release := w.hold()
	defer release()
	w.run("queue").want(t, 0)
	w.run("queue", "--state", "done").want(t, 0)
	w.run("queue", "show", op).want(t, 0)
	w.run("verify").want(t, 0)
	w.run("doctor").want(t, 0)
	w.run("operators").want(t, 0)
	w.run("config").want(t, 0)
	w.run("backup", filepath.Join(w.home, "copy.db")).want(t, 0)
	w.run("backup", filepath.Join(w.home, "copy.db")).want(t, 1)
}

func TestAWrongPINBesideAnOpenCounterIsCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	desk, release := w.hold()
	defer release()
	ctx := context.Background()
	for _, args := range [][]string{{"queue"}, {"queue", "list"}, {"lookup", codeA}, {"queue", "show", "x"}} {
		w.runIn([]string{"COUNTERFOIL_PIN=0000"}, append(args, "--operator", "mgr", "--lang", "en")...).want(t, 1)
	}
	var failed *offline.Error
	if _, err := desk.SignIn(ctx, "mgr", "0000"); !errors.As(err, &failed) || failed.Kind != offline.ErrLockedOut {
		t.Fatalf("the open counter does not know of the four tries beside it: %v", err)
	}
	s := w.runIn(asMgr, "queue", "--operator", "mgr", "--lang", "en").want(t, 1)
	if !strings.Contains(s.err, "locked") {
		t.Errorf("a right PIN is told in spite of the lock-out: %s", s.err)
	}
	w.runIn(asAmy, "queue", "--operator", "amy").want(t, 0)
	w.run("verify").want(t, 0)
}
