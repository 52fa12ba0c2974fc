package offline_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// mayMount reports that this process may mount a disk. A plain user's may not:
// the test then runs again in a child that is root of its own namespace.
func mayMount(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() == 0 {
		return true
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("in a namespace of its own (a kernel may forbid those): %v\n%s", err, out)
	}
	return false
}

// wholeReserve has the desk keep as much free as at a counter.
func wholeReserve(s *offlinetest.Shop) { s.Settings.Reserve = 0 }

// onSmallDisk moves a data folder to a disk of its own of that size, as the
// mount option size has it.
func onSmallDisk(t *testing.T, dir, size string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	before := dir + "-before"
	must(os.Rename(dir, before))
	must(os.Mkdir(dir, 0o700))
	must(unix.Mount("tmpfs", dir, "tmpfs", 0, "mode=700,size="+size))
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	must(os.CopyFS(dir, os.DirFS(before)))
	must(os.RemoveAll(before))
}

func TestAFullDiskWithSpaceAgainIsWellByItself(t *testing.T) {
	t.Parallel()
	if !mayMount(t) {
		return
	}
	s := openShop(t, wholeReserve)
	s.LookUp(offlinetest.Reel)
	s.Must(s.Desk.Stop())
	onSmallDisk(t, s.Settings.Data, "40m")
	s.Reopen()
	codes, err := s.Desk.Children(t.Context(), offline.Page{Parent: offlinetest.Reel, Limit: 2})
	s.Must(err)
	ballast := filepath.Join(s.Settings.Data, "ballast")
	for s.Desk.Status().Fault == nil {
		f, err := os.OpenFile(ballast, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		s.Must(err)
		for block := make([]byte, 1<<12); err == nil; {
			_, err = f.Write(block)
		}
		s.Must(f.Close())
		for _, c := range codes { // to void what waits withdraws it: each is a commit
			_, _ = s.tryAccept(offline.Activate, api.ID(c.ID))
			_, _ = s.tryAccept(offline.Void, api.ID(c.ID))
		}
	}
	if got := s.Desk.Status().Fault.Kind; got != offline.ErrDiskFull {
		t.Fatalf("the trouble is %s", got)
	}
	s.Must(os.Remove(ballast))
	s.Eventually("all is well without an act", func() bool { return s.Desk.Status().Fault == nil })
}
