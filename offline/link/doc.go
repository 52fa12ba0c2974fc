// Package link judges the way to the platform from the answers that come back:
// unheard, online, shaky or offline. It asks for signs of life where it is in
// doubt, and probes until the platform is heard again. It makes no call of its
// own and knows nothing of operations, of the journal or of the desk.
package link
