package offline

import (
	"log/slog"
	"time"

	"counterfoil/offline/operation"
)

// Settings are the desk's part of the configuration. Their names are those of the configuration.
type Settings struct {
	Data        string // the data folder
	CounterName string
	Number      int // in every trace number
	ShopNo      string
	ShopName    string
	Zone        *time.Location
	DayStartsAt time.Duration // after midnight

	Rules  Rules
	Calls  Calls
	Limits Limits
	Log    *slog.Logger
	Now    func() time.Time // nil for time.Now
	// ReadOnly opens beside another counter: reads only, no workers.
	ReadOnly bool
	// PublicPINs: whoever stands before the counter reads its PINs there, as in a
	// demonstration, so hashing them need not cost time and memory.
	PublicPINs bool
}

// Rules are what is assumed of the platform when its answers are judged.
type Rules = operation.Rules

// Calls say how the platform is called (configuration: [platform]).
type Calls struct {
	AnswerTimeout  time.Duration
	PrelookMaxAge  time.Duration // of the look-up an attempt is sent on
	Parallel       int           // calls on their way at once
	AmountInYuan   bool          // what totalAmount counts; fen otherwise (platform.md §5)
	FaceValueInFen bool
	LookupAction   string
	ReelActions    bool // reelActiveVoucher and reelDelVoucher for all but codes
}

// Limits bound what is accepted offline (configuration: [offline]).
type Limits struct {
	MaxOperations int
	MaxAmountFen  int64
	MaxTotalFen   int64
	MaxAge        time.Duration
}
