package ui

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"

	"counterfoil/assets"
)

var place = regexp.MustCompile(`\{\{\s*\.(\w+)`)

// roomMessages returns the ids of one room's file and the names of the values each text uses.
func roomMessages(t *testing.T, room, lang string) map[string][]string {
	t.Helper()
	name := "languages/" + room + "." + lang + ".toml"
	data, err := fs.ReadFile(assets.Languages, name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	file, err := i18n.ParseMessageFileBytes(data, path.Base(name), map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	found := map[string][]string{}
	for _, m := range file.Messages {
		if strings.TrimSpace(m.Other) == "" {
			t.Errorf("%s: %s is empty", name, m.ID)
		}
		used := map[string]bool{}
		for _, hit := range place.FindAllStringSubmatch(m.Other, -1) {
			used[hit[1]] = true
		}
		found[m.ID] = slices.Sorted(maps.Keys(used))
	}
	return found
}

func TestBothLanguagesHoldTheSameMessagesWithTheSameValues(t *testing.T) {
	files, err := fs.Glob(assets.Languages, "languages/*.en.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no languages: %v", err)
	}
	for _, file := range files {
		room := strings.TrimSuffix(path.Base(file), ".en.toml")
		t.Run(room, func(t *testing.T) {
			en, zh := roomMessages(t, room, English), roomMessages(t, room, Chinese)
			for id, values := range en {
				other, ok := zh[id]
				switch {
				case !ok:
					t.Errorf("%s has no Chinese", id)
				case !slices.Equal(values, other):
					t.Errorf("%s uses %v in English, %v in Chinese", id, values, other)
				}
			}
			for id := range zh {
				if _, ok := en[id]; !ok {
					t.Errorf("%s has no English", id)
				}
			}
		})
	}
}

func TestAutoLanguageFollowsTheLocaleInPOSIXOrder(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{}, English},
		{map[string]string{"LANG": "zh_CN.UTF-8"}, Chinese},
		{map[string]string{"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, English},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW"}, Chinese},
		{map[string]string{"LC_ALL": "ZH_cn", "LANG": "de_DE"}, Chinese},
	} {
		if got := DetectLanguage(func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%v: got %s, want %s", c.env, got, c.want)
		}
	}
}

func TestTheLanguageMaySwitchWhileOthersRead(t *testing.T) {
	w, err := NewWords(English)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 200 {
				if i == 0 {
					w.SetLanguage([]string{Chinese, English}[n%2])
				}
				if got := w.T("ui.cancel"); got != "cancel" && got != "取消" {
					t.Errorf("got %q", got)
				}
				if got := w.T("ui.seconds", map[string]any{"N": n}); !strings.Contains(got, fmt.Sprint(n)) {
					t.Errorf("got %q", got)
				}
			}
		})
	}
	all.Wait()
	w.SetLanguage(Chinese)
	if got := w.T("ui.cancel"); got != "取消" {
		t.Errorf("after the switch: %q", got)
	}
}

func TestAMessageThatNoLanguageHasShowsItsID(t *testing.T) {
	w, err := NewWords(Chinese)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.T("ui.never_written"); got != "ui.never_written" {
		t.Errorf("got %q", got)
	}
}
