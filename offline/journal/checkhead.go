package journal

import (
	"cmp"
	"fmt"

	"counterfoil/offline/sqlite"
)

// copy checks the chain's head against its copy. The copy may be behind: it is
// written up to half a second after a commit. used says that a counter has
// worked in this folder.
func (v *verifier) copy(copied Head, trouble string, used bool) error {
	if trouble == headMissing && v.head.Seq > 0 && !used {
		// A backup in a folder of its own keeps its head in its own database.
		kept, err := v.c.Text(`SELECT value FROM meta WHERE key=?`, metaBackup)
		if err != nil || kept == v.head.String() {
			return err
		}
	}
	if gone, err := emptied(v.c, v.head, used, trouble); err != nil || gone {
		return cmp.Or(err, error(&ChainError{Seq: 1, Reason: emptiedWhy}))
	}
	switch {
	case trouble == headUnreadable:
		return &ChainError{Seq: v.head.Seq, Reason: "the copy of the chain's head cannot be read: it may be another user's file"}
	case trouble != "" && v.head.Seq > 0:
		return &ChainError{Seq: v.head.Seq, Reason: "the copy of the chain's head is missing, or holds none"}
	case copied.Seq > v.head.Seq:
		return &ChainError{Seq: v.head.Seq + 1, Reason: copyLost(v.head, copied)}
	case copied.Seq == 0:
		none, err := mustBeCopied(v.c.Each, v.head)
		if err == nil && none {
			err = &ChainError{Seq: v.head.Seq, Reason: "the copy of the chain's head is missing, or holds none"}
		}
		return err
	}
	hash, err := v.c.Text(`SELECT hash FROM events WHERE seq=?`, copied.Seq)
	if err == nil && hash != copied.Hash {
		return &ChainError{Seq: copied.Seq, Reason: "its hash is not the one of the chain's head kept outside the database"}
	}
	return err
}

const emptiedWhy = "the database of a folder that was used is empty"

// emptied reports a chain of nothing that is not new: a first start leaves a copy
// of its head before the folder counts as used, and the checkpoint is in every database.
func emptied(c *sqlite.Conn, head Head, used bool, trouble string) (bool, error) {
	if head.Seq > 0 || !used {
		return false, nil
	}
	marks, err := c.Int(`SELECT count(*) FROM meta WHERE key='` + metaProjected + `'`)
	return trouble != "" || marks == 0, err
}

// mustBeCopied reports a chain that cannot have a copy of nothing: once it has its
// identity it is copied before anything else is accepted.
func mustBeCopied(each Reading, head Head) (bool, error) {
	id, err := readIdentity(each)
	return id.Seq > 0 && head.Seq > id.Seq, err
}

// identity holds the journal's own counter against the settings.
func (v *verifier) identity(c Counter) error {
	id, err := readIdentity(v.c.Each)
	if why := c.misfit(id); err == nil && why != "" {
		err = &ChainError{Seq: id.Seq, Reason: why}
	}
	return err
}

func copyLost(head, copied Head) string {
	return fmt.Sprintf("the events from %d to %d are lost", head.Seq+1, copied.Seq)
}

// CheckHeads holds heads that were printed earlier against the chain. Error: *ChainError.
func CheckHeads(each Reading, known []Head) error {
	for _, h := range known {
		hash := ""
		err := each(`SELECT hash FROM events WHERE seq=?`, []any{h.Seq}, func(row sqlite.Row) error {
			hash = row.Text(0)
			return nil
		})
		if err == nil && hash != h.Hash {
			err = &ChainError{Seq: h.Seq, Reason: "it has not the hash of the head that was printed: the events are of another chain, or were set back"}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
