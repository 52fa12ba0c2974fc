package api

import (
	"crypto/md5" //nolint:gosec // the platform's rule, platform.md §3.1
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// SignPOSP signs the fields of a POSP envelope: all but sign, empty ones
// dropped, sorted by name, joined k=v with &, then &KEY=<key>; MD5 in
// upper-case hex (platform.md §3.1).
func SignPOSP(fields map[string]string, key string) string {
	sum := md5.Sum([]byte(canonical(fields, everyField) + "&KEY=" + key)) //nolint:gosec // see above
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// SignPaaS signs the fields of a PaaS envelope; content is the exact JSON text
// sent. SHA-256 in lower-case hex, the secret appended bare (platform.md §3.2).
func SignPaaS(fields map[string]string, secret string) string {
	sum := sha256.Sum256([]byte(canonical(fields, everyField) + "&" + secret))
	return hex.EncodeToString(sum[:])
}

func everyField(string) bool { return true }

// canonical is what a signature covers of the fields that pick takes.
func canonical(fields map[string]string, pick func(name string) bool) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name == "sign" || fields[name] == "" || !pick(name) {
			continue
		}
		if text.Len() > 0 {
			text.WriteByte('&')
		}
		text.WriteString(name + "=" + fields[name])
	}
	return text.String()
}
