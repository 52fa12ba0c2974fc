//go:build tmux

package vterm

import "testing"

func TestTmuxSeesTheSame(t *testing.T) {
	t.Parallel()
	w := StartTmux(t, Small, []string{"sh", "-c", `printf '中杯 %s\n' "$WHO"; read line; echo "got <$line>"; read line`}, "WHO=amy")
	w.WaitFor(`中杯 amy`)
	w.Type("R112102F-0000242-2585")
	w.Keys("Enter")
	w.WaitFor(`got <R112102F-0000242-2585>`)
}
