package api

import (
	"crypto/md5" //nolint:gosec // the platform's rule, platform.md §3.1
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// SignPOSP signs the fields of a POSP envelope: all but sign, empty ones
// dropped, sorted by name, joined k=v with &, then &KEY=<key>; MD5 in
// upper-case hex (platform.md §3.1).
func SignPOSP(fields map[string]string, key string) string {
	text := append(canonical(fields, everyField), "&KEY="+key...)
	sum := md5.Sum(text) //nolint:gosec // see above
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// SignPaaS signs the fields of a PaaS envelope; content is the exact JSON text
// sent. SHA-256 in lower-case hex, the secret appended bare (platform.md §3.2).
func SignPaaS(fields map[string]string, secret string) string {
	sum := sha256.Sum256(append(canonical(fields, everyField), "&"+secret...))
	return hex.EncodeToString(sum[:])
}

func everyField(string) bool { return true }

// canonical is what a signature covers of the fields that pick takes.
func canonical(fields map[string]string, pick func(name string) bool) []byte {
	names, length := make([]string, 0, 16), 64 // a key follows
	for name, value := range fields {
		if name != "sign" && value != "" && pick(name) {
			names = append(names, name)
			length += len(name) + len(value) + 2
		}
	}
	slices.Sort(names)
	text := make([]byte, 0, length)
	for i, name := range names {
		if i > 0 {
			text = append(text, '&')
		}
		text = append(append(append(text, name...), '='), fields[name]...)
	}
	return text
}
