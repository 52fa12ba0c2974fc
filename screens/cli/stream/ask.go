package stream

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// AskHidden asks for a line that is not shown. Echo is switched off before the
// question is printed: the first digits of a fast typist must not be shown.
func AskHidden(ctx context.Context, in *os.File, out io.Writer, question string) (string, error) {
	before, err := term.GetState(in.Fd())
	if err != nil {
		return "", err
	}
	silent := *before
	silent.Lflag &^= unix.ECHO
	// Neither key may leave a terminal behind that shows nothing.
	silent.Cc[unix.VQUIT], silent.Cc[unix.VSUSP] = 0, 0
	if err := term.SetState(in.Fd(), &silent); err != nil {
		return "", err
	}
	defer func() {
		_ = term.Restore(in.Fd(), before)
		fmt.Fprintln(out)
	}()
	return Ask(ctx, in, out, question)
}

// Ask asks for a line.
func Ask(ctx context.Context, in *os.File, out io.Writer, question string) (string, error) {
	fmt.Fprint(out, question)
	type answer struct {
		line string
		err  error
	}
	typed := make(chan answer, 1)
	go func() {
		// A terminal gives one line at a time: the rest stays for the next question.
		line, err := bufio.NewReader(in).ReadString('\n')
		typed <- answer{strings.TrimSpace(line), err}
	}()
	select {
	case t := <-typed:
		return t.line, t.err
	case <-ctx.Done():
		return "", ctx.Err() // the reader is left running: the program ends
	}
}
