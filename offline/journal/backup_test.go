package journal

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"counterfoil/offline/journal/chain"
)

func TestABackupInAFolderOfItsOwnVerifies(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), t.TempDir()
	shop(t, dir, 12)
	j := openIn(t, dir)
	file := filepath.Join(other, DatabaseName)
	if err := j.Backup(context.Background(), file); err != nil {
		t.Fatal(err)
	}
	verify := func() error {
		restored := openIn(t, other, func(o *Options) { o.ReadOnly = true })
		defer func() { _ = restored.Close() }()
		_, err := restored.Verify(context.Background(), nil)
		return err
	}
	if err := verify(); err != nil {
		t.Fatalf("a good backup: %v", err)
	}
	tamper(t, other, `DELETE FROM events WHERE seq=(SELECT max(seq) FROM events)`)
	var misfit *chain.MisfitError
	if err := verify(); !errors.As(err, &misfit) {
		t.Fatalf("a backup that was cut: %v", err)
	}
}
