package review

import (
	"encoding/json"
	"io"
	"os"
	"strings"
	"time"

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

// Write writes a case as text and, beside it, as JSON: both files whole, new and of
// mode 0600, or none. It returns their names, or that of the one that failed.
func (c *Case) Write(path, text string) (names []string, failed string, err error) {
	data, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		return nil, path, err
	}
	base := strings.TrimSuffix(strings.TrimSuffix(path, ".json"), ".txt")
	names = []string{path, base + ".json"}
	if strings.HasSuffix(path, ".json") {
		names = []string{base + ".txt", path}
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
			return nil, names[i], err
		}
	}
	return names, "", nil
}
