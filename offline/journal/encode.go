package journal

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"counterfoil/offline/operation"
)

// appendOperation appends the operation's JSON exactly as encoding/json writes
// it, with the lists given as texts. Written out because it stands in the one
// writer's way: reflection took a third of an accepted operation's time.
func appendOperation(b []byte, o *operation.Operation, attempts, evidence []string) ([]byte, error) {
	b = appendText(append(b, `{"op":`...), o.Op)
	b = appendText(append(b, `,"kind":`...), string(o.Kind))
	b = appendText(append(b, `,"id":`...), o.ID)
	b = appendText(append(b, `,"level":`...), o.Level)
	b = appendText(append(b, `,"state":`...), string(o.State))
	b = strconv.AppendInt(append(b, `,"amount_fen":`...), o.AmountFen, 10)
	b = strconv.AppendBool(append(b, `,"offline":`...), o.Offline)
	b = appendText(append(b, `,"operator":`...), o.Operator)
	b = appendText(append(b, `,"approved_by":`...), o.ApprovedBy)
	if len(o.ApprovedFor) > 0 {
		b = appendTexts(append(b, `,"approved_for":`...), o.ApprovedFor)
	}
	b = appendText(append(b, `,"counter":`...), o.Counter)
	b, err := appendTime(append(b, `,"accepted_at":`...), o.AcceptedAt)
	if err != nil {
		return nil, err
	}
	if o.FinishedAt != nil {
		if b, err = appendTime(append(b, `,"finished_at":`...), *o.FinishedAt); err != nil {
			return nil, err
		}
	}
	b = appendList(append(b, `,"attempts":`...), attempts)
	b = appendText(append(b, `,"order_no":`...), o.OrderNo)
	b = appendList(append(b, `,"evidence":`...), evidence)
	b = strconv.AppendInt(append(b, `,"seq":`...), o.Seq, 10)
	b = appendText(append(b, `,"hash":`...), o.Hash)
	b = appendText(append(b, `,"day":`...), o.Day)
	b = appendFilled(b, `,"why":`, o.Why)
	b = appendFilled(b, `,"reason":`, o.Reason)
	b = appendFilled(b, `,"settled_as":`, o.SettledAs)
	b = appendFilled(b, `,"settled_by":`, o.SettledBy)
	b = appendFilled(b, `,"waits_for":`, o.WaitsFor)
	if o.NextAt != nil {
		if b, err = appendTime(append(b, `,"next_at":`...), *o.NextAt); err != nil {
			return nil, err
		}
	}
	if o.Asked != 0 {
		b = strconv.AppendInt(append(b, `,"asked":`...), int64(o.Asked), 10)
	}
	b = appendFilled(b, `,"name":`, o.Name)
	if o.Range != nil {
		text, err := json.Marshal(o.Range)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"range":`...), text...)
	}
	return append(b, '}'), nil
}

// appendAttempt is appendOperation's part for the list that nearly every event carries.
func appendAttempt(b []byte, a *operation.Attempt) ([]byte, error) {
	b = appendText(append(b, `{"trace":`...), a.Trace)
	b, err := appendTime(append(b, `,"sent_at":`...), a.SentAt)
	if err != nil {
		return nil, err
	}
	if a.EndedAt != nil {
		if b, err = appendTime(append(b, `,"ended_at":`...), *a.EndedAt); err != nil {
			return nil, err
		}
	}
	b = appendText(append(b, `,"outcome":`...), a.Outcome)
	b = appendFilled(b, `,"cause":`, a.Cause)
	b = appendText(append(b, `,"code":`...), a.Code)
	b = appendText(append(b, `,"message":`...), a.Message)
	b = appendFilled(b, `,"order_no":`, a.OrderNo)
	if a.NoEffect {
		b = append(b, `,"no_effect":true`...)
	}
	if a.Before != nil {
		if b, err = appendSeen(append(b, `,"before":`...), a.Before); err != nil {
			return nil, err
		}
	}
	b = strconv.AppendInt(append(b, `,"skew_ms":`...), a.SkewMs, 10)
	return append(b, '}'), nil
}

func appendSeen(b []byte, s *operation.Seen) ([]byte, error) {
	b, err := appendTime(append(b, `{"at":`...), s.At)
	if err != nil {
		return nil, err
	}
	counts, err := json.Marshal(s.Counts)
	if err != nil {
		return nil, err
	}
	b = append(append(b, `,"counts":`...), counts...)
	b = appendFilled(b, `,"code":`, s.Code)
	return append(b, '}'), nil
}

func appendFilled(b []byte, key, s string) []byte {
	if s == "" {
		return b
	}
	return appendText(append(b, key...), s)
}

func appendList(b []byte, texts []string) []byte {
	b = append(b, '[')
	for i, s := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, s...)
	}
	return append(b, ']')
}

// appendTexts appends a JSON list of texts.
func appendTexts(b []byte, texts []string) []byte {
	b = append(b, '[')
	for i, s := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, s)
	}
	return append(b, ']')
}

// appendText quotes s; what needs escaping is left to encoding/json.
func appendText(b []byte, s string) []byte {
	if !plain(s) {
		text, err := json.Marshal(s)
		if err != nil { // a string always marshals
			return append(b, `""`...)
		}
		return append(b, text...)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// plain reports that encoding/json would write s between quotes as it is.
func plain(s string) bool {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && n == 1) || r == '\u2028' || r == '\u2029' {
			return false
		}
		i += n
	}
	return true
}

func appendTime(b []byte, t time.Time) ([]byte, error) {
	b, err := t.AppendText(append(b, '"'))
	return append(b, '"'), err
}
