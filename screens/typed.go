package screens

import (
	"strings"

	"counterfoil/api"
)

// typedApart reports that first, a few digits just before a scan, was typed:
// the ids of reels, packages and boxes have no digit in front.
func typedApart(first, second string) bool {
	id, err := api.ParseID(second)
	return err == nil && id.Level() != api.LevelCode && strings.Trim(first, "0123456789") == ""
}
