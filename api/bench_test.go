package api

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"counterfoil/api/apitest"
)

// BenchmarkLookup decodes one signed answer of 20,000 codes both ways in one
// run: as a stream, from the envelope's first byte to the verified signature,
// and by encoding/json from the inner JSON alone, which spares it Base64 and MD5.
func BenchmarkLookup(b *testing.B) {
	var text strings.Builder
	apitest.WriteBox(&text, 20_000, false)
	plain := []byte(text.String())
	answer := signedAnswer(ActionLookup, text.String())
	client := testClient(b, "http://127.0.0.1:1")
	b.SetBytes(int64(len(plain)))
	b.ReportAllocs()
	var ours, theirs time.Duration
	var bytes, allocs uint64
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		nodes := 0
		x := &exchange{incoming: incoming{body: io.NopCloser(strings.NewReader(answer)), size: lookupAnswer}, timer: time.NewTimer(0)}
		tree := newRows("", func(Node) error { nodes++; return nil })
		tree.earn = x.earn
		got := client.readLookup(x, ActionLookup, testTrace, tree)
		ours += time.Since(start)
		runtime.ReadMemStats(&after)
		bytes += after.TotalAlloc - before.TotalAlloc
		allocs += after.Mallocs - before.Mallocs
		if !got.Success() || nodes != 20_000+200+20+1 {
			b.Fatalf("%+v with %d nodes", got, nodes)
		}
		start = time.Now()
		var box apitest.Plain
		if err := json.Unmarshal(plain, &box); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(start)
		if len(box.VoucherBox[0].VoucherPkg) != 20 {
			b.Fatal("encoding/json decoded something else")
		}
	}
	n := float64(b.N)
	b.ReportMetric(float64(theirs)/float64(ours), "x-encoding/json")
	b.ReportMetric(float64(allocs)/n/20_000, "allocs/code")
	b.ReportMetric(float64(bytes)/n/20_000, "B/code")
	b.ReportMetric(float64(len(plain))*n/ours.Seconds()/1e6, "MB/s-ours")
	b.ReportMetric(float64(len(plain))*n/theirs.Seconds()/1e6, "MB/s-encoding/json")
}

// BenchmarkLookupIDsLast is the stream alone where every id follows its
// children, so that each level is held back and read again.
func BenchmarkLookupIDsLast(b *testing.B) {
	var text strings.Builder
	apitest.WriteBox(&text, 20_000, true)
	encoded := base64.StdEncoding.EncodeToString([]byte(text.String()))
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		nodes := 0
		tree := newRows("", func(Node) error { nodes++; return nil })
		if err := tree.decode(base64.NewDecoder(base64.StdEncoding, strings.NewReader(encoded))); err != nil {
			b.Fatal(err)
		}
		if nodes != 20_000+200+20+1 {
			b.Fatal(nodes)
		}
	}
}
