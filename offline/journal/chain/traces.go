package chain

import (
	"fmt"

	"counterfoil/offline/sqlite"
)

// LastStep is the last step of a day's sequence whose two numbers have nine digits.
const LastStep int64 = 999_999_999 / 2

// SQLLastStep is the highest step that attempts used.
const SQLLastStep = `ifnull(max(CAST(substr(trace, 15) AS INTEGER)), 0) / 2`

// tracesUnfit says how a day's sequence cannot be, or stands before a number that
// an attempt used, "" for nothing. d is the attempts' day in the term days.
func tracesUnfit(each Reading, days string) (why string, err error) {
	err = each(`SELECT day, last FROM traces WHERE last NOT BETWEEN 0 AND ?
		UNION ALL SELECT d, last FROM (SELECT substr(trace, 1, 8) AS d, `+SQLLastStep+` AS used FROM attempts WHERE length(trace) = 23 `+days+` GROUP BY 1)
		LEFT JOIN traces ON day = d WHERE last IS NULL OR last < used LIMIT 1`, []any{LastStep}, func(row sqlite.Row) error {
		why = fmt.Sprintf("the trace numbers of day %s are said to stand at %v", row.Text(0), row[1])
		return nil
	})
	return why, err
}
