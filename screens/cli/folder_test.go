package cli_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// picture is everything that stands in a folder: names, modes, owners, lengths.
func picture(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Lstat(path)
		if err == nil {
			fmt.Fprintln(&b, path, info.Mode(), info.Size(), info.ModTime())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	looking = [][]string{{"verify"}, {"queue"}, {"lookup", reel}, {"doctor"}, {"operators"}, {"backup", "/nowhere/b.db"}, {"queue", "show", "01K"}}
	working = [][]string{{"activate", reel, "--amount", "30", "--offline"}, {"queue", "replay"}, {"void", reel}}
)

func TestAFolderThatIsNotOursIsRefusedAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(t *testing.T, dir string){
		"holds other files": func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o755))
			must(t, os.WriteFile(filepath.Join(dir, "letter.txt"), []byte("dear"), 0o644))
		},
		"holds another folder": func(t *testing.T, dir string) { must(t, os.MkdirAll(filepath.Join(dir, "photos"), 0o755)) },
		"is a link": func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir+"-real", 0o700))
			must(t, os.Symlink(dir+"-real", dir))
		},
		"is a link to nothing": func(t *testing.T, dir string) { must(t, os.Symlink(dir+"-real", dir)) },
		"is a file":            func(t *testing.T, dir string) { must(t, os.WriteFile(dir, []byte("x"), 0o600)) },
		"is a pipe":            func(t *testing.T, dir string) { must(t, unix.Mkfifo(dir, 0o600)) },
		"everybody may write": func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o700))
			must(t, os.Chmod(dir, 0o777))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.itself = true
			put(t, w.data())
			before := picture(t, w.home)
			for _, args := range append(append([][]string{}, looking...), working...) {
				s := w.run(args...).want(t, 1)
				if !strings.Contains(s.err+s.out, w.data()) {
					t.Errorf("%v: the folder is not named: %s%s", args, s.err, s.out)
				}
			}
			if after := picture(t, w.home); after != before {
				t.Errorf("something was changed:\n%s\n%s", before, after)
			}
		})
	}
}

func TestReadingAMisspeltFolderMakesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.itself = true
	for range 2 { // where there is none, and where an empty one is
		before := picture(t, w.home)
		for _, args := range looking {
			s := w.run(args...).want(t, 1)
			if !strings.Contains(s.err+s.out, "There is no counter in "+w.data()) {
				t.Errorf("%v: %s%s", args, s.err, s.out)
			}
		}
		if after := picture(t, w.home); after != before {
			t.Errorf("something was made:\n%s\n%s", before, after)
		}
		_ = os.Mkdir(w.data(), 0o755)
	}
}

func TestOnlyWhatBeginsACounterMakesAFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.itself = true
	for range 2 { // where there is none, and where an empty one is
		before := picture(t, w.home)
		for code, list := range map[int][][]string{
			1: {{"queue", "replay"}, {"operators", "recover", "x"}, {"day"}, {"export", "--out", "x.csv"}, {"review", reel}},
			6: { // acts, for which there must be a manager
				{"activate", reel, "--amount", "30", "--offline"}, {"activate", reel}, {"void", reel}, {"reconcile"}, {"close", "--open", "0"},
				{"range", "--type", "voucher", "--bin", "1001", "--from", "0000242", "--to", "0000243", "--selling", "15", "--count", "2"},
				{"queue", "withdraw", "01K"}, {"queue", "settle", "01K", "--as", "done", "--reason", "x"},
				{"verify", "--acknowledge", "--reason", "x"}, {"operators", "disable", "x"}, {"operators", "enable", "x"},
				{"operators", "role", "x", "manager"}, {"operators", "pin"}, {"operators", "reset-pin", "x"},
			},
		} {
			for _, args := range list {
				s := w.runIn([]string{"COUNTERFOIL_PIN=1234", "COUNTERFOIL_NEW_PIN=1234"}, append(args, "--operator", "x")...)
				if s.code != code || !strings.Contains(s.err, "operators add") {
					t.Errorf("%v: exit %d, want %d: %s", args, s.code, code, s.err)
				}
			}
		}
		if after := picture(t, w.home); after != before {
			t.Errorf("something was made:\n%s\n%s", before, after)
		}
		_ = os.Mkdir(w.data(), 0o755)
	}
	must(t, os.Remove(w.data()))
	w.runIn([]string{"COUNTERFOIL_NEW_PIN=9999"}, "operators", "add", "mgr", "--role", "manager").want(t, 0)
	w.run("queue", "replay").want(t, 0)
}

func TestAFolderThatLostItsDatabaseIsNoEmptyOne(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(string) error{
		"removed": os.Remove,
		"emptied": func(path string) error { return os.Truncate(path, 0) },
		"another": anothersDatabase("CREATE TABLE theirs (a)"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.people()
			must(t, lose(filepath.Join(w.data(), "counterfoil.db")))
			for _, args := range [][]string{{"queue"}, {"queue", "replay"}, {"operators"}, {"lookup", reel}, {"activate", reel}, {"queue", "show", "01K"}, {"queue", "--json"}} {
				if s := w.runIn(asAmy, append(args, "--operator", "amy")...).want(t, 1); !strings.Contains(s.err, "database is gone") {
					t.Errorf("%v: %s%s", args, s.out, s.err)
				}
			}
			w.run("verify").want(t, 1)
			w.run("doctor").want(t, 1)
			w.open() // a start begins a new one, and says what it lacks
			w.run("verify").want(t, 1)
			w.run("queue").want(t, 0)
		})
	}
}

// anothersDatabase puts a database of that making in the place of ours.
func anothersDatabase(made string) func(string) error {
	return func(path string) error {
		for _, end := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(path + end)
		}
		db, err := sql.Open("sqlite3", path)
		if err == nil {
			_, err = db.Exec(made)
			err = errors.Join(err, db.Close())
		}
		return err
	}
}

func TestADatabaseWithoutOurTablesIsNoCounter(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(string) error{
		"empty":           func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"versions alone":  anothersDatabase("CREATE TABLE goose_db_version (id INTEGER, version_id INTEGER, is_applied INTEGER, tstamp TEXT)"),
		"another program": anothersDatabase("CREATE TABLE theirs (a)"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			must(t, os.MkdirAll(w.data(), 0o700))
			must(t, put(filepath.Join(w.data(), "counterfoil.db")))
			for _, args := range [][]string{{"verify"}, {"doctor"}, {"queue"}, {"operators"}} {
				if s := w.run(args...).want(t, 1); !strings.Contains(s.out+s.err, "no counter in") && !strings.Contains(s.err, "database is gone") {
					t.Errorf("%v: %s%s", args, s.out, s.err)
				}
			}
		})
	}
}

func TestAMissingTableOrColumnIsSaidAndAStartMakesItAnew(t *testing.T) {
	t.Parallel()
	for part, lose := range map[string]string{
		"operations":       `DROP TABLE operations`,
		"events":           `DROP TABLE events`,
		"postings":         `DROP TABLE postings`,
		"goose_db_version": `DROP TABLE goose_db_version`,
		"operators.pin":    `ALTER TABLE operators RENAME COLUMN pin TO lost`,
	} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.people()
			w.sql(lose)
			for language, word := range map[string]string{"en": "missing", "zh": "缺少"} {
				for _, args := range [][]string{{"verify"}, {"queue"}, {"doctor"}} {
					s := w.run(append(args, "--lang", language)...).want(t, 1)
					if text := s.out + s.err; !strings.Contains(text, word) || !strings.Contains(text, " "+part) {
						t.Errorf("%v: %s", args, text)
					}
				}
			}
			if line := w.run("verify", "--json").want(t, 1).one(t); line["ok"] != false || line["what"] != "no_table" {
				t.Errorf("%v", line)
			}
			w.run("queue", "replay").want(t, 0)
			w.run("queue").want(t, 0)
			w.run("verify").want(t, 1) // with the gap that the salvage left
		})
	}
}

func TestADatabaseThatReadingCannotReadIsSaidToBeForTheCounterToMakeAnew(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(*world){
		"no number of a schema": func(w *world) { w.sql(`DELETE FROM goose_db_version`) },
		"no database at all": func(w *world) {
			w.must(os.WriteFile(w.path("counterfoil.db"), []byte(strings.Repeat("x", 8192)), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.people()
			damage(w)
			for language, words := range map[string]string{"en": "start the counter again", "zh": "重新启动收银台"} {
				for _, args := range [][]string{{"verify"}, {"queue"}, {"doctor"}} {
					s := w.run(append(args, "--lang", language)...).want(t, 1)
					if text := s.out + s.err; !strings.Contains(text, words) {
						t.Errorf("%v: %s", args, text)
					}
				}
			}
			w.run("queue", "replay").want(t, 0)
			w.run("queue").want(t, 0)
			w.run("verify").want(t, 1) // with the gap that the salvage left
		})
	}
}

func TestNoLinkPipeOrDeviceIsOpenedWhereAFileOfOursBelongs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"lock", "chain.head", "chain.head.new", "reserve", "counterfoil.log", "counterfoil.db", "counterfoil.db-wal"} {
		for what, put := range map[string]func(at, victim string) error{
			"link":        func(at, victim string) error { return os.Symlink(victim, at) },
			"second name": func(at, victim string) error { return os.Link(victim, at) },
			"pipe":        func(at, _ string) error { return unix.Mkfifo(at, 0o600) },
			"folder":      func(at, _ string) error { return os.Mkdir(at, 0o700) },
		} {
			if what == "second name" && os.Geteuid() != 0 {
				continue // it is refused to root alone
			}
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t).begun()
				victim := w.file("victim", "keep me")
				at := filepath.Join(w.data(), name)
				must(t, os.RemoveAll(at))
				must(t, put(at, victim))
				for _, args := range [][]string{{"queue", "replay"}, {"verify"}, {"lookup", reel}} {
					if s := w.run(args...).want(t, 1); !strings.Contains(s.err, at) {
						t.Errorf("%v: %s is not named: %s", args, at, s.err)
					}
				}
				if text, err := os.ReadFile(victim); err != nil || string(text) != "keep me" {
					t.Errorf("the link was followed: %q %v", text, err)
				}
			})
		}
	}
}

func TestNothingThatStandsWhereTheCatalogBelongsStopsTheCounter(t *testing.T) {
	t.Parallel()
	for what, put := range map[string]func(at, victim string) error{
		"link":        func(at, victim string) error { return os.Symlink(victim, at) },
		"pipe":        func(at, _ string) error { return unix.Mkfifo(at, 0o600) },
		"folder":      func(at, _ string) error { return os.Mkdir(at, 0o700) },
		"full folder": func(at, _ string) error { return os.MkdirAll(filepath.Join(at, "in it"), 0o700) },
	} {
		for _, side := range []string{"", "-wal", ".damaged"} {
			t.Run(what+side, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t).begun()
				victim := w.file("victim", "keep me")
				at := filepath.Join(w.data(), "catalog.db"+side)
				must(t, os.RemoveAll(at))
				must(t, put(at, victim))
				w.run("verify").want(t, 0)
				w.run("activate", reel, "--amount", "30").want(t, 0)
				w.run("lookup", reel).want(t, 0)
				if text, err := os.ReadFile(victim); err != nil || string(text) != "keep me" {
					t.Errorf("the link was followed: %q %v", text, err)
				}
			})
		}
	}
}

// owners is who owns what stands in a folder and in those below.
func owners(t *testing.T, dir string) map[uint32][]string {
	t.Helper()
	all := map[uint32][]string{}
	must(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		var st unix.Stat_t
		if err == nil {
			err = unix.Lstat(path, &st)
		}
		all[st.Uid] = append(all[st.Uid], path)
		return err
	}))
	return all
}

// Where no root is, nothing is given away; everything belongs to one user all the same.
func TestWhatRootMakesInAUsersFolderIsTheUsers(t *testing.T) {
	t.Parallel()
	for _, fresh := range []bool{true, false} {
		w := newWorld(t)
		w.people()
		user := os.Geteuid()
		if fresh {
			must(t, os.RemoveAll(w.data()))
			must(t, os.Mkdir(w.data(), 0o750))
			w.itself = true
		}
		if user == 0 {
			user = 65534
		}
		for _, path := range owners(t, w.data())[uint32(os.Geteuid())] {
			must(t, os.Lchown(path, user, -1))
		}
		must(t, os.RemoveAll(filepath.Join(w.data(), "catalog.db")))
		if fresh {
			w.runIn([]string{"COUNTERFOIL_NEW_PIN=9999"}, "operators", "add", "mgr", "--role", "manager").want(t, 0)
		}
		w.run("queue", "replay").want(t, 0)
		w.run("verify").want(t, 0)
		w.run("lookup", reel).want(t, 0)
		w.runIn(asMgr, "--operator", "mgr", "backup", filepath.Join(w.data(), "counterfoil-backup.db")).want(t, 0)
		if !fresh {
			w.runIn(asAmy, "--operator", "amy", "activate", reel, "--amount", "30").want(t, 0)
			must(t, os.Truncate(filepath.Join(w.data(), "counterfoil.db"), 50)) // a salvage makes files too
			w.run("queue", "replay")
		}
		if all := owners(t, w.data()); len(all) != 1 {
			t.Errorf("not all is the user's: %v", all)
		}
	}
}
