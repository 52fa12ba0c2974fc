// Package ui is the kit that every screen and command is made of: words in two
// languages, tones, results with their shapes, keys, widths, lists, tables, dialogs
// and fields. It knows no voucher, no database and no network.
package ui
