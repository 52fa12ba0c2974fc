package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"counterfoil/api"
)

// Story is a reel whose records are worth a look, for a manager to learn on: the
// name of the mark, and what a counter must have done for it to show.
type Story struct {
	Mark  string
	Reel  string
	Codes []string
}

// StoryBox holds all stories.
const StoryBox = "X1490-7000001-57A0E"

// The shops and the terminals of the stories.
const (
	hereNo, hereName, hereTID    = "1490", "银泰店", "54022101"
	thereNo, thereName, thereTID = "1501", "湖滨店", "54033307"
)

// plot is how a story is told: so many codes with a status, and what befell the
// n-th of them before and after the time of the story.
type plot struct {
	mark, status string
	codes        int
	befell       func(n int) []event
}

// event is a record so long after the time of the story.
type event struct {
	after  time.Duration
	there  bool // at the other shop
	failed bool
}

func uses(list ...event) func(int) []event { return func(int) []event { return list } }

var plots = []plot{
	{"two_shops", api.StatusActive, 1, uses(event{}, event{after: 14 * time.Minute, there: true})},
	{"over_use", api.StatusActive, 1, uses(event{after: 9 * time.Minute, there: true}, event{after: 50 * time.Minute, there: true})},
	{"after_void", api.StatusActive, 1, uses(event{after: 4 * time.Minute, there: true})},
	{"before_active", api.StatusInactive, 1, uses(event{after: -50 * time.Minute, there: true})},
	{"never_here", api.StatusActive, 1, uses(event{after: time.Hour})},
	{"quick_drain", api.StatusInactive, 1, uses(event{after: 6 * time.Minute, there: true})},
	{"same_till", api.StatusInactive, 5, func(n int) []event { return []event{{after: 60*time.Second + time.Duration(n)*8*time.Second}} }},
	{"closed_hours", api.StatusActive, 1, uses(event{after: -11 * time.Hour})},
	{"fail_burst", api.StatusActive, 1, uses(event{failed: true}, event{after: time.Minute, failed: true}, event{after: 3 * time.Minute, failed: true},
		event{after: 4 * time.Minute, failed: true}, event{after: 8 * time.Minute, failed: true})},
	{"walk", api.StatusInactive, 10, func(n int) []event {
		return []event{{after: time.Duration(n) * 20 * time.Second, there: true, failed: true}}
	}},
	{"dup_record", api.StatusActive, 1, uses(event{after: time.Hour, there: true}, event{after: time.Hour, there: true})},
	{"void_soon", api.StatusInactive, 5, uses()},
	{"void_used", api.StatusActive, 1, uses(event{after: -30 * time.Minute, there: true})},
	{"offline_bad", api.StatusActive, 3, uses()},
	{"typed", api.StatusInactive, 10, uses()},
	{"look_only", api.StatusInactive, 20, uses()},
	{"under_limit", api.StatusInactive, 3, uses()},
}

// Stories lists the stories, and loads their box as of a time unless it is there already.
func (s *Sandbox) Stories(at time.Time) ([]Story, error) {
	var stories []Story
	pkg := packageJSON{ID: "B" + StoryBox[1:]}
	for i, p := range plots {
		reel := reelJSON{ID: fmt.Sprintf("R1490S0-%07d-57%02d", i+1, i+1)}
		story := Story{Mark: p.mark, Reel: reel.ID}
		for n := range p.codes {
			code := codeJSON{
				Code:   fmt.Sprintf("1001261101%05d%04d-%08X", i+1, n, uint32(scramble(1490, p.mark, n))),
				Status: p.status, StatusText: statusTexts[p.status], RemainTimes: 1, FaceValue: "30.0",
				TicketName: "大杯饮品券", ActivityName: p.mark, CreateTime: "20261101090000", CreateDate: "20261101",
				ValidStart: "00000000000000", ValidEnd: "00000000000000",
			}
			code.Records = append(code.Records, record{DateTime: code.CreateTime, ReturnCode: suffixSuccess, ReturnMsg: "制码成功", Type: RecordMade})
			for _, e := range p.befell(n) {
				code.Records = append(code.Records, e.record(at.In(s.options.Zone)))
			}
			story.Codes = append(story.Codes, code.Code)
			reel.Codes = append(reel.Codes, code)
		}
		pkg.Reels = append(pkg.Reels, reel)
		stories = append(stories, story)
	}
	raw, err := json.Marshal(boxesJSON{Boxes: []boxJSON{{ID: StoryBox, Packages: []packageJSON{pkg}}}})
	if err != nil {
		return nil, err
	}
	return stories, s.Load(bytes.NewReader(raw))
}

func (e event) record(at time.Time) record {
	r := record{
		DateTime: at.Add(e.after).Format(timeForm), ReturnCode: suffixSuccess, ReturnMsg: textSuccess, Type: RecordRedeemed,
		MID: "860020051401034", ShopNo: hereNo, ShopName: hereName, TID: hereTID, Swift: "0",
	}
	if e.there {
		r.ShopNo, r.ShopName, r.TID = thereNo, thereName, thereTID
	}
	if e.failed {
		r.ReturnCode, r.ReturnMsg = suffixForbidden, textForbidden
	}
	return r
}

// ForgetEffects has Effects begin anew: what was done before a demonstration is not its own.
func (s *Sandbox) ForgetEffects() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.effects = nil
}
