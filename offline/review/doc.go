// Package review keeps the operation records of codes (platform.md §2.8) in
// records.db, a cache that may be lost and fetched again: fetches them for
// everything below an id, pages through them by the database's own means, sums
// them up, and lays the marks of offline/review/marks over them. How a call is
// made, and what a voucher's tree and journal say, it is given by the desk.
package review
