package main

import (
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"counterfoil/api/apitest"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/ui/vterm"
)

// counterWithPlatform is a counter with a platform, and its manager.
func counterWithPlatform(t testing.TB) (*till, *platform) {
	t.Helper()
	binary, dir := vterm.Binary(t), offlinetest.Folder(t)
	p, err := startPlatform(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	c, err := newTill(t.Context(), binary, "", dir, p.url, true)
	if err != nil {
		t.Fatal(err)
	}
	c.staff(t)
	return c, p
}

// staff adds the manager as signUp does, but with a PIN that costs next to nothing
// wherever it is asked for.
func (t *till) staff(tb testing.TB) {
	tb.Helper()
	err := offlinetest.Opened(offline.Settings{Data: t.data, Number: 1, PublicPINs: true}, func(desk *offline.Desk) error {
		return desk.AddOperator(tb.Context(), offline.Session{}, "mgr", offline.Manager, managerPIN)
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// generated makes a box on the platform and returns its id.
func generated(t testing.TB, p *platform, packages, reels, codes int) string {
	t.Helper()
	raw, err := p.call(http.MethodPost, "/sandbox/boxes", map[string]any{
		"generate": map[string]int{"packages": packages, "reels": reels, "codes": codes}})
	var made struct{ Boxes []string }
	if err == nil {
		err = json.Unmarshal(raw, &made)
	}
	if err != nil || len(made.Boxes) != 1 {
		t.Fatal(string(raw), err)
	}
	return made.Boxes[0]
}

// treeOnTerminal opens the counter and shows its tree.
func (t *till) treeOnTerminal(tb testing.TB, posp string) *vterm.Terminal {
	tb.Helper()
	term := vterm.Start(tb, vterm.Large, []string{t.binary, "--config", filepath.Join(t.dir, "config.toml"), "--data", t.data},
		append(slices.Clone(patient), "COUNTERFOIL_PLATFORM_POSP_URL="+posp+"/ebuyweb-posp/api")...)
	term.WaitFor("Sign in")
	signIn(term, managerPIN)
	term.Key("F3")
	term.WaitFor("All that is known here")
	term.WaitQuiet(afterScan)
	return term
}

// kept counts in the counter's catalog: the codes of a live box, or rows of a table.
func (t *till) kept(tb testing.TB, query string, args ...any) (n int) {
	tb.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(t.data, "catalog.db")+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(tb.Context(), query, args...).Scan(&n); err != nil && !errors.Is(err, sql.ErrNoRows) {
		tb.Fatal(err)
	}
	return n
}

const liveCodes = "SELECT codes FROM nodes WHERE id=? AND parent=1"

func TestAKillWhileABoxLoadsLeavesTheCatalogAsItWas(t *testing.T) {
	t.Parallel()
	c, p := counterWithPlatform(t)
	known, large := generated(t, p, 1, 2, 200), generated(t, p, 1, 10, 1_000_000)
	term := c.treeOnTerminal(t, p.url)
	term.Scan(known)
	term.WaitFor(`\+ box ` + known)
	rows := c.kept(t, "SELECT count(*) FROM codes")
	term.WaitQuiet(afterScan)
	term.Scan(large)
	term.WaitFor(`([2-9]\d|\d{3}),\d\d\d received`)
	term.Kill()
	if c.kept(t, liveCodes, known) != 200 || c.kept(t, liveCodes, large) != 0 {
		t.Errorf("known %d, of the one that loaded %d", c.kept(t, liveCodes, known), c.kept(t, liveCodes, large))
	}
	if staged := c.kept(t, "SELECT count(*) FROM codes"); staged <= rows {
		t.Errorf("%d rows of codes, as before the load: the kill came too early to prove anything", staged)
	}
	c.treeOnTerminal(t, p.url).WaitFor(`\+ box ` + known)
	wait := time.NewTicker(20 * time.Millisecond)
	defer wait.Stop()
	late := time.After(vterm.Patience)
	for c.kept(t, "SELECT count(*) FROM codes") != rows || c.kept(t, "SELECT count(*) FROM nodes WHERE parent<0") > 0 {
		select {
		case <-wait.C:
		case <-late:
			t.Fatalf("%d rows of codes, want %d: what was staged is not cleared away", c.kept(t, "SELECT count(*) FROM codes"), rows)
		}
	}
	if n := c.kept(t, liveCodes, known); n != 200 {
		t.Errorf("after the next start %d codes are known", n)
	}
}

// BenchmarkLoadingOnScreen loads a box of a million codes into the program with
// its tree open on a terminal, the platform being another process, and beside
// it decodes the same bytes with encoding/json alone. Reported are the whole
// program's peak memory since its start, and the ratio of the rates.
func BenchmarkLoadingOnScreen(b *testing.B) {
	var ours, theirs time.Duration
	var peak, size int
	for b.Loop() {
		c, p := counterWithPlatform(b)
		id := generated(b, p, 10, 100, 1_000_000)
		answer := recorded(b, c, p, id)
		size = len(answer)
		if err := os.RemoveAll(c.data); err != nil {
			b.Fatal(err)
		}
		if err := c.signUp(b.Context()); err != nil {
			b.Fatal(err)
		}
		term := c.treeOnTerminal(b, p.url)
		from := time.Now()
		term.Scan(id)
		term.WaitFor(`\+ box ` + id + `.* 1,000,000`)
		ours += time.Since(from)
		peak = max(peak, c.memory(b, "VmHWM"))
		term.Kill()
		p.stop()
		from = time.Now()
		var box apitest.Plain
		if err := json.Unmarshal(answer, &box); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(from)
		if len(box.VoucherBox[0].VoucherPkg) != 10 {
			b.Fatal("encoding/json decoded something else")
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(size)/1e6, "MB")
	b.ReportMetric(float64(size)*float64(b.N)/1e6/ours.Seconds(), "MB/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "×encoding/json")
	b.ReportMetric(float64(peak)/1024, "MiB-peak")
}

// recorded is the JSON within the platform's answer to a look-up of id: the
// program looks it up through a proxy that keeps what passes.
func recorded(t testing.TB, c *till, p *platform, id string) []byte {
	t.Helper()
	to, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "answer"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.Header.Get("Content-Length") == "" { // only a streamed answer has none
			r.Body = struct {
				io.Reader
				io.Closer
			}{io.TeeReader(r.Body, file), r.Body}
		}
		return nil
	}
	server := httptest.NewServer(proxy)
	defer server.Close()
	term := c.treeOnTerminal(t, server.URL)
	term.Scan(id)
	term.WaitFor(`\+ box ` + id + `.* 1,000,000`)
	term.Kill()
	raw, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	var envelope struct{ Body string }
	if err := json.Unmarshal(raw, &envelope); err != nil {
		t.Fatal(err)
	}
	plain, err := base64.StdEncoding.DecodeString(envelope.Body)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}
