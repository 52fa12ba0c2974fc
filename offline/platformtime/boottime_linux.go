package platformtime

import (
	"time"

	"golang.org/x/sys/unix"
)

// SinceBoot is the time since the machine started, sleep included.
func SinceBoot() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return time.Since(processStart)
	}
	return time.Duration(ts.Nano())
}
