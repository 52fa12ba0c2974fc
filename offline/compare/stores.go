package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3" // the driver of all contenders
	"github.com/mikestefanello/backlite"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"maragu.dev/goqite"

	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
)

func sale(n int64) operation.Operation {
	return operation.Operation{
		Op: fmt.Sprintf("01BENCH%019d", n), Kind: operation.Activate, ID: "R112102F-0000242-2585", Level: "reel", State: operation.Queued,
		AmountFen: 3000, Operator: "amy", Counter: "C01", AcceptedAt: time.Now(), Day: "2026-11-22", Name: "中杯饮品券(纸质)",
	}
}

// body is the operation as the other queues carry it.
func body(n int64) ([]byte, error) { return json.Marshal(sale(n)) }

// floor overwrites a preallocated file with as many bytes as an operation has and syncs them.
type floor struct {
	mu   sync.Mutex
	file *os.File
}

func openFloor(dir string) (store, error) {
	f, err := os.Create(filepath.Join(dir, "floor"))
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(make([]byte, 1<<20)); err != nil {
		return nil, err
	}
	return &floor{file: f}, f.Sync()
}

func (f *floor) accept(_ context.Context, n int64) error {
	b, err := body(n)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.file.WriteAt(b, (n*1024)%(1<<20-2048)); err != nil {
		return err
	}
	return syscall.Fdatasync(int(f.file.Fd()))
}

func (f *floor) close() error { return f.file.Close() }

// bare is SQLite's driver without database/sql, and one prepared statement.
type bare struct {
	mu     sync.Mutex
	conn   driver.Conn
	insert driver.StmtExecContext
}

func openBare(dir string) (store, error) {
	conn, err := (&sqlite3.SQLiteDriver{}).Open("file:" + filepath.Join(dir, "bare.db") + "?_journal_mode=WAL&_synchronous=FULL&_mutex=no")
	if err != nil {
		return nil, err
	}
	_, err = conn.(driver.ExecerContext).ExecContext(context.Background(), "PRAGMA wal_autocheckpoint=200; CREATE TABLE rows (n INTEGER PRIMARY KEY, body BLOB)", nil)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	insert, err := conn.Prepare("INSERT INTO rows VALUES (?, ?)")
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &bare{conn: conn, insert: insert.(driver.StmtExecContext)}, nil
}

func (s *bare) accept(ctx context.Context, n int64) error {
	b, err := body(n)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = s.insert.ExecContext(context.WithoutCancel(ctx), []driver.NamedValue{{Ordinal: 1, Value: n}, {Ordinal: 2, Value: b}})
	return err
}

func (s *bare) close() error { return s.conn.Close() }

type ours struct{ *journal.Journal }

func openJournal(dir string) (store, error) {
	j, err := journal.Open(context.Background(), journal.Options{Dir: dir})
	return ours{j}, err
}

func (o ours) accept(ctx context.Context, n int64) error {
	op := sale(n)
	return o.Write(ctx, func(tx *journal.Tx) error { return tx.Put(&op, "accepted") })
}

func (o ours) close() error { return o.Close() }

// openDB opens SQLite as durably as the journal does. One connection: more of
// them only wait for each other's write lock.
func openDB(dir string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "queue.db")+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_busy_timeout=10000")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	var level int
	if err := db.QueryRow("PRAGMA synchronous").Scan(&level); err != nil || level != 2 {
		return nil, fmt.Errorf("synchronous is %d: %w", level, err)
	}
	return db, nil
}

type goqiteStore struct {
	db    *sql.DB
	queue *goqite.Queue
}

func openGoqite(dir string) (store, error) {
	db, err := openDB(dir)
	if err != nil {
		return nil, err
	}
	schema, err := goqiteSchema()
	if err != nil {
		return nil, err
	}
	_, err = db.Exec(schema)
	return &goqiteStore{db, goqite.New(goqite.NewOpts{DB: db, Name: "operations"})}, err
}

// goqiteSchema reads the schema that goqite ships as a file beside its source.
func goqiteSchema() (string, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "maragu.dev/goqite").Output()
	if err != nil {
		return "", err
	}
	schema, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "schema_sqlite.sql"))
	return string(schema), err
}

func (g *goqiteStore) accept(ctx context.Context, n int64) error {
	b, err := body(n)
	if err != nil {
		return err
	}
	return g.queue.Send(ctx, goqite.Message{Body: b})
}

func (g *goqiteStore) close() error { return g.db.Close() }

// task is an operation as backlite's and River's argument.
type task struct{ operation.Operation }

// Config names backlite's queue.
func (task) Config() backlite.QueueConfig { return backlite.QueueConfig{Name: "operations"} }

// Kind names River's job.
func (task) Kind() string { return "operation" }

type backliteStore struct {
	db     *sql.DB
	client *backlite.Client
}

func openBacklite(dir string) (store, error) {
	db, err := openDB(dir)
	if err != nil {
		return nil, err
	}
	client, err := backlite.NewClient(backlite.ClientConfig{DB: db, NumWorkers: 1, ReleaseAfter: time.Hour})
	if err != nil {
		return nil, err
	}
	client.Register(backlite.NewQueue(func(context.Context, task) error { return nil }))
	return &backliteStore{db, client}, client.Install()
}

func (b *backliteStore) accept(ctx context.Context, n int64) error {
	_, err := b.client.Add(task{sale(n)}).Ctx(ctx).Save()
	return err
}

func (b *backliteStore) close() error { return b.db.Close() }

type riverStore struct {
	db     *sql.DB
	client *river.Client[*sql.Tx]
}

func openRiver(dir string) (store, error) {
	db, err := openDB(dir)
	if err != nil {
		return nil, err
	}
	driver := riversqlite.New(db)
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		return nil, err
	}
	if _, err := migrator.Migrate(context.Background(), rivermigrate.DirectionUp, nil); err != nil {
		return nil, err
	}
	// Without workers it only inserts, which is all that is measured.
	client, err := river.NewClient(driver, &river.Config{})
	return &riverStore{db, client}, err
}

func (r *riverStore) accept(ctx context.Context, n int64) error {
	_, err := r.client.Insert(ctx, task{sale(n)}, nil)
	return err
}

func (r *riverStore) close() error { return r.db.Close() }
