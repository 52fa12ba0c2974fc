package screen

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/ui"
)

// TagExport marks the answer to an Export's dialog.
const TagExport = "export"

// Export has the desk write as a file what a screen shows. Its screen hands it the
// answers tagged TagExport, and Exported.
type Export struct {
	Env  *Env
	From ID
	// Manager approves it where the operator may not; nil where nobody is asked.
	Manager *Manager
}

// Exported says what came of an export.
type Exported struct {
	request offline.ExportRequest
	written offline.ExportManifest
	err     error
}

// Failure implements Failing.
func (m Exported) Failure() error { return m.err }

// exportForms are the forms to choose from, in the order of their words.
var exportForms = []offline.ExportRequest{{Format: offline.CSV}, {Format: offline.CSV, Excel: true}, {Format: offline.JSONLines}, {Format: offline.Sheet}}

func (x *Export) forms() []string {
	t := x.Env.T
	return []string{"CSV", t("export.excel"), "JSON", "XLSX"}
}

// Ask asks in which form to write what a filter holds; what names it, with its
// number of rows where that is known.
func (x *Export) Ask(filter offline.ExportFilter, what string) tea.Cmd {
	e := x.Env
	return Ask(x.From, TagExport, filter, func() *ui.Dialog {
		return &ui.Dialog{
			Title: e.T("export.title"), Yes: "export.write", Tone: ui.Accent,
			Facts: []ui.Fact{{Label: e.T("export.what"), Value: what}},
			Lines: []string{e.T("export.where")},
			Asks: []ui.Ask{
				{Label: e.T("export.form"), Options: x.forms()},
				{Label: e.T("export.codes"), Options: []string{e.T("export.masked"), e.T("export.whole")}},
			},
		}
	})
}

// Answered writes what was asked for.
func (x *Export) Answered(msg Answered) tea.Cmd {
	filter, ok := msg.About.(offline.ExportFilter)
	if !ok || !msg.Yes {
		return nil
	}
	var r offline.ExportRequest
	for i, form := range x.forms() {
		if form == msg.Values[0] {
			r = exportForms[i]
		}
	}
	r.Filter, r.Open = filter, msg.Values[1] == x.Env.T("export.whole")
	env, by := x.Env, x.Env.Session
	return Reply(x.From, func() tea.Msg { return export(env, by, r) })
}

// export asks the desk in the name of by; only commands call it.
func export(env *Env, by offline.Session, r offline.ExportRequest) Exported {
	m, err := env.Desk.Export(env.Context, by, r)
	return Exported{r, m, err}
}

// Exported says where the file is; what a cashier may not do, a manager may allow.
func (x *Export) Exported(msg Exported) tea.Cmd {
	e := x.Env
	switch {
	case offline.KindOf(msg.err) == offline.ErrNeedsManager && x.Manager != nil:
		what := func() []ui.Fact {
			codes := map[bool]string{true: "export.whole", false: "export.masked"}[msg.request.Open]
			return []ui.Fact{{Label: e.T("detail.kind"), Value: e.T("export.title")}, {Label: e.T("export.codes"), Value: e.T(codes)}, {Label: e.T("detail.by"), Value: e.Session.Name}}
		}
		return x.Manager.Ask(what, msg.err, func(manager offline.Session) tea.Msg {
			defer e.Desk.SignOut(manager) // also where it was not needed any more
			return export(e, e.Session.With(manager), msg.request)
		})
	case msg.err != nil:
		return Say(e.Problem(msg.err), ui.Bad)
	}
	return Say(e.T("export.done", map[string]any{"File": msg.written.Path, "Count": int(msg.written.Rows), "N": ui.Grouped(msg.written.Rows), "Yuan": Money(msg.written.Fen)}), ui.Good)
}
