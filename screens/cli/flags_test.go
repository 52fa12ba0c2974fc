package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"counterfoil/api/sandbox"
)

func TestAFlagGivenTwiceHoldsAsItWasGivenLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.file("other.toml", "[counter]\nname = \"OTHER\"\n")
	for _, args := range [][]string{
		{"--config", w.config, "--config", other, "config"}, {"--config", w.config, "config", "--config=" + other},
		{"--config=" + w.config, "--config", other, "config"}, {"--operator", "--config", "--config", other, "config"},
	} {
		if s := w.bare(nil, args...).want(t, 0); !strings.Contains(s.out, `"OTHER"`) {
			t.Errorf("%v took another file:\n%s", args, s.out)
		}
	}
	if s := w.bare(nil, "--lang", "en", "--config", w.config, "--lang", "zh", "config").want(t, 0); !strings.Contains(s.out, "默认") {
		t.Errorf("the first language holds: %s", s.out)
	}
	w.open()
	w.bare(nil, "--config", w.config, "--data", filepath.Join(w.home, "first"), "queue", "replay", "--data", w.data()).want(t, 0)
	if _, err := os.Stat(filepath.Join(w.home, "first")); err == nil {
		t.Error("the first data folder holds")
	}
}

// TestANumberIsTakenAsItStandsOnASlip: zeros in front of a number mean nothing.
func TestANumberIsTakenAsItStandsOnASlip(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	run := func(args ...string) said { return w.runIn(asMgr, append(args, "--operator", "mgr")...) }
	for range 10 { // Z 10 must not be told by the digits of Z 8
		run("activate", otherCode, "--amount", "15", "--offline").want(t, 4)
		run("close", "--open", "000001", "--no-check").want(t, 0)
		run("void", otherCode).want(t, 0)
	}
	if s := run("close", "--show", "000010", "--json").want(t, 0).one(t); s["z"] != 10.0 {
		t.Errorf("Z 000010 is shown as %v", s["z"])
	}
	if s := run("export", "--z", "000009", "--format", "json").want(t, 0).objects(t); len(s) != 1 || s[0]["z_no"] != 9.0 {
		t.Errorf("Z 000009 is exported as %v", s)
	}
	if s := run("export", "--z", "x").want(t, 2); !strings.Contains(s.err, "--z ") {
		t.Errorf("%s", s.err)
	}
	run("close", "--show", "0xa").want(t, 2)
	run("close", "--show", "1_0").want(t, 2)
	if s := w.sells("--to", "0000048", "--count", "010").want(t, 1); !strings.Contains(s.err, "8 pieces, not 10") {
		t.Errorf("%s", s.err)
	}
}

func TestAFlagOfEveryCommandIsNotLeftEmpty(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, flag := range []string{"config", "data", "lang", "operator"} {
		for _, args := range [][]string{{"--" + flag, ""}, {"--" + flag + "="}, {"--" + flag, "x", "--" + flag, ""}} {
			s := w.bare(nil, append(args, "queue")...).want(t, 2)
			if !strings.Contains(s.err, "--"+flag) {
				t.Errorf("%q: %s", args, s.err)
			}
		}
	}
}

func TestAKeyIsTakenAsItWasMeantOrRefused(t *testing.T) {
	t.Parallel()
	key := sandbox.DefaultMACKey
	for text, fits := range map[string]bool{
		key: true, "\ufeff" + key + "\r\n": true, `"` + key + `"` + "\n": true, "'" + key + "'": true, " \n" + key + "\t\n\n": true,
		"# our key\n" + key + "\n": false, key + "\n" + key: false, `"` + key: false, key + " # ours": false, `""`: false, "“" + key + "”": false,
		"\u200b" + key: false, "#" + key: false, "\xff\xfe" + strings.Join(strings.Split(key, ""), "\x00") + "\x00": false,
	} {
		w := newWorld(t).begun()
		w.file("mac_key", text)
		want := 1
		if fits {
			want = 0
		}
		w.run("queue", "replay").want(t, want)
		w.file("mac_key", key)
		w.file("app_secret", text)
		config, err := os.ReadFile(w.config)
		must(t, err)
		w.file("counterfoil.toml", string(config)+"app_secret_file = \"app_secret\"\n")
		if s := w.run("config").want(t, want); !fits && !strings.Contains(s.err, "app_secret") {
			t.Errorf("%q: the file is not named: %s", text, s.err)
		}
	}
}

func TestAConfigurationMayBeginWithAByteOrderMark(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config, err := os.ReadFile(w.config)
	must(t, err)
	w.file("counterfoil.toml", "\ufeff"+string(config))
	w.run("config").want(t, 0)
	w.file("counterfoil.toml", "\ufeff[counter]\nname = 7\n")
	if s := w.run("config").want(t, 1); !strings.Contains(s.err, "counterfoil.toml:2") && !strings.Contains(s.err, "2") {
		t.Errorf("the line is not named: %s", s.err)
	}
}

func TestAConfigurationOrAKeyWithoutAnEndIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pipe, device, long, linked := filepath.Join(w.home, "pipe"), "/dev/zero", w.file("long", strings.Repeat("#", 2<<20)), filepath.Join(w.home, "linked")
	must(t, unix.Mkfifo(pipe, 0o600))
	must(t, os.Symlink(device, linked))
	for _, strange := range []string{pipe, device, long, linked, w.home, "/dev/tty"} {
		begun := time.Now()
		w.bare(nil, "--config", strange, "config").want(t, 1)
		w.bare(nil, "--config", strange, "--help").want(t, 0)
		with := w.file("with.toml", "[platform.secrets]\nmac_key_file = \""+strange+"\"\n")
		w.bare(nil, "--config", with, "config").want(t, 1)
		with = w.file("with.toml", "[platform]\nca_file = \""+strange+"\"\n")
		w.bare(nil, "--config", with, "config").want(t, 1)
		if took := time.Since(begun); took > 20*time.Second {
			t.Errorf("%s took %v", strange, took)
		}
	}
}

func TestASandboxTakesNoFolderOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := picture(t, w.home)
	w.bare(nil, "sandbox", "--addr", "127.0.0.1:0", "--data", w.home).want(t, 1)
	if after := picture(t, w.home); after != before {
		t.Errorf("something was changed:\n%s\n%s", before, after)
	}
}

func TestAnEmptyFileOrPersonIsWrongUsage(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	for _, args := range [][]string{
		{"review", codeA, "--case", ""}, {"backup", ""}, {"export", "--out", ""}, {"activate", "--from", ""}, {"activate", codeA, "--amount="},
		{"review", codeA, "--from", ""}, {"sandbox", "--faults", ""}, {"sandbox", "--range-key="}, {"operators", "recover", ""}, {"operators", "add", "", "--role", "cashier"},
	} {
		if s := w.run(args...).want(t, 2); s.out != "" || !strings.Contains(s.err, "needs a value") && !strings.Contains(s.err, "is missing") {
			t.Errorf("%q: %s%s", args, s.out, s.err)
		}
	}
}

func TestANamedFileThatCannotBeIsSaidByItsName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	plain := w.file("plain", "")
	inPlain, long := filepath.Join(plain, "x"), filepath.Join(w.home, strings.Repeat("n", 300))
	try := func(name string, args ...string) {
		t.Helper()
		s := w.bare([]string{"COUNTERFOIL_PIN=9999", "COUNTERFOIL_NEW_PIN=1234"}, args...).want(t, 1)
		if all := s.out + s.err; !strings.Contains(all, name) || strings.Contains(all, "inside the program") || strings.Contains(all, "address") {
			t.Errorf("%.200q: %s", args, all)
		}
	}
	for _, file := range []string{filepath.Join(w.home, "no", "such"), inPlain, long} {
		for _, args := range [][]string{{"backup", file}, {"export", "--out", file}, {"review", codeA, "--case", file}, {"activate", "--from", file}} {
			try(file, append(args, "--config", w.config, "--data", w.data(), "--operator", "mgr")...)
		}
		for _, flag := range []string{"--faults", "--range-key", "--range-public-key"} {
			try(file, "sandbox", "--addr", "127.0.0.1:0", flag, file)
		}
		try(file, "config", "--config", file)
	}
	try("/proc/x", "sandbox", "--addr", "127.0.0.1:0", "--data", "/proc/x") // where nobody may make a folder
	for _, folder := range []string{plain, inPlain, long} {
		for _, args := range [][]string{{"queue"}, {"doctor"}, {"day"}, {"operators", "add", "amy", "--role", "manager"}, {"sandbox", "--addr", "127.0.0.1:0"}} {
			try(folder, append(args, "--config", w.config, "--data", folder)...)
		}
	}
}

func TestNoFileIsWrittenUnderANameThatTheCounterUses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	link := filepath.Join(w.home, "link")
	must(t, os.Symlink(w.data(), link))
	must(t, os.MkdirAll(filepath.Join(w.data(), "slips"), 0o700))
	try := func(named, said string, args ...string) {
		t.Helper()
		s := w.runIn(asMgr, append(args, named, "--operator", "mgr")...).want(t, 1)
		if _, err := os.Lstat(said); err != nil && !strings.Contains(s.err, said+" is a name that the counter itself uses") {
			t.Errorf("%v %s: %s", args, named, s.err)
		}
	}
	for _, name := range []string{
		"counterfoil.db.salvaged", "counterfoil.db-wal", "counterfoil.db-journal", "counterfoil.db.before-9", "chain.head", "chain.head.new", "lock",
		"reserve", "catalog.db", "records.db-wal", "baskets.json", "export.key", "counterfoil.log", "slips", "slips/Z000001.txt", "reconcile.part",
	} {
		for _, folder := range []string{w.data(), link} {
			try(filepath.Join(folder, name), filepath.Join(folder, name), "backup")
		}
		try(filepath.Join(w.data(), name), filepath.Join(w.data(), name), "export", "--out")
	}
	try(filepath.Join(w.data(), "baskets.txt"), filepath.Join(w.data(), "baskets.json"), "review", codeA, "--case")
	w.runIn(asMgr, "backup", filepath.Join(w.home, "counterfoil.db"), "--operator", "mgr").want(t, 0) // where no counter is
	w.runIn(asMgr, "backup", filepath.Join(w.data(), "monday.db"), "--operator", "mgr").want(t, 0)
}

func TestANewOperatorsNameIsSaidAsItIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	s := w.runIn([]string{"COUNTERFOIL_PIN=9999", "COUNTERFOIL_NEW_PIN=1111"}, "operators", "add", "\x1b[2Jben  li", "--role", "cashier", "--operator", "mgr", "--json").want(t, 0)
	if line := s.one(t); line["name"] != "ben li" || !strings.Contains(s.err, "“ben li”") {
		t.Errorf("%v %s", line, s.err)
	}
}
