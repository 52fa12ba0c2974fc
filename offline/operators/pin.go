package operators

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime/debug"
	"strings"

	"golang.org/x/crypto/argon2"
)

// pinCost is what one sign-in costs: about a tenth of a second on a till's
// processor, and memory that leaves the counter within its 64 MiB. The stored
// text names its own cost, so that it can be raised later.
var pinCost = argonCost{memory: 19 << 10, times: 4, threads: 1}

// publicCost is for PINs that are no secret.
var publicCost = argonCost{memory: 64, times: 1, threads: 1}

type argonCost struct {
	memory  uint32 // KiB
	times   uint32
	threads uint8
}

const (
	saltBytes = 16
	keyBytes  = 32
)

// cleanPIN takes what an input method or a file puts into a PIN out of it:
// full-width digits, the end of a line.
func cleanPIN(pin string) string {
	return strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, strings.TrimRight(pin, "\r\n"))
}

// LongestPIN is how many digits a PIN may have.
const LongestPIN = 8

// GoodPIN reports what can be a PIN: 4 to 8 digits.
func GoodPIN(pin string) bool {
	return len(pin) >= 4 && len(pin) <= LongestPIN && strings.Trim(pin, "0123456789") == ""
}

// scarce is the limit of the runtime's memory, in bytes, below which a hash makes room.
const scarce = 64 << 20

// key hashes a PIN. That takes as much memory as all the rest of a counter: where
// memory is scarce, what lies about goes before, and the hash's own after.
func (c argonCost) key(pin string, salt []byte, size uint32) []byte {
	if c.memory == pinCost.memory && debug.SetMemoryLimit(-1) < scarce {
		debug.FreeOSMemory()
		defer debug.FreeOSMemory()
	}
	return argon2.IDKey([]byte(pin), salt, c.times, c.memory, c.threads, size)
}

// hashPIN returns argon2id's usual text form: parameters, salt and key.
func hashPIN(pin string, c argonCost) (string, error) {
	if pin = cleanPIN(pin); !GoodPIN(pin) {
		return "", ErrBadPIN
	}
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	key := c.key(pin, salt, keyBytes)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, c.memory, c.times, c.threads, b64(salt), b64(key)), nil
}

// pinMatches compares in constant time. A text it cannot read matches nothing.
func pinMatches(stored, pin string) bool {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var version int
	var c argonCost
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.times, &c.threads); err != nil {
		return false
	}
	// Bounds keep a damaged row from asking for all memory.
	if c.memory > 1<<20 || c.times < 1 || c.times > 16 || c.threads < 1 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	key, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(key) < 16 {
		return false
	}
	again := c.key(pin, salt, uint32(len(key)))
	return subtle.ConstantTimeCompare(again, key) == 1
}
