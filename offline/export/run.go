package export

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"counterfoil/api"
	"counterfoil/offline/day"
	"counterfoil/offline/files"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
)

// Request selects operations and says how they are written.
type Request struct {
	Filter Filter
	Format string // CSV, JSON or XLSX
	Excel  bool   // CSV that a spreadsheet opens
	Open   bool   // codes are not masked
	Path   string // of the new file; "" for Out, and without that for a new name in the data folder
	Out    io.Writer
}

// Filter selects operations; zero fields select all.
type Filter struct {
	Day    string            `json:"day,omitempty"`
	Z      int64             `json:"z,omitempty"`     // under which they were accepted
	Since  bool              `json:"since,omitempty"` // accepted since the last close
	States []operation.State `json:"state,omitempty"`
	Kind   operation.Kind    `json:"kind,omitempty"`
	Text   string            `json:"text,omitempty"` // as in journal.Query
	// Manager leaves only what needs a manager, or leaves that out; "" for all.
	Manager Manager `json:"manager,omitempty"`
}

// Manager says what becomes of operations that need a manager.
type Manager string

// Only they, and all but they.
const (
	OnlyManager    Manager = "only"
	WithoutManager Manager = "without"
)

// Manifest stands beside an exported file and says what is in it.
type Manifest struct {
	Path   string `json:"-"` // "" where there is none
	File   string `json:"file"`
	Format string `json:"format"`
	Filter Filter `json:"filter"`
	Written
	Open bool `json:"open_codes"`
	Origin
	Head chain.Head `json:"head"` // the last event it takes in
}

// Origin says of whose operations a table is, who wrote it and when.
type Origin struct {
	Counter string    `json:"counter"`
	ShopNo  string    `json:"shop_no"`
	Journal string    `json:"journal"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
}

// exports is the folder of exports in the data folder.
const exports = "exports"

// manifestEnd is added to the file's name for its manifest.
const manifestEnd = ".manifest.json"

// Source is where the operations and what belongs to them come from.
type Source struct {
	Journal *journal.Journal
	Dir     string // the data folder
	Zone    *time.Location
	Needs   func(operation.Operation) bool // a manager
	Marks   map[string][]string            // by id
	// OfDay are the marks of a business day's operations, by operation.
	OfDay func(ctx context.Context, day string) map[string][]string
	Key   []byte // of CodeRef
}

// Run writes a request's operations: to a new file with a manifest beside it,
// both whole or neither, or to r.Out. Errors: day.ErrNoClose, files.ErrExists,
// ErrTooManyRows, *files.ForeignError.
func (s *Source) Run(ctx context.Context, r Request, of Origin) (m Manifest, err error) {
	m = Manifest{Format: r.Format, Filter: r.Filter, Open: r.Open, Origin: of}
	switch {
	case r.Path == "" && r.Out != nil:
		return m, s.write(ctx, r.Out, r, &m)
	case r.Path == "":
		r.Path = filepath.Join(s.Dir, exports, of.At.Format("20060102-150405.000.")+r.Format)
		if err := files.Make(filepath.Dir(r.Path)); err != nil {
			return m, err
		}
	}
	m.Path, m.File = r.Path, filepath.Base(r.Path)
	if err := journal.Free(r.Path, r.Path+manifestEnd); err != nil {
		return m, err
	}
	if _, err := os.Lstat(r.Path + manifestEnd); err == nil {
		return m, files.ErrExists
	}
	err = files.Whole(r.Path, func(w io.Writer) error { return s.write(ctx, w, r, &m) })
	if err != nil {
		return m, err
	}
	err = files.Whole(r.Path+manifestEnd, func(w io.Writer) error {
		text, err := json.MarshalIndent(m, "", " ")
		if err == nil {
			_, err = w.Write(append(text, '\n'))
		}
		return err
	})
	if err != nil {
		err = errors.Join(err, os.Remove(r.Path))
	}
	return m, err
}

// write writes the table as the journal stands at one moment.
func (s *Source) write(ctx context.Context, w io.Writer, r Request, m *Manifest) error {
	o := Options{Format: r.Format, Excel: r.Excel, Zone: s.Zone}
	return s.Journal.Snapshot(ctx, func(snap *journal.Snapshot) error {
		m.Head = snap.Head
		cuts, err := day.ReadCuts(snap.Each)
		if err != nil {
			return err
		}
		var z day.Report
		switch {
		case r.Filter.Z != 0:
			z, err = day.Closed(snap.Each, r.Filter.Z)
		case r.Filter.Since:
			z, err = day.Last(snap.Each)
			z.From, z.To = z.To, snap.Head.Seq
		}
		if err != nil {
			return err
		}
		var byOp map[string][]string
		of := ""
		q := journal.Query{Day: r.Filter.Day, States: r.Filter.States, Kind: r.Filter.Kind, Text: r.Filter.Text}
		m.Written, err = Write(w, o, func(each func(*Row) error) error {
			return snap.Book(q, z.From, z.To, func(b *journal.Booked) (err error) {
				if only := r.Filter.Manager; only != "" && s.Needs(b.Operation) != (only == OnlyManager) {
					return nil
				}
				if b.Day != of { // rows of a day stand together
					of, byOp = b.Day, s.OfDay(ctx, b.Day)
				}
				row := Row{Operation: b.Operation, CodeRef: s.ref(b.ID), Mark: strings.Join(slices.Concat(s.Marks[b.ID], byOp[b.Op]), ",")}
				if !r.Open {
					row.ID = api.ID(b.ID).Masked()
				}
				if row.Z, row.Late, err = cuts.Of(snap, b); err != nil {
					return err
				}
				return each(&row)
			})
		})
		return err
	})
}

// ref is the same for the same id and tells nothing of it.
func (s *Source) ref(id string) string {
	sum := hmac.New(sha256.New, s.Key)
	sum.Write([]byte(id))
	return hex.EncodeToString(sum.Sum(nil))
}

const (
	keyFile = "export.key"
	keySize = 32 // bytes of a new key
	keyMost = 16 << 10
)

// ErrNoKey: the data folder's key file holds nothing that can be a key.
var ErrNoKey = errors.New("export: no key in " + keyFile)

// Key reads the key of code_ref in a data folder, and makes it where there is none.
func Key(dir string) ([]byte, error) {
	path := filepath.Join(dir, keyFile)
	text, err := files.Read(path, keyMost)
	if errors.Is(err, fs.ErrNotExist) {
		made := make([]byte, keySize)
		_, _ = rand.Read(made) // never fails
		err = files.Whole(path, func(w io.Writer) error {
			_, err := io.WriteString(w, hex.EncodeToString(made)+"\n")
			return err
		})
		if err == nil || errors.Is(err, files.ErrExists) { // another program was faster
			text, err = files.Read(path, keyMost)
		}
	}
	key := []byte(strings.TrimSpace(string(text)))
	if err == nil && len(key) == 0 {
		err = ErrNoKey
	}
	return key, err
}
