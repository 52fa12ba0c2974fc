package config

import "testing"

func TestAKeyIsASettingOnlyAsItIsWrittenInTheTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, setting string
		line          int
	}{
		{"[Counter]\n", "Counter", 1},
		{"\n[Counter]\nname = \"x\"\n", "Counter", 2},
		{"[[Counter]]\nname = \"x\"\n", "Counter", 1},
		{"[counter]\nNAME = \"x\"\n", "counter.NAME", 2},
		{"[counter]\nname = \"a\"\nNAME = \"x\"\n", "counter.NAME", 3},
		{"[counter]\nNAME = \"a\"\nname = \"x\"\n", "counter.NAME", 2},
		{"[Review.Marks]\nTwo_Shops = \"30m\"\n", "Review.Marks", 1},
		{"[review.marks]\nTwo_Shops = \"30m\"\n", "review.marks.Two_Shops", 2},
		{"[review]\n\nKINDS = { 1 = \"used\" }\n", "review.KINDS.1", 3},
		{"[Review.kinds]\n1 = \"used\"\n", "Review.kinds", 1},
		{"[review]\nKINDS.1 = \"used\"\n", "review.KINDS.1", 2},
		{"Counter.name = \"x\"\n", "Counter.name", 1},
		{"counter.Name = \"x\"\n", "counter.Name", 1},
		{"\"Counter\".name = \"x\"\n", "Counter.name", 1},
		{"[\"Counter\"]\nname = \"x\"\n", "Counter", 1},
		{"['counter']\n'Name' = \"x\"\n", "counter.Name", 2},
		{"counter = { Name = \"x\" }\n", "counter.Name", 1},
		{"Counter = { name = \"x\" }\n", "Counter.name", 1},
		{"Counter = {}\n", "Counter", 1},
		{"[platform]\nTrace_codes = [\n\"1\",\n]\n", "platform.Trace_codes", 2},
		{"[platform]\ndevice = { device_no = \"1\", Brand = \"2\" }\n", "platform.device.Brand", 2},
		// A part in quotes is one part, whatever dots are in it.
		{"\"counter.name\" = \"x\"\n", `"counter.name"`, 1},
		{"\"counter.name\" = \"x\"\n[counter]\nname = \"y\"\n", `"counter.name"`, 1},
		{"[\"platform.device\"]\n", `"platform.device"`, 1},
		{"[counter]\n\"\" = 1\n", `counter.""`, 2},
	} {
		_, err := load(t, c.text)
		e := wantError(t, err, "cli.config.unknown_key")
		if e.Args["Setting"] != c.setting || e.Args["Line"] != c.line {
			t.Errorf("%q: %v at %v, want %s at %d", c.text, e.Args["Setting"], e.Args["Line"], c.setting, c.line)
		}
	}
}

func TestAKeyInQuotesIsTheSameKey(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "[\"counter\"]\n'name' = \"C05\"\n[review.kinds]\n\"A1\" = \"made\"\n")
	if d := c.Desk(""); d.CounterName != "C05" || d.Review.Kinds["A1"] != "made" {
		t.Errorf("%+v", d)
	}
}
