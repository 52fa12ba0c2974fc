package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func openIn(t *testing.T, file string) *Conn {
	t.Helper()
	c, err := Open(Name(file, ""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// table makes a file with the numbers 1 to 5 and their words.
func table(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a file?#.db")
	c := openIn(t, file)
	if err := c.Script(`CREATE TABLE words (n INTEGER, word TEXT, raw BLOB)`); err != nil {
		t.Fatal(err)
	}
	for i, word := range []string{"a", "b", "c", "d", "e"} {
		if err := c.Exec(`INSERT INTO words VALUES (?,?,?)`, i+1, word, []byte(word)); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

func TestRowsAreReadUntilStopAndTheStatementCanRunAgain(t *testing.T) {
	t.Parallel()
	c := openIn(t, table(t))
	for range 2 {
		var got []string
		err := c.Each(`SELECT n, word, raw FROM words WHERE n > ? ORDER BY n`, []any{int64(1)}, func(r Row) error {
			got = append(got, r.Text(1)+string(r.Bytes(2)))
			if r.Int(0) == 3 {
				return Stop
			}
			return r.Check("itt")
		})
		if err != nil || !slices.Equal(got, []string{"bb", "cc"}) {
			t.Fatal(got, err)
		}
	}
	changed := 0
	err := c.Each(`UPDATE words SET word='x' WHERE n > 3 RETURNING n`, nil, func(Row) error { changed++; return nil })
	if left, _ := c.Int(`SELECT count(*) FROM words WHERE word='x'`); changed != 2 || left != 2 || err != nil {
		t.Fatal(changed, left, err)
	}
	if n, err := c.Int(`SELECT n FROM words WHERE word='nowhere'`); n != 0 || err != nil {
		t.Fatal(n, err)
	}
}

func TestAValueOfAnotherTypeIsFoundByCheckOnly(t *testing.T) {
	t.Parallel()
	c := openIn(t, table(t))
	err := c.Each(`SELECT 'four', 4, NULL`, nil, func(r Row) error {
		if r.Int(0) != 0 || r.Text(1) != "4" || r.Text(2) != "" {
			t.Errorf("%v", r)
		}
		if err := r.Check("ti."); err != nil {
			t.Error(err)
		}
		for _, types := range []string{"i", "tt", "tit"} {
			if err := r.Check(types); ClassOf(err) != Rows {
				t.Errorf("%s: %v", types, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestErrorsHaveTheirClass(t *testing.T) {
	t.Parallel()
	c := openIn(t, table(t))
	if err := c.Exec(`SELECT 1 FROM nowhere`); ClassOf(err) != Other || Missing(err) != "nowhere" {
		t.Error(err)
	}
	if err := c.Script(`PRAGMA max_page_count=2`); err != nil {
		t.Fatal(err)
	}
	if err := c.Exec(`INSERT INTO words VALUES (6, ?, '')`, strings.Repeat("x", 20_000)); ClassOf(err) != Full {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "none.db")
	if err := os.WriteFile(file, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Name(file, "")); ClassOf(err) != Rows {
		t.Error(err)
	}
	if ClassOf(nil) != None || ClassOf(context.Canceled) != None {
		t.Error("what is not SQLite's has a class")
	}
}

func TestPoolLendsEachConnectionToOneAtATimeAndEndsWithItsContext(t *testing.T) {
	t.Parallel()
	p := NewPool(Name(table(t), ReadOnly), 1)
	defer p.Close()
	ctx, cancel := context.WithCancel(context.Background())
	err := p.Use(ctx, func(c *Conn) error {
		impatient, end := context.WithCancel(ctx)
		end()
		if err := p.Use(impatient, func(*Conn) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("two have it: %v", err)
		}
		cancel()
		_, err := c.Int(`SELECT n FROM words`)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if s, err := p.Text(context.Background(), `SELECT word FROM words WHERE n=?`, 2); s != "b" || err != nil {
		t.Fatal(s, err)
	}
	if err := p.Use(context.Background(), func(c *Conn) error { return c.Exec(`DELETE FROM words`) }); err == nil {
		t.Fatal("a reader writes")
	}
}

func TestAnotherConnectionIsOpenedOnlyWhereAllAreLent(t *testing.T) {
	t.Parallel()
	p := NewPool(Name(table(t), ReadOnly), 3)
	defer p.Close()
	ctx := context.Background()
	var first *Conn
	for range 5 {
		if err := p.Use(ctx, func(c *Conn) error {
			if first == nil {
				first = c
			}
			if c != first {
				t.Error("opened while another one was free")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	var lent sync.WaitGroup // until all three are out
	lent.Add(3)
	var different sync.Map
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if err := p.Use(ctx, func(c *Conn) error {
				different.Store(c, true)
				lent.Done()
				lent.Wait()
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	n := 0
	different.Range(func(any, any) bool { n++; return true })
	if n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
}

func TestAConnectionLentAtCloseIsClosedWhenItComesBack(t *testing.T) {
	t.Parallel()
	p := NewPool(Name(table(t), ReadOnly), 2)
	var lent *Conn
	err := p.Use(context.Background(), func(c *Conn) error {
		lent = c
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		_, err := c.Int(`SELECT n FROM words`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := lent.Script(`SELECT 1`); err == nil {
		t.Error("it is still open")
	}
	if err := p.Use(context.Background(), func(*Conn) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}
