package send

import "time"

func init() {
	replayFirst, replayLast, reachLast = time.Millisecond, 20*time.Millisecond, 20*time.Millisecond
}
