package journal

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"counterfoil/offline/files"
)

const (
	reserveName    = "reserve"
	defaultReserve = 4 << 20
	// Space counts as low under lowFactor times the reserve: enough for the
	// reserve, a full write-ahead log, the database's growth and the log file.
	lowFactor = 4
)

// reserve is a file of ballast that is freed on a full disk, so that open
// operations can still be closed.
type reserve struct {
	path string
	size int64

	mu   sync.Mutex
	full bool // since a write or the opening met a full disk, until the reserve is back
}

func newReserve(dir string, size int64) *reserve {
	if size <= 0 {
		size = defaultReserve
	}
	return &reserve{path: filepath.Join(dir, reserveName), size: size}
}

// held asks the file: a reader of a full disk may have freed it.
func (r *reserve) held() bool {
	info, err := os.Lstat(r.path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}

// hold makes the ballast if twice its size is free.
func (r *reserve) hold() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, err := files.Open(r.path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return err
	}
	defer f.Close()
	if allocated(f) >= r.size {
		r.full = false
		return nil
	}
	if freeBytes(filepath.Dir(r.path)) < uint64(2*r.size) {
		r.full = true
		return unix.ENOSPC
	}
	if err := allocate(f, r.size); err != nil {
		_ = f.Truncate(0)
		return err
	}
	r.full = false
	return nil
}

// release frees the ballast; false if there was none.
func (r *reserve) release() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.full = true
	return r.held() && os.Truncate(r.path, 0) == nil
}

// FreeReserve frees the ballast before a journal is open, so that one can be
// opened on a full disk; false where there is none.
func (f *Folder) FreeReserve() bool { return f.o.freeReserve() }

func (o Options) freeReserve() bool {
	freed := newReserve(o.Dir, o.Reserve).release()
	if freed {
		o.Log.Warn("the disk is full; the reserve is freed")
	}
	return freed
}

func (r *reserve) noteFull() {
	r.mu.Lock()
	r.full = true
	r.mu.Unlock()
}

func (r *reserve) state() (held, full bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held(), r.full
}

func allocated(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Blocks * 512
	}
	return 0
}

// allocate takes real blocks; a sparse file would reserve nothing.
func allocate(f *os.File, size int64) error {
	err := unix.Fallocate(int(f.Fd()), 0, 0, size)
	if err != unix.EOPNOTSUPP && err != unix.ENOSYS {
		return err
	}
	block := make([]byte, 64<<10)
	for off := int64(0); off < size; off += int64(len(block)) {
		if _, err := f.WriteAt(block, off); err != nil {
			return err
		}
	}
	return f.Sync()
}

// freeBytes is what an ordinary user may still write on dir's file system, 0 if that is not known.
func freeBytes(dir string) uint64 {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0
	}
	return st.Bavail * uint64(st.Bsize)
}

// Full reports that a write met a full disk and the reserve is not back yet:
// what is open may still be closed, nothing new should be accepted.
func (j *Journal) Full() bool {
	if j.reserve == nil {
		return false
	}
	_, full := j.reserve.state()
	return full
}

// Low reports that space runs out: the reserve is not held, or less than lowFactor times it is free.
func (j *Journal) Low() bool {
	if j.reserve == nil {
		return false
	}
	held, _ := j.reserve.state()
	return !held || freeBytes(j.o.Dir) < uint64(lowFactor*j.reserve.size)
}
