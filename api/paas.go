package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxExtend  = 16 // entries kept of a record's extendData
	maxRecords = 10_000
)

// Records asks for a code's operation records.
func (c *Client) Records(ctx context.Context, code ID) (Answer, []Record) {
	switch {
	case c.paas == "":
		return notConfigured("PaaS address"), nil
	case c.settings.AppSecret == "":
		return notConfigured("PaaS secret"), nil
	}
	now := c.settings.Now()
	content := jsonObject{{"code", string(code)}}
	fields := map[string]string{
		"uuid": newUUID(now), "appId": c.settings.PaaS.AppID, "action": ActionRecords,
		"timestamp": strconv.FormatInt(now.UnixMilli(), 10), "signType": "sha256",
		"lang": c.settings.PaaS.Lang, "content": string(content.json()),
	}
	request := jsonObject{
		{"uuid", fields["uuid"]}, {"appId", fields["appId"]}, {"action", ActionRecords},
		{"timestamp", now.UnixMilli()}, {"signType", fields["signType"]}, {"lang", fields["lang"]},
		{"content", content}, {"sign", SignPaaS(fields, c.settings.AppSecret)},
	}
	x, answer := c.send(ctx, c.paas+"/"+ActionRecords, request.json(), smallAnswer, false)
	if x == nil {
		return answer, nil
	}
	defer x.end()
	got, err := readEnvelope(x, smallAnswer)
	if err != nil {
		return x.unreadable(err), nil
	}
	return c.judgePaaS(x, fields["uuid"], got)
}

func (c *Client) judgePaaS(x *exchange, uuid string, fields envelope) (Answer, []Record) {
	sign := fields["sign"]
	if sign != "" && !sameSign(sign, SignPaaS(fields, c.settings.AppSecret)) {
		return x.reject(ReasonSignature, errSignature), nil
	}
	if action := fields["action"]; action != "" && action != ActionRecords {
		return x.reject(ReasonOther, errOther), nil
	}
	answer := Answer{Outcome: Answered, Unsigned: sign == "", TraceNo: Clean(fields["uuid"], maxShort*2)}
	answer.TraceDiffers = answer.TraceNo != "" && answer.TraceNo != uuid

	// The documented example is the content alone (platform.md §2.8), and some
	// gateways quote it as a string.
	content := []byte(fields["content"])
	bare := len(content) == 0 && fields["returnCode"] != ""
	var records []Record
	switch {
	case bare:
		answer.Code, answer.Message = fields["returnCode"], fields["returnDesc"]
		records = readRecords([]byte(fields["returnData"]))
	case len(content) > 0 && jsontext.Value(content).IsValid(lenient...):
		head := readHead(content)
		answer.Code, answer.Message = head.code, head.message
		for m := membersOf(content, '{'); m.next(); {
			if string(m.name) == "returnData" {
				records = readRecords(m.value)
			}
		}
	}
	failed := fields["success"] == "false"
	if answer.Code == "" && failed {
		answer.Code, answer.Message = fields["errorCode"], fields["errorMessage"]
	}
	answer.Code, answer.Message = Clean(answer.Code, maxShort), Clean(answer.Message, maxMessage)
	if answer.Code == "" {
		return x.reject(ReasonNotJSON, errNotJSON), nil
	}
	if failed && answer.Success() {
		return x.reject(ReasonOther, errors.New("answer says both failure and success")), nil
	}
	if ms, err := strconv.ParseInt(fields["timestamp"], 10, 64); err == nil && ms > 0 {
		x.stamp(&answer, time.UnixMilli(ms))
	}
	return answer, records
}

// readRecords reads a list of records; one object stands for a list of one.
func readRecords(raw []byte) []Record {
	if one := membersOf(raw, '{'); one.names {
		return []Record{readRecord(raw)}
	}
	var all []Record
	for m := membersOf(raw, '['); m.next() && len(all) < maxRecords; {
		if one := membersOf(m.value, '{'); one.names {
			all = append(all, readRecord(m.value))
		}
	}
	return all
}

func readRecord(raw []byte) Record {
	var r Record
	short := map[string]*string{
		"dateTime": &r.At, "returnCode": &r.ReturnCode, "code": &r.Code, "mid": &r.MID, "type": &r.Type,
		"shopNo": &r.ShopNo, "tid": &r.TID, "swift": &r.Swift,
	}
	for m := membersOf(raw, '{'); m.next(); {
		name := string(m.name)
		switch to := short[name]; {
		case to != nil:
			*to = Clean(scalarText(m.value), MaxIDLength)
		case name == "returnMsg":
			r.Message = Clean(scalarText(m.value), maxMessage)
		case name == "shopName":
			r.ShopName = Clean(scalarText(m.value), maxName)
		case name == "extendData", name == "extendsData": // platform.md §6.14
			r.Extend = readExtend(m.value)
		}
	}
	return r
}

func readExtend(raw []byte) map[string]string {
	var all map[string]string
	for m := membersOf(raw, '{'); m.next() && len(all) < maxExtend; {
		name := Clean(string(m.name), maxShort)
		if name == "" {
			continue
		}
		if all == nil {
			all = map[string]string{}
		}
		all[name] = Clean(scalarText(m.value), maxName)
	}
	return all
}

// newUUID is the day and 32 random hex digits (platform.md §3.2).
func newUUID(now time.Time) string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	return now.Format("20060102") + "-" + hex.EncodeToString(random[:])
}
