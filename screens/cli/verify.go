package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"counterfoil/offline"
)

// verifyLine is the chain's state for scripts.
type verifyLine struct {
	OK       bool         `json:"ok"`
	Rows     int64        `json:"rows"`
	FirstBad int64        `json:"first_bad"` // 0 for none
	What     string       `json:"what"`
	Gaps     []gapLine    `json:"gaps"`
	Head     offline.Head `json:"head"`
	Journal  string       `json:"journal"`
}

type gapLine struct {
	From           int64  `json:"from"`
	To             int64  `json:"to"`
	At             string `json:"at"`
	Why            string `json:"why"`
	AcknowledgedBy string `json:"acknowledged_by"`
}

// verifyCommand walks the hash chain, reading only, whoever asks. To acknowledge
// is the one form that writes.
func (a *app) verifyCommand() *cobra.Command {
	var printed, reason string
	var acknowledge bool
	c := a.command("verify", "verify", func(c *cobra.Command, _ []string) error {
		var v offline.Verdict
		known, err := parseHead(printed)
		switch {
		case err != nil:
			return err
		case acknowledge != (strings.TrimSpace(reason) != "") || acknowledge && len(known) > 0:
			return wrongUsage("cli.usage.acknowledge", nil)
		case acknowledge:
			err = a.signedIn(c.Context(), toWork, a.mustSignIn, func(counter *counter, who people) (err error) {
				v, err = counter.Acknowledge(c.Context(), who.by(), reason)
				return err
			})
		default:
			err = a.opened(c.Context(), toCheck, func(counter *counter) (err error) {
				v, err = counter.Verify(c.Context(), nil, known...)
				return err
			})
		}
		return cmp.Or(a.printVerdict(v, err), err)
	})
	c.Flags().StringVar(&printed, "head", "", a.words.T("cli.flag.head"))
	c.Flags().BoolVar(&acknowledge, "acknowledge", false, a.words.T("cli.flag.acknowledge"))
	c.Flags().StringVar(&reason, "reason", "", a.words.T("cli.flag.why"))
	return c
}

// parseHead reads SEQ:HASH, "" for none.
func parseHead(text string) ([]offline.Head, error) {
	if text == "" {
		return nil, nil
	}
	number, hash, _ := strings.Cut(text, ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	if err != nil || seq < 1 || len(hash) != 64 || strings.Trim(hash, "0123456789abcdef") != "" {
		return nil, wrongUsage("cli.usage.head", map[string]any{"Value": text})
	}
	return []offline.Head{{Seq: seq, Hash: hash}}, nil
}

// printVerdict prints what was found; an error of another kind says nothing of the chain.
func (a *app) printVerdict(v offline.Verdict, found error) error {
	kind := offline.KindOf(found)
	if found != nil && kind != offline.ErrChain && kind != offline.ErrGap && kind != offline.ErrDamaged && kind != offline.ErrDamagedFile && kind != offline.ErrNoTable {
		return nil
	}
	line := verifyLine{OK: found == nil, Rows: v.Head.Seq, Gaps: []gapLine{}, Head: v.Head, Journal: v.Journal}
	var broken *offline.Error
	if errors.As(found, &broken) {
		line.FirstBad, _ = broken.Args["Seq"].(int64)
		line.What = string(kind)
		if kind == offline.ErrChain {
			line.What = fmt.Sprint(broken.Args["Reason"])
		}
	}
	zone := time.UTC
	if a.settings != nil {
		zone = a.settings.Desk("").Zone
	}
	for _, g := range v.Gaps {
		if at, err := time.Parse(time.RFC3339Nano, g.At); err == nil {
			g.At = at.In(zone).Format(time.RFC3339)
		}
		line.Gaps = append(line.Gaps, gapLine{g.From, g.To, g.At, g.Why, g.AcknowledgedBy})
		if g.AcknowledgedBy == "" && line.FirstBad == 0 {
			line.FirstBad, line.What = g.From, g.Why
		}
		args := map[string]any{"From": g.From, "To": g.To, "At": g.At, "Why": g.Why, "By": g.AcknowledgedBy}
		switch {
		case a.json:
		case g.AcknowledgedBy == "":
			fmt.Fprintln(a.Stdout, a.words.T("cli.verify.gap", args))
		default:
			fmt.Fprintln(a.Stdout, a.words.T("cli.verify.gap_seen", args))
		}
	}
	switch {
	case a.json:
		return a.line(line)
	case kind == offline.ErrChain:
		fmt.Fprintln(a.Stdout, a.words.T("cli.verify.misfit", map[string]any{"Seq": line.FirstBad, "Why": line.What}))
	case found == nil:
		args := map[string]any{"Seq": v.Head.Seq, "Hash": v.Head.Hash, "Journal": v.Journal, "Count": len(v.Gaps)}
		fmt.Fprintln(a.Stdout, a.words.T("cli.verify.ok", args))
		if len(v.Gaps) > 0 {
			fmt.Fprintln(a.Stdout, a.words.T("cli.verify.seen", args))
		}
	}
	return nil
}
