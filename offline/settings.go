package offline

import (
	"log/slog"
	"time"

	"counterfoil/offline/operation"
	"counterfoil/offline/send"
)

// Settings are the desk's part of the configuration. Their names are those of the configuration.
type Settings struct {
	Data             string // the data folder
	CounterName      string
	Number           int // in every trace number
	ShopNo, ShopName string
	Zone             *time.Location
	DayStartsAt      time.Duration // after midnight
	// Opens and Closes are the shop's hours, after midnight; alike where they are not known.
	Opens, Closes time.Duration

	Rules  Rules
	Calls  Calls
	Limits Limits
	Review ReviewSettings
	// ExportKey tells masked codes of an export apart (code_ref); "" for one that is
	// made in the data folder.
	ExportKey string
	Log       *slog.Logger
	Now       func() time.Time // nil for time.Now
	// RangesWait accepts a serial range while the platform is out of reach (bulk.offline).
	RangesWait bool
	// ReadOnly opens beside another counter: reads only, no workers.
	ReadOnly bool
	// PublicPINs: whoever stands before the counter reads its PINs there, as in a
	// demonstration, so hashing them need not cost time and memory. A folder made so
	// is marked, and opens for nobody else; nor does another open so.
	PublicPINs bool
	Reserve    int64 // bytes kept free for a full disk; 0 for the journal's own
}

// Rules are what is assumed of the platform when its answers are judged.
type Rules = operation.Rules

// Calls say how the platform is called.
type Calls = send.Calls

// Limits bound what is accepted offline, and one activation.
type Limits = operation.Limits
