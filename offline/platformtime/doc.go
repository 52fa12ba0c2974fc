// Package platformtime knows the platform's clock and mints the trace numbers
// that carry its date. It keeps both over a restart in the journal, and knows
// nothing of operations, of the link or of the desk.
package platformtime
