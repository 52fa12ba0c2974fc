package api

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func FuzzLookupAnswer(f *testing.F) {
	names, err := filepath.Glob("testdata/*.json")
	if err != nil || len(names) == 0 {
		f.Fatal("no fixtures", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(`{"voucherPkg":[{"voucherReel":[{"codeDetail":[{"code":"10000001"}],"reelId":"R1"}],"pkgId":"B1"}]}`)
	f.Add(`{"voucherPkg":[{"voucherReel":[{"codeDetail":[{"code":"10000001"}]},{"reelId":null,"codeDetail":[]}]}],"voucherReel":{}}`)
	f.Add(`{"codeDetail":{"code":1,"validEnd":"0000000000000000","x":"\u00e9\\\"","y":{"z":[{}]}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		given := map[string]bool{"": true}
		var nodes []Node
		tree := newRows("", func(n Node) error {
			if !given[n.Parent] {
				t.Fatalf("%+v came before its parent", n)
			}
			if !printableID([]byte(n.ID)) || n.Level.Rank() == 0 {
				t.Fatalf("%+v is no node", n)
			}
			for _, shown := range []string{n.Status, n.StatusText, n.FaceValue, n.ValidFrom, n.ValidTo} {
				checkClean(t, shown, maxShort)
			}
			checkClean(t, n.Name, maxName)
			given[n.ID] = true
			nodes = append(nodes, n)
			return nil
		})
		err := tree.decode(strings.NewReader(text))
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20+uint64(len(text))*200 {
			t.Fatalf("%d bytes of input took %d bytes of memory", len(text), used)
		}
		if tree.room.memory != spillMemory || tree.room.files != 0 {
			t.Fatalf("held back rows were not given back: %+v", tree.room)
		}
		var again []Node
		slow := newRows("", collect(&again))
		if err2 := slow.decode(iotest.OneByteReader(strings.NewReader(text))); (err == nil) != (err2 == nil) {
			t.Fatalf("whole: %v, byte by byte: %v", err, err2)
		}
		if len(again) != len(nodes) {
			t.Fatalf("whole: %d nodes, byte by byte: %d", len(nodes), len(again))
		}
		if err == nil && utf8.ValidString(text) && !json.Valid([]byte(text)) {
			t.Fatal("accepted what is no JSON")
		}
	})
}

func FuzzEnvelope(f *testing.F) {
	f.Add(signedAnswer(ActionLookup, `{"returnCode":"00"}`))
	f.Add(`{"a":"\ud83c\udf9f\ud83c\/\u002f","b":-1.5e3,"c":null,"d":{"x":["}"]},"e":[1,"]"] , "body" : "QUJD"}`)
	f.Add(`{"body":"QUJ\u0044\r\n","body2":"","":"x"}`)
	f.Add("{}")
	f.Fuzz(func(t *testing.T, text string) {
		read := func(src io.Reader, streamed bool) (envelope, string, error) {
			if !streamed {
				fields, err := readEnvelope(src, 1<<16, nil)
				return fields, "", err
			}
			var body strings.Builder
			fields, err := readEnvelope(src, 1<<16, func(text io.Reader, _ envelope) error {
				_, err := io.Copy(&body, text)
				return err
			})
			return fields, body.String(), err
		}
		fields, body, err := read(strings.NewReader(text), true)
		slow, slowBody, slowErr := read(iotest.OneByteReader(strings.NewReader(text)), true)
		if (err == nil) != (slowErr == nil) || body != slowBody || len(fields) != len(slow) {
			t.Fatalf("whole: %v %q %v, byte by byte: %v %q %v", fields, body, err, slow, slowBody, slowErr)
		}
		var reference map[string]any
		if err != nil || !utf8.ValidString(text) || json.Unmarshal([]byte(text), &reference) != nil {
			return
		}
		if len(reference) != len(fields) {
			t.Fatalf("%v, want %v", fields, reference)
		}
		for name, value := range reference {
			got := fields[name]
			if name == "body" && got == "" {
				got = body
			}
			if s, ok := value.(string); ok && s != got {
				t.Fatalf("%q is %q, want %q", name, got, s)
			}
		}
	})
}

func FuzzParseID(f *testing.F) {
	for _, seed := range []string{"X22169-3141157-33475", " R1-000001 ", "1001901070000000258-M4DEDSfV", "１２３４５６", "\x1b[0m"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseID(text)
		if err != nil {
			return
		}
		if again, err := ParseID(string(id)); err != nil || again != id || !printableID([]byte(id)) || id.Level() == "" {
			t.Fatalf("%q gave %q", text, id)
		}
		if masked := id.Masked(); id.Level() == LevelCode && (strings.TrimSuffix(masked, "…") == string(id) || !strings.HasSuffix(masked, "…") && len(id) <= 10) {
			t.Fatalf("%q is not masked: %q", id, masked)
		}
	})
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{"券 🎟", "\x1b]0;x\x07y", "\u009b31m", "e\u0301\u0302\u0303", "a\xff\xc3", "\x1b\x1b[[mm", " \u3000 x"} {
		f.Add(seed, 5)
	}
	f.Fuzz(checkClean)
}
