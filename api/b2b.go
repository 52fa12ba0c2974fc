package api

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptrace"
	"strconv"
)

// Status codes of a range activation (platform.md §2.7). They are not of the
// form that Success knows. In progress and failed are inferred: their texts are
// lost. Progress is asked for by sending the same order again.
const (
	RangeDone       = "100"
	RangeInProgress = "80"
	RangeFailed     = "81"
)

const (
	b2bVersion   = 2
	b2bUnsigned  = "skip" // what the interface description's own request carries
	b2bVoucher   = 2
	b2bCodeType3 = "3"
)

// B2B is who orders ranges here.
func (c *Client) B2B() B2B { return c.settings.B2B }

// HasB2B reports that serial ranges can be activated: an address is set.
func (c *Client) HasB2B() bool { return c.b2b != "" }

// B2BSignature reports whether ranges are sent with a signature, and whether
// answers about them must have one.
func (c *Client) B2BSignature() (signs, checks bool) {
	signer := c.settings.B2BSigner
	if signer == nil {
		return false, false
	}
	sign, err := signer.Sign(map[string]string{})
	return err == nil && sign != b2bUnsigned, signer.Checks()
}

// ReachB2B connects to the gateway of serial ranges and sends it nothing: the only
// question about it that can do no harm. The error is why there is no connection.
func (c *Client) ReachB2B(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.settings.AnswerTimeout)
	defer cancel()
	reached := false
	hooks := &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) {
		reached = true
		_ = got.Conn.Close() // before the first byte
	}}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, hooks), http.MethodHead, c.b2b, http.NoBody)
	if err != nil {
		return err
	}
	fresh := c.transport.Clone() // a kept connection may be dead
	fresh.DisableKeepAlives = true
	response, err := fresh.RoundTrip(request)
	if err == nil {
		_ = response.Body.Close()
	}
	if reached {
		return nil
	}
	return err
}

// ActivateRange activates a serial range, or asks for its progress when OrderID
// was sent before. The answer's Code is one of RangeDone, RangeInProgress,
// RangeFailed or another code of the gateway; Success does not apply.
func (c *Client) ActivateRange(ctx context.Context, r RangeRequest) Answer {
	if c.b2b == "" {
		return notConfigured("B2B address")
	}
	signer := c.settings.B2BSigner
	request := c.rangeFields(r)
	sign := b2bUnsigned
	if signer != nil {
		var err error
		if sign, err = signer.Sign(request.texts()); err != nil {
			return Answer{Outcome: NotSent, Reason: ReasonSetting, Err: err}
		}
	}
	request = append(request, member{"sign", sign})
	x, answer := c.send(ctx, c.b2b+"/"+ActionRange, request.json(), smallAnswer, false)
	if x == nil {
		return answer
	}
	defer x.end()
	fields, err := readEnvelope(x, smallAnswer, nil)
	if err != nil {
		return x.unreadable(err)
	}
	got := fields["sign"]
	unsigned := signer == nil || !signer.Checks()
	if !unsigned {
		delete(fields, "sign")
		if err := signer.Verify(fields, got); err != nil {
			return x.reject(ReasonSignature, errSignature)
		}
	}
	code := Clean(fields["statusCode"], maxShort)
	if code == "" {
		return x.reject(ReasonNotJSON, errNotJSON)
	}
	if order := fields["partnerOrderId"]; order != "" && order != r.OrderID {
		return x.reject(ReasonOther, errOther)
	}
	return Answer{
		Outcome: Answered, Code: code, Message: Clean(fields["message"], maxMessage),
		TraceNo: r.OrderID, Unsigned: unsigned,
	}
}

// rangeFields keeps the types of the interface description's example: prices
// are strings there although its table says int, merchantId a number although
// it says string (platform.md §6.2).
func (c *Client) rangeFields(r RangeRequest) jsonObject {
	who := cmp.Or(r.B2B, c.settings.B2B)
	var merchant any = who.MerchantID
	if n, err := strconv.Atoi(who.MerchantID); err == nil && strconv.Itoa(n) == who.MerchantID {
		merchant = n
	}
	codeType := ""
	if r.Type == b2bVoucher {
		codeType = b2bCodeType3
	}
	selling, cost := "", ""
	if r.Type == b2bVoucher || r.SellingFen != 0 || r.CostFen != 0 {
		selling, cost = strconv.FormatInt(r.SellingFen, 10), strconv.FormatInt(r.CostFen, 10)
	}
	return jsonObject{
		{"ver", b2bVersion}, {"partnerId", who.PartnerID}, {"merchantId", merchant},
		{"partnerOrderId", r.OrderID}, {"type", r.Type}, {"bin", r.BIN}, {"codeType", codeType},
		{"startCardSe", r.From}, {"endCardSe", r.To}, {"number", r.Count},
		{"sellingPrice", selling}, {"costPrice", cost},
		{"validStart", r.ValidFrom}, {"validEnd", r.ValidTo},
	}
}

// texts is the object as a signer sees it: every value as text, empty ones left out.
func (o jsonObject) texts() map[string]string {
	all := make(map[string]string, len(o))
	for _, m := range o {
		switch v := m.value.(type) {
		case string:
			if v != "" {
				all[m.name] = v
			}
		case int:
			all[m.name] = strconv.Itoa(v)
		}
	}
	return all
}
