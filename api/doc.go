// Package api speaks to the voucher platform: ids and domain types, the three
// envelopes with their signatures, and what an answer proves. It knows no
// database, no terminal and no queue, and imports nothing of ours.
package api
