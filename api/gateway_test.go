package api

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const recordsCode = ID("1006250730320020870=gHN3981K")

// paasAnswer is an envelope around content; extra fields replace others.
func paasAnswer(content string, extra ...string) map[string]string {
	fields := map[string]string{
		"uuid": "20261122-cd28bed6332846979cf012223c981a14", "success": "true", "action": ActionRecords,
		"timestamp": strconv.FormatInt(testTime.UnixMilli(), 10), "signType": "sha256", "content": content,
	}
	for i := 0; i+1 < len(extra); i += 2 {
		fields[extra[i]] = extra[i+1]
	}
	return fields
}

// paasText writes fields as JSON: content as it stands, or quoted.
func paasText(fields map[string]string, quoted bool) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := fields[name]
		if name != "timestamp" && name != "success" && (name != "content" || quoted || value == "") {
			value = marshal(value)
		}
		parts = append(parts, marshal(name)+":"+value)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func paasSigned(fields map[string]string) map[string]string {
	fields["sign"] = SignPaaS(fields, testSecret)
	return fields
}

func TestRecordsOfTheExample(t *testing.T) {
	t.Parallel()
	content := strings.TrimSpace(fixture(t, "records.json"))
	for name, text := range map[string]string{
		"in its envelope":      paasText(paasSigned(paasAnswer(content)), false),
		"content as a string":  paasText(paasSigned(paasAnswer(content)), true),
		"without its envelope": content,
	} {
		t.Run(name, func(t *testing.T) {
			a, records := testClient(t, answering(t, text)).Records(context.Background(), recordsCode)
			want(t, a, Answered, ReasonNone)
			bare := name == "without its envelope"
			if !a.Success() || a.Message != "success" || a.Unsigned != bare || a.ServerTime.IsZero() != bare || len(records) != 3 {
				t.Fatalf("%+v with %d records", a, len(records))
			}
			made := Record{Code: string(recordsCode), At: "20250730143743", Type: "1", ReturnCode: "00", Message: "制码成功"}
			if !reflect.DeepEqual(records[0], made) {
				t.Fatalf("%+v", records[0])
			}
			last := records[2]
			if last.Type != "2" || last.MID != "860020051401034" || last.ShopNo != "1490" || last.TID != "54022101" || last.Swift != "0" ||
				last.ShopName != "上海测试门店" || len(last.Extend) != 4 || last.Extend["oms"] != "test1" {
				t.Fatalf("%+v", last)
			}
		})
	}
}

func TestPaaSAnswerMayLackItsSignatureButNotBearAWrongOne(t *testing.T) {
	t.Parallel()
	content := `{"returnCode":"00","returnDesc":"success","returnData":[]}`
	wrong := paasAnswer(content, "sign", strings.Repeat("0", 64))
	upper := paasSigned(paasAnswer(content))
	upper["sign"] = strings.ToUpper(upper["sign"])
	for name, c := range map[string]struct {
		text     string
		reason   Reason
		unsigned bool
	}{
		"signed":          {paasText(paasSigned(paasAnswer(content)), false), ReasonNone, false},
		"upper case":      {paasText(upper, false), ReasonNone, false},
		"unsigned":        {paasText(paasAnswer(content), false), ReasonNone, true},
		"null signature":  {strings.Replace(paasText(paasAnswer(content), false), "{", `{"sign":null,`, 1), ReasonNone, true},
		"wrong":           {paasText(wrong, false), ReasonSignature, false},
		"content changed": {strings.Replace(paasText(paasSigned(paasAnswer(content)), false), "success\"", "succes\"", 1), ReasonSignature, false},
		"another action":  {paasText(paasSigned(paasAnswer(content, "action", "refund")), false), ReasonOther, false},
		"no content":      {paasText(paasSigned(paasAnswer("")), false), ReasonNotJSON, false},
		"broken content":  {paasText(paasSigned(paasAnswer(`{"returnCode":"00"`)), true), ReasonNotJSON, false},
		"empty object":    {`{}`, ReasonNotJSON, false},
		"HTML":            {`<html>`, ReasonNotJSON, false},
		"both at once":    {paasText(paasAnswer(content, "success", "false"), false), ReasonOther, false},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := testClient(t, answering(t, c.text)).Records(context.Background(), recordsCode)
			if c.reason != ReasonNone {
				want(t, a, Unanswered, c.reason)
				return
			}
			want(t, a, Answered, ReasonNone)
			if a.Unsigned != c.unsigned || !a.Success() {
				t.Fatalf("%+v", a)
			}
		})
	}
}

func TestPaaSFailureCarriesTheGatewaysOwnWords(t *testing.T) {
	t.Parallel()
	text := paasText(paasSigned(paasAnswer("", "success", "false", "errorCode", "E1001", "errorMessage", "sign error")), false)
	a, records := testClient(t, answering(t, text)).Records(context.Background(), recordsCode)
	want(t, a, Answered, ReasonNone)
	if a.Success() || a.Code != "E1001" || a.Message != "sign error" || records != nil {
		t.Fatalf("%+v", a)
	}
	if !a.ServerTime.Equal(testTime) || a.Skew != 0 {
		t.Fatalf("server time %v, skew %v", a.ServerTime, a.Skew)
	}
}

func TestOddRecordsAreTolerated(t *testing.T) {
	t.Parallel()
	for data, n := range map[string]int{
		`null`: 0, `""`: 0, `[]`: 0, `[null,1,"x",[]]`: 0, `{"code":"` + string(recordsCode) + `"}`: 1, `[{"swift":0,"extendsData":{"a":{"b":1},"c":null,"d":5}},{}]`: 2,
	} {
		text := `{"content":{"returnCode":"00","returnData":` + data + `}}`
		a, records := testClient(t, answering(t, text)).Records(context.Background(), recordsCode)
		if !a.Success() || len(records) != n {
			t.Errorf("%s: %+v, %d records", data, a, len(records))
		}
		if n == 2 && (records[0].Swift != "0" || records[0].Extend["d"] != "5") {
			t.Errorf("%+v", records[0])
		}
	}
	var many []string
	for i := range 40 {
		many = append(many, marshal("k"+strconv.Itoa(i))+`:"v"`)
	}
	text := `{"content":{"returnCode":"00","returnData":[{"extendData":{` + strings.Join(many, ",") + `}}]}}`
	if _, records := testClient(t, answering(t, text)).Records(context.Background(), recordsCode); len(records[0].Extend) != maxExtend {
		t.Errorf("%d entries kept", len(records[0].Extend))
	}
}

func TestNoRecordIsLeftOutUnsaid(t *testing.T) {
	t.Parallel()
	ask := func(data string) (Answer, []Record) {
		text := `{"content":{"returnCode":"00","returnData":[` + data + `]}}`
		return testClient(t, answering(t, text)).Records(context.Background(), recordsCode)
	}
	many := strings.Repeat(`{"type":"2"},`, 20_000) + `{"type":"3"}`
	if a, records := ask(many); !a.Success() || len(records) != 20_001 || records[20_000].Type != "3" {
		t.Errorf("%+v, %d records", a, len(records))
	}
	a, _ := ask(strings.Repeat(`{},`, maxRecords) + `{}`)
	want(t, a, Unanswered, ReasonTooLarge)
	a, _ = ask(`{"type":"2"},{"type":"2","type":"3"}`)
	want(t, a, Unanswered, ReasonNotJSON)
}

func TestRecordsNeedAddressAndSecret(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*Settings){func(s *Settings) { s.PaaSURL = "" }, func(s *Settings) { s.AppSecret = "" }} {
		a, _ := testClient(t, "http://127.0.0.1:1", change).Records(context.Background(), recordsCode)
		want(t, a, NotSent, ReasonSetting)
	}
	want(t, testClient(t, "http://127.0.0.1:1", func(s *Settings) { s.B2BURL = "" }).ActivateRange(context.Background(), RangeRequest{}), NotSent, ReasonSetting)
}

func TestRangeAnswers(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]struct {
		code   string
		reason Reason
	}{
		fixture(t, "range_answer.json"):                 {RangeInProgress, ReasonNone},
		`{"statusCode":100,"message":"SUCCESS"}`:        {RangeDone, ReasonNone},
		`{"statusCode":"100"}`:                          {RangeDone, ReasonNone},
		`{"statusCode":81,"message":"失败"}`:              {RangeFailed, ReasonNone},
		`{"statusCode":100,"partnerOrderId":"another"}`: {"", ReasonOther},
		`{"message":"x"}`:                               {"", ReasonNotJSON},
		`{"statusCode":null}`:                           {"", ReasonNotJSON},
		`{"status":404,"error":"Not Found"}`:            {"", ReasonNotJSON},
		`<html>login</html>`:                            {"", ReasonNotJSON},
		`{"statusCode":80`:                              {"", ReasonNotJSON},
	} {
		a := testClient(t, answering(t, text)).ActivateRange(context.Background(), RangeRequest{OrderID: "o1"})
		if c.reason != ReasonNone {
			want(t, a, Unanswered, c.reason)
			continue
		}
		want(t, a, Answered, ReasonNone)
		if a.Code != c.code || a.TraceNo != "o1" || !a.Unsigned || a.Success() {
			t.Errorf("%+v", a)
		}
	}
}

// secretSigner stands in for the gateway's unknown signature.
type secretSigner struct{ secret string }

func (s secretSigner) Sign(fields map[string]string) (string, error) {
	if s.secret == "" {
		return "", errors.New("no key")
	}
	return SignPaaS(fields, s.secret), nil
}

func (s secretSigner) Verify(fields map[string]string, sign string) error {
	if sign != SignPaaS(fields, s.secret) {
		return errors.New("wrong")
	}
	return nil
}

func (s secretSigner) Checks() bool { return true }

func TestRangeSignatureIsCheckedWhereAKeyIsSet(t *testing.T) {
	t.Parallel()
	signed := map[string]string{"statusCode": "100", "message": "SUCCESS", "ver": "2"}
	good := `{"statusCode":100,"message":"SUCCESS","ver":2,"sign":"` + SignPaaS(signed, "k") + `"}`
	for text, reason := range map[string]Reason{
		good:                                  ReasonNone,
		`{"statusCode":100}`:                  ReasonSignature,
		`{"statusCode":100,"sign":"skip"}`:    ReasonSignature,
		strings.Replace(good, "100", "80", 1): ReasonSignature,
	} {
		var got heard
		client := testClient(t, listening(t, &got, func() string { return text }), func(s *Settings) { s.B2BSigner = secretSigner{"k"} })
		a := client.ActivateRange(context.Background(), RangeRequest{OrderID: "o1", Type: 1, Count: 2})
		if a.Reason != reason || a.Unsigned {
			t.Errorf("%s: %+v", text, a)
		}
		sent := map[string]string{"ver": "2", "partnerId": "1504", "merchantId": "10001", "partnerOrderId": "o1", "type": "1", "number": "2"}
		if got.fields["sign"] != SignPaaS(sent, "k") {
			t.Errorf("sent %v", got.fields)
		}
	}
	client := testClient(t, "http://127.0.0.1:1", func(s *Settings) { s.B2BSigner = secretSigner{} })
	want(t, client.ActivateRange(context.Background(), RangeRequest{}), NotSent, ReasonSetting)
}

func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	posp := map[string]string{
		"action": "inquiry", "brand": "663", "deviceNo": "POS01", "mwVersion": "20161010", "posVersion": "20161010",
		"ptlVersion": "20161010", "shopNo": "CN123456", "timestamp": "1483372334", "sign": "ignored", "empty": "",
		"body": "ewogICAgICAgICAidHJhY2VObyI6ICI5OTAwMDAwOTEwMDAxMDEwMTczMjEyMyIsCiAgICAgICAgICJvcmlnaW5hbFRyYWNlTm8iOiAiOTkwMDAwMDkxMDAwMTAxMDE3MzIxMjQiCiAgICAgfQ==",
	}
	if got := SignPOSP(posp, testKey); got != "F38545F4D74B5C10A9EBBC053ED9D1CF" {
		t.Error(got)
	}
	paas := map[string]string{
		"action": "refund", "appId": "ebuyde43082858d1", "lang": "zh_CN", "signType": "sha256", "timestamp": "1625649048115",
		"uuid":    "20210707-cd28bed6332846979cf012223c981a14",
		"content": `{"outTradeNo":"202107071625649048080","refundTradeNo":"202107071625649048080"}`,
	}
	if got := SignPaaS(paas, testSecret); got != "cefb7347b73b2793a6d4a99993480500bd74752e7b983acedb9515166e22d271" {
		t.Error(got)
	}
}
