package platformtime

import "time"

func init() { watchEvery = 5 * time.Millisecond }
