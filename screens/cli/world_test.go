package cli_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/assets"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/cli"
)

func TestMain(m *testing.M) {
	// The program bounds its memory: many counters in one process would do
	// little but collect.
	debug.SetMemoryLimit(1 << 30)
	debug.SetGCPercent(400)            // as the program does
	_ = flag.Set("test.parallel", "8") // they wait more than they work
	os.Exit(ownTemp(m.Run))
}

// ownTemp runs the tests with a folder for passing files that no other program uses.
func ownTemp(run func() int) int {
	dir, err := os.MkdirTemp("", "counterfoil-cli-")
	if err == nil {
		err = os.Setenv("TMPDIR", dir)
	}
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return run()
}

// Ids of the demo's boxes.
const (
	reel      = "R112102F-0000242-2585"
	reelBox   = "X1123-6430582-102F5"
	codeA     = "1001901070000000258-M4DEDSfV"
	codeB     = "1001901070000000242-EOHEMM9K"
	otherCode = "1001901070000000255-e6tdHe8m"
	noSuch    = "R112102F-9999999-2585"
)

// world is a counter of its own with a sandbox platform beside it.
type world struct {
	t       testing.TB
	home    string
	config  string
	environ []string
	stdin   string
	server  *sandbox.Server
	sandbox *sandbox.Sandbox
	staffed bool // it has its operators
	itself  bool // the test itself says who acts
}

func newWorld(t testing.TB) *world {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Load(bytes.NewReader(assets.DemoBoxes)); err != nil {
		t.Fatal(err)
	}
	server, err := s.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = server.Close(), s.Close() })
	w := &world{t: t, home: offlinetest.Folder(t), server: server, sandbox: s}
	w.environ = []string{"HOME=" + w.home, "LANG=en_US.UTF-8"}
	w.config = w.file("counterfoil.toml", fmt.Sprintf(`
[platform]
posp_url = "%s"
b2b_url = "%s"
answer_timeout = "3s"
settle_time = "50ms"
absent_after = "4s"
void_leaves = "05"
status_forward_only = true
[platform.device]
device_no = "POS01"
[platform.b2b]
partner_id = 1504
merchant_id = "10001"
[platform.secrets]
mac_key_file = "mac_key"
`, server.POSPURL(), server.B2BURL()))
	w.file("mac_key", sandbox.DefaultMACKey+"\n")
	return w
}

func (w *world) file(name, text string) string {
	w.t.Helper()
	path := filepath.Join(w.home, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// begun gives the counter its data folder: reading makes none.
func (w *world) begun() *world {
	w.t.Helper()
	w.open()
	return w
}

// open makes a data folder with nobody in it, or opens one, and closes it.
func (w *world) open() { w.cheaply(func(*offline.Desk) error { return nil }) }

// cheaply does what gives PINs, which cost next to nothing then.
func (w *world) cheaply(do func(desk *offline.Desk) error) {
	w.t.Helper()
	w.must(offlinetest.Opened(offline.Settings{Data: w.data(), Number: 1, PublicPINs: true}, do))
}

// twin is another world with what the first one's folders hold, but for the
// ballast, which a start makes anew.
func (w *world) twin(t testing.TB) *world {
	t.Helper()
	other := newWorld(t)
	err := filepath.WalkDir(w.home, func(path string, entry fs.DirEntry, err error) error {
		to := filepath.Join(other.home, strings.TrimPrefix(path, w.home))
		switch {
		case err != nil || path == w.config || entry.Name() == "reserve":
			return err
		case entry.IsDir():
			return os.MkdirAll(to, 0o700)
		}
		other.copyFile(path, to)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return other
}

func (w *world) data() string { return filepath.Join(w.home, "data") }

// said is what one run of the program said.
type said struct {
	code     int
	out, err string
}

// run runs the program on this counter.
func (w *world) run(args ...string) said {
	return w.runIn(nil, args...)
}

// runIn runs it with more environment.
func (w *world) runIn(environ []string, args ...string) said {
	w.t.Helper()
	return w.bare(environ, append([]string{"--config", w.config, "--data", w.data()}, args...)...)
}

// bare runs the program without this counter's flags.
func (w *world) bare(environ []string, args ...string) said {
	w.t.Helper()
	var out bytes.Buffer
	s := w.into(&out, environ, args...)
	s.out = out.String()
	return s
}

// into runs it with another standard output.
func (w *world) into(out io.Writer, environ []string, args ...string) said {
	w.t.Helper()
	args, environ = w.asSomebody(args, environ)
	var talk bytes.Buffer
	code := cli.Main(cli.World{
		Args: args, Environ: append(append([]string{}, w.environ...), environ...),
		Stdin: strings.NewReader(w.stdin), Stdout: out, Stderr: &talk,
	})
	return said{code: code, err: talk.String()}
}

// want fails where the program ended with another code.
func (s said) want(t testing.TB, code int) said {
	t.Helper()
	if s.code != code {
		t.Fatalf("exit %d, want %d\nstdout: %s\nstderr: %s", s.code, code, s.out, s.err)
	}
	return s
}

// objects reads one JSON object a line, and nothing else.
func (s said) objects(t testing.TB) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(s.out) {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("a line of standard output is no JSON object: %q", line)
		}
		all = append(all, o)
	}
	return all
}

// one reads the only JSON object.
func (s said) one(t testing.TB) map[string]any {
	t.Helper()
	all := s.objects(t)
	if len(all) != 1 {
		t.Fatalf("%d objects, want 1: %s", len(all), s.out)
	}
	return all[0]
}

// faults sets the sandbox's faults.
func (w *world) faults(rules string) {
	w.t.Helper()
	list, err := sandbox.ParseFaults(strings.NewReader(rules))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.sandbox.SetFaults(list); err != nil {
		w.t.Fatal(err)
	}
}

// applied counts the effects on an id.
func (w *world) applied(id string) int {
	n := 0
	for _, e := range w.sandbox.Effects() {
		if e.ID == id {
			n++
		}
	}
	return n
}

// people gives the counter its operators, mgr and amy; from then on the test
// says who acts.
func (w *world) people() {
	w.t.Helper()
	w.staff()
	w.itself = true
}

func (w *world) staff() {
	w.t.Helper()
	if w.staffed {
		return
	}
	w.staffed = true
	offlinetest.Staff(w.t, offline.Settings{Data: w.data(), Number: 1, PublicPINs: true})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// asSomebody has what nobody may do done by whoever may: the cashier sells, the
// manager does the rest.
func (w *world) asSomebody(args, environ []string) ([]string, []string) {
	who := ""
	for _, arg := range args {
		switch arg {
		case "activate", "void":
			who = "amy"
		case "withdraw", "settle", "backup":
			who = "mgr"
		}
	}
	if who == "" || w.itself || slices.Contains(args, "--operator") {
		return args, environ
	}
	w.staff()
	pin := map[string]string{"amy": "1111", "mgr": "9999"}[who]
	return append([]string{"--operator", who}, args...), append([]string{"COUNTERFOIL_PIN=" + pin}, environ...)
}

var (
	asAmy = []string{"COUNTERFOIL_PIN=1111"}
	asMgr = []string{"COUNTERFOIL_PIN=9999"}
)

// offTheNet shuts the platform's port for good.
func (w *world) offTheNet() {
	w.t.Helper()
	if err := w.server.Close(); err != nil && err != http.ErrServerClosed { //nolint:errorlint // compared as net/http returns it
		w.t.Fatal(err)
	}
}

// sold is a counter that has its people and has sold: one operation done, one
// that waits, and a backup from in between.
func sold(t testing.TB) (w *world, done, waits string) {
	t.Helper()
	w = newWorld(t)
	done, waits = w.firstSales()
	return w, done, waits
}

// firstSales are the sales of such a counter, with its people.
func (w *world) firstSales() (done, waits string) {
	t := w.t
	t.Helper()
	w.people()
	op := func(args ...string) string {
		s := w.runIn(asAmy, append([]string{"--json", "--operator", "amy"}, args...)...)
		if len(s.objects(t)) == 0 {
			t.Fatalf("%s", s.err)
		}
		return fmt.Sprint(s.objects(t)[0]["op"])
	}
	done = op("activate", codeA, "--amount", "30")
	client, err := api.New(api.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	desk, err := offline.Open(t.Context(), offline.Settings{Data: w.data(), CounterName: "C01", Number: 1, ReadOnly: true}, client)
	if err != nil {
		t.Fatal(err)
	}
	w.copyFile(w.path("counterfoil.db"), filepath.Join(w.home, "older.db"))
	if err := desk.Stop(); err != nil {
		t.Fatal(err)
	}
	waits = op("activate", codeB, "--amount", "30", "--offline")
	return done, waits
}
