package operation

import "counterfoil/api"

// Place is where an id stands in the voucher tree, as far as it is known.
type Place struct {
	ID    string
	Level api.Level
	// Above maps each level above to the ancestor there.
	Above map[api.Level]string
}

// Overlap reports whether two places share a voucher: the same id, or one holds
// the other as far as the tree is known. Where the ancestry at that level is
// not known, a package or a box overlaps everything below it (docs/rules.md, rule 4).
func Overlap(a, b Place) bool {
	if a.ID == b.ID && a.ID != "" {
		return true
	}
	ra, rb := a.Level.Rank(), b.Level.Rank()
	if ra == rb {
		return false
	}
	upper, lower := a, b
	if ra > rb {
		upper, lower = b, a
	}
	if holder, known := lower.Above[upper.Level]; known {
		return holder == upper.ID
	}
	return upper.Level == api.LevelBox || upper.Level == api.LevelPackage
}

// Below reports a level that is lower in the tree than the other: a code is
// below a reel.
func Below(level, other api.Level) bool { return level.Rank() > other.Rank() }
