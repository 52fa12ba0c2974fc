package offline

import (
	"log/slog"
	"time"
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
	Limits Limits
	Log    *slog.Logger
	Now    func() time.Time // nil for time.Now
	// ReadOnly opens beside another counter: reads only, no workers.
	ReadOnly bool
}

// Rules are what is assumed of the platform (configuration: [platform]).
type Rules struct {
	AnswerTimeout         time.Duration
	SettleTime            time.Duration
	AttentionAfter        time.Duration
	AbsentAfter           time.Duration
	PrelookMaxAge         time.Duration
	Parallel              int
	AmountInYuan          bool
	FaceValueInFen        bool
	LookupAction          string
	ReelActions           bool
	VoidLeaves            string // api.StatusVoid, api.StatusInactive, or "" for not known
	StatusForwardOnly     bool
	StatusAloneDone       bool // status_alone = "done"
	TraceCodes            []string
	ActivationAbsentCodes []string
	DuplicateTraceCodes   []string
	UnclearCodes          []string
}

// Limits bound what is accepted offline (configuration: [offline]).
type Limits struct {
	MaxOperations int
	MaxAmountFen  int64
	MaxTotalFen   int64
	MaxAge        time.Duration
}
