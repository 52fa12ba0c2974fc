// Package send takes operations to the platform and finds out what became of
// them: it prepares an attempt, commits it, sends it, commits what came back,
// and asks about outcomes that are not known. It works on the worklist's items
// and writes to the journal; it knows no person, no face and nothing of how the
// data folder is opened.
package send
