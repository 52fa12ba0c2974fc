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
	sum := md5.Sum([]byte(canonical(fields) + "&KEY=" + key)) //nolint:gosec // see above
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// SignPaaS signs the fields of a PaaS envelope; content is the exact JSON text
// sent. SHA-256 in lower-case hex, the secret appended bare (platform.md §3.2).
func SignPaaS(fields map[string]string, secret string) string {
	sum := sha256.Sum256([]byte(canonical(fields) + "&" + secret))
	return hex.EncodeToString(sum[:])
}

func canonical(fields map[string]string) string {
	names := make([]string, 0, len(fields))
	for name, value := range fields {
		if name != "sign" && value != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name)
		b.WriteByte('=')
		b.WriteString(fields[name])
	}
	return b.String()
}
