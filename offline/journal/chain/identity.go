package chain

import (
	"encoding/json"
	"fmt"

	"counterfoil/offline/sqlite"
)

// Counter is whose journal it is.
type Counter struct {
	Name   string `json:"name"`
	Number int    `json:"number"` // in every trace number; nobody says whose it is where it is 0, or the name ""
	// Training: a demonstration, whose PINs everybody knows.
	Training bool `json:"training,omitempty"`
}

// Identity is what a journal was made as: minted with the folder, in its first
// event. A journal from before gets it at its next opening.
type Identity struct {
	Journal string `json:"journal"` // random, never the same twice
	Counter
	// Posts: every operation from there on is posted, and the first report is not due.
	Posts bool  `json:"posts,omitempty"`
	Seq   int64 `json:"-"` // the event that said so last
}

// IdentityEvent says whose journal it is.
const IdentityEvent = "identity"

// ReadIdentity returns the identity as it stands: another name or number holds
// from where it was documented. It is zero for a journal that has none.
func ReadIdentity(each Reading) (id Identity, err error) {
	if id, err = identityBy(each, ""); err == nil && id.Journal == "" {
		id, err = identityBy(each, Unindexed) // an index can leave it out
	}
	return id, err
}

func identityBy(each Reading, by string) (id Identity, err error) {
	err = each(`SELECT `+EventColumns+` FROM events `+by+` WHERE op = '' AND event IN ('`+IdentityEvent+`', '`+GapEvent+`') ORDER BY seq`, nil,
		func(row sqlite.Row) error {
			e := EventOf(row)
			next := Identity{Seq: e.Seq}
			if e.Sum() != e.Hash || json.Unmarshal([]byte(e.Data), &next) != nil || next.Journal == "" {
				return nil //nolint:nilerr // an event that does not fit is verify's to tell
			}
			next.Posts = next.Posts || id.Posts
			if id.Journal != "" {
				next.Training = id.Training // what a folder began as it stays
			}
			id = next
			return nil
		})
	return id, err
}

// Misfit says how a journal is not this counter's, "" where it is or nobody says whose it should be.
func (c Counter) Misfit(id Identity) string {
	if c.Number == 0 || c.Name == "" || id.Journal == "" || c == id.Counter {
		return ""
	}
	return fmt.Sprintf("the journal is of counter %q with number %d, the settings say %q and %d", id.Name, id.Number, c.Name, c.Number)
}
