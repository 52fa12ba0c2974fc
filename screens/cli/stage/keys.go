package stage

import (
	"counterfoil/api"
	"counterfoil/offline/files"
)

// maxKey bounds a key's file, in bytes.
const maxKey = 16 << 10

// RangeKeys reads the keys of serial ranges from files in PEM form, "" for none:
// the platform's, to sign answers with, and the counter's public one, to check
// requests. bad is the file that could not be read.
func RangeKeys(key, public string) (s api.RSASigner, bad string, err error) {
	read := func(file string, parse func(string) error) {
		if file == "" || err != nil {
			return
		}
		var text []byte
		if text, _, err = files.ReadNamed(file, maxKey); err == nil {
			err = parse(string(text))
		}
		bad = file
	}
	read(key, func(text string) (err error) { s.Key, err = api.ParseRSAKey(text); return err })
	read(public, func(text string) (err error) { s.Public, err = api.ParseRSAPublicKey(text); return err })
	return s, bad, err
}
