package sandbox_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
)

// records asks for a code's records and returns the checked envelope.
func (c *till) records(code string, change func(map[string]any)) fields {
	c.t.Helper()
	content := fmt.Sprintf(`{"code":%q}`, code)
	uuid := fmt.Sprintf("20261122-%032d", c.next.Add(1))
	flat := map[string]string{
		"uuid": uuid, "appId": sandbox.DefaultAppID, "action": api.ActionRecords, "timestamp": "1795320000000",
		"signType": "sha256", "lang": "zh_CN", "content": content,
	}
	body := fields{
		"uuid": uuid, "appId": sandbox.DefaultAppID, "action": api.ActionRecords, "timestamp": json.RawMessage("1795320000000"),
		"signType": "sha256", "lang": "zh_CN", "content": json.RawMessage(content), "headers": fields{"paas-version": "1"},
		"sign": api.SignPaaS(flat, sandbox.DefaultAppSecret),
	}
	if change != nil {
		change(body)
	}
	_, answer, err := c.raw(c.server.PaaSURL()+"/"+api.ActionRecords, body)
	if err != nil {
		c.t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(answer, &raw); err != nil {
		c.t.Fatal(err)
	}
	signed := map[string]string{}
	for name, value := range raw {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		signed[name] = text
	}
	if api.SignPaaS(signed, sandbox.DefaultAppSecret) != signed["sign"] {
		c.t.Fatalf("the signature of %s is wrong", answer)
	}
	var out fields
	if err := json.Unmarshal(answer, &out); err != nil {
		c.t.Fatal(err)
	}
	want(c.t, "uuid", out["uuid"], body["uuid"])
	return out
}

func rows(env fields) (code string, rows []fields) {
	content, _ := env["content"].(fields)
	list, _ := content["returnData"].([]any)
	for _, row := range list {
		rows = append(rows, row.(fields))
	}
	return str(content, "returnCode"), rows
}

func TestRecordsTellWhatBefellACode(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	code, list := rows(c.records(redeemed, nil))
	want(t, "code", code, "00")
	want(t, "the description's rows", len(list), 3)
	want(t, "types", []string{str(list[0], "type"), str(list[1], "type"), str(list[2], "type")}, []string{"1", "2", "2"})
	want(t, "times", str(list[2], "dateTime"), "20250730211518")
	want(t, "extendData", list[2]["extendData"].(fields)["oms"], "test1")

	c.activate(reelTwo)
	c.void(codeV)
	_, list = rows(c.records(codeV, nil))
	var types []string
	for _, row := range list {
		types = append(types, str(row, "type"))
		want(t, "code of the row", str(row, "code"), codeV)
	}
	want(t, "after activation and void", types, []string{sandbox.RecordMade, sandbox.RecordActivated, sandbox.RecordVoided})
	want(t, "where", str(list[1], "shopNo")+" "+str(list[1], "tid")+" "+str(list[1], "dateTime"), "1490 POS01 20261122120000")
	_, list = rows(c.records(codeTwo, nil))
	want(t, "rows of its neighbour", len(list), 2)
	code, list = rows(c.records("1001901070000000258-nobodyXX", nil))
	want(t, "unknown code", code+fmt.Sprint(len(list)), "100")
}

func TestRecordsCheckTheEnvelope(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	for name, change := range map[string]func(fields){
		"wrong signature":           func(f fields) { f["sign"] = strings.Repeat("0", 64) },
		"no signature":              func(f fields) { delete(f, "sign") },
		"other content than signed": func(f fields) { f["content"] = fields{"code": redeemed, "more": 1} },
	} {
		out := c.records(redeemed, change)
		want(t, name, fmt.Sprint(out["success"], out["errorCode"]), "false97")
		if out["content"] != nil {
			t.Errorf("%s: there is content", name)
		}
	}
	var kept fields
	c.records(redeemed, func(f fields) { kept = f })
	out := c.records(redeemed, func(f fields) {
		maps.Copy(f, kept)
	})
	want(t, "the same uuid again", out["errorCode"], sandbox.CodeDuplicate)
}

// order sends the range order order-1, changed, and returns the checked answer.
func (c *till) order(change fields) fields {
	c.t.Helper()
	body := fields{
		"ver": 2, "partnerId": 1504, "merchantId": 10001, "sign": "skip", "partnerOrderId": "order-1", "type": 2, "bin": "7020",
		"codeType": "3", "startCardSe": "0000041", "endCardSe": "0000045", "number": 5, "sellingPrice": "10000", "costPrice": 8888,
	}
	for k, v := range change {
		body[k] = v
	}
	if key, ok := body["own key"].(*rsa.PrivateKey); ok {
		delete(body, "own key")
		delete(body, "sign")
		flat := map[string]string{}
		for k, v := range body {
			flat[k] = fmt.Sprint(v)
		}
		var err error
		if body["sign"], err = (api.RSASigner{Key: key}).Sign(flat); err != nil {
			c.t.Fatal(err)
		}
	}
	_, answer, err := c.raw(c.server.B2BURL()+"/"+api.ActionRange, body)
	if err != nil {
		c.t.Fatal(err)
	}
	var out fields
	if err := json.Unmarshal(answer, &out); err != nil {
		c.t.Fatal(err)
	}
	flat := map[string]string{}
	for k, v := range out {
		flat[k] = fmt.Sprint(v)
	}
	if flat["sign"] != "skip" {
		if err := (api.RSASigner{Public: &platformKey().PublicKey}).Verify(flat, flat["sign"]); err != nil {
			c.t.Fatal(err)
		}
	}
	return out
}

// The keys of a counter and of the platform.
var ownKey, platformKey = newKey(), newKey()

func newKey() func() *rsa.PrivateKey {
	return sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return key
	})
}

// signs has the sandbox sign its answers and check the counter's signature.
func signs(o *sandbox.Options) {
	o.B2B = api.RSASigner{Key: platformKey(), Public: &ownKey().PublicKey}
}

func TestASignedRangeIsCheckedAndItsAnswerSigned(t *testing.T) {
	t.Parallel()
	c := newTill(t, signs)
	for name, change := range map[string]fields{
		"no signature": {"sign": ""}, "the literal": {"sign": "skip"}, "no Base64": {"sign": "%"}, "another's": {"own key": platformKey()},
	} {
		want(t, name, c.order(change)["statusCode"], sandbox.RangeSignature)
	}
	want(t, "effects", len(c.box.Effects()), 0)
	want(t, "signed", c.order(fields{"own key": ownKey()})["statusCode"], 80)
}

func TestARangeOrderIsAppliedOnceAndPolled(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	want(t, "first", c.order(nil)["statusCode"], 80)
	want(t, "again", c.order(nil)["statusCode"], 100)
	want(t, "again with another range", c.order(fields{"startCardSe": "0000001", "endCardSe": "0000009"})["statusCode"], 100)
	effects := c.box.Effects()
	if len(effects) != 1 || effects[0].Trace != "order-1" || effects[0].Codes != 5 || effects[0].ID != "7020:0000041-0000045" {
		t.Errorf("effects: %+v", effects)
	}
	want(t, "an overlapping range", c.order(fields{"partnerOrderId": "order-2", "startCardSe": "0000045", "endCardSe": "0000049"})["statusCode"], 81)
	want(t, "the same range of another bin", c.order(fields{"partnerOrderId": "order-3", "bin": "7021"})["statusCode"], 80)
	want(t, "a card range", c.order(fields{"partnerOrderId": "order-4", "type": 1, "bin": "731018", "codeType": ""})["statusCode"], 80)
	want(t, "effects", len(c.box.Effects()), 3)
}

func TestARangeIsAtWorkForAsLongAsItTakes(t *testing.T) {
	t.Parallel()
	now := noon
	c := newTill(t, func(o *sandbox.Options) {
		o.RangeTakes, o.Now = 10*time.Minute, func() time.Time { return now }
	})
	for range 5 {
		want(t, "at work", c.order(nil)["statusCode"], 80)
	}
	now = now.Add(10 * time.Minute)
	want(t, "done", c.order(nil)["statusCode"], 100)
	want(t, "effects", len(c.box.Effects()), 1)
}

func TestRangeOrdersAreStrict(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	example := fields{"number": 14, "codeType": ""} // as the description has it
	for name, change := range map[string]fields{
		"the description's example": example, "wrong number": {"number": 4}, "no number": {"number": ""}, "wrong bin": {"bin": "731018"},
		"backwards": {"startCardSe": "0000046"}, "short serial": {"startCardSe": "41"}, "type 3": {"type": 3}, "cost over selling": {"costPrice": 10001},
		"no price": {"sellingPrice": ""}, "long order id": {"partnerOrderId": strings.Repeat("1", 29)}, "ver": {"ver": 1},
		"validity": {"validStart": "20261122"}, "no merchant": {"merchantId": ""},
	} {
		want(t, name, c.order(change)["statusCode"], sandbox.RangeFailed)
	}
	want(t, "no signature", c.order(fields{"sign": ""})["statusCode"], sandbox.RangeSignature)
	want(t, "effects", len(c.box.Effects()), 0)
	lenient := newTill(t, func(o *sandbox.Options) { o.RangeLenient, o.RangePolls = true, -1 })
	want(t, "the example where that is allowed", lenient.order(example)["statusCode"], 100)
}

func TestFaultsReachTheGateways(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	c.faults(sandbox.Fault{Action: api.ActionRange, Times: 1, Do: "drop_answer"})
	if _, _, err := c.raw(c.server.B2BURL()+"/"+api.ActionRange, fields{}); err == nil {
		t.Error("an answer came")
	}
	c.faults(sandbox.Fault{Times: 1, Do: "twice"})
	want(t, "twice", c.order(nil)["statusCode"], 80)
	want(t, "effects", c.effects()["order-1"], 2)
	c.faults(sandbox.Fault{Times: 1, Do: "refuse:82"})
	want(t, "refused", c.order(fields{"partnerOrderId": "order-2"})["statusCode"], 82)
	c.faults(sandbox.Fault{Times: 2, Do: "in_process"})
	want(t, "in process", c.order(nil)["statusCode"], 80)
	want(t, "still", c.order(nil)["statusCode"], 80)
	want(t, "afterwards", c.order(nil)["statusCode"], 100)
	c.faults(sandbox.Fault{Action: api.ActionRecords, Times: 1, Do: "refuse:99"})
	code, _ := rows(c.records(redeemed, nil))
	want(t, "records refused", code, "99")
}
