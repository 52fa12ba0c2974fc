package operation

import "strings"

// CodeForms say where a printed or scanned number holds its BIN and its serial, by
// the type of what bears it: B is a digit of the BIN, S one of the serial, ? any
// character, as in "BBBB??????SSSSSSS??". The platform's interface does not tell
// (platform.md §2.7), so "" is not known: such a number tells nothing.
type CodeForms struct{ Voucher, Card string }

func (f CodeForms) of(kind int) string {
	return map[int]string{RangeCards: f.Card, RangeVouchers: f.Voucher}[kind]
}

// GoodCodeForm reports a form of what a type's numbers look like.
func GoodCodeForm(form string, kind int) bool {
	bin, serial := strings.Count(form, "B"), strings.Count(form, "S")
	return form == "" || bin == binDigits[kind] && serial == serialDigits && bin+serial+strings.Count(form, "?") == len(form)
}

// Read finds the BIN and the serial of a number that fits the form of a type.
func (f CodeForms) Read(number string, kind int) (bin, serial string, ok bool) {
	form := f.of(kind)
	if form == "" || len(number) != len(form) {
		return "", "", false
	}
	for i := range len(form) {
		switch form[i] {
		case 'B':
			bin += number[i : i+1]
		case 'S':
			serial += number[i : i+1]
		}
	}
	_, ok = digits(bin, binDigits[kind])
	return bin, serial, ok && serialNumber(serial) >= 0
}

// ReadSerials finds what a scan tells of a range: the id of a range all of it, a
// number whose form is known its type, BIN and serial, 7 digits a serial alone.
// What it does not tell is zero. kind is the type that is known already, 0 for
// none: a number that fits the forms of both types tells nothing without it.
func (f CodeForms) ReadSerials(text string, kind int) (r RangeOrder, ok bool) {
	if serialNumber(text) >= 0 {
		return RangeOrder{From: text, To: text}, true
	}
	if bin, serials, is := strings.Cut(text, ":"); is {
		r.BIN = bin
		r.From, r.To, _ = strings.Cut(serials, "-")
		for r.Type = RangeCards; r.Type <= RangeVouchers; r.Type++ {
			if _, is := digits(bin, binDigits[r.Type]); is && serialNumber(r.From) >= 0 && serialNumber(r.To) >= 0 {
				return r, true
			}
		}
		return RangeOrder{}, false
	}
	fits := 0
	for t := RangeCards; t <= RangeVouchers; t++ {
		if bin, serial, is := f.Read(text, t); is && (kind == 0 || kind == t) {
			fits++
			r = RangeOrder{Type: t, BIN: bin, From: serial, To: serial}
		}
	}
	if fits != 1 {
		return RangeOrder{}, false
	}
	return r, true
}
