package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3" // the control writes with it directly
	"golang.org/x/sync/errgroup"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/salvage"
	"counterfoil/offline/operation"
)

// A writer is this program started again on a disk that may lose power. For
// every commit that was acknowledged it prints a line "<name> <step>". What it
// printed must stay on the disk.
const (
	writerEnv     = "PROOF_WRITER" // kind, operations and quoted folder, with spaces between
	writerJournal = "journal"
	writerNormal  = "normal"
	// writersAtOnce is how many operations the journal's writer works at together.
	writersAtOnce = 4
)

// steps are the commits of one operation, in order.
var steps = []operation.State{operation.Queued, operation.Sending, operation.Done}

// asWriter does a writer's work where the environment asks for it; done is
// false where this process is no writer.
func asWriter() (done bool, err error) {
	order := os.Getenv(writerEnv)
	if order == "" {
		return false, nil
	}
	var kind, dir string
	var ops int
	if _, err := fmt.Sscanf(order, "%s %d %q", &kind, &ops, &dir); err != nil {
		return true, err
	}
	switch kind {
	case writerJournal:
		return true, writeJournal(dir, ops, os.Stdout)
	case writerNormal:
		return true, writeNormal(dir, ops, os.Stdout)
	}
	return true, fmt.Errorf("no writer is called %q", kind)
}

func writerName(n int) string { return fmt.Sprintf("01PROOF%06d", n) }

// writeJournal takes operations through their steps with the counter's own
// journal, several at a time so that commits are shared.
func writeJournal(dir string, ops int, acks io.Writer) error {
	ctx := context.Background()
	j, err := salvage.Open(ctx, journal.Options{Dir: dir})
	if err != nil {
		return err
	}
	var writers errgroup.Group
	writers.SetLimit(writersAtOnce)
	for n := range ops {
		writers.Go(func() error { return takeThrough(ctx, j, n, acks) })
	}
	return errors.Join(writers.Wait(), j.Close())
}

func takeThrough(ctx context.Context, j *journal.Journal, n int, acks io.Writer) error {
	op := operation.Operation{
		Op: writerName(n), Kind: operation.Activate, ID: fmt.Sprintf("R112102F-%07d-0000", n), Level: "reel",
		AmountFen: 3000, Operator: "amy", Counter: "C01", AcceptedAt: time.Now(), Day: "2026-11-22",
	}
	for _, state := range steps {
		op.State = state
		if state == operation.Sending {
			op.Attempts = append(op.Attempts, operation.Attempt{Trace: fmt.Sprintf("20261122000001%09d", n), SentAt: time.Now()})
		}
		err := j.Write(ctx, func(tx *journal.Tx) error {
			if _, err := tx.NextTrace("20261122", int64(n)); err != nil {
				return err
			}
			return tx.Put(&op, string(state))
		})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(acks, "%s %s\n", op.Op, state); err != nil {
			return err
		}
	}
	return nil
}

// writeNormal is the control: the same rows in a database as the driver opens
// it by default, whose commits a power cut may take back.
func writeNormal(dir string, ops int, acks io.Writer) error {
	db, err := openNormal(dir)
	if err != nil {
		return err
	}
	defer db.Close()
	for n := range ops {
		for step := range steps {
			if _, err := db.Exec(`INSERT INTO steps (name, step, body) VALUES (?, ?, ?)`, writerName(n), step, make([]byte, 600)); err != nil {
				return err
			}
			if _, err := fmt.Fprintf(acks, "%s %s\n", writerName(n), steps[step]); err != nil {
				return err
			}
		}
	}
	return nil
}

func openNormal(dir string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "control.db")+"?_journal_mode=WAL&_synchronous=NORMAL")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE IF NOT EXISTS steps (name TEXT, step INTEGER, body BLOB, PRIMARY KEY (name, step))`); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// readAcks reads a writer's lines: the furthest step acknowledged of each name.
func readAcks(r io.Reader) (map[string]int, error) {
	acked := map[string]int{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var name, state string
		if _, err := fmt.Sscan(lines.Text(), &name, &state); err != nil {
			return nil, fmt.Errorf("a writer said %q: %w", lines.Text(), err)
		}
		for step, s := range steps {
			if string(s) == state {
				acked[name] = max(acked[name], step+1)
			}
		}
	}
	return acked, lines.Err()
}
