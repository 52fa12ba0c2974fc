package catalog

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline/sqlite"
)

// box makes an answer of one box: packages, reels in each, codes in each.
func box(id string, packages, reels, codes int, status string, each func(api.Node) error) error {
	if err := each(api.Node{Level: api.LevelBox, ID: id}); err != nil {
		return err
	}
	k := 0
	for p := range packages {
		pk := fmt.Sprintf("B%s-%d", id, p)
		if err := each(api.Node{Level: api.LevelPackage, ID: pk, Parent: id}); err != nil {
			return err
		}
		for r := range reels {
			rk := fmt.Sprintf("R%s-%d-%d", id, p, r)
			if err := each(api.Node{Level: api.LevelReel, ID: rk, Parent: pk}); err != nil {
				return err
			}
			for range codes {
				err := each(api.Node{
					Level: api.LevelCode, ID: codeID(k), Parent: rk, Status: status, StatusText: "未激活",
					Name: "中杯饮品券(纸质)", FaceValue: "15.0", Remaining: 2,
				})
				if err != nil {
					return err
				}
				k++
			}
		}
	}
	return nil
}

func codeID(k int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	x := uint64(k+1) * 0x9e3779b97f4a7c15
	var tail [8]byte
	for i := range tail {
		tail[i] = letters[(x>>(8*i)&0xff)%uint64(len(letters))]
	}
	return fmt.Sprintf("100190107%010d-%s", k, tail[:])
}

func collect(f func(each func(api.Node) error) error) (out []api.Node) {
	_ = f(func(n api.Node) error { out = append(out, n); return nil })
	return out
}

func modelOf(c *Catalog, t testing.TB) *model {
	m := newModel()
	err := c.Walk(context.Background(), "", func(n Node) error {
		if n.Level == api.LevelCode {
			m.codes[n.ID] = api.Node{
				Level: n.Level, ID: n.ID, Parent: n.Parent, Status: n.Status, StatusText: n.StatusText, Name: n.Name,
				FaceValue: n.FaceValue, ValidFrom: n.ValidFrom, ValidTo: n.ValidTo, Remaining: n.Remaining,
			}
		} else {
			m.nodes[n.ID] = &modelNode{n.Parent, n.Level}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestMain serves as the process that is killed while it loads.
func TestMain(m *testing.M) {
	if dir := os.Getenv("CATALOG_LOAD_INTO"); dir != "" {
		c, err := Open(context.Background(), Options{Dir: dir})
		if err == nil {
			var s *Stage
			s, err = c.Stage(context.Background(), "X1")
			n := 0
			for err == nil {
				err = box("X1", 50, 20, 100, "00", func(v api.Node) error {
					if n++; n%4000 == 0 { // some transactions of 512
						fmt.Println(n)
					}
					return s.Add(v)
				})
			}
		}
		fmt.Println(err)
		os.Exit(1)
	}
	flag.Parse()
	if _, err := os.Stat("/dev/shm"); err == nil && flag.Lookup("test.bench").Value.String() == "" {
		_ = os.Setenv("TMPDIR", "/dev/shm") // only measurements are about the disk
	}
	code := m.Run()
	removeBenchDirs()
	os.Exit(code)
}

func TestKillWhileLoadingLeavesTheCatalogAsItWas(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	lookUp(t, c, "X1", collect(func(each func(api.Node) error) error { return box("X1", 2, 3, 200, "03", each) }))
	if err := c.SetStatus(context.Background(), api.ID(codeID(7)), "05", testTime); err != nil {
		t.Fatal(err)
	}
	want := modelOf(c, t)
	for _, after := range []int{1, 4} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "CATALOG_LOAD_INTO="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range after {
			if !lines.Scan() {
				t.Fatalf("the loader ended: %q", lines.Text())
			}
			if _, err := strconv.Atoi(lines.Text()); err != nil {
				t.Fatalf("the loader failed: %s", lines.Text())
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		c = open(t, dir)
		want.equal(t, c)
		drain(t, c)
		want.equal(t, c)
		clean(t, c, want)
	}
}

func TestDamagedFileIsSetAsideAndBegunAnew(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, file string){
		"no database": func(t *testing.T, file string) {
			if err := os.WriteFile(file, []byte(strings.Repeat("no database ", 4000)), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"another version": func(t *testing.T, file string) {
			w, err := sqlite.Open(sqlite.Name(file, "mode=rw"))
			if err == nil {
				err = errors.Join(w.Exec("PRAGMA user_version=99"), w.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		"broken inside": func(t *testing.T, file string) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for i := 8192; i < len(b); i++ {
				b[i] = 0xa5
			}
			if err := os.WriteFile(file, b, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			dir := t.TempDir()
			c := open(t, dir)
			lookUp(t, c, "X1", collect(func(each func(api.Node) error) error { return box("X1", 2, 20, 100, "03", each) }))
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			damage(t, filepath.Join(dir, fileName))
			c, err := Open(ctx, Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			// Damage deep inside shows only when it is read; the next start begins anew.
			if _, ok, err := c.Get(ctx, "X1"); ok || err != nil {
				if !errors.Is(err, ErrDamaged) {
					err = c.Walk(ctx, "", func(Node) error { return nil })
				}
				if !errors.Is(err, ErrDamaged) {
					t.Fatalf("damage goes unseen: %v", err)
				}
				if err := c.Close(); err != nil && !errors.Is(judged(err), ErrDamaged) {
					t.Fatal(err)
				}
				if c, err = Open(ctx, Options{Dir: dir}); err != nil {
					t.Fatal(err)
				}
			}
			defer c.Close()
			if _, err := os.Stat(filepath.Join(dir, fileName+".aside")); err != nil {
				t.Fatal(err)
			}
			if n := lookUp(t, c, "X2", collect(func(each func(api.Node) error) error { return box("X2", 1, 1, 5, "03", each) })); n.Codes != 5 {
				t.Fatalf("the new catalog holds %+v", n)
			}
		})
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	lookUp(t, c, "X1", collect(func(each func(api.Node) error) error { return box("X1", 1, 1, 5, "03", each) }))
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%s has mode %v (%v)", f.Name(), info.Mode(), err)
		}
	}
}

func TestReaderBesideAWriterSeesItAndStoresNothing(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	early, err := Open(ctx, Options{Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := early.Get(ctx, "X1"); ok || err != nil {
		t.Fatalf("a reader without a file: %v %v", ok, err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Fatalf("a reader made %v (%v)", files, err)
	}
	if err := early.Close(); err != nil {
		t.Fatal(err)
	}
	c := open(t, dir)
	lookUp(t, c, "X1", collect(func(each func(api.Node) error) error { return box("X1", 1, 1, 5, "03", each) }))
	r, err := Open(ctx, Options{Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	// A status that the reader has never heard of.
	if err := c.SetStatus(ctx, "X1", "77", testTime); err != nil {
		t.Fatal(err)
	}
	if n, ok, err := r.Get(ctx, "X1"); err != nil || !ok || n.Counts["77"] != 5 {
		t.Fatalf("the reader sees %+v %v %v", n, ok, err)
	}
	if _, err := r.Stage(ctx, "X1"); !errors.Is(err, ErrReadOnly) {
		t.Fatalf("staging by a reader: %v", err)
	}
	if err := r.SetStatus(ctx, "X1", "00", testTime); !errors.Is(err, ErrReadOnly) {
		t.Fatalf("a status set by a reader: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	alone, err := Open(ctx, Options{Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer alone.Close()
	if n, ok, err := alone.Get(ctx, "X1"); err != nil || !ok || n.Codes != 5 {
		t.Fatalf("a reader alone sees %+v %v %v", n, ok, err)
	}
}

func TestNothingStagedShowsBeforeCommit(t *testing.T) {
	ctx := context.Background()
	c := open(t, t.TempDir())
	c.pace.group = 8
	lookUp(t, c, "X1", collect(func(each func(api.Node) error) error { return box("X1", 1, 2, 5, "03", each) }))
	want := modelOf(c, t)
	s, err := c.Stage(ctx, "X1")
	if err != nil {
		t.Fatal(err)
	}
	if err := box("X1", 3, 4, 9, "00", s.Add); err != nil {
		t.Fatal(err)
	}
	want.equal(t, c)
	s.Abort()
	s.Abort()
	drain(t, c)
	want.equal(t, c)
	clean(t, c, want)
	if err := s.Add(api.Node{Level: api.LevelBox, ID: "X9"}); !errors.Is(err, ErrClosed) {
		t.Fatalf("adding to an aborted stage: %v", err)
	}
	if _, err := s.Commit(ctx, time.Now()); !errors.Is(err, ErrClosed) {
		t.Fatalf("committing an aborted stage: %v", err)
	}
}

func TestAnswerOutOfOrderIsRefusedWhole(t *testing.T) {
	ctx := context.Background()
	for name, answer := range map[string][]api.Node{
		"child first":       {{Level: api.LevelCode, ID: "1001", Parent: "R1"}, {Level: api.LevelReel, ID: "R1"}},
		"unknown parent":    {{Level: api.LevelReel, ID: "R2", Parent: "B7"}},
		"above its parent":  {{Level: api.LevelReel, ID: "R2"}, {Level: api.LevelBox, ID: "X2", Parent: "R2"}},
		"a node without id": {{Level: api.LevelBox, ID: "X1"}, {Level: api.LevelPackage, Parent: "X1"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, t.TempDir())
			lookUp(t, c, "X1", collect(func(each func(api.Node) error) error { return box("X1", 1, 1, 5, "03", each) }))
			want := modelOf(c, t)
			s, err := c.Stage(ctx, "X1")
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range answer {
				if err := s.Add(n); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.Commit(ctx, testTime); !errors.Is(err, ErrOrder) {
				t.Fatalf("commit: %v", err)
			}
			drain(t, c)
			want.equal(t, c)
			clean(t, c, want)
		})
	}
}
