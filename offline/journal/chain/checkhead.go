package chain

import (
	"fmt"

	"counterfoil/offline/sqlite"
)

// MetaBackup is where a backup keeps its chain's head: no file beside it could.
const MetaBackup = "journal.backup"

// copy checks the chain's head against its copy. The copy may be behind: it is
// written up to half a second after a commit.
func (v *verifier) copy(k Known) error {
	copied, trouble, used := k.Copy, k.Trouble, k.Used
	if trouble == HeadMissing && v.head.Seq > 0 && !used {
		// A backup in a folder of its own keeps its head in its own database.
		kept, err := v.c.Text(`SELECT value FROM meta WHERE key=?`, MetaBackup)
		if err != nil || kept == v.head.String() {
			return err
		}
	}
	if emptied(v.head, used, trouble) {
		return &MisfitError{Seq: 1, Why: emptiedWhy}
	}
	switch {
	case trouble == HeadUnreadable:
		return &MisfitError{Seq: v.head.Seq, Why: "the copy of the chain's head cannot be read: it may be another user's file"}
	case trouble != "" && v.head.Seq > 0:
		return &MisfitError{Seq: v.head.Seq, Why: "the copy of the chain's head is missing, or holds none"}
	case copied.Seq > v.head.Seq:
		return &MisfitError{Seq: v.head.Seq + 1, Why: Lost(v.head, copied)}
	case copied.Seq == 0:
		none, err := MustBeCopied(v.c.Each, v.head)
		if err == nil && none {
			err = &MisfitError{Seq: v.head.Seq, Why: "the copy of the chain's head is missing, or holds none"}
		}
		return err
	}
	hash, err := v.c.Text(`SELECT hash FROM events WHERE seq=?`, copied.Seq)
	if err == nil && hash != copied.Hash {
		return &MisfitError{Seq: copied.Seq, Why: "its hash is not the one of the chain's head kept outside the database"}
	}
	return err
}

const emptiedWhy = "the database of a folder that was used is empty"

// emptied reports a chain of nothing that is not new: a first start leaves a copy
// of its head before the folder counts as used.
func emptied(head Head, used bool, trouble string) bool {
	return head.Seq == 0 && used && trouble != ""
}

// MustBeCopied reports a chain that cannot have a copy of nothing: once it has its
// identity it is copied before anything else is accepted.
func MustBeCopied(each Reading, head Head) (bool, error) {
	id, err := ReadIdentity(each)
	return id.Seq > 0 && head.Seq > id.Seq, err
}

// identity holds the journal's own counter against the settings.
func (v *verifier) identity(c Counter) error {
	id, err := ReadIdentity(v.c.Each)
	if why := c.Misfit(id); err == nil && why != "" {
		err = &MisfitError{Seq: id.Seq, Why: why}
	}
	return err
}

// Lost says which events a copy of the head names that the chain has no more.
func Lost(head, copied Head) string {
	return fmt.Sprintf("the events from %d to %d are lost", head.Seq+1, copied.Seq)
}

// CheckHeads holds heads that were printed earlier against the chain. Error: *MisfitError.
func CheckHeads(each Reading, known []Head) error {
	for _, h := range known {
		hash := ""
		err := each(`SELECT hash FROM events WHERE seq=?`, []any{h.Seq}, func(row sqlite.Row) error {
			hash = row.Text(0)
			return nil
		})
		if err == nil && hash != h.Hash {
			err = &MisfitError{Seq: h.Seq, Why: "it has not the hash of the head that was printed: the events are of another chain, or were set back"}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
