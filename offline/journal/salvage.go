package journal

import (
	"context"
	"errors"
	"io/fs"
)

// SalvageReport says what was found damaged at opening and what was saved.
type SalvageReport struct {
	text string
}

// String is one sentence for doctor and the log, "" for nothing.
func (r *SalvageReport) String() string {
	if r == nil {
		return ""
	}
	return r.text
}

// Salvage returns what this opening had to salvage, nil for nothing.
func (j *Journal) Salvage() *SalvageReport { return j.salvaged }

func (j *Journal) salvage(ctx context.Context, files fs.FS, f finding, reason string) error {
	return errors.New(reason)
}
