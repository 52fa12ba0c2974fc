package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxExtend  = 16      // entries kept of a record's extendData
	maxRecords = 100_000 // of one code; an answer with more is none, since a part of them would pass for all
)

// Records asks for a code's operation records. Records of other codes are left
// out; an answer that holds only such is another one (ReasonOther).
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
	got, err := readEnvelope(x, smallAnswer, nil)
	if err != nil {
		return x.unreadable(err), nil
	}
	return c.judgePaaS(x, fields["uuid"], code, got)
}

func (c *Client) judgePaaS(x *exchange, uuid string, asked ID, fields envelope) (Answer, []Record) {
	sign := fields["sign"]
	if sign != "" && !sameSign(sign, SignPaaS(fields, c.settings.AppSecret)) {
		return x.reject(ReasonSignature, errSignature), nil
	}
	if action := fields["action"]; action != "" && action != ActionRecords {
		return x.reject(ReasonOther, errOther), nil
	}
	answer := Answer{Outcome: Answered, Unsigned: sign == "", TraceNo: Clean(fields["uuid"], maxShort*2)}
	answer.TraceDiffers = answer.TraceNo != uuid

	// The documented example is the content alone (platform.md §2.8), and some
	// gateways quote it as a string.
	content := []byte(fields["content"])
	bare := len(content) == 0 && fields["returnCode"] != ""
	var rows []byte
	switch {
	case bare:
		answer.Code, answer.Message = fields["returnCode"], fields["returnDesc"]
		rows = []byte(fields["returnData"])
	default:
		inner := fieldsOf(content)
		answer.Code, answer.Message = scalarText(inner["returnCode"]), scalarText(inner["returnDesc"])
		rows = inner["returnData"]
	}
	records, err := readRecords(rows)
	if err != nil {
		return x.unreadable(err), nil
	}
	others := len(records)
	records = slices.DeleteFunc(records, func(r Record) bool { return r.Code != "" && r.Code != string(asked) })
	if others > 0 && len(records) == 0 {
		return x.reject(ReasonOther, errOther), nil
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

// readRecords reads a list of records; one object stands for a list of one, and what
// is no object for none. A record that cannot be read, and one too many, spoil the
// list: left out it would be missed by nobody.
func readRecords(raw jsontext.Value) ([]Record, error) {
	var rows []jsontext.Value
	if json.Unmarshal(raw, &rows, lenient...) != nil {
		rows = []jsontext.Value{raw}
	}
	if len(rows) > maxRecords {
		return nil, errTooLarge
	}
	var all []Record
	for _, row := range rows {
		switch fields := fieldsOf(row); {
		case fields != nil:
			all = append(all, readRecord(fields))
		case bytes.HasPrefix(row, []byte("{")):
			return nil, errTwice
		}
	}
	return all, nil
}

func readRecord(fields map[string]jsontext.Value) Record {
	text := func(name string, limit int) string { return Clean(scalarText(fields[name]), limit) }
	extend := fields["extendData"]
	if extend == nil {
		extend = fields["extendsData"] // platform.md §6.14
	}
	return Record{
		Code: text("code", MaxIDLength), At: text("dateTime", MaxIDLength), Type: text("type", MaxIDLength),
		ReturnCode: text("returnCode", MaxIDLength), Message: text("returnMsg", maxMessage),
		ShopNo: text("shopNo", MaxIDLength), ShopName: text("shopName", maxName), MID: text("mid", MaxIDLength),
		TID: text("tid", MaxIDLength), Swift: text("swift", MaxIDLength), Extend: readExtend(fieldsOf(extend)),
	}
}

func readExtend(fields map[string]jsontext.Value) map[string]string {
	var all map[string]string
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		name := Clean(field, maxShort)
		if name == "" || len(all) == maxExtend {
			continue
		}
		if all == nil {
			all = map[string]string{}
		}
		all[name] = Clean(scalarText(fields[field]), maxName)
	}
	return all
}

// newUUID is the day and 32 random hex digits (platform.md §3.2).
func newUUID(now time.Time) string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	return now.Format("20060102") + "-" + hex.EncodeToString(random[:])
}
