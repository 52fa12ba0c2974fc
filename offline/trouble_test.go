package offline_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"counterfoil/offline"
)

// wantFault waits until the status says that fault, "" for none, and a face was told of a change.
func (s *shop) wantFault(kind offline.ErrorKind, changed <-chan struct{}) {
	s.TB.Helper()
	deadline := time.After(20 * time.Second)
	for {
		have := offline.ErrorKind("")
		if f := s.Desk.Status().Fault; f != nil {
			have = f.Kind
		}
		if have == kind {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			s.TB.Fatalf("the status says %q, wanted %q", have, kind)
		}
	}
}

// fillDisk takes all space of the disk that dir is on; the result frees it.
func fillDisk(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "film.mp4")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
	_ = f.Close()
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestACounterOpensOnAFullDiskClosesWhatIsOpenAndNoticesNewSpaceByItself(t *testing.T) {
	t.Parallel()
	if !mayMount(t) {
		return
	}
	s := openShop(t, wholeReserve)
	another := s.codesOf(1, 1, 1)[0]
	s.Down()
	op := s.accept(offline.Activate, reel, waiting)
	s.Stop()
	onSmallDisk(t, s.Settings.Data, "40m")
	free := fillDisk(t, s.Settings.Data)
	for range 2 { // the second time there is no reserve to free
		s.Reopen()
		s.wantFault(offline.ErrDiskFull, nil)
		if _, err := s.tryAccept(offline.Activate, another, waiting); offline.KindOf(err) != offline.ErrDiskFull {
			t.Errorf("accepted on a full disk: %v", err)
		}
	}
	s.Reopen()
	s.Desk.Start()
	changed, stop := s.Desk.Watch()
	defer stop()
	s.Eventually("it can be withdrawn", func() bool { // not while it is tried
		_, err := s.Desk.Withdraw(context.Background(), s.Cashier, op.Op)
		return err == nil
	})
	free()
	s.wantFault("", changed)
	s.accept(offline.Activate, another, waiting)
}

func TestARemovedLockFileIsSaidAndTakenAgain(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Start()
	lock := filepath.Join(s.Settings.Data, "lock")
	for _, harm := range []func() error{
		func() error { return os.Remove(lock) },
		func() error { return os.Rename(lock, lock+".old") },
		func() error { return errors.Join(os.Remove(lock), os.WriteFile(lock, nil, 0o600)) },
	} {
		s.Must(harm())
		s.Eventually("the lock is held again", func() bool {
			info, err := os.Stat(lock)
			return err == nil && info.Size() > 0
		})
		s.wantHealed(offline.ErrReopened)
		s.wantState(s.sent(s.accept(offline.Activate, s.codesOf(1, 1, 1)[0])), offline.Done)
	}
	_, err := offline.Open(context.Background(), s.Settings, s.NewClient())
	if offline.KindOf(err) != offline.ErrLocked {
		t.Fatalf("a second one opened: %v", err)
	}
}

func TestACounterWaitsForWhoTookItsFolderMeanwhile(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Start()
	changed, stop := s.Desk.Watch()
	defer stop()
	ids := s.codesOf(1, 1, 2)
	s.Must(os.Remove(filepath.Join(s.Settings.Data, "lock")))
	other, err := offline.Open(context.Background(), s.Settings, s.NewClient())
	s.Must(err)
	who, err := other.SignIn(context.Background(), "amy", "1111")
	s.Must(err)
	_, err = other.Accept(context.Background(), offline.Request{Kind: offline.Activate, ID: ids[0], AmountFen: 1500, Operator: who, Offline: true})
	s.Must(err)
	s.wantFault(offline.ErrLocked, changed)
	if _, err := s.tryAccept(offline.Activate, ids[1]); err == nil {
		t.Error("two accept at once")
	}
	s.Must(other.Stop())
	s.wantFault("", changed)
	s.wantState(s.sent(s.accept(offline.Activate, ids[1])), offline.Done)
	s.Eventually("what the other one took is sent", s.allDone(2))
	if _, err := s.Desk.Verify(context.Background(), nil); err != nil {
		t.Error(err)
	}
}

func TestAFolderThatIsNotOursAnyMoreIsSaidAndRecoveredFrom(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Start()
	changed, stop := s.Desk.Watch()
	defer stop()
	for _, both := range [][2]func() error{
		{func() error { return os.Chmod(s.Settings.Data, 0o777) }, func() error { return os.Chmod(s.Settings.Data, 0o700) }},
		{func() error { return os.Rename(s.Settings.Data, s.Settings.Data+"-x") }, func() error { return os.Rename(s.Settings.Data+"-x", s.Settings.Data) }},
	} {
		kind := offline.ErrNotOurs
		if s.Must(both[0]()); !exists(s.Settings.Data) {
			kind = offline.ErrNoCounter
		}
		s.wantFault(kind, changed)
		if _, err := s.tryAccept(offline.Activate, reel); err == nil {
			t.Error("accepted meanwhile")
		}
		s.Must(both[1]())
		s.wantFault("", changed)
		s.accept(offline.Activate, s.codesOf(1, 1, 1)[0])
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestAPINIsCountedBesideOnAFullDisk(t *testing.T) {
	t.Parallel()
	if !mayMount(t) {
		return
	}
	s := openShop(t, wholeReserve)
	s.Stop()
	onSmallDisk(t, s.Settings.Data, "40m")
	s.Reopen()
	s.Stop()
	fillDisk(t, s.Settings.Data)
	s.Settings.ReadOnly = true
	s.Reopen()
	if _, err := s.Desk.SignIn(t.Context(), "amy", "0000"); offline.KindOf(err) != offline.ErrWrongPIN {
		t.Errorf("on a full disk with a reserve: %v", err)
	}
}
