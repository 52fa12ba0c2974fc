package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
)

// platform is a sandbox: it lives on while the counter is killed, and its
// effects are what the journal is held against.
type platform struct {
	url     string // where clients call
	control string // where the suite calls: a port of its own, which stays open while the platform's is shut
	http    http.Client
	server  *sandbox.Server
	ahead   atomic.Int64 // of the machine's clock, in nanoseconds
}

// startPlatform serves a sandbox on a free port. Its clock can be set: to the
// counter that is the same as its own clock jumping, but for the pauses that it
// measures on its monotonic clock.
func startPlatform(seed uint64) (*platform, error) {
	p := &platform{http: http.Client{Timeout: 20 * time.Second}}
	box, err := sandbox.New(sandbox.Options{
		Seed: int64(seed % 1e6), Now: func() time.Time { return time.Now().Add(time.Duration(p.ahead.Load())) },
	})
	if err != nil {
		return nil, err
	}
	if p.server, err = box.Listen("127.0.0.1:0"); err != nil {
		return nil, err
	}
	p.url, p.control = p.server.URL(), p.server.ControlURL()
	return p, nil
}

// jump sets the platform's clock to an hour of yesterday, today or tomorrow,
// away from midnight, where nothing is sent.
func (p *platform) jump(dice *rand.Rand) {
	now := time.Now().In(time.FixedZone("CST", 8*60*60))
	day, hour := now.Day()+dice.IntN(3)-1, 1+dice.IntN(22)
	p.ahead.Store(int64(time.Date(now.Year(), now.Month(), day, hour, 0, 0, 0, now.Location()).Sub(now)))
}

// stop ends the sandbox.
func (p *platform) stop() { _ = p.server.Close() }

func (p *platform) call(method, path string, body any) ([]byte, error) {
	var text io.Reader = http.NoBody
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		text = bytes.NewReader(raw)
	}
	request, err := http.NewRequest(method, p.control+path, text)
	if err != nil {
		return nil, err
	}
	answer, err := p.http.Do(request)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return nil, err
	}
	if answer.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, raw)
	}
	return raw, nil
}

// setFaults replaces the rules in force.
func (p *platform) setFaults(rules []sandbox.Fault) error {
	if rules == nil {
		rules = []sandbox.Fault{}
	}
	_, err := p.call(http.MethodPut, "/sandbox/faults", rules)
	return err
}

// effects returns what was really applied so far.
func (p *platform) effects() ([]sandbox.Effect, error) {
	raw, err := p.call(http.MethodGet, "/sandbox/effects", nil)
	if err != nil {
		return nil, err
	}
	var all []sandbox.Effect
	for lines := json.NewDecoder(bytes.NewReader(raw)); ; {
		var e sandbox.Effect
		if err := lines.Decode(&e); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
}

// stock adds reels of two codes to the platform and returns ids for so many
// operations: reels and single codes by turns, none of which holds another.
func (p *platform) stock(ids int) ([]string, error) {
	type object = map[string]any
	const reelsInPackage = 50
	var all []string
	var packages []object
	for n := 0; len(all) < ids; n++ {
		if n%reelsInPackage == 0 {
			packages = append(packages, object{"pkgId": fmt.Sprintf("B1123-999%04d-00001", n/reelsInPackage), "voucherReel": []object(nil)})
		}
		reel, codes, details := fmt.Sprintf("R112102F-9%06d-0001", n), make([]string, 2), make([]object, 2)
		for c := range codes {
			codes[c] = fmt.Sprintf("10019010799%08d-PROOF%03d", n*2+c, c)
			details[c] = object{"code": codes[c], "status": api.StatusInactive, "ticketName": "中杯饮品券(纸质)", "faceValue": "15.0", "remainTimes": 1}
		}
		last := packages[len(packages)-1]
		last["voucherReel"] = append(last["voucherReel"].([]object), object{"reelId": reel, "codeDetail": details})
		if n%2 == 0 {
			all = append(all, reel)
		} else {
			all = append(all, codes...)
		}
	}
	box := object{"boxId": "X1123-9990001-00001", "voucherPkg": packages}
	_, err := p.call(http.MethodPost, "/sandbox/boxes", object{"voucherBox": []object{box}})
	return all[:ids], err
}
