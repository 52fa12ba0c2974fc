// Package offline is the desk: the only thing that accepts, sends, asks and
// remembers. The screens and the command line are two faces of it. It speaks
// to the platform through package api, keeps what it knows in the journal and
// the catalog, and knows no terminal. docs/architecture.md shows the rooms below
// and follows one scan through them.
package offline
