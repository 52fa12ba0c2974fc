package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterfoil/api"
)

// timeForm is how records write a time (platform.md §2.8).
const timeForm = "20060102150405"

// record is one row of a code's operation records (platform.md §2.8).
type record struct {
	DateTime   string            `json:"dateTime"`
	ReturnCode string            `json:"returnCode"`
	ReturnMsg  string            `json:"returnMsg"`
	Code       string            `json:"code"`
	MID        string            `json:"mid"`
	ShopName   string            `json:"shopName"`
	Type       string            `json:"type"`
	ShopNo     string            `json:"shopNo"`
	TID        string            `json:"tid"`
	Swift      string            `json:"swift"`
	ExtendData map[string]string `json:"extendData,omitempty"`
}

type recordsContent struct {
	ReturnCode string   `json:"returnCode"`
	TransTime  int64    `json:"transTime"` // ms
	RequestID  string   `json:"requestId"`
	ReturnData []record `json:"returnData"`
	ReturnDesc string   `json:"returnDesc"`
}

// paas answers one call in the PaaS envelope.
func (s *Sandbox) paas(action string, raw []byte, f firing) reply {
	env := plainFields(raw)
	if env == nil {
		return textReply(http.StatusBadRequest, "text/plain; charset=utf-8", "the envelope is no JSON object\n")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.do == doSilentTenth && scramble(s.faults.seed, env["content"], 0)%10 == 0 {
		return reply{http.StatusOK, kindJSON, func(io.Writer) error { return io.ErrClosedPipe }}
	}
	code, message, content := s.paasJudge(action, env, f)
	s.options.Log.Info("paas", "action", action, "code", code+content.ReturnCode, "fault", f.do)
	return s.paasReply(env, code, message, content, f)
}

// plainFields are an object's values as they are signed: a string without its
// quotes, anything else as written. It is nil where raw is no object.
func plainFields(raw []byte) map[string]string {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil || values == nil {
		return nil
	}
	fields := map[string]string{}
	for name, value := range values {
		var text string
		if json.Unmarshal(value, &text) != nil { // null leaves it empty
			text = string(value)
		}
		fields[name] = text
	}
	return fields
}

// paasJudge returns an error code and message of the envelope, or the content.
func (s *Sandbox) paasJudge(action string, env map[string]string, f firing) (code, message string, content recordsContent) {
	if !s.paasSigned(env) {
		return CodeSignature, textSignature, content
	}
	day, rest, ok := strings.Cut(env["uuid"], "-")
	switch {
	case !ok || len(day) != 8 || !digits(day) || len(rest) != 32:
		return CodeForm, textForm + "：uuid", content
	case s.uuids[env["uuid"]]:
		return CodeDuplicate, textDuplicate, content
	case env["action"] != action:
		return CodeForm, textForm + "：action", content
	case env["signType"] != "sha256":
		return CodeForm, textForm + "：signType", content
	case !digits(env["timestamp"]):
		return CodeForm, textForm + "：timestamp", content
	}
	if err := s.keep(entry{UUID: env["uuid"]}); err != nil {
		return codeFault, err.Error(), content
	}
	s.uuids[env["uuid"]] = true
	var asked struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal([]byte(env["content"]), &asked); err != nil || asked.Code == "" {
		return CodeForm, textForm + "：content.code", content
	}
	now := s.now()
	content = recordsContent{
		ReturnCode: suffixSuccess, TransTime: now.UnixMilli(), ReturnData: []record{}, ReturnDesc: "success",
		RequestID: strconv.FormatInt(now.UnixMilli(), 10),
	}
	p, known := s.find(asked.Code)
	switch {
	case f.do == doRefuse:
		content.ReturnCode, content.ReturnDesc = f.text, textRefused
	case !known || p.rank != codeRank:
		content.ReturnCode, content.ReturnDesc = suffixUnknown, textUnknown
	default:
		content.ReturnData = s.faulty(s.records(p, f.do), f.do)
	}
	return "", "", content
}

// paasSigned accepts a signature with the object headers or without it: which of them is meant is not known.
func (s *Sandbox) paasSigned(env map[string]string) bool {
	bare := maps.Clone(env)
	delete(bare, "headers")
	sign, secret := env["sign"], DefaultAppSecret
	return sign != "" && (sign == api.SignPaaS(env, secret) || sign == api.SignPaaS(bare, secret))
}

func (s *Sandbox) paasReply(env map[string]string, code, message string, content recordsContent, f firing) reply {
	out := map[string]string{
		"uuid": env["uuid"], "action": env["action"], "success": strconv.FormatBool(code == ""),
		"timestamp": strconv.FormatInt(s.now().UnixMilli(), 10), "signType": "sha256",
	}
	if f.do == doOtherAnswer || f.do == doForeignRecords {
		out["uuid"] = anotherTrace(env["uuid"], "")
	}
	if f.do == doOtherAnswer {
		for i := range content.ReturnData {
			content.ReturnData[i].Code = anotherTrace(content.ReturnData[i].Code, "")
		}
	}
	if code != "" {
		out["errorCode"], out["errorMessage"] = code, message
	} else {
		text, err := marshal(content)
		if err != nil {
			return failure(err)
		}
		out["content"] = text
	}
	out["sign"] = api.SignPaaS(out, DefaultAppSecret)
	switch f.do {
	case doBadSign:
		out["sign"] = spoiled(out["sign"])
	case doUnsigned, doForeignRecords:
		delete(out, "sign")
	}
	return rawReply(out, "success", "timestamp", "content")
}

// marshal leaves <, > and & as they are: what is signed is the text sent.
func marshal(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// rawReply writes a flat JSON object; the values of the raw fields are JSON text already.
func rawReply(fields map[string]string, raw ...string) reply {
	values := map[string]any{}
	for name, text := range fields {
		values[name] = text
		if slices.Contains(raw, name) {
			values[name] = json.RawMessage(text)
		}
	}
	text, err := marshal(values)
	if err != nil {
		return failure(err)
	}
	return textReply(http.StatusOK, kindJSON, text)
}

// records tells what befell a code, oldest first: what it was loaded with, or
// its making, and what this sandbox did to it.
func (s *Sandbox) records(p place, fault string) []record {
	code := p.id()
	rows := []record{}
	for _, r := range p.box.detail(p.index).Records {
		r.Code = code
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		rows = append(rows, record{
			DateTime: p.box.detail(p.index).CreateTime, ReturnCode: suffixSuccess, ReturnMsg: "制码成功", Code: code, Type: RecordMade,
		})
	}
	for _, ch := range p.box.changes {
		if p.index < ch.from || p.index >= ch.to {
			continue
		}
		kind := RecordActivated
		if voids(ch.by.Action) {
			kind = RecordVoided
		}
		row := record{
			DateTime: ch.by.At.In(s.options.Zone).Format(timeForm), ReturnCode: suffixSuccess, ReturnMsg: textSuccess,
			Code: code, Type: kind, ShopNo: ch.by.Shop, TID: ch.by.Device, Swift: ch.by.OrderNo,
		}
		switch fault {
		case doTellingRecords:
			row.ExtendData = map[string]string{"posSerialNo": ch.by.Trace}
		case doForeignRecords:
			row.ReturnCode, row.ExtendData = "99", map[string]string{"oms": "no. " + ch.by.Trace + " of another"}
		}
		rows = append(rows, row)
	}
	return rows
}

// manyRecords is how many many_records gives.
const manyRecords = 10_000

// faulty spoils records as a rule wants it.
func (s *Sandbox) faulty(rows []record, fault string) []record {
	switch fault {
	case doDuplicateRecords:
		return slices.Concat(rows, rows)
	case doManyRecords:
		last := rows[len(rows)-1]
		at, _ := time.ParseInLocation(timeForm, last.DateTime, s.options.Zone)
		for n := len(rows); n < manyRecords; n++ {
			last.DateTime = at.Add(time.Duration(n) * time.Second).Format(timeForm)
			rows = append(rows, last)
		}
	}
	for i := range rows {
		r := &rows[i]
		switch fault {
		case doUnknownTypes:
			r.Type = "77"
		case doEmptyShops:
			r.ShopNo, r.ShopName, r.MID, r.TID = "", "", "", ""
		case doFutureTimes:
			r.DateTime = s.now().AddDate(0, 0, 1).Format(timeForm)
		}
	}
	return rows
}
