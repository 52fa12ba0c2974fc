package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"counterfoil/assets"
)

// put writes a configuration and returns its path.
func put(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "counterfoil.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func load(t *testing.T, text string, environ ...string) (*Config, error) {
	t.Helper()
	return Load(Where{File: put(t, text), Environ: environ})
}

func mustLoad(t *testing.T, text string, environ ...string) *Config {
	t.Helper()
	c, err := load(t, text, environ...)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return c
}

func wantError(t *testing.T, err error, id string) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an error %s", err, id)
	}
	if e.ID != id {
		t.Fatalf("got error %s %v, want %s", e.ID, e.Args, id)
	}
	return e
}

func TestExampleHoldsEveryKeyAndParses(t *testing.T) {
	t.Parallel()
	shown := defaults()
	if err := shown.decode(assets.ExampleConfig); err != nil {
		t.Fatal(err)
	}
	lines := shown.lines
	for _, key := range Keys() {
		if lines[key] == 0 {
			t.Errorf("the example does not show %s", key)
		}
	}
	if len(lines) != len(Keys()) {
		t.Errorf("the example has %d keys, the configuration %d", len(lines), len(Keys()))
	}
	file := put(t, string(assets.ExampleConfig))
	for _, secret := range []string{"mac_key", "app_secret"} {
		path := filepath.Join(filepath.Dir(file), secret)
		if err := os.WriteFile(path, []byte("94365019BBF9CEEAB0DF658E67754A70\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Load(Where{File: file})
	if err != nil {
		t.Fatalf("the example is refused: %v", err)
	}
	if c.Missing() != "" {
		t.Errorf("the example lacks %s", c.Missing())
	}
	if c.Client().MACKey != "94365019BBF9CEEAB0DF658E67754A70" {
		t.Errorf("mac key %q", c.Client().MACKey)
	}
}

func TestExampleShowsTheDefaults(t *testing.T) {
	t.Parallel()
	c := defaults()
	if err := c.decode(assets.ExampleConfig); err != nil {
		t.Fatal(err)
	}
settings:
	for _, s := range c.settings {
		for _, none := range []string{"_url", ".device.", ".paas.", ".b2b.", ".secrets."} {
			if strings.Contains(s.key, none) {
				continue settings
			}
		}
		if !reflect.DeepEqual(c.values[s.key], s.fallback) {
			t.Errorf("%s: the example says %v, the default is %v", s.key, c.values[s.key], s.fallback)
		}
	}
}

func TestEveryExampleKeyIsExplained(t *testing.T) {
	t.Parallel()
	section := false
	before := ""
	for line := range strings.Lines(string(assets.ExampleConfig)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = strings.HasPrefix(before, "#")
		} else if strings.Contains(line, " = ") && !strings.HasPrefix(line, "#") &&
			!strings.HasPrefix(before, "#") && !section {
			t.Errorf("no comment before %q", line)
		}
		before = line
	}
}

func TestUnknownKeyIsRefusedAtItsLine(t *testing.T) {
	t.Parallel()
	_, err := load(t, "[counter]\nname = \"C02\"\n\n[platform]\npost_url = \"https://x\"\n")
	e := wantError(t, err, "cli.config.unknown_key")
	if e.Args["Line"] != 5 || e.Args["Setting"] != "platform.post_url" {
		t.Errorf("got %v", e.Args)
	}
}

func TestUnknownSectionIsRefusedAtItsLine(t *testing.T) {
	t.Parallel()
	_, err := load(t, "[counter]\nname = \"C02\"\n[printer]\ndevice = \"x\"\n")
	if e := wantError(t, err, "cli.config.unknown_key"); e.Args["Line"] != 3 && e.Args["Line"] != 4 {
		t.Errorf("got %v", e.Args)
	}
}

func TestBrokenTextIsRefusedAtItsLine(t *testing.T) {
	t.Parallel()
	_, err := load(t, "[counter]\nname = \n")
	if e := wantError(t, err, "cli.config.not_toml"); e.Args["Line"] != 2 {
		t.Errorf("got %v", e.Args)
	}
}

func TestWhatStandsTwiceIsRefusedWithBothLines(t *testing.T) {
	t.Parallel()
	for text, setting := range map[string]string{
		"[counter]\nname = \"a\"\nnumber = 2\nname = \"b\"\n": "counter.name",
		"[counter]\nname = \"a\"\n[platform]\n[counter]\n":    "counter",
	} {
		_, err := load(t, text)
		e := wantError(t, err, "cli.config.twice")
		if first := map[string]int{"counter.name": 2, "counter": 1}[setting]; e.Args["Line"] != 4 || e.Args["First"] != first || e.Args["Setting"] != setting {
			t.Errorf("got %v", e.Args)
		}
	}
}

func TestValueOfTheWrongKindIsRefusedAtItsLine(t *testing.T) {
	t.Parallel()
	_, err := load(t, "[counter]\nnumber = \"one\"\n")
	if e := wantError(t, err, "cli.config.wrong_kind"); e.Args["Line"] != 2 || e.Args["Setting"] != "counter.number" {
		t.Errorf("got %v", e.Args)
	}
}

func TestValuesOutsideWhatIsAllowedAreRefusedByName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, setting, allowed string }{
		{"[counter]\nnumber = 0", "counter.number", "cli.allowed.number"},
		{"[counter]\nnumber = 1000000", "counter.number", "cli.allowed.number"},
		{"[counter]\nname = \"\"", "counter.name", "cli.allowed.text"},
		{"[counter]\ntime_zone = \"Asia/Shangai\"", "counter.time_zone", "cli.allowed.zone"},
		{"[counter]\nday_starts_at = \"24:00\"", "counter.day_starts_at", "cli.allowed.clock"},
		{"[counter]\nday_starts_at = \"4:00\"", "counter.day_starts_at", "cli.allowed.clock"},
		{"[counter]\nlanguage = \"de\"", "counter.language", "cli.allowed.one_of"},
		{"[platform]\nposp_url = \"http://shop.example/api\"", "platform.posp_url", "cli.allowed.url"},
		{"[platform]\nb2b_url = \"ftp://127.0.0.1\"", "platform.b2b_url", "cli.allowed.url"},
		{"[platform]\nposp_url = \"https://u:p@shop.example/api\"", "platform.posp_url", "cli.allowed.url"},
		{"[platform]\nanswer_timeout = \"10\"", "platform.answer_timeout", "cli.allowed.duration"},
		{"[platform]\nabsent_after = \"40s\"", "platform.absent_after", "cli.allowed.longer_than"},
		{"[platform]\nparallel = 0", "platform.parallel", "cli.allowed.number"},
		{"[platform]\namount_unit = \"jiao\"", "platform.amount_unit", "cli.allowed.one_of"},
		{"[platform]\nvoid_leaves = \"04\"", "platform.void_leaves", "cli.allowed.one_of"},
		{"[platform]\nstatus_alone = \"maybe\"", "platform.status_alone", "cli.allowed.one_of"},
		{"[platform]\nanswer_trace = \"ignore\"", "platform.answer_trace", "cli.allowed.one_of"},
		{"[platform]\nlookup_action = \"../x\"", "platform.lookup_action", "cli.allowed.action"},
		{"[platform]\ntrace_codes = [\"A01\", \"A 2\"]", "platform.trace_codes", "cli.allowed.codes"},
		{"[offline]\nmax_amount = \"5000.005\"", "offline.max_amount", "cli.allowed.money"},
		{"[offline]\nmax_total = \"-1\"", "offline.max_total", "cli.allowed.money"},
		{"[offline]\nmax_operations = -1", "offline.max_operations", "cli.allowed.number"},
		// Nought would read as "nothing without a manager", and mean no limit at all.
		{"[offline]\nmax_operations = 0", "offline.max_operations", "cli.allowed.number"},
		{"[offline]\nmax_amount = \"0\"", "offline.max_amount", "cli.allowed.money"},
		{"[offline]\nmax_total = \"0.00\"", "offline.max_total", "cli.allowed.money"},
		{"[counter]\nmax_amount = \"0.00\"", "counter.max_amount", "cli.allowed.money"},
		{"[bulk]\nmax_total = \"0\"", "bulk.max_total", "cli.allowed.money"},
		{"[scanner]\nmin_length = 1", "scanner.min_length", "cli.allowed.number"},
		{"[screen]\nidle_lock = \"never\"", "screen.idle_lock", "cli.allowed.duration"},
	} {
		_, err := load(t, c.text)
		e := wantError(t, err, "cli.config.bad_value")
		allowed, _ := e.Args["Allowed"].(Phrase)
		if e.Args["Setting"] != c.setting || allowed.ID != c.allowed {
			t.Errorf("%q: got %v, want %s refused by %s", c.text, e.Args, c.setting, c.allowed)
		}
		if where, _ := e.Args["Where"].(string); !strings.HasSuffix(where, ":2") {
			t.Errorf("%q: where %q does not point at line 2", c.text, where)
		}
	}
}

func TestPlainHTTPIsForLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://127.0.0.1:8421/api", "http://localhost:1/x", "http://[::1]:5", "http://127.9.9.9/"} {
		c := mustLoad(t, "[platform]\nposp_url = \""+url+"\"")
		if c.Client().POSPURL == "" {
			t.Errorf("%s is refused", url)
		}
	}
}

func TestValuesReachTheDeskParsed(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, `
[counter]
name = "C07"
number = 42
day_starts_at = "05:30"
[platform]
answer_timeout = "250ms"
amount_unit = "yuan"
face_value_unit = "fen"
status_alone = "attention"
device = { device_no = "POS09" }
[offline]
max_amount = "12.5"
`)
	d := c.Desk("data")
	if d.CounterName != "C07" || d.Number != 42 || d.DayStartsAt != 5*time.Hour+30*time.Minute || d.Zone.String() != "Asia/Shanghai" {
		t.Errorf("counter: %+v", d)
	}
	if d.Calls.AnswerTimeout != 250*time.Millisecond || !d.Calls.AmountInYuan || !d.Calls.FaceValueInFen || d.Rules.StatusAloneDone {
		t.Errorf("rules: %+v", d.Rules)
	}
	if d.Limits.MaxAmountFen != 1250 || d.Limits.MaxTotalFen != 5000000 || d.Limits.MaxAge != 24*time.Hour {
		t.Errorf("limits: %+v", d.Limits)
	}
	if c.Client().Device.DeviceNo != "POS09" || c.Client().AnswerTimeout != 250*time.Millisecond {
		t.Errorf("client: %+v", c.Client())
	}
	if c.Sources["platform.device.device_no"] != c.Path {
		t.Errorf("an inline table's key has source %q", c.Sources["platform.device.device_no"])
	}
}

func TestEveryKeyCanBeSetFromTheEnvironment(t *testing.T) {
	t.Parallel()
	for _, s := range defaults().settings {
		value := "7"
		switch s.fallback.(type) {
		case bool:
			value = "true"
		case []string:
			value = "A1, A2"
		case map[string]string:
			value = "1=used, 2=made"
		}
		c := defaults()
		if err := c.environment(Where{Environ: []string{EnvName(s.key) + "=" + value}}); err != nil {
			t.Errorf("%s: %v", s.key, err)
		}
		if c.Sources[s.key] != "$"+EnvName(s.key) {
			t.Errorf("%s: source %q", s.key, c.Sources[s.key])
		}
	}
}

func TestEnvironmentWinsOverTheFile(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "[platform]\nparallel = 2\n", "COUNTERFOIL_PLATFORM_PARALLEL=3", "COUNTERFOIL_PLATFORM_TRACE_CODES=A11,A12",
		"COUNTERFOIL_PLATFORM_DEVICE_DEVICE_NO=POS5", "COUNTERFOIL_PIN=1111")
	if d := c.Desk(""); d.Calls.Parallel != 3 || !slices.Equal(d.Rules.TraceCodes, []string{"A11", "A12"}) {
		t.Errorf("rules %+v", d.Rules)
	}
	if c.Client().Device.DeviceNo != "POS5" {
		t.Errorf("device %+v", c.Client().Device)
	}
}

func TestMisspeltVariableOfASectionIsRefused(t *testing.T) {
	t.Parallel()
	_, err := load(t, "", "COUNTERFOIL_PLATFORM_POSP_URI=https://x")
	_ = wantError(t, err, "cli.config.env_unknown")
	_, err = load(t, "", "COUNTERFOIL_PLATFORM_PARALLEL=many")
	_ = wantError(t, err, "cli.config.env_kind")
}

func TestFilesAreSearchedInOrder(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	dir := filepath.Join(home, "xdg", "counterfoil")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dir, "counterfoil.toml")
	if err := os.WriteFile(mine, []byte("[counter]\nname = \"C03\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"HOME=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, "xdg")}
	c, err := Load(Where{Environ: environ})
	if err != nil || c.Path != mine || c.Desk("").CounterName != "C03" {
		t.Fatalf("got %+v %v", c, err)
	}
	named := put(t, "[counter]\nname = \"C04\"\n")
	c, err = Load(Where{File: named, Environ: environ})
	if err != nil || c.Desk("").CounterName != "C04" {
		t.Fatalf("--config does not win: %v", err)
	}
	_, err = Load(Where{File: named + ".gone", Environ: environ})
	_ = wantError(t, err, "cli.config.unreadable")
}

func TestDataFolderFollowsTheStateHome(t *testing.T) {
	t.Parallel()
	if got := (Where{Environ: []string{"HOME=/home/a", "XDG_STATE_HOME=/s"}}).DataFolder(); got != "/s/counterfoil" {
		t.Error(got)
	}
	if got := (Where{Environ: []string{"HOME=/home/a"}}).DataFolder(); got != "/home/a/.local/state/counterfoil" {
		t.Error(got)
	}
}
