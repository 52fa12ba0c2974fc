package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"

	"counterfoil/api/sandbox"
)

// platform is the sandbox in a process of its own: it lives on while the
// counter is killed, and its effects are what the journal is held against.
type platform struct {
	url     string // where clients call
	control string // where the suite calls
	cmd     *exec.Cmd
	log     *os.File
	http    http.Client
	own     *sandbox.Server // in this process, with a clock that can be set
	ahead   atomic.Int64    // of the machine's clock, in nanoseconds
}

// startOwnPlatform serves a sandbox in this process: a platform whose clock
// jumps. To the counter that is the same as its own clock jumping, but for the
// pauses that it measures on its monotonic clock.
func startOwnPlatform(_ string, seed uint64) (*platform, error) {
	p := &platform{http: http.Client{Timeout: 20 * time.Second}}
	zone := time.FixedZone("CST", 8*60*60)
	p.ahead.Store(int64(untilHour(time.Now().In(zone), noon)))
	box, err := sandbox.New(sandbox.Options{
		Seed: int64(seed % 1e6), Now: func() time.Time { return time.Now().Add(time.Duration(p.ahead.Load())).In(zone) },
	})
	if err != nil {
		return nil, err
	}
	if p.own, err = box.Listen("127.0.0.1:0"); err != nil {
		return nil, err
	}
	p.url, p.control = p.own.URL(), p.own.ControlURL()
	return p, nil
}

const noon = 12

// untilHour is how far the clock is from that hour of its day.
func untilHour(t time.Time, hour int) time.Duration {
	return time.Date(t.Year(), t.Month(), t.Day(), hour, 0, 0, 0, t.Location()).Sub(t)
}

// jump sets the platform's clock to an hour of yesterday, today or tomorrow,
// away from midnight, where nothing is sent.
func (p *platform) jump(dice *rand.Rand) {
	now := time.Now().In(time.FixedZone("CST", 8*60*60))
	days := time.Duration(dice.IntN(3)-1) * 24 * time.Hour
	p.ahead.Store(int64(untilHour(now, 1+dice.IntN(22)) + days))
}

// startPlatform serves a sandbox on a free port and returns once it answers.
func startPlatform(binary, dir string, seed uint64) (*platform, error) {
	p := &platform{http: http.Client{Timeout: 20 * time.Second}}
	var err error
	if p.log, err = os.Create(filepath.Join(dir, "sandbox.log")); err != nil {
		return nil, err
	}
	p.cmd = exec.Command(binary, "sandbox", "--json", "--addr", "127.0.0.1:0", "--seed", fmt.Sprint(seed%1e6))
	p.cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "sandbox-state"), "XDG_CONFIG_HOME="+dir)
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	// Its first line says where it listens. The control surface has a port of
	// its own, which stays open while the platform's is shut.
	var where struct {
		URL     string `json:"url"`
		Control string `json:"control_url"`
	}
	if err := json.NewDecoder(out).Decode(&where); err != nil {
		p.stop()
		said, _ := os.ReadFile(p.log.Name()) // only to say more
		return nil, fmt.Errorf("the sandbox does not say where it listens: %w\n%s", err, said)
	}
	p.url, p.control = where.URL, where.Control
	return p, nil
}

// stop ends the sandbox; its effects are gone then.
func (p *platform) stop() {
	if p.own != nil {
		_ = p.own.Close()
		return
	}
	_ = p.cmd.Process.Kill() // it may have ended by itself
	_ = p.cmd.Wait()
	_ = p.log.Close()
}

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
	type code struct {
		Code       string `json:"code"`
		Status     string `json:"status"`
		StatusDesc string `json:"statusDesc"`
		TicketName string `json:"ticketName"`
		FaceValue  string `json:"faceValue"`
		Remaining  int    `json:"remainTimes"`
	}
	type reel struct {
		ID    string `json:"reelId"`
		Codes []code `json:"codeDetail"`
	}
	type bundle struct {
		ID    string `json:"pkgId"`
		Reels []reel `json:"voucherReel"`
	}
	type box struct {
		ID       string   `json:"boxId"`
		Packages []bundle `json:"voucherPkg"`
	}
	const reelsInPackage = 50
	var all []string
	b := box{ID: "X1123-9990001-00001"}
	for n := 0; len(all) < ids; n++ {
		if n%reelsInPackage == 0 {
			b.Packages = append(b.Packages, bundle{ID: fmt.Sprintf("B1123-999%04d-00001", n/reelsInPackage)})
		}
		r := reel{ID: fmt.Sprintf("R112102F-9%06d-0001", n)}
		for c := range 2 {
			r.Codes = append(r.Codes, code{
				Code: fmt.Sprintf("10019010799%08d-PROOF%03d", n*2+c, c), Status: "03", StatusDesc: "未激活",
				TicketName: "中杯饮品券(纸质)", FaceValue: "15.0", Remaining: 1,
			})
		}
		last := &b.Packages[len(b.Packages)-1]
		last.Reels = append(last.Reels, r)
		if n%2 == 0 {
			all = append(all, r.ID)
		} else {
			all = append(all, r.Codes[0].Code, r.Codes[1].Code)
		}
	}
	_, err := p.call(http.MethodPost, "/sandbox/boxes", map[string]any{"voucherBox": []box{b}})
	return all[:ids], err
}
