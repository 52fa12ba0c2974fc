package stage

import (
	"bytes"
	"context"
	"errors"
	"log/slog"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/assets"
	"counterfoil/offline"
)

// The reels of the shift, in the order of what becomes of them, and a code each of
// the last two.
const (
	soldReel    = "R261128T-0000001-6101"
	voidedReel  = "R261128T-0000002-6108"
	refusedReel = "R261128T-0000003-6115"
	unknownReel = "R261128T-0000004-6122"
	unknownCode = "1009261128000000031-fqfZVR5M"
	mixedReel   = "R261128T-0000005-6129"
	mixedCode   = "1009261128000000041-jcL3XKhc"
)

// Begin plays the shift beside what else is done on the desk; Close waits for it.
func (s *Stage) Begin(ctx context.Context, desk *offline.Desk, log *slog.Logger) {
	s.playing.Go(func() {
		if err := s.Shift(ctx, desk); err != nil && ctx.Err() == nil && log != nil {
			log.Warn("the demonstration's shift", "err", err)
		}
	})
}

// Shift does on an open desk what a demonstration begins with: operations that are
// done, one refused, one not known, one that waits for it, and one for the manager.
// The platform refuses one of its reels, loses the activation of another, and puts
// off whoever asks about that one, until other faults are set.
func (s *Stage) Shift(ctx context.Context, desk *offline.Desk) error {
	if err := s.Load(bytes.NewReader(assets.DemoShift)); err != nil {
		return err
	}
	if err := s.SetFaults([]sandbox.Fault{
		{Action: api.ActionReelActivate, ID: refusedReel, Do: "refuse:A05"},
		{Action: api.ActionReelActivate, ID: unknownReel, Do: "drop_request"},
		{Action: api.ActionLookup, ID: unknownReel, Skip: 1, Do: "in_process"},
	}); err != nil {
		return err
	}
	if err := online(ctx, desk); err != nil {
		return err
	}
	cashier := People[len(People)-1]
	who, err := desk.SignIn(ctx, cashier.Name, cashier.PIN)
	if err != nil {
		return err
	}
	defer desk.SignOut(who)
	for _, one := range []struct {
		kind offline.Kind
		id   api.ID
	}{
		{offline.Activate, soldReel}, {offline.Activate, voidedReel}, {offline.Void, voidedReel}, {offline.Activate, refusedReel},
		{offline.Activate, mixedCode}, {offline.Activate, mixedReel}, {offline.Activate, unknownReel}, {offline.Void, unknownCode},
	} {
		r := offline.Request{Kind: one.kind, ID: one.id, Operator: who, Entered: offline.Scanned}
		card, err := desk.Lookup(ctx, one.id, nil)
		if err != nil {
			return err
		}
		if one.kind == offline.Activate {
			r.AmountFen = card.AmountFen
		}
		op, err := desk.Accept(ctx, r)
		if err == nil {
			_, err = desk.Wait(ctx, op.Op)
		}
		if err != nil {
			return err
		}
	}
	s.ForgetEffects()
	return nil
}

// online waits until the desk has heard of the platform.
func online(ctx context.Context, desk *offline.Desk) error {
	changed, stop := desk.Watch()
	defer stop()
	for desk.Status().Link != offline.Online {
		select {
		case <-changed:
		case <-ctx.Done():
			return errors.Join(errors.New("the demonstration ended first"), ctx.Err())
		}
	}
	return nil
}
