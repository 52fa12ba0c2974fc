package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"counterfoil/api"
	"counterfoil/offline"
)

// maxLine bounds a line of a list of ids, in bytes.
const maxLine = 64 << 10

// activateCommand activates ids, or the ids of a file.
func (a *app) activateCommand() *cobra.Command {
	var amount, from string
	var queueOnly bool
	c := a.command("activate", "activate ID...", func(c *cobra.Command, args []string) error {
		o := order{kind: offline.Activate, queueOnly: queueOnly}
		if c.Flags().Changed("amount") {
			fen, err := offline.ParseYuan(amount)
			if err != nil || fen == 0 {
				return wrongUsage("error."+string(offline.ErrBadAmount), map[string]any{"Amount": amount})
			}
			o.amountFen = fen
		}
		return a.carryOut(c.Context(), o, args, from)
	})
	c.Flags().StringVar(&amount, "amount", "", a.words.T("cli.flag.amount"))
	c.Flags().StringVar(&from, "from", "", a.words.T("cli.flag.from"))
	c.Flags().BoolVar(&queueOnly, "offline", false, a.words.T("cli.flag.offline"))
	c.Example = a.words.T("cli.activate.example")
	return c
}

// voidCommand voids ids.
func (a *app) voidCommand() *cobra.Command {
	var queueOnly bool
	c := a.command("void", "void ID...", func(c *cobra.Command, args []string) error {
		return a.carryOut(c.Context(), order{kind: offline.Void, queueOnly: queueOnly}, args, "")
	})
	c.Flags().BoolVar(&queueOnly, "offline", false, a.words.T("cli.flag.offline"))
	c.Example = a.words.T("cli.void.example")
	return c
}

// order is what is asked for each of the ids.
type order struct {
	kind      offline.Kind
	amountFen int64 // of each id; 0 for its face value
	queueOnly bool  // accept into the queue without sending
}

// carryOut accepts one operation for each id, waits for its answer and prints
// it. Arguments are checked before anything is done; a file is read while it
// is worked off, and what is no id in it stops nothing.
func (a *app) carryOut(ctx context.Context, o order, args []string, from string) error {
	if len(args) == 0 && from == "" {
		return wrongUsage("cli.usage.missing", map[string]any{"What": "ID"})
	}
	if a.flags.approve != "" && (len(args) > 1 || from != "") {
		return wrongUsage("cli.usage.approve_one", nil)
	}
	ids, err := parseIDs(args)
	if err != nil {
		return err
	}
	list := io.NopCloser(strings.NewReader(""))
	if from == "-" {
		list = io.NopCloser(a.Stdin)
	} else if from != "" {
		if list, err = os.Open(from); err != nil {
			return trouble(err, "cli.activate.no_file", map[string]any{"File": from})
		}
	}
	defer list.Close()

	return a.opened(ctx, toWork, func(counter *counter) error {
		if err := counter.reachable(); err != nil && !o.queueOnly {
			return err
		}
		who, err := a.mustSignIn(ctx, counter)
		if err != nil {
			return err
		}
		if !o.queueOnly {
			counter.Start()
		}
		t := &teller{app: a, counter: counter, order: o, who: who}
		return t.all(ctx, ids, list, from)
	})
}

func parseIDs(args []string) ([]api.ID, error) {
	var ids []api.ID
	for _, arg := range args {
		id, err := api.ParseID(arg)
		if err != nil {
			return nil, &offline.Error{Kind: offline.ErrNotAnID, Args: map[string]any{"ID": shorten(arg), "Meant": api.Meant(arg) != ""}}
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// shorten makes foreign text fit for a sentence: no control characters, no end of it.
func shorten(text string) string { return api.Clean(text, 80) }

// eachLine hands the lines of a list over, with their numbers. A line that is
// longer than any id could be is cut and goes on as one line.
func eachLine(list io.Reader, fn func(number int, text string) error) error {
	// A byte order mark says how the file is written: Windows likes UTF-16.
	r := bufio.NewReaderSize(transform.NewReader(list, unicode.BOMOverride(transform.Nop)), maxLine)
	for number := 1; ; number++ {
		line, err := r.ReadSlice('\n')
		text := string(line)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.ReadSlice('\n')
		}
		if text = strings.TrimSpace(text); text != "" {
			if err := fn(number, text); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
