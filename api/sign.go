package api

import (
	"crypto/md5" //nolint:gosec // the platform's rule, platform.md §3.1
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

const (
	// fewFields and shortText are what an envelope of a small call needs: it is
	// then signed without leaving the stack.
	fewFields = 16
	shortText = 1 << 10
)

// field is one name and value that a signature covers.
type field struct{ name, value string }

// SignPOSP signs the fields of a POSP envelope: all but sign, empty ones
// dropped, sorted by name, joined k=v with &, then &KEY=<key>; MD5 in
// upper-case hex (platform.md §3.1).
func SignPOSP(fields map[string]string, key string) string {
	var few [fewFields]field
	return signPOSP(appendFields(few[:0], fields), key)
}

// signPOSP is SignPOSP of a list, which it sorts.
func signPOSP(fields []field, key string) string {
	var short [shortText]byte
	text := appendCanonical(short[:0], fields)
	text = append(append(text, "&KEY="...), key...)
	sum := md5.Sum(text) //nolint:gosec // see above
	return upperHex(sum)
}

// SignPaaS signs the fields of a PaaS envelope; content is the exact JSON text
// sent. SHA-256 in lower-case hex, the secret appended bare (platform.md §3.2).
func SignPaaS(fields map[string]string, secret string) string {
	var few [fewFields]field
	text := appendCanonical(nil, appendFields(few[:0], fields))
	sum := sha256.Sum256(append(append(text, '&'), secret...))
	return hex.EncodeToString(sum[:])
}

func appendFields(list []field, fields map[string]string) []field {
	for name, value := range fields {
		list = append(list, field{name, value})
	}
	return list
}

// appendCanonical sorts fields and appends what a signature covers of them.
func appendCanonical(text []byte, fields []field) []byte {
	slices.SortFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	start := len(text)
	for _, f := range fields {
		if f.name == "sign" || f.value == "" {
			continue
		}
		if len(text) > start {
			text = append(text, '&')
		}
		text = append(append(text, f.name...), '=')
		text = append(text, f.value...)
	}
	return text
}

// upperHex is a POSP signature as the platform spells it.
func upperHex(sum [md5.Size]byte) string {
	const digits = "0123456789ABCDEF"
	var text [2 * md5.Size]byte
	for i, c := range sum {
		text[2*i], text[2*i+1] = digits[c>>4], digits[c&15]
	}
	return string(text[:])
}
