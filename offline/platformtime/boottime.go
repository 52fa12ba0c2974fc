//go:build !linux

package platformtime

import "time"

// SinceBoot falls back to the process's monotonic clock, which may not count
// sleep: a wake-up then looks like a clock that was set, and is recorded as one.
func SinceBoot() time.Duration { return time.Since(processStart) }
