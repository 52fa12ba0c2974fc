package review

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// written says that a case was written, and where.
type written struct {
	names []string
	err   error
}

// about is what a case would be of: what is in front.
func (s *review) about() api.ID {
	if s.isCode() || s.tab != tabRecords || !s.env.May(offline.Review) {
		return s.id
	}
	id, _ := s.InHand()
	return id
}

// masked reports a code that is not shown whole here.
func (s *review) masked(id api.ID) bool { return s.mask(string(id)) != string(id) }

// writeCase writes what is in front into the data folder. A case holds whole codes.
func (s *review) writeCase() tea.Cmd {
	env, id := s.env, s.about()
	masked := s.masked(id)
	return screen.Reply(screen.Review, func() tea.Msg {
		if masked {
			if err := env.Desk.Unmasked(env.Context, env.Session, id, "case"); err != nil {
				return written{nil, err}
			}
		}
		names, err := env.Desk.WriteCase(env.Context, env.Session, id, "", func(c *offline.Case) string { return CaseText(env.Words, c) })
		return written{names, err}
	})
}

// joined puts what is not empty on one line.
func joined(parts ...string) string {
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// CaseText is a case as a person reads it: whole codes, records, operations with
// attempts and evidence, and why something is worth a look.
func CaseText(w *ui.Words, c *offline.Case) string {
	var b strings.Builder
	t := func(id string) string { return w.T("case." + id) }
	line := func(parts ...string) { fmt.Fprintln(&b, joined(parts...)) }
	field := func(name, value string) {
		fmt.Fprintln(&b, name+strings.Repeat(" ", max(16-ansi.StringWidth(name), 1))+value)
	}
	section := func(id string) { fmt.Fprintf(&b, "\n%s\n\n", t(id)) }
	line(w.T("case.title", map[string]any{"ID": c.ID}))
	field(t("made"), c.At.Format(time.RFC3339)+"  "+c.By)
	field(t("counter"), joined(c.Counter, c.ShopNo, c.ShopName))
	field(t("journal"), fmt.Sprintf("%s  %d:%s", c.Journal, c.Head.Seq, c.Head.Hash))
	field("SHA-256", c.RecordsSum)
	e := &screen.Env{Words: w, Theme: ui.NewTheme(ui.ThemeOptions{ASCII: w.ASCII()})}
	// word is an id's word; what has none stands as it is.
	word := func(id string, groups ...string) string {
		for _, group := range groups {
			if text := w.T(group + "." + id); id != "" && text != group+"."+id {
				return text
			}
		}
		return id
	}
	section("marks")
	if len(c.Marks) == 0 {
		line(w.T("review.no_marks"))
	}
	for _, m := range c.Marks {
		line(markName(e, m.Rule)+",", m.Rule, m.Threshold+":", m.Code, screen.MarkSentence(w, m))
		for _, rests := range append(slices.Clone(m.Operations), m.IDs...) {
			line("-", rests)
		}
	}
	section("records")
	for _, r := range c.Records {
		line(r.At, screen.RecordKind(w, r.Kind), "("+r.Type+")", r.Code, r.ShopNo, r.ShopName, r.MID, r.TID, r.Swift, r.ReturnCode, r.Message, strings.Join(r.Marks, ", "))
	}
	for _, code := range c.Unanswered {
		line(w.T("case.unanswered", map[string]any{"Code": code}))
	}
	section("operations")
	for _, op := range c.Operations {
		amount := ""
		if op.AmountFen > 0 {
			amount = offline.Yuan(op.AmountFen)
		}
		line(op.Op, word(string(op.Kind), "kind"), op.ID, e.Mark(op).Word, amount, op.Operator, op.ApprovedBy, word(string(op.Entered), "entered"), op.AcceptedAt.Format(time.RFC3339), e.Because(op))
		for _, a := range op.Attempts {
			line("-", a.Trace, a.SentAt.Format(time.RFC3339), word(a.Outcome, "outcome"), word(a.Cause, "cause"), a.Code, a.Message)
		}
		for _, v := range op.Evidence {
			line("=", v.At.Format(time.RFC3339), word(v.Asked, "asked"), v.Trace, word(v.Outcome, "outcome"), v.Code, v.Message, word(v.Verdict, "verdict", "why"))
		}
		line("#", fmt.Sprint(op.Seq), op.Hash)
	}
	return b.String()
}
