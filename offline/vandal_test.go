package offline_test

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// vandalEnv turns the test binary into a process that damages a database:
// opened in the desk's own, a file would lose SQLite's locks.
const vandalEnv = "COUNTERFOIL_TEST_VANDAL"

func asVandal(what string) int {
	if err := vandal(what, os.Getenv("VANDAL_FILE"), os.Getenv("VANDAL_PATTERN")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// vandal strikes a database and its log where they hold the pattern: "byte"
// turns the last byte of each match, "page" spoils each page that has one, and
// "sql" is a statement of another program.
func vandal(what, file, pattern string) error {
	const walHeader, walFrame = 32, 24
	if what == "sql" {
		db, err := sql.Open("sqlite3", "file:"+file+"?_busy_timeout=5000")
		if err == nil {
			_, err = db.Exec(pattern)
		}
		return errors.Join(err, db.Close())
	}
	hits, page := map[string]bool{}, 0
	for _, log := range []bool{false, true} {
		path := file
		if log {
			path += "-wal"
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if log && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		if err != nil {
			return err
		}
		if page == 0 {
			page = int(binary.BigEndian.Uint16(b[16:])) // where SQLite keeps its size
		}
		for _, hit := range regexp.MustCompile(pattern).FindAllIndex(b, -1) {
			// The desk writes meanwhile: there may be another page by now.
			now := make([]byte, hit[1]-hit[0])
			if _, err := f.ReadAt(now, int64(hit[0])); err != nil || !bytes.Equal(now, b[hit[0]:hit[1]]) {
				continue
			}
			at := hit[1] - 1
			switch {
			case what == "page" && log:
				at = walHeader + (at-walHeader)/(page+walFrame)*(page+walFrame) + walFrame
			case what == "page":
				at = at / page * page
			}
			if place := fmt.Sprint(path, at); !hits[place] && at < len(b) {
				hits[place] = true
				turned := b[at] ^ 0x60
				if what == "page" {
					turned = b[at] | 0x60 // a second strike must not undo the first
				}
				if _, err := f.WriteAt([]byte{turned}, int64(at)); err != nil {
					return err
				}
			}
		}
	}
	if len(hits) == 0 {
		return fmt.Errorf("%s holds no %s", file, pattern)
	}
	return nil
}

// damage strikes a file of the running desk from another process.
func (s *shop) damage(what, file, pattern string) {
	s.TB.Helper()
	s.Must(s.tryDamage(what, file, pattern))
}

func (s *shop) tryDamage(what, file, pattern string) error {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), vandalEnv+"="+what, "VANDAL_FILE="+filepath.Join(s.Settings.Data, file), "VANDAL_PATTERN="+pattern)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
