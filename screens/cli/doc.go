// Package cli is the counter without a screen: the command tree, the settings,
// and the building of the parts that the screens and the commands share. It is
// one of the desk's two faces: it may ask the desk for anything, but it decides
// nothing about vouchers and never touches the database or the platform itself.
// Data goes to standard output, talk to standard error, every sentence through
// ui.Words.
package cli
