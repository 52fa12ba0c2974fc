package cli_test

import (
	"slices"
	"strings"
	"testing"
)

// Each command, by the smallest role that may do it.
var rights = map[string][][]string{
	"": {
		{"lookup", codeA}, {"review", codeA}, {"queue"}, {"queue", "list"}, {"queue", "show", "X"}, {"queue", "replay"}, {"operators"}, {"operators", "list"},
		{"verify"}, {"doctor"}, {"config"}, {"version"}, {"man"}, {"completion", "bash"}, {"help"},
	},
	"amy": {{"activate", codeA, "--amount", "15", "--offline"}, {"void", codeA, "--offline"}, {"queue", "withdraw", "X"}, {"operators", "pin"}},
	"mgr": {
		{"review", reel}, {"day"}, {"close"}, {"export"}, {"reconcile"},
		{"range", "--type", "voucher", "--bin", "7020", "--from", "0000041", "--to", "0000045", "--selling", "100", "--cost", "88", "--count", "14"},
		{"queue", "settle", "X", "--as", "done", "--reason", "x"}, {"backup", "/no/such/folder/x"}, {"verify", "--acknowledge", "--reason", "x"},
		{"operators", "add", "amy", "--role", "cashier"}, {"operators", "reset-pin", "eve"}, {"operators", "disable", "eve"},
		{"operators", "enable", "eve"}, {"operators", "role", "eve", "cashier"},
	},
}

// apart are commands that ask who acts otherwise: on their screens, or of the system.
var apart = []string{"", "demo", "sandbox", "operators recover"}

func TestEveryCommandIsForThoseWhoMay(t *testing.T) {
	t.Parallel()
	seen := slices.Clone(apart)
	for _, list := range rights {
		for _, args := range list {
			for _, name := range commands {
				if len(name) <= len(args) && slices.Equal(name, args[:len(name)]) {
					seen = append(seen, strings.Join(name, " "))
				}
			}
		}
	}
	for _, name := range commands {
		if !slices.Contains(seen, strings.Join(name, " ")) {
			t.Errorf("nobody says who may do %v", name)
		}
	}
	rank := []string{"", "amy", "mgr"}
	for i, who := range rank {
		t.Run("by "+who, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.people()
			var as []string
			pin := map[string]string{"amy": "1111", "mgr": "9999"}[who]
			if who != "" {
				as = []string{"--operator", who}
			}
			for _, last := range []bool{false, true} { // a new PIN is dear to check from then on
				for least, role := range rank {
					for _, args := range rights[role] {
						if slices.Equal(args, []string{"operators", "pin"}) != last {
							continue
						}
						s := w.runIn([]string{"COUNTERFOIL_PIN=" + pin, "COUNTERFOIL_NEW_PIN=" + pin}, append(slices.Clone(as), args...)...)
						refused := s.code == 6 || who == "" && s.code == 2
						if may := i >= least; may == refused {
							t.Errorf("%v by %q: exit %d: %s", args, who, s.code, s.err)
						}
					}
				}
			}
		})
	}
}
