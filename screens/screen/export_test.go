package screen_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// exports are the names and contents of what was written.
func (d *desk) exports() map[string][]byte {
	d.TB.Helper()
	names, err := filepath.Glob(filepath.Join(d.Settings.Data, "exports", "*"))
	d.Must(err)
	all := map[string][]byte{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		d.Must(err)
		all[filepath.Base(name)] = text
		d.Must(os.Remove(name))
	}
	return all
}

// withOne is a desk that has activated a code.
func withOne(t *testing.T) *desk {
	d := openDesk(t)
	d.LookUp(offlinetest.FreeCode)
	op, err := d.Desk.Accept(t.Context(), offline.Request{Kind: offline.Activate, ID: offlinetest.FreeCode, AmountFen: 1500, Offline: true, Operator: d.Cashier})
	d.Must(err)
	_, err = d.Desk.Wait(t.Context(), op.Op)
	d.Must(err)
	return d
}

func TestAnExportIsWrittenInTheFormThatWasChosen(t *testing.T) {
	t.Parallel()
	d := withOne(t)
	d.env.Session = d.Manager
	x := &screen.Export{Env: d.env, From: screen.Queue}
	for _, lang := range []string{ui.English, ui.Chinese} {
		words, err := ui.NewWords(lang)
		d.Must(err)
		d.env.Words = words
		open, dialog := d.opened(d.sent(x.Ask(offline.ExportFilter{}, "all")))
		for i, form := range []struct {
			name, begins string
			excel        bool
		}{{".csv", "\ufeff", false}, {".csv", "\ufeff", true}, {".json", "{", false}, {".xlsx", "PK", false}} {
			for j, masked := range []bool{true, false} {
				said := d.sent(x.Exported(d.sent(x.Answered(yes(open, dialog.Asks[0].Options[i], dialog.Asks[1].Options[j]))).(screen.Exported)))
				if notice, ok := said.(screen.Notice); !ok || notice.Tone != ui.Good || !strings.Contains(notice.Text, "15.00") {
					t.Errorf("%s: it says %+v", dialog.Asks[0].Options[i], said)
				}
				found := 0
				for name, text := range d.exports() {
					if strings.HasSuffix(name, ".manifest.json") {
						continue
					}
					found++
					fits := strings.HasSuffix(name, form.name) && bytes.HasPrefix(text, []byte(form.begins))
					if form.begins != "PK" { // which is compressed
						fits = fits && bytes.Contains(text, []byte(offlinetest.FreeCode)) != masked && bytes.Contains(text, []byte(`"=""2026`)) == form.excel
					}
					if !fits {
						t.Errorf("%s, masked %v, is written as %s:\n%.900s", dialog.Asks[0].Options[i], masked, name, text)
					}
				}
				if found != 1 {
					t.Errorf("%d files", found)
				}
			}
		}
	}
}

func TestAnExportThatIsLeftWritesNothing(t *testing.T) {
	t.Parallel()
	d := withOne(t)
	d.env.Session = d.Manager
	x := &screen.Export{Env: d.env, From: screen.Queue}
	open, _ := d.opened(d.sent(x.Ask(offline.ExportFilter{}, "all")))
	no := yes(open, "CSV", "masked")
	no.Yes = false
	other := yes(screen.Open{Tag: screen.TagExport, About: "something else"}, "CSV", "masked")
	for _, answer := range []screen.Answered{no, other} {
		if cmd := x.Answered(answer); cmd != nil {
			t.Errorf("%+v brings %+v", answer, cmd())
		}
	}
}

func TestACashiersExportIsAManagersForOnce(t *testing.T) {
	t.Parallel()
	d := withOne(t)
	x := &screen.Export{Env: d.env, From: screen.Queue, Manager: &d.manager}
	open, dialog := d.opened(d.sent(x.Ask(offline.ExportFilter{}, "all")))
	tried := d.sent(x.Answered(yes(open, "CSV", dialog.Asks[1].Options[1]))).(screen.Exported)
	if got := d.exports(); tried.Failure() == nil || len(got) > 0 {
		t.Fatalf("a cashier wrote %d files: %v", len(got), tried.Failure())
	}
	asked, dialog := d.opened(d.sent(x.Exported(tried)))
	if dialog.Facts[1].Value != d.env.T("export.whole") { // what the manager stands behind
		t.Errorf("the manager is told %+v", dialog.Facts)
	}
	done := d.sent(d.manager.SignIn(yes(asked, "mgr", "9999"))).(screen.Exported)
	if got := d.exports(); done.Failure() != nil || len(got) != 2 {
		t.Errorf("with a manager %d files were written: %v", len(got), done.Failure())
	}
	// The next one needs a manager again.
	tried = d.sent(x.Answered(yes(open, "CSV", d.env.T("export.masked")))).(screen.Exported)
	if offline.KindOf(tried.Failure()) != offline.ErrNeedsManager {
		t.Errorf("the next one brings %v", tried.Failure())
	}
	x.Manager = nil // where nobody is asked the cashier is told
	if notice, ok := d.sent(x.Exported(tried)).(screen.Notice); !ok || notice.Tone != ui.Bad || notice.Text == "" {
		t.Errorf("it says %+v", notice)
	}
}
