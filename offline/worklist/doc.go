// Package worklist holds the open operations in memory: in which order they
// were accepted, which of them touch the same voucher and so wait for each
// other, when each is due, and who is working on which. It has a lock of its
// own, stores nothing and calls nobody.
package worklist
