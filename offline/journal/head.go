package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"counterfoil/offline/files"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// headEvery is how often the copy of the chain's head is brought up to date.
const headEvery = 500 * time.Millisecond

// headFile is the copy of the chain's head outside the database: "seq hash\n".
// It is always written after the commit it names, so it is never ahead of a
// database that lost nothing.
type headFile string

const copyName = "chain.head"

func headFileOf(dir string) headFile { return headFile(filepath.Join(dir, copyName)) }

// read returns the copy, or the event that says why there is none to be had.
// One that holds no head counts as missing; one that may not be read does not.
func (f headFile) read() (h chain.Head, trouble string) {
	b, err := files.Read(string(f), 1<<10)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return chain.Head{}, chain.HeadUnreadable
	}
	text := strings.TrimSpace(string(b))
	number, hash, _ := strings.Cut(text, " ")
	seq, wrong := strconv.ParseInt(number, 10, 64)
	h = chain.Head{Seq: seq, Hash: hash}
	if err != nil || wrong != nil || seq < 0 || (seq == 0) != (hash == "") || strings.TrimSpace(h.String()) != text {
		return chain.Head{}, chain.HeadMissing
	}
	return h, ""
}

// write replaces the copy whole.
func (f headFile) write(h chain.Head) error {
	return files.Replace(string(f), func(w io.Writer) error {
		_, err := fmt.Fprintln(w, h)
		return err
	})
}

// housekeep writes the copy of the chain's head, of which written is the newest,
// and takes the reserve back when there is space again.
func (j *Journal) housekeep(written chain.Head) {
	tick := time.NewTicker(headEvery)
	defer tick.Stop()
	for {
		select {
		case <-j.background.running.Done():
			return
		case <-tick.C:
		}
		if err := j.folder.held(); err != nil {
			j.Distrust(err) // it is opened again once it is ours
			return
		}
		if err := j.findAdded(); errors.Is(err, ErrBeside) {
			return
		}
		if h := *j.w.head.Load(); h != written && j.copyHead(h) {
			written = h
		}
		if held, _ := j.reserve.state(); !held && freeBytes(j.o.Dir) >= uint64(lowFactor*j.reserve.size) {
			if err := j.reserve.hold(); err == nil {
				j.o.Log.Info("there is space again; the reserve is held")
				j.o.Space()
			}
		}
	}
}

// findAdded looks for events that somebody else added. A commit of this counter may
// be further than is known of it yet: who has the turn to write tells. Error: ErrBeside.
func (j *Journal) findAdded() error {
	last := int64(0)
	err := j.r.Use(j.background.running, func(c *sqlite.Conn) (err error) { last, err = c.Int(sqlLast); return err })
	if err != nil || last <= j.w.head.Load().Seq {
		return err
	}
	return j.Write(j.background.running, func(t *Tx) error {
		if last, err := t.c.Int(sqlLast); err != nil || last <= t.head.Seq {
			return err
		}
		return ErrBeside
	})
}

const sqlLast = `SELECT max(seq) FROM events`

// Copied is the copy of the chain's head that is kept outside the database, or
// what an earlier journal of this process committed after it. trouble is "", or
// names the event that says why there is none.
func (f *Folder) Copied() (h chain.Head, trouble string) {
	h, trouble = headFileOf(f.o.Dir).read()
	if f.last.Seq > h.Seq {
		return f.last, ""
	}
	return h, trouble
}

// Added reports events behind the copy that no counter can have left there. One
// that was killed leaves some of its own; one that goes on knows what it committed.
func (f *Folder) Added(left string, copied, head chain.Head) bool {
	return copied.Seq < head.Seq && (left == LeftClosed || f.cause != nil && head != f.tried)
}

// Cause is why the journal before this one stopped, nil at a start.
func (f *Folder) Cause() error { return f.cause }

// SetCopy makes h the copy, after a salvage began a new part of the chain.
func (f *Folder) SetCopy(h chain.Head) error {
	f.last = h
	return headFileOf(f.o.Dir).write(h)
}

// checkCopy adds an event if the copy does not fit the database; left is how the
// folder was.
func (j *Journal) checkCopy(ctx context.Context, left string, copied chain.Head, event string) error {
	head := *j.w.head.Load()
	stored, err := j.r.Text(ctx, `SELECT hash FROM events WHERE seq=?`, copied.Seq)
	if err != nil {
		return err
	}
	switch {
	case head.Seq == 0:
		event = "" // a new journal
	case event == "" && copied.Seq == 0:
		none, err := chain.MustBeCopied(j.reading(ctx), head)
		if err != nil {
			return err
		}
		if none {
			event = chain.HeadMissing
		}
	case event == "" && stored != copied.Hash:
		event = chain.HeadMisfit
	case event == "" && j.folder.Added(left, copied, head):
		event = chain.HeadBehind
	}
	if event != "" {
		j.o.Log.Warn("the copy of the chain's head does not fit the database", "event", event, "copy", copied.Seq)
		err := j.Write(ctx, func(t *Tx) error {
			return t.Append(event, map[string]any{"seq": copied.Seq, "hash": copied.Hash})
		})
		return err
	}
	return nil
}

// copyHead makes h the copy; false where it stays behind. On a full disk that must
// not keep the counter from closing what is open.
func (j *Journal) copyHead(h chain.Head) bool {
	err := headFileOf(j.o.Dir).write(h)
	if err != nil {
		j.o.Log.Warn("the copy of the chain's head cannot be written", "error", err)
	}
	return err == nil
}

// Sure is the newest event, up to head, of which a counter says that it is its own:
// one that only reads has its copy's word for it, where that fits. A counter that
// was killed left some of its own behind its copy.
func (j *Journal) Sure(head chain.Head) int64 {
	if j.w != nil {
		return head.Seq
	}
	if copied, trouble := headFileOf(j.o.Dir).read(); trouble == "" && !killed(j.o.Dir) {
		return min(copied.Seq, head.Seq)
	}
	return head.Seq
}

// Follows waits until the copy has caught up with the head, as it does with a counter
// at work; false where it had, or does not. Nothing is waited for where no counter has
// the folder: one that ends brings its copy up to date before it lets go.
func (j *Journal) Follows(ctx context.Context) bool {
	head, err := j.Head(ctx)
	if err != nil || j.Sure(head) == head.Seq {
		return false
	}
	tick := time.NewTicker(headEvery / 5)
	defer tick.Stop()
	for range 10 {
		nobody := free(j.o.Dir)
		if j.Sure(head) == head.Seq {
			return true
		}
		if nobody {
			return false
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return false
}

// Head returns the chain's head.
func (j *Journal) Head(ctx context.Context) (chain.Head, error) {
	if j.w != nil {
		return *j.w.head.Load(), nil
	}
	var h chain.Head
	err := j.r.Each(ctx, `SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1`, nil, func(row sqlite.Row) error {
		h = chain.Head{Seq: row.Int(0), Hash: row.Text(1)}
		return nil
	})
	return h, err
}
