package batch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/files"
	"counterfoil/offline/operation"
)

// fileName is the baskets' file in the data folder.
const fileName = "baskets.json"

// mostBytes is how long a file of baskets can be: a hundred thousand lines and more.
const mostBytes = 32 << 20

// Basket is what an operator scanned to be sent together, until all of it is
// cleared. What became of a line that was sent is in the journal, by its id.
type Basket struct {
	Began time.Time `json:"began"` // no operation accepted before is of this basket
	Sent  bool      `json:"sent,omitempty"`
	Lines []Scan    `json:"lines"`
	// Pieces and Fen are what was activated of it and is in it no more, Voided the
	// pieces that were voided: they count on.
	Pieces int64 `json:"pieces,omitempty"`
	Fen    int64 `json:"fen,omitempty"`
	Voided int64 `json:"voided,omitempty"`
}

// Scan is a line of a basket as it was scanned.
type Scan struct {
	N       int               `json:"n"` // its number, by which people speak of it
	ID      api.ID            `json:"id"`
	Entered operation.Entered `json:"entered,omitempty"`
	Fen     int64             `json:"amount_fen,omitempty"` // as typed; 0 where it was not
}

// Baskets keeps a basket for each operator, in memory at once and soon after in a
// file of the data folder. A disk that takes nothing costs no line: what is held
// stays in memory, and is written with the next change. It is safe for concurrent use.
type Baskets struct {
	dir   string
	read  sync.Once
	mu    sync.Mutex
	all   map[string]Basket
	err   error         // the last writing's, or the reading's
	saved chan struct{} // closed once what is held is written; nil while nothing is to be
	again bool          // it changed while it was written
}

// NewBaskets returns the baskets of a data folder, whose file is read when it is
// first needed.
func NewBaskets(dir string) *Baskets { return &Baskets{dir: dir, all: map[string]Basket{}} }

// load reads the file. One that cannot be read is set aside, and Kept says so
// until the next writing.
func (b *Baskets) load() {
	all := map[string]Basket{}
	text, err := files.Read(b.path(), mostBytes)
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case err == nil:
		b.all = all
	case errors.Is(err, fs.ErrNotExist):
	default:
		b.err = fmt.Errorf("%w: %w", ErrUnreadable, err)
		if files.Plain(b.path()) == nil {
			b.err = errors.Join(b.err, os.Rename(b.path(), b.path()+".unreadable"))
		}
	}
}

// ErrUnreadable: the baskets kept on disk could not be read.
var ErrUnreadable = errors.New("batch: unreadable baskets")

func (b *Baskets) path() string { return filepath.Join(b.dir, fileName) }

// Of is an operator's basket. Each of its ids is one, and there once: the file is
// read as a scan is.
func (b *Baskets) Of(operator string) Basket {
	b.read.Do(b.load)
	b.mu.Lock()
	basket := b.all[operator]
	b.mu.Unlock()
	var lines []Scan
	seen := map[api.ID]bool{}
	for i, l := range basket.Lines {
		id, err := api.ParseID(string(l.ID))
		if err != nil || seen[id] {
			continue
		}
		seen[id] = true
		if l.N <= 0 || i > 0 && len(lines) > 0 && l.N <= lines[len(lines)-1].N {
			l.N = len(lines) + 1
		}
		lines = append(lines, Scan{l.N, id, l.Entered, max(l.Fen, 0)})
	}
	basket.Lines = lines
	const most = 1 << 50 // what sums of it do not overflow
	for _, n := range []*int64{&basket.Pieces, &basket.Fen, &basket.Voided} {
		*n = min(max(*n, 0), most)
	}
	return basket
}

// Hold keeps an operator's basket as it is now; one without lines is forgotten. It
// does not wait for the disk.
func (b *Baskets) Hold(operator string, basket Basket) {
	if operator == "" {
		return
	}
	b.read.Do(b.load)
	b.mu.Lock()
	defer b.mu.Unlock()
	_, was := b.all[operator]
	switch {
	case len(basket.Lines) > 0:
		b.all[operator] = basket
	case !was:
		return
	default:
		delete(b.all, operator)
	}
	if b.again = true; b.saved == nil {
		b.saved = make(chan struct{})
		go b.save()
	}
}

// save writes what is held until nothing changed meanwhile.
func (b *Baskets) save() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.again {
		b.again = false
		all := maps.Clone(b.all)
		b.mu.Unlock()
		err := files.Replace(b.path(), func(w io.Writer) error { return json.NewEncoder(w).Encode(all) })
		b.mu.Lock()
		b.err = err
	}
	close(b.saved)
	b.saved = nil
}

// Kept waits until what is held is on disk, and says what is in its way.
func (b *Baskets) Kept() error {
	for {
		b.mu.Lock()
		saved, err := b.saved, b.err
		b.mu.Unlock()
		if saved == nil {
			return err
		}
		<-saved
	}
}

// SaveSlip keeps a basket's slip as a file in the data folder and returns its path.
func (b *Baskets) SaveSlip(at time.Time, text string) (string, error) {
	dir := filepath.Join(b.dir, "slips")
	if err := files.Make(dir); err != nil {
		return dir, err
	}
	for i := 1; ; i++ {
		path := filepath.Join(dir, fmt.Sprintf("basket-%s-%d.txt", at.Format(time.DateOnly), i))
		err := files.Whole(path, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
		if !errors.Is(err, files.ErrExists) {
			return path, err
		}
	}
}
