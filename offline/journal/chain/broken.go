package chain

import (
	"slices"

	"counterfoil/offline/sqlite"
)

// Broken reports that events were lost or changed of which no manager has said yet
// that it was seen: what the others add up to is then not all that was decided. It
// reads the whole chain. Events that no counter wrote are not meant: ReadAdded
// lists those.
func Broken(each Reading) (bool, error) {
	all, err := ReadDocuments(each, Unindexed)
	if err != nil {
		return false, err
	}
	s, err := readSalvages(each)
	if err != nil {
		return false, err
	}
	lost := []string{headWhy[HeadMissing], headWhy[HeadUnreadable], headWhy[HeadMisfit]}
	broken := slices.ContainsFunc(all, func(d Document) bool {
		return d.AcknowledgedBy == "" && (slices.Contains(lost, d.Why) || s.gaps.Hold(d.From, d.To))
	})
	if broken {
		return true, nil
	}
	var last Event
	err = each(`SELECT `+EventColumns+` FROM events `+Unindexed+` ORDER BY seq`, nil, func(row sqlite.Row) error {
		e := EventOf(row)
		_, why := s.gaps.follows(&last, &e)
		broken = broken || why != "" || e.Sum() != e.Hash
		last = e
		return nil
	})
	return broken, err
}
