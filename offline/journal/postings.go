package journal

import "counterfoil/offline/journal/chain"

const (
	sqlHeading = `INSERT OR IGNORE INTO headings (posted, kind, operator, day, quarter, by_status) VALUES (?,?,?,?,?,?)`
	sqlPosting = `INSERT INTO postings (seq, heading, fen, accepted) SELECT ?7, n, ?8, ?9 FROM headings
	WHERE posted=?1 AND kind=?2 AND operator=?3 AND day=?4 AND quarter=?5 AND by_status=?6`
)

// post writes a posting's row.
func (t *Tx) post(p *chain.Posting) error {
	byStatus := int64(0)
	if p.ByStatus {
		byStatus = 1
	}
	heading := []any{string(p.Posted), string(p.Kind), p.Operator, p.Day, p.Quarter, byStatus}
	if err := t.c.Exec(sqlHeading, heading...); err != nil {
		return err
	}
	return t.c.Exec(sqlPosting, append(heading, p.Seq, p.Fen, p.Accepted)...)
}
