// Package ui is the kit that every screen and command is made of: words in two
// languages, colours, keys, widths, lists, dialogs and fields. It
// knows no voucher, no database and no network.
package ui
