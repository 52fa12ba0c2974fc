package send

import (
	"testing"

	"counterfoil/api"
)

func TestAnAmountIsWrittenInTheUnitOfTheSettings(t *testing.T) {
	t.Parallel()
	for fen, want := range map[int64][2]string{0: {"0", "0.00"}, 5: {"5", "0.05"}, 100: {"100", "1.00"}, 123456: {"123456", "1234.56"}} {
		for i, yuan := range []bool{false, true} {
			s := Sender{o: Options{Calls: Calls{AmountInYuan: yuan}}}
			if got := s.amount(fen); got != want[i] {
				t.Errorf("%d fen, in yuan %v: %s", fen, yuan, got)
			}
		}
	}
}

func TestReelActionsAreForAllButCodes(t *testing.T) {
	t.Parallel()
	for _, id := range []api.ID{"1001901070000000258-M4DEDSfV", "R112102F-0000242-2585"} {
		for _, set := range []bool{false, true} {
			s := Sender{o: Options{Calls: Calls{ReelActions: set}}}
			if got := s.reelAction(id); got != (set && id.Level() == api.LevelReel) {
				t.Errorf("%s, set %v: %v", id, set, got)
			}
		}
	}
}
