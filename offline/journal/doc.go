// Package journal is the counter's memory on disk: operations, their attempts
// and evidence, the hash-chained events and trace sequences, in one
// SQLite file with one writer. It decides nothing about vouchers and speaks to
// no platform; the desk (package offline) does.
package journal
