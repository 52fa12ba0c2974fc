package offlinetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"testing"

	"counterfoil/api"
	"counterfoil/offline"
)

// As the program does: it holds little, and a tenth of a test would be collecting.
func init() { debug.SetGCPercent(400) }

// Folder makes an empty folder, in memory where the machine has such a place:
// these tests are about decisions, not about the disk. It goes with the test.
func Folder(tb testing.TB) string {
	tb.Helper()
	dir, err := inMemory()
	if err != nil {
		return tb.TempDir()
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func inMemory() (dir string, err error) { return os.MkdirTemp("/dev/shm", "counterfoil-test-") }

// begun are the files of a data folder after its first start and the entry of a
// manager and a cashier, for each identity of a journal.
var begun sync.Map // an identity's func() (map[string][]byte, error)

type identity struct {
	name   string
	number int
	public bool // its PINs
}

// Staff gives a data folder its manager and its cashier. An empty one becomes a
// copy of a folder that was begun once in this process: what its tests are about
// comes after that.
func Staff(tb testing.TB, s offline.Settings) {
	tb.Helper()
	if names, err := os.ReadDir(s.Data); err == nil && len(names) > 0 {
		if err := staff(s); err != nil {
			tb.Fatal(err)
		}
		return
	}
	once, _ := begun.LoadOrStore(identity{s.CounterName, s.Number, s.PublicPINs}, sync.OnceValues(func() (map[string][]byte, error) { return begin(s) }))
	content, err := once.(func() (map[string][]byte, error))()
	if err == nil {
		err = os.MkdirAll(s.Data, 0o700)
	}
	for name, bytes := range content {
		if err == nil {
			err = os.WriteFile(filepath.Join(s.Data, name), bytes, 0o600)
		}
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// begin begins a folder and returns its files. The ballast is left out: it is as
// quickly made as copied.
func begin(s offline.Settings) (content map[string][]byte, err error) {
	if s.Data, err = inMemory(); err != nil {
		if s.Data, err = os.MkdirTemp("", "counterfoil-test-"); err != nil {
			return nil, err
		}
	}
	defer os.RemoveAll(s.Data)
	if err := staff(s); err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(s.Data, "reserve")); err != nil {
		return nil, err
	}
	files, err := os.ReadDir(s.Data)
	content = map[string][]byte{}
	for _, f := range files {
		if err == nil {
			content[f.Name()], err = os.ReadFile(filepath.Join(s.Data, f.Name()))
		}
	}
	return content, err
}

// staff enters a data folder's operators.
func staff(s offline.Settings) error {
	ctx := context.Background()
	return Opened(s, func(desk *offline.Desk) error {
		err := desk.AddOperator(ctx, offline.Session{}, ManagerName, offline.Manager, ManagerPIN)
		if err != nil {
			return err
		}
		mgr, err := desk.SignIn(ctx, ManagerName, ManagerPIN)
		if err != nil {
			return err
		}
		return desk.AddOperator(ctx, mgr, CashierName, offline.Cashier, CashierPIN)
	})
}

// Opened opens a data folder, without a platform, has something done there and closes
// it. With PublicPINs what gives PINs costs next to nothing.
func Opened(s offline.Settings, do func(desk *offline.Desk) error) error {
	client, err := api.New(api.Settings{})
	if err != nil {
		return err
	}
	desk, err := offline.Open(context.Background(), s, client)
	if err != nil {
		return err
	}
	return errors.Join(do(desk), desk.Stop())
}
