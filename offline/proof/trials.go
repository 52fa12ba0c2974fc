package main

import (
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
)

// strike is what happens to the program beside the platform's faults.
type strike int

const (
	kill      strike = iota // SIGKILL at a random instant
	power                   // a power cut at a random call
	full                    // ENOSPC at a random call, for a while
	fullStart               // ENOSPC from the first call on, for a while
	bad                     // EIO at a random call, for a while
	turnData                // a bit of the live database turns
	turnLog                 // a bit of its live log turns
	tamper                  // somebody changes the closed database
	jump                    // the platform's clock is set, and with it the counter's is wrong
)

// trial is one row of the table that concerns the whole program.
type trial struct {
	fault  string
	rules  []sandbox.Fault
	strike strike
	// wary leaves status_forward_only off: a repeat is made only when it is
	// proven that the attempt before it did nothing.
	wary bool
	// outage accepts everything while the port is shut, and only then lets the
	// rules loose on the replay.
	outage bool
	// screens has the open counter do the replay, not the command for timers.
	screens bool
	// steady leaves the open counter running under the strikes: it must recover
	// by itself.
	steady bool
	// closes has the business day closed again and again, under the strikes too.
	closes bool
	// guesses has somebody try PINs beside it.
	guesses bool
	// turns has two cashiers at open screens, whose sessions end in the middle of an act.
	turns bool
	// ranges has serial ranges sold, not codes and reels.
	ranges bool
	// drifts has every start of the program find other settings, and the platform's
	// clock on another day.
	drifts bool
}

// chance is one rule for every action that it makes sense for.
func chance(probability float64, do string) []sandbox.Fault {
	return []sandbox.Fault{{Probability: probability, Do: do}}
}

// changes is one rule for activations and voids alone.
func changes(probability float64, do string) []sandbox.Fault {
	var rules []sandbox.Fault
	for _, action := range []string{api.ActionActivate, api.ActionReelActivate, api.ActionVoid, api.ActionReelVoid} {
		rules = append(rules, sandbox.Fault{Action: action, Probability: probability, Do: do})
	}
	return rules
}

// worst is a platform on its worst day: answers cut after and before the
// effect, overload, and a network that answers in the platform's place.
func worst() []sandbox.Fault {
	return []sandbox.Fault{
		{Probability: 0.30, Do: "drop_answer"}, {Probability: 0.10, Do: "drop_request"},
		{Probability: 0.05, Do: "status:503"}, {Probability: 0.05, Do: "html"},
	}
}

// slow is a platform that gives a strike time to hit, and now and then loses an answer.
func slow() []sandbox.Fault {
	return append(chance(0.1, "drop_answer"), chance(1, "delay:40ms")...)
}

// The sandbox's pauses: longer than the till waits for an answer, shorter than
// it believes that a request may still arrive.
const (
	pastAnswer = "delay:900ms"
	stillComes = "late:700ms"
)

// shutFor is how long the port is shut in the rows that shut it.
const shutFor = 2 * time.Second

func shut() []sandbox.Fault {
	return []sandbox.Fault{{Do: "refuse_connection", Times: int(shutFor / time.Second)}}
}

// trials lists every fault of the sandbox, alone and together, and every fault of the machine.
func trials() []trial {
	lookups := func(probability float64, do string) sandbox.Fault {
		return sandbox.Fault{Action: api.ActionLookup, Probability: probability, Do: do}
	}
	return []trial{
		{fault: "none"},
		{fault: "connection refused", rules: shut()},
		{fault: "request dropped", rules: chance(0.3, "drop_request")},
		{fault: "answer dropped after the effect", rules: chance(0.3, "drop_answer")},
		{fault: "answer later than the till waits", rules: chance(0.2, pastAnswer)},
		{fault: "HTTP 503", rules: chance(0.3, "status:503")},
		{fault: "garbage after the effect", rules: chance(0.3, "garbage")},
		{fault: "HTML of a captive portal", rules: chance(0.3, "html")},
		{fault: "wrong signature", rules: chance(0.3, "bad_sign")},
		{fault: "answer to another request", rules: chance(0.3, "other_answer")},
		{fault: "answers about another id", rules: append(chance(0.2, "drop_answer"), lookups(0.3, "other_id"))},
		{fault: "answer dripping in", rules: changes(0.2, "slow_drip")},
		{fault: "answers dripping in (look-ups)", rules: []sandbox.Fault{lookups(0.2, "drip:100ms")}},
		{fault: "refused by the platform", rules: append(changes(0.2, "refuse:A05")[:2], changes(0.2, "refuse:V05")[2:]...)},
		{fault: "request arrives late", rules: chance(0.2, stillComes)},
		{fault: "request arrives late, wary settings", rules: chance(0.2, stillComes), wary: true},
		{fault: "applied twice by the platform", rules: chance(0.3, "twice")},
		{fault: "look-up behind, answers dropped", rules: []sandbox.Fault{lookups(0.3, "stale_lookup"), {Probability: 0.2, Do: "drop_answer"}}},
		{fault: "no final answer", rules: chance(0.3, "in_process")},
		{fault: "query always says yes, requests dropped", rules: []sandbox.Fault{{Do: "query_always_ok"}, {Probability: 0.2, Do: "drop_request"}}},
		{fault: "worst day", rules: worst()},
		{fault: "worst day, wary settings", rules: worst(), wary: true},
		{fault: "worst day, screens open", rules: worst(), screens: true},
		{fault: "outage, then the worst day, screens open", rules: worst(), outage: true, screens: true},
		{fault: "outage, then the worst day", rules: worst(), outage: true},
		{fault: "worst day, days closed under kills", rules: worst(), closes: true},
		{fault: "days closed under power cuts", rules: chance(0.1, "drop_answer"), strike: power, closes: true},
		{fault: "ranges, answers cut after the effect", rules: []sandbox.Fault{onRanges(0.5, "drop_answer")}, ranges: true},
		{fault: "ranges, requests cut before it", rules: []sandbox.Fault{onRanges(0.5, "drop_request")}, ranges: true},
		{fault: "ranges, arriving late", rules: []sandbox.Fault{onRanges(0.5, stillComes)}, ranges: true},
		{fault: "ranges, in progress for long", rules: []sandbox.Fault{onRanges(0.8, "in_process")}, ranges: true},
		{fault: "ranges, in progress, other settings and days at each start", rules: []sandbox.Fault{onRanges(0.8, "in_process")}, ranges: true, drifts: true},
		{fault: "ranges, the worst day", rules: worst(), ranges: true},
		{fault: "ranges, the worst day, screens open", rules: worst(), ranges: true, screens: true},
		{fault: "ranges, power cuts", rules: []sandbox.Fault{onRanges(0.3, "drop_answer")}, strike: power, ranges: true},
		{fault: "power cut of the whole program", rules: chance(0.1, "drop_answer"), strike: power},
		{fault: "disk full (ENOSPC) at a random call", rules: chance(0.1, "drop_answer"), strike: full},
		{fault: "disk full (ENOSPC) at the start", rules: chance(0.1, "drop_answer"), strike: fullStart},
		{fault: "disk error (EIO) at a random call", rules: chance(0.1, "drop_answer"), strike: bad},
		{fault: "disk error (EIO) for a while, the counter goes on", rules: slow(), strike: bad, steady: true},
		{fault: "bits turned in the live database", rules: slow(), strike: turnData, steady: true},
		{fault: "bits turned in the live log", rules: slow(), strike: turnLog, steady: true},
		{fault: "tampering, then every command that starts", strike: tamper},
		{fault: "PINs tried beside a counter", rules: worst(), screens: true, guesses: true},
		{fault: "sessions ended in the middle of an act", rules: slow(), turns: true},
		{fault: "the platform's clock jumps", rules: slow(), strike: jump, steady: true},
	}
}
