// Package chain is what the journal's events say, and whether all that is stored
// fits them: the form of events and rows, what did not fit before and is
// documented, whose journal it is, and the walk that verify makes. It only
// reads, over a connection that it is given.
package chain
