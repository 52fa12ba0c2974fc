package review

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"counterfoil/api"
	"counterfoil/offline/files"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/review/marks"
)

// Case is all that is known of a dispute: whole codes, for who may see them.
type Case struct {
	ID         string                `json:"id"`
	At         time.Time             `json:"at"`
	By         string                `json:"by"`
	Counter    string                `json:"counter"`
	ShopNo     string                `json:"shop_no"`
	ShopName   string                `json:"shop_name"`
	Journal    string                `json:"journal"`
	Head       chain.Head            `json:"head"`
	SeenAt     time.Time             `json:"seen_at,omitzero"` // of the oldest records
	Unanswered []string              `json:"unanswered"`
	Records    []Line                `json:"records"`
	RecordsSum string                `json:"records_sha256"` // of the records' JSON, one a line
	Operations []operation.Operation `json:"operations"`
	Marks      []marks.Mark          `json:"marks"`
}

// mostOfCase is of how many ids a case takes the operations: the id, what holds
// it, and the codes that have records.
const mostOfCase = 30_000

// Fill adds to a case what is stored of its id, and the operations on it and on
// what holds it. around is the id with what holds it.
func (r *Room) Fill(ctx context.Context, c *Case, around []string) (err error) {
	id := api.ID(c.ID)
	found, err := r.Mark(ctx, id)
	if err != nil {
		return err
	}
	c.Marks = append([]marks.Mark{}, found...)
	c.Records, c.Unanswered, c.Operations = []Line{}, []string{}, []operation.Operation{}
	sum, last := sha256.New(), ""
	q := Query{ID: id, Sort: ByCode, Limit: 500}
	for more := true; more; {
		page, err := r.Records(ctx, q)
		if err != nil {
			return err
		}
		for i := range page {
			q.After = &page[i]
			if code := page[i].Code; code != last && code != c.ID {
				around, last = append(around, code), code
			}
			c.Records = append(c.Records, LineOf(page[i]))
			line, _ := json.Marshal(LineOf(page[i])) // of texts only
			sum.Write(append(line, '\n'))
		}
		more = len(page) == q.Limit
	}
	c.RecordsSum = hex.EncodeToString(sum.Sum(nil))
	totals, err := r.Totals(ctx, id)
	if c.SeenAt = totals.Oldest; err == nil && totals.Unanswered > 0 {
		c.Unanswered, err = r.Unanswered(ctx, id, totals.Unanswered)
	}
	if err != nil {
		return err
	}
	ops, err := r.o.Operations(ctx, around[:min(len(around), mostOfCase)])
	c.Operations = append(c.Operations, ops...)
	return err
}

// Names are the files of a case, as text and as JSON. An empty path is a new name in
// a folder.
func (c *Case) Names(path, folder string) []string {
	if path == "" {
		name := "case-" + api.ID(c.ID).Masked() + c.At.Format("-20060102-150405") + ".txt"
		path = filepath.Join(folder, strings.ReplaceAll(name, "…", ""))
	}
	base := strings.TrimSuffix(strings.TrimSuffix(path, ".json"), ".txt")
	if strings.HasSuffix(path, ".json") {
		return []string{base + ".txt", path}
	}
	return []string{path, base + ".json"}
}

// Write writes a case as text and, beside it, as JSON: both files whole, new and of
// mode 0600, or none. It returns the name of the one that failed.
func (c *Case) Write(names []string, text string) (failed string, err error) {
	data, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		return names[0], err
	}
	for i, content := range []string{text, string(data) + "\n"} {
		err := files.Whole(names[i], func(w io.Writer) error {
			_, err := io.WriteString(w, content)
			return err
		})
		if err != nil {
			if i > 0 {
				_ = os.Remove(names[0])
			}
			return names[i], err
		}
	}
	return "", nil
}
