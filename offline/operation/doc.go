// Package operation holds what an operation is and how it may move: its
// states, the rules by which answers and look-ups are judged, and every
// transition as a pure function. It does no I/O, reads no clock and takes no
// lock; it is the only place that assigns a state.
package operation
