package cli

import (
	"cmp"
	"context"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/stream"
)

// openList opens the list that a command names; "-" is standard input. A pipe may
// stay silent for ever, so reading ends with ctx; a device never ends.
func (a *app) openList(ctx context.Context, from string) (io.ReadCloser, error) {
	endless := trouble(nil, "cli.activate.device", map[string]any{"File": from})
	switch from {
	case "":
		return io.NopCloser(strings.NewReader("")), nil
	case "-":
		if f, ok := a.Stdin.(*os.File); ok && stream.Endless(f) {
			return nil, endless
		}
		return stream.Until(ctx, func() (io.ReadCloser, error) { return io.NopCloser(a.Stdin), nil }), nil
	}
	info, err := os.Stat(from)
	if err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		return stream.Until(ctx, func() (io.ReadCloser, error) { return os.Open(from) }), nil
	}
	f, err := os.OpenFile(from, os.O_RDONLY|unix.O_NOCTTY, 0)
	switch {
	case err != nil:
		return nil, trouble(err, "cli.activate.no_file", map[string]any{"File": from})
	case stream.Endless(f):
		_ = f.Close()
		return nil, endless
	}
	return stream.Until(ctx, func() (io.ReadCloser, error) { return f, nil }), nil
}

// leftOut says that a line of a list is none.
func (a *app) leftOut(l stream.Line, list string) {
	a.raise(exitFailed)
	a.say(l.Wrong, map[string]any{"File": list, "Line": l.Number, "Text": shorten(l.Text)})
}

// whole reads a list to its end and counts its lines that are right; where it is
// strict, it says what is wrong in it, which is an error. What it returns is what
// was read: the file may change meanwhile.
func (a *app) whole(ctx context.Context, list io.Reader, name string, strict bool) (_ io.ReadCloser, right int, err error) {
	kept, err := os.CreateTemp("", "counterfoil-list-")
	if err != nil {
		return nil, 0, trouble(err, "cli.folder", map[string]any{"Path": os.TempDir()})
	}
	_ = os.Remove(kept.Name()) // it lives while it is open
	defer func() {
		if err != nil {
			_ = kept.Close()
		}
	}()
	wrong := 0
	err = stream.EachLine(io.TeeReader(list, kept), name, func(l stream.Line) error {
		switch {
		case l.Wrong == "":
			right++
		case strict:
			wrong++
			a.leftOut(l, name)
		}
		return ctx.Err()
	})
	if err == nil {
		_, err = kept.Seek(0, io.SeekStart)
	}
	switch {
	case ctx.Err() != nil:
		return nil, 0, ctx.Err()
	case err != nil:
		return nil, 0, err
	case wrong > 0:
		return nil, 0, trouble(nil, "cli.activate.strict", map[string]any{"Count": wrong})
	}
	return kept, right, nil
}

// dryLine is what would be asked for one id, for scripts.
type dryLine struct {
	DryRun    bool         `json:"dry_run"`
	Kind      offline.Kind `json:"kind"`
	ID        api.ID       `json:"id"`
	Level     api.Level    `json:"level"`
	AmountFen int64        `json:"amount_fen"`
}

// dryRun prints what would be asked for and touches nothing, neither the data
// folder nor the network.
func (a *app) dryRun(ctx context.Context, o order, ids []api.ID, list io.Reader) error {
	show := func(l stream.Line) error {
		if l.Wrong != "" {
			a.leftOut(l, o.from)
			return ctx.Err()
		}
		d := dryLine{true, o.kind, l.ID, l.ID.Level(), o.amountOf(l)}
		if a.json {
			return a.line(d)
		}
		stream.Table(a.Stdout, [][]string{{a.words.T("cli.dry_run." + string(o.kind)), string(d.ID), a.yuan(d.AmountFen)}})
		return cmp.Or(ctx.Err(), a.out.Lost)
	}
	for _, id := range ids {
		if err := show(stream.Line{ID: id}); err != nil {
			return err
		}
	}
	err := stream.EachLine(list, o.from, show)
	return cmp.Or(ctx.Err(), err)
}
