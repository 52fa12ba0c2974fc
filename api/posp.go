package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// skewKnown is the least difference of clocks that is followed: the platform
// stamps whole seconds, so less means nothing.
const skewKnown = 2 * time.Second

// Activate sends one activation.
func (c *Client) Activate(ctx context.Context, r ActivateRequest) Answer {
	action := ActionActivate
	if r.Reel {
		action = ActionReelActivate
	}
	return c.ask(ctx, action, r.TraceNo, r.ID, jsonObject{
		{"traceNo", r.TraceNo}, {"qrcode", string(r.ID)}, {"totalAmount", r.TotalAmount}, {"businessType", BusinessTypeBoxes},
	})
}

// Void sends one void.
func (c *Client) Void(ctx context.Context, r VoidRequest) Answer {
	action := ActionVoid
	if r.Reel {
		action = ActionReelVoid
	}
	return c.ask(ctx, action, r.TraceNo, r.ID, jsonObject{
		{"traceNo", r.TraceNo}, {"qrcode", string(r.ID)}, {"businessType", BusinessTypeBoxes},
	})
}

// Query asks what became of an activation.
func (c *Client) Query(ctx context.Context, r QueryRequest) Answer {
	return c.ask(ctx, ActionActivateQuery, r.TraceNo, r.ID, jsonObject{
		{"traceNo", r.TraceNo}, {"originalTraceNo", r.OriginalTraceNo}, {"businessType", BusinessTypeBoxes},
	})
}

// ask makes one POSP call whose answer fits in memory. Nodes that the answer
// carries must include id, "" for any.
func (c *Client) ask(ctx context.Context, action, trace string, id ID, business jsonObject) Answer {
	x, answer := c.sendPOSP(ctx, action, business, smallAnswer, false)
	if x == nil {
		return answer
	}
	defer x.end()
	fields, err := readEnvelope(x, smallAnswer, nil)
	if err != nil {
		return x.unreadable(err)
	}
	if !sameSign(fields["sign"], SignPOSP(fields, c.settings.MACKey)) {
		return x.reject(ReasonSignature, errSignature)
	}
	// Line ends are skipped by the decoder; padding may be missing.
	inner, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(fields["body"], "=\r\n"))
	if err != nil {
		return x.reject(ReasonNotJSON, errNotJSON)
	}
	tree := newRows(id, func(Node) error { return nil })
	if err := tree.decode(bytes.NewReader(inner)); err != nil {
		return x.unreadable(err)
	}
	if id != "" && !tree.shown && tree.nodes+tree.skipped > 0 {
		return x.reject(ReasonOther, errOther)
	}
	return c.judge(x, action, trace, fields, tree.head)
}

var (
	errSignature = errors.New("signature missing or wrong")
	errOther     = errors.New("answer belongs to another action, trace number or id")
)

// judge makes the answer of an envelope whose signature was found right.
func (c *Client) judge(x *exchange, action, trace string, fields envelope, head lookupHead) Answer {
	switch {
	case fields["action"] != action:
		return x.reject(ReasonOther, errOther)
	case head.code == "":
		return x.reject(ReasonNotJSON, errNotJSON)
	case head.trace != trace && (c.settings.TraceMustMatch || kin(head.trace, trace)):
		return x.reject(ReasonOther, errOther)
	}
	answer := Answer{
		Outcome: Answered, Code: head.code, Message: head.message,
		TraceNo: head.trace, OrderNo: head.order, TraceDiffers: head.trace != trace,
	}
	if seconds, err := strconv.ParseInt(fields["timestamp"], 10, 64); err == nil && seconds > 0 {
		x.stamp(&answer, time.Unix(seconds, 0))
		c.skew.Store(int64(answer.Skew))
	}
	return answer
}

// kin reports two numbers that one counter minted: 8 digits of date, 6 of the
// counter, 9 of its sequence.
func kin(a, b string) bool {
	return len(a) == len(b) && len(a) == 23 && strings.Trim(a, "0123456789") == "" && a[8:14] == b[8:14]
}

// stamp sets the platform's time and the skew against the middle of the call.
func (x *exchange) stamp(a *Answer, server time.Time) {
	a.ServerTime = server
	a.Skew = server.Sub(x.begun.Add(x.heard.Sub(x.begun) / 2))
}

// sendPOSP wraps business in a signed envelope and sends it. Its time stamp
// follows the platform's clock (platform.md §3.1).
func (c *Client) sendPOSP(ctx context.Context, action string, business jsonObject, limit int64, streamed bool) (*exchange, Answer) {
	switch {
	case c.posp == "":
		return nil, notConfigured("POSP address")
	case c.settings.MACKey == "":
		return nil, notConfigured("POSP key")
	}
	now := c.settings.Now()
	if skew := time.Duration(c.skew.Load()); skew.Abs() >= skewKnown {
		now = now.Add(skew)
	}
	device := c.settings.Device
	fields := jsonObject{ // in the order of sending
		{"action", action}, {"deviceNo", device.DeviceNo}, {"shopNo", c.settings.ShopNo}, {"brand", device.Brand},
		{"body", base64.StdEncoding.EncodeToString(business.json())},
		{"mwVersion", device.MWVersion}, {"ptlVersion", device.PTLVersion}, {"posVersion", device.POSVersion},
		{"timestamp", strconv.FormatInt(now.Unix(), 10)}, {"sign", ""},
	}
	fields[len(fields)-1].value = SignPOSP(fields.texts(), c.settings.MACKey)
	return c.send(ctx, c.posp+"/"+action, fields.json(), limit, streamed)
}

// sameSign compares hex signatures. The platform writes upper case for POSP and
// lower for PaaS; the case carries nothing.
func sameSign(got, want string) bool {
	return want != "" && strings.EqualFold(got, want)
}

// member is one field of a JSON object we send: a string, a number or a jsonObject.
type member struct {
	name  string
	value any
}

// jsonObject is written in the order given. Empty strings are left out.
type jsonObject []member

func (o jsonObject) json() []byte { return o.append(make([]byte, 0, 512)) }

func (o jsonObject) append(out []byte) []byte {
	out = append(out, '{')
	for _, m := range o {
		if m.value == "" {
			continue
		}
		out = appendName(out, m.name)
		switch v := m.value.(type) {
		case string:
			out, _ = jsontext.AppendQuote(out, v)
		case int:
			out = strconv.AppendInt(out, int64(v), 10)
		case int64:
			out = strconv.AppendInt(out, v, 10)
		case jsonObject:
			out = v.append(out)
		}
	}
	return append(out, '}')
}

// appendName begins a member of the object that out ends in.
func appendName(out []byte, name string) []byte {
	if out[len(out)-1] != '{' {
		out = append(out, ',')
	}
	out, _ = jsontext.AppendQuote(out, name)
	return append(out, ':')
}
