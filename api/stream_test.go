package api

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"counterfoil/api/apitest"
)

var fieldOrder = []string{"action", "deviceNo", "shopNo", "brand", "body", "mwVersion", "ptlVersion", "posVersion", "timestamp", "sign"}

// readText reads an envelope's text as a look-up's answer.
func readText(t testing.TB, src io.Reader) (Answer, []Node) {
	t.Helper()
	c := testClient(t, "http://127.0.0.1:1")
	x := &exchange{incoming: incoming{body: io.NopCloser(src), size: lookupAnswer}}
	var nodes []Node
	return c.readLookup(x, ActionLookup, testTrace, newRows("", collect(&nodes))), nodes
}

func TestKeysOfTheEnvelopeMayStandInAnyOrder(t *testing.T) {
	t.Parallel()
	text := `{"returnCode":"H00","traceNo":"` + testTrace + `","codeDetail":[{"code":"10000001"}]}`
	fields := signedFields(ActionLookup, text)
	for i := range fieldOrder {
		order := append(append([]string{}, fieldOrder[i:]...), fieldOrder[:i]...)
		a, nodes := readText(t, strings.NewReader(ordered(fields, order...)))
		if !a.Success() || len(nodes) != 1 {
			t.Errorf("%v: %+v", order, a)
		}
	}
}

func TestEscapesAndLineEndsInTheBodyAreUndone(t *testing.T) {
	t.Parallel()
	// "???" and ">>>" give / and + in Base64.
	text := `{"returnCode":"H00","traceNo":"` + testTrace + `","x":"` + strings.Repeat("?>", 40_000) + `","codeDetail":[{"code":"10000001"}]}`
	fields := signedFields(ActionLookup, text)
	plain := ordered(fields, fieldOrder...)
	wrapped := signedFields(ActionLookup, "", "body", fields["body"][:76]+"\r\n"+fields["body"][76:]+"\r\n")
	unpadded := signedFields(ActionLookup, "", "body", strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(text+" ")), "="))
	for name, sent := range map[string]string{
		"plain":     plain,
		"slashes":   strings.ReplaceAll(plain, "/", `\/`),
		"unicode":   strings.ReplaceAll(strings.ReplaceAll(plain, "/", `\u002F`), "+", `\u002b`),
		"wrapped":   ordered(wrapped, fieldOrder...),
		"unpadded":  ordered(unpadded, fieldOrder...),
		"spaced":    " \n" + strings.ReplaceAll(strings.ReplaceAll(plain, `":"`, "\" :\t\""), `","`, "\" ,\r\n\"") + "\n ",
		"names":     strings.Replace(plain, `"body"`, `"b\u006fdy"`, 1),
		"surrogate": ordered(signedFields(ActionLookup, text, "zone", "🎟"), append(fieldOrder, "zone")...),
	} {
		for kind, src := range map[string]io.Reader{
			"whole": strings.NewReader(sent), "byte by byte": iotest.OneByteReader(strings.NewReader(sent)),
			"halves": iotest.HalfReader(strings.NewReader(sent)), "with its end": iotest.DataErrReader(strings.NewReader(sent)),
		} {
			if a, nodes := readText(t, src); !a.Success() || len(nodes) != 1 {
				t.Errorf("%s, %s: %+v", name, kind, a)
			}
		}
	}
	escaped := strings.Replace(ordered(signedFields(ActionLookup, text, "zone", "🎟"), append(fieldOrder, "zone")...), "🎟", `\ud83c\udf9f`, 1)
	if a, _ := readText(t, strings.NewReader(escaped)); !a.Success() {
		t.Errorf("escaped surrogates: %+v", a)
	}
}

func TestBodyThatIsNoBase64IsNoAnswer(t *testing.T) {
	t.Parallel()
	good := base64.StdEncoding.EncodeToString([]byte(`{"returnCode":"H00","traceNo":"` + testTrace + `" }`))
	for _, body := range []string{"!" + good, good[:len(good)-1] + "-", good[:5], good + good, "AA==" + good, good + "A", good + "===="} {
		fields := signedFields(ActionLookup, "", "body", body)
		for _, src := range []io.Reader{strings.NewReader(marshal(fields)), iotest.OneByteReader(strings.NewReader(marshal(fields)))} {
			if a, _ := readText(t, src); a.Outcome != Unanswered || a.Reason != ReasonNotJSON {
				t.Errorf("%s: %+v", body, a)
			}
		}
	}
}

func TestStreamedSignatureIsChecked(t *testing.T) {
	t.Parallel()
	text := func(size int) string {
		return `{"returnCode":"H00","traceNo":"` + testTrace + `","x":[` + strings.Repeat(`"`+strings.Repeat("y", 998)+`",`, size/1000) + `1]}`
	}
	small, large := text(1<<20), text(keptBody)
	early := append([]string{"appId"}, fieldOrder...)
	late := append(append([]string{}, fieldOrder...), "appId")
	bodyFirst := append([]string{"body", "action"}, "deviceNo", "shopNo", "brand", "mwVersion", "ptlVersion", "posVersion", "timestamp", "sign")
	for name, c := range map[string]struct {
		fields map[string]string
		order  []string
		reason Reason
	}{
		"large":                                  {signedFields(ActionLookup, large), fieldOrder, ReasonNone},
		"large, body first":                      {signedFields(ActionLookup, large), bodyFirst, ReasonNone},
		"large, unknown field before the body":   {signedFields(ActionLookup, large, "appId", "x"), early, ReasonNone},
		"large, unknown field after it":          {signedFields(ActionLookup, large, "appId", "x"), late, ReasonSignature},
		"large, empty unknown field after it":    {signedFields(ActionLookup, large, "appId", ""), late, ReasonNone},
		"small, unknown field after it":          {signedFields(ActionLookup, small, "appId", "x"), late, ReasonNone},
		"large, of another action, body first":   {signedFields(ActionVoid, large), bodyFirst, ReasonSignature},
		"small, of another action, body first":   {signedFields(ActionVoid, small), bodyFirst, ReasonOther},
		"large, of another action, action first": {signedFields(ActionVoid, large), fieldOrder, ReasonOther},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := readText(t, strings.NewReader(ordered(c.fields, c.order...)))
			if a.Reason != c.reason {
				t.Fatalf("%+v", a)
			}
			if c.reason != ReasonNone {
				return
			}
			c.fields["body"] = c.fields["body"][:400_000] + "AAAA" + c.fields["body"][400_004:]
			if a, _ := readText(t, strings.NewReader(ordered(c.fields, c.order...))); a.Outcome != Unanswered {
				t.Fatalf("changed: %+v", a)
			}
		})
	}
}

func TestRowsOfAnotherActionAreNotHandedOver(t *testing.T) {
	t.Parallel()
	fields := signedFields(ActionVoid, `{"returnCode":"V00","traceNo":"`+testTrace+`","codeDetail":[{"code":"10000001"}]}`)
	a, nodes := readText(t, strings.NewReader(ordered(fields, fieldOrder...)))
	if a.Reason != ReasonOther || len(nodes) != 0 {
		t.Fatalf("%+v with %d nodes", a, len(nodes))
	}
}

// packageIDLast is inner JSON whose one package holds so many codes before its id.
func packageIDLast(w io.Writer, codes int) {
	_, _ = io.WriteString(w, `{"returnCode":"H00","traceNo":"`+testTrace+`","voucherPkg":[{"voucherReel":[{"codeDetail":[`)
	for i := range codes {
		_, _ = fmt.Fprintf(w, `%s{"code":"%08d","ticketName":"买一赠一券","status":"03"}`, strings.Repeat(",", min(i, 1)), 10_000_000+i)
	}
	_, _ = io.WriteString(w, `],"reelId":"R1"}],"pkgId":"B1"}]}`)
}

func TestHeldBackChildrenGoToAFileThatLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	var text strings.Builder
	packageIDLast(&text, 40_000) // 2.6 MB, held back twice
	files := 0
	next, tree := 0, &rows{}
	tree = newRows("", func(n Node) error {
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Fatal("the file can be seen")
		}
		if n.Level == LevelCode {
			if n.ID != fmt.Sprintf("%08d", 10_000_000+next) || n.Parent != "R1" {
				t.Fatalf("node %d is %+v", next, n)
			}
			next++
			files = max(files, tree.room.files)
		}
		return nil
	})
	if err := tree.decode(strings.NewReader(text.String())); err != nil || next != 40_000 || tree.nodes != 40_002 {
		t.Fatalf("%d codes, %v", next, err)
	}
	if files == 0 {
		t.Fatal("nothing was written to a file: the test is too small")
	}
	if tree.room.files != 0 || tree.room.memory != spillMemory {
		t.Fatalf("not all was given back: %+v", tree.room)
	}
	t.Setenv("TMPDIR", filepath.Join(dir, "missing"))
	c := testClient(t, answering(t, signedAnswer(ActionLookup, text.String())))
	a := c.Lookup(context.Background(), LookupRequest{TraceNo: testTrace}, func(Node) error { return nil })
	want(t, a, Unanswered, ReasonSink)
}

// signedStream writes a signed look-up answer without ever holding it.
func signedStream(w io.Writer, inner func(io.Writer)) {
	sum := md5.New()
	_, _ = io.WriteString(sum, "action="+ActionLookup+"&body=")
	_, _ = io.WriteString(w, `{"action":"`+ActionLookup+`","body":"`)
	body := base64.NewEncoder(base64.StdEncoding, io.MultiWriter(w, sum))
	inner(body)
	_ = body.Close()
	_, _ = fmt.Fprintf(sum, "&timestamp=%d&KEY=%s", testTime.Unix(), testKey)
	_, _ = fmt.Fprintf(w, `","timestamp":"%d","sign":"%s"}`, testTime.Unix(), strings.ToUpper(hex.EncodeToString(sum.Sum(nil))))
}

// heapPeak reports the largest heap seen at each call of sample.
type heapPeak struct{ base, most uint64 }

func (h *heapPeak) sample() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if h.base == 0 {
		h.base = m.HeapAlloc
	}
	h.most = max(h.most, m.HeapAlloc)
}

func TestMemoryDoesNotGrowWithTheAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		codes int
		last  bool
	}{"ids first": {50_000, false}, "ids last": {30_000, true}} {
		t.Run(name, func(t *testing.T) {
			base := platform(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				signedStream(w, func(w io.Writer) { apitest.WriteBox(w, c.codes, c.last) })
			})
			runtime.GC()
			var heap heapPeak
			heap.sample()
			nodes := 0
			a := testClient(t, base).Lookup(context.Background(), LookupRequest{TraceNo: testTrace, ID: "X1123-6430582-102F5"}, func(Node) error {
				if nodes++; nodes%1000 == 0 {
					heap.sample()
				}
				return nil
			})
			want(t, a, Answered, ReasonNone)
			if nodes != c.codes+c.codes/100+c.codes/1000+1 {
				t.Fatalf("%d nodes", nodes)
			}
			if grown := int64(heap.most) - int64(heap.base); grown > 12<<20 {
				t.Fatalf("the heap grew by %d MB", grown>>20)
			} else {
				t.Logf("%d codes, the heap grew by %.1f MB", c.codes, float64(grown)/1e6)
			}
		})
	}
}

func TestClientServesManyCallsAtOnce(t *testing.T) {
	t.Parallel()
	base := platform(t, func(w http.ResponseWriter, r *http.Request) {
		action := filepath.Base(r.URL.Path)
		text, _ := io.ReadAll(r.Body)
		fields, _ := readEnvelope(strings.NewReader(string(text)), smallAnswer, nil)
		plain, _ := base64.StdEncoding.DecodeString(fields["body"])
		_, _ = io.WriteString(w, signedAnswer(action, inner(scalarText(fieldsOf(plain)["traceNo"]), "00")))
	})
	c := testClient(t, base)
	var all sync.WaitGroup
	for sender := range 8 {
		all.Go(func() {
			for i := range 25 {
				trace := fmt.Sprintf("20261122%06d%09d", sender+1, i)
				if a := c.Query(context.Background(), QueryRequest{TraceNo: trace}); !a.Success() || a.TraceNo != trace {
					t.Errorf("%s: %+v", trace, a)
				}
			}
		})
	}
	all.Wait()
}
