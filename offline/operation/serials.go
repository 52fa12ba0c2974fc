package operation

import (
	"slices"
	"strings"

	"counterfoil/api"
)

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
	bin, serial := strings.Repeat("B", binDigits[kind]), strings.Repeat("S", serialDigits)
	rest := strings.Replace(strings.Replace(form, bin, "", 1), serial, "", 1)
	return form == "" || len(rest) == len(form)-len(bin)-len(serial) && strings.Trim(rest, "?") == ""
}

// Read finds the BIN and the serial of a number that fits the form of a type.
func (f CodeForms) Read(number string, kind int) (bin, serial string, ok bool) {
	form := f.of(kind)
	if form == "" || len(number) != len(form) {
		return "", "", false
	}
	b, s := strings.Index(form, "B"), strings.Index(form, "S")
	bin, serial = number[b:b+binDigits[kind]], number[s:s+serialDigits]
	_, ok = digits(bin, binDigits[kind])
	return bin, serial, ok && serialNumber(serial) >= 0
}

// samples is how many codes of a range are looked up at most behind its order.
const samples = 5

// Samples picks, of the numbers that are of a range, all where they are few, else
// some of the whole row; each hands over all numbers that there are.
func (f CodeForms) Samples(r *RangeOrder, each func(take func(number string)) error) ([]api.ID, error) {
	if f.of(r.Type) == "" {
		return nil, nil
	}
	var picked []api.ID
	found, stride := 0, 1
	err := each(func(number string) {
		if bin, serial, ok := f.Read(number, r.Type); !ok || bin != r.BIN || serial < r.From || serial > r.To {
			return
		}
		if found%stride == 0 {
			picked = append(picked, api.ID(number))
		}
		if found++; len(picked) > samples { // every second stays, and of what comes too
			for i := range (len(picked) + 1) / 2 {
				picked[i] = picked[2*i]
			}
			picked, stride = picked[:(len(picked)+1)/2], 2*stride
		}
	})
	return picked, err
}

// Sampled reports an answer to a range's order behind which codes of it are
// looked up, where any are known.
func (r Rules) Sampled(a api.Answer) bool {
	read := r.readOrder(a)
	return read == ReadSuccess || read == ReadFailed || read == ReadRefusal
}

// noneChanged reports that codes were looked up, and that all of them are not active.
func noneChanged(looked []Evidence) bool {
	return len(looked) > 0 && !slices.ContainsFunc(looked, func(ev Evidence) bool {
		return ev.Seen == nil || len(ev.Seen.Counts) != 1 || ev.Seen.Counts[api.StatusInactive] == 0
	})
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
