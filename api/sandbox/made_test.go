package sandbox_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"counterfoil/api"
	"counterfoil/api/sandbox"

	"github.com/go-json-experiment/json/jsontext"
)

func TestGeneratedBoxIsATreeOfItsOwn(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	other, err := c.box.Generate(3, 7, 20) // nothing divides evenly
	if err != nil {
		t.Fatal(err)
	}
	id, err := c.box.Generate(10, 100, 1000)
	if err != nil {
		t.Fatal(err)
	}
	all := leaves(c.lookup(id))
	want(t, "codes", len(all), 1000)
	seen := map[string]map[int]bool{}
	for _, leaf := range append(all, leaves(c.lookup(other))...) {
		path, status, _ := strings.Cut(leaf, "=")
		want(t, "status", status, "03")
		for i, part := range strings.Split(path, "/") {
			if _, err := api.ParseID(part); err != nil {
				t.Fatalf("%q: %v", part, err)
			}
			if seen[part] == nil {
				seen[part] = map[int]bool{}
			}
			seen[part][i] = true
			if len(seen[part]) > 1 {
				t.Fatalf("%s stands on two levels", part)
			}
		}
	}
	want(t, "different ids", len(seen), 2+3+10+7+100+20+1000)
	for _, leaf := range []string{all[0], all[499], all[999]} {
		path, _, _ := strings.Cut(leaf, "=")
		parts := strings.Split(path, "/")
		want(t, "the code's path", leaves(c.lookup(parts[3])), []string{leaf})
		want(t, "codes of its reel", len(leaves(c.lookup(parts[2]))), 10)
		want(t, "codes of its package", len(leaves(c.lookup(parts[1]))), 100)
	}
	code := strings.Split(strings.Split(all[5], "=")[0], "/")[3]
	want(t, "another secret half", c.activate(code[:len(code)-1]+"!"), "A10")
	want(t, "activation of one code", c.activate(code), "A00")
	want(t, "of the box around it", c.activate(id), "A91")
	want(t, "of the other box", c.activate(other), "A00")
	want(t, "codes moved", c.box.Effects()[1].Codes, 20)
}

func TestTheSameSeedMakesTheSameBoxes(t *testing.T) {
	t.Parallel()
	run := func(seed int64) []string {
		c := newTill(t, func(o *sandbox.Options) { o.Seed = seed })
		if _, err := c.box.Generate(2, 4, 8); err != nil {
			t.Fatal(err)
		}
		id, err := c.box.Generate(2, 4, 8)
		if err != nil {
			t.Fatal(err)
		}
		return leaves(c.lookup(id))
	}
	want(t, "the same seed", run(5), run(5))
	if strings.Join(run(5), "") == strings.Join(run(6), "") {
		t.Error("another seed makes the same box")
	}
}

func TestALargeLookupIsStreamed(t *testing.T) {
	c := newTill(t)
	const codes = 50_000
	id, err := c.box.Generate(10, 500, codes)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(envelope(api.ActionLookup, fields{"traceNo": c.trace(), "qrcode": id, "businessType": 12}))
	res, err := c.http.Post(c.server.POSPURL()+"/"+api.ActionLookup, "application/json", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var size int64
	var most uint64
	buf := make([]byte, 1<<20)
	for {
		n, err := res.Body.Read(buf)
		if size>>21 != (size+int64(n))>>21 { // now and then
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
		size += int64(n)
		if err != nil {
			break
		}
	}
	if size < codes*400 {
		t.Fatalf("the answer has %d bytes", size)
	}
	if grown := int64(most) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("an answer of %d bytes took %d bytes of memory", size, grown)
	}
}

func TestALargeLookupIsSignedRight(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	id, err := c.box.Generate(4, 100, 5_000)
	if err != nil {
		t.Fatal(err)
	}
	_, answer, err := c.raw(c.server.POSPURL()+"/"+api.ActionLookup,
		envelope(api.ActionLookup, fields{"traceNo": c.trace(), "qrcode": id, "businessType": 12}))
	if err != nil {
		t.Fatal(err)
	}
	body, err := open(answer)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "codes", len(leaves(body)), 5_000)
	for d := jsontext.NewDecoder(bytes.NewReader(answer)); ; { // strict JSON, no name twice
		if err := d.SkipValue(); err != nil {
			if d.InputOffset() < int64(len(answer)) {
				t.Error(err)
			}
			break
		}
	}
}

func TestBoxesThatCannotBeAdded(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	for name, text := range map[string]string{
		"no JSON": `{`, "neither boxes nor an order": `{"boxes":[]}`, "no id": `{"voucherBox":[{"boxId":"hello","voucherPkg":[]}]}`,
		"a reel of another box":     `{"voucherBox":[{"boxId":"X999999","voucherPkg":[{"pkgId":"B999999","voucherReel":[{"reelId":"` + reelTwo + `"}]}]}]}`,
		"a reel in the codes' list": `{"voucherBox":[{"boxId":"X999999","voucherPkg":[{"pkgId":"B999999","voucherReel":[{"reelId":"R999999","codeDetail":[{"code":"R999998","status":"03"}]}]}]}]}`,
		"no status":                 `{"voucherPkg":[{"pkgId":"B999999","voucherReel":[{"reelId":"R999999","codeDetail":[{"code":"123456789"}]}]}]}`,
	} {
		if err := c.box.Load(strings.NewReader(text)); !errors.Is(err, sandbox.ErrBoxes) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, n := range [][3]int{{0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {-1, 5, 5}, {1, 1, 1 << 30}} {
		if _, err := c.box.Generate(n[0], n[1], n[2]); !errors.Is(err, sandbox.ErrBoxes) {
			t.Errorf("%v: got %v", n, err)
		}
	}
	want(t, "boxes", len(c.box.Boxes()), 2)
}

func TestRepeatedPackagesAreMerged(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	const pkg = `{"pkgId":"B777777","voucherReel":[{"reelId":"R777777","codeDetail":[{"code":"7777770000000000001-AAAAAAAV","status":"03"},{"code":"7777770000000000002-AAAAAAAA","status":"03"}]}]}`
	twin := strings.Replace(pkg, "AAAAAAAV", "AAAAAAAv", 1)
	if err := c.box.Load(strings.NewReader(`{"voucherPkg":[` + pkg + `,` + twin + `]}`)); err != nil {
		t.Fatal(err)
	}
	want(t, "codes", leaves(c.lookup("R777777")), []string{
		"/B777777/R777777/7777770000000000001-AAAAAAAV=03", "/B777777/R777777/7777770000000000002-AAAAAAAA=03",
		"/B777777/R777777/7777770000000000001-AAAAAAAv=03",
	})
}

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(o *sandbox.Options) { o.DataDir = dir }
	first := newTill(t, at)
	id, err := first.box.Generate(2, 4, 8)
	if err != nil {
		t.Fatal(err)
	}
	body := first.activation(reelTwo)
	first.call(api.ActionActivate, body)
	want(t, "box", first.activate(id), "A00")
	want(t, "void", first.void(reelTwo), "V00")
	want(t, "order", first.order(nil)["statusCode"], 80)
	used := first.trace()
	first.call(api.ActionLookup, fields{"traceNo": used, "qrcode": reelTwo})
	var asked fields
	first.records(codeV, func(f fields) { asked = f })
	before := first.box.Effects()
	if err := errors.Join(first.server.Close(), first.box.Close()); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "sandbox.jsonl")
	file, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"change":{"trace":"torn`); err != nil { // what a crash leaves
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}

	second := newTill(t, at) // loads the same boxes again
	second.next.Store(first.next.Load())
	after := second.box.Effects()
	want(t, "effects", len(after), 4)
	for i := range before {
		if !before[i].At.Equal(after[i].At) || before[i].Trace != after[i].Trace || before[i].Codes != after[i].Codes {
			t.Errorf("effect %d was %+v, is %+v", i, before[i], after[i])
		}
	}
	want(t, "voided code", second.box.Status(codeV), "05")
	want(t, "generated box", second.activate(id), "A91")
	want(t, "the query", second.query(str(body, "traceNo"))["returnCode"], "R00")
	want(t, "a used number", second.call(api.ActionLookup, fields{"traceNo": used, "qrcode": reelTwo})["returnCode"], sandbox.CodeDuplicate)
	want(t, "the order again", second.order(nil)["statusCode"], 80)
	want(t, "effects of the order", second.effects()["order-1"], 1)
	again := second.records(codeV, func(f fields) { maps.Copy(f, asked) })
	want(t, "a used uuid", again["errorCode"], sandbox.CodeDuplicate)
	more, err := second.box.Generate(1, 1, 1)
	if err != nil || more == id {
		t.Errorf("another box: %s, %v", more, err)
	}
}

func TestControlSurface(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	send := func(method, path, body string) (int, string) {
		req, err := http.NewRequest(method, c.server.URL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := c.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var text bytes.Buffer
		if _, err := text.ReadFrom(res.Body); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, text.String()
	}
	status, text := send("POST", "/sandbox/boxes", `{"generate":{"packages":10,"reels":100,"codes":1000}}`)
	var made struct {
		Boxes []string
		Codes int
	}
	if err := json.Unmarshal([]byte(text), &made); err != nil || status != 200 || len(made.Boxes) != 1 || made.Codes != 1000 {
		t.Fatalf("%d %s", status, text)
	}
	want(t, "activation of it", c.activate(made.Boxes[0]), "A00")
	for _, body := range []string{`{"generate":{"packages":10,"reels":100,"codes":1000,"colour":1}}`, `{"generate":{"codes":10}}`, `[]`, `{}`} {
		status, _ = send("POST", "/sandbox/boxes", body)
		want(t, body, status, 400)
	}
	status, text = send("POST", "/sandbox/boxes", `{"voucherBox":[{"boxId":"X888888","voucherPkg":[]}]}`)
	want(t, "boxes as they are", text, `{"boxes":["X888888"],"packages":0,"reels":0,"codes":0}`+"\n")
	want(t, "status", status, 200)

	_, text = send("GET", "/sandbox/effects", "")
	var effect map[string]any
	if err := json.Unmarshal([]byte(text), &effect); err != nil || strings.Count(text, "\n") != 1 {
		t.Fatalf("%v in %q", err, text)
	}
	want(t, "effect", effect, map[string]any{
		"at": "2026-11-22T12:00:00+08:00", "action": api.ActionActivate, "trace": "20261122000001000000001", "id": made.Boxes[0], "codes": 1000,
	})

	status, text = send("PUT", "/sandbox/faults", `[{"action":"delVoucher","do":"explode"}]`)
	want(t, "unknown rule", status, 400)
	want(t, "its sentence", strings.Contains(text, `there is no rule "explode"`), true)
	status, _ = send("PUT", "/sandbox/faults", `[{"do":"twice","colour":1}]`)
	want(t, "unknown field", status, 400)
	status, _ = send("PUT", "/sandbox/faults", `[{"action":"delVoucher","skip":1,"times":1,"probability":0.5,"do":"drop_answer"}]`)
	want(t, "a rule", status, 200)
	_, text = send("GET", "/sandbox/faults", "")
	want(t, "the rules", text, `[{"action":"delVoucher","skip":1,"times":1,"probability":0.5,"do":"drop_answer"}]`+"\n")
}
