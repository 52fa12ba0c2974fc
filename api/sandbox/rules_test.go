package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"counterfoil/api"
	"counterfoil/api/sandbox"
)

func TestActivationAppliesToAllBelow(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	want(t, "reel", c.activate(reelTwo), "A00")
	want(t, "first code", c.box.Status(codeV), "00")
	want(t, "second code", c.box.Status(codeTwo), "00")
	want(t, "the twin in another case", c.box.Status("1001901070000000258-M4DEDSfv"), "03")
	effects := c.box.Effects()
	if len(effects) != 1 || effects[0].Codes != 2 || effects[0].ID != reelTwo || effects[0].Action != api.ActionActivate {
		t.Errorf("effects: %+v", effects)
	}
	want(t, "package", c.activate("B22169-3141158-33476"), "A91") // holds an active code
	want(t, "codes of the refused package", c.box.Status("1001260618000000501-Fh2kTz9L"), "03")
	want(t, "second activation", c.activate(reelTwo), "A91")
	want(t, "unknown", c.activate("R999999F-0000000-0000"), "A10")
	want(t, "frozen", c.activate("1001260105000000304-c2JrN7Lu"), "A91")
	want(t, "past its last day", c.activate(expired), "A91")
	want(t, "effects after refusals", len(c.box.Effects()), 1)
}

func TestVoidKeepsTheStatusRules(t *testing.T) {
	t.Parallel()
	for _, leaves := range []string{"05", "03"} {
		t.Run(leaves, func(t *testing.T) {
			c := newTill(t, func(o *sandbox.Options) { o.VoidLeaves = leaves })
			c.activate(reelTwo)
			want(t, "void of active", c.void(reelTwo), "V00")
			want(t, "code", c.box.Status(codeV), leaves)
			want(t, "void again", c.void(reelTwo), "V91")
			want(t, "frozen", c.void("1001260105000000304-c2JrN7Lu"), "V00")
			want(t, "void already", c.void("1001260105000000303-Y6mBx9Fe"), "V91")
			notActive := map[string]string{"05": "V00", "03": "V91"}[leaves]
			want(t, "not active", c.void("10085748356738476396436"), notActive)
			after := map[string]string{"05": "A91", "03": "A00"}[leaves]
			want(t, "activation after void", c.activate(reelTwo), after)
			want(t, "unknown", c.void("R999999F-0000000-0000"), "V10")
		})
	}
}

func TestListsAreTakenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	call := func(action, ids string) string {
		body := c.activation(ids)
		return str(c.call(action, body), "returnCode")
	}
	want(t, "one unknown", call(api.ActionReelActivate, reelTwo+",R999999F-0000000-0000"), "A10")
	want(t, "one named twice", call(api.ActionReelActivate, reelTwo+","+codeV), sandbox.CodeForm)
	want(t, "one already active", call(api.ActionReelActivate, reelTwo+","+mixed), "A91")
	want(t, "no effect so far", len(c.box.Effects()), 0)
	want(t, "a list is for the reel actions", call(api.ActionActivate, reelTwo+",R151102F-0000241-2555"), "A10")
	want(t, "reel and code", call(api.ActionReelActivate, reelTwo+",1001901070000000255-e6tdHe8m"), "A00")
	want(t, "void of a list", call(api.ActionReelVoid, reelTwo+",1001901070000000255-e6tdHe8m"), "V00")
	want(t, "effects", len(c.box.Effects()), 4)
	want(t, "package", call(api.ActionReelActivate, "B22169-3141157-33475"), "A91")
}

func TestTraceNumbersAreUniqueDatedAndDigits(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	try := func(action, trace string) string {
		body := c.activation(reelTwo)
		body["traceNo"] = trace
		body["originalTraceNo"] = "20261122000001000000777"
		return str(c.call(action, body), "returnCode")
	}
	for _, trace := range []string{"", "20261121000001000000001", "2026112200000100000000x", "990000009100010101732123", strings.Repeat("20261122", 4) + "1"} {
		want(t, "trace "+trace, try(api.ActionActivate, trace), sandbox.CodeTrace)
	}
	want(t, "look-up", try(api.ActionLookup, "20261122000001900000001"), "H00")
	for _, action := range []string{api.ActionActivate, api.ActionVoid, api.ActionLookup, api.ActionActivateQuery} {
		want(t, action+" with a used number", try(action, "20261122000001900000001"), sandbox.CodeDuplicate)
	}
	want(t, "effects", len(c.box.Effects()), 0)

	lenient := newTill(t, func(o *sandbox.Options) { o.DateOptional = true })
	body := lenient.activation(reelTwo)
	body["traceNo"] = "990000009100010101732123"
	want(t, "without a date where that is allowed", str(lenient.call(api.ActionActivate, body), "returnCode"), "A00")
}

func TestFormIsStrict(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	for name, change := range map[string]fields{
		"amount as a number": {"totalAmount": 3000}, "amount with a point": {"totalAmount": "30.00"}, "amount of nothing": {"totalAmount": "0"},
		"negative amount": {"totalAmount": "-1"}, "no amount": {"totalAmount": ""}, "no id": {"qrcode": ""},
		"business type as text": {"businessType": "12"}, "trace as a number": {"traceNo": 20261122},
	} {
		body := c.activation(reelTwo)
		for k, v := range change {
			body[k] = v
		}
		_, answer, err := c.raw(c.server.POSPURL()+"/"+api.ActionActivate, envelope(api.ActionActivate, body))
		if err != nil {
			t.Fatal(err)
		}
		out, err := open(answer)
		if err != nil {
			t.Fatal(err)
		}
		want(t, name, out["returnCode"], sandbox.CodeForm)
	}
	want(t, "query without a trace to ask about", str(c.query(""), "returnCode"), sandbox.CodeForm)
	want(t, "effects", len(c.box.Effects()), 0)
}

func TestWrongSignaturesAreRefusedSigned(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	url := c.server.POSPURL() + "/" + api.ActionActivate
	tamper := map[string]func(map[string]string){
		"wrong":       func(e map[string]string) { e["sign"] = strings.Repeat("0", 32) },
		"missing":     func(e map[string]string) { delete(e, "sign") },
		"lower case":  func(e map[string]string) { e["sign"] = strings.ToLower(e["sign"]) },
		"other field": func(e map[string]string) { e["shopNo"] = "1491" },
		"added field": func(e map[string]string) { e["extra"] = "1" },
		"other key":   func(e map[string]string) { e["sign"] = api.SignPOSP(e, "00") },
	}
	for name, f := range tamper {
		env := envelope(api.ActionActivate, c.activation(reelTwo))
		f(env)
		_, answer, err := c.raw(url, env)
		if err != nil {
			t.Fatal(err)
		}
		out, err := open(answer)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want(t, name, out["returnCode"], sandbox.CodeSignature)
	}
	_, answer, err := c.raw(url, envelope(api.ActionVoid, c.activation(reelTwo)))
	if err != nil {
		t.Fatal(err)
	}
	out, err := open(answer)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "another action's envelope", out["returnCode"], sandbox.CodeForm)
	want(t, "effects", len(c.box.Effects()), 0)
}

func TestOnlyPostsToKnownActions(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	res, err := c.http.Get(c.server.POSPURL() + "/" + api.ActionActivate)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	want(t, "GET", res.StatusCode, http.StatusMethodNotAllowed)
	status, _, err := c.raw(c.server.POSPURL()+"/noSuchAction", envelope("noSuchAction", fields{}))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "unknown action", status, http.StatusNotFound)
	status, _, err = c.raw(c.server.POSPURL()+"/"+api.ActionActivate, []string{"no envelope"})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "no envelope", status, http.StatusBadRequest)
}

func TestQueryTellsWhatBecameOfAnActivation(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	applied, refused, voided := c.activation(reelTwo), c.activation(reelTwo), fields{"traceNo": c.trace(), "qrcode": reelTwo}
	order := str(c.call(api.ActionActivate, applied), "orderNo")
	c.call(api.ActionActivate, refused)
	c.call(api.ActionVoid, voided)
	found := c.query(str(applied, "traceNo"))
	want(t, "applied", found["returnCode"], "R00")
	want(t, "its order", found["orderNo"], order)
	want(t, "refused", c.query(str(refused, "traceNo"))["returnCode"], sandbox.CodeWasRefused)
	want(t, "a void's number", c.query(str(voided, "traceNo"))["returnCode"], sandbox.CodeNoTransaction)
	want(t, "never sent", c.query("20261122000001999999999")["returnCode"], sandbox.CodeNoTransaction)
}

func TestLookupAnswersThePathAndWhatIsBelow(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	const path = "X1123-6430582-102F5/B1123-6430582-102F5/R112102F-0000242-2585/"
	want(t, "code", leaves(c.lookup(codeV)), []string{path + codeV + "=03"})
	want(t, "reel", leaves(c.lookup(reelTwo)), []string{path + codeV + "=03", path + codeTwo + "=03"})
	want(t, "package", len(leaves(c.lookup("B1123-6430582-102F5"))), 4)
	want(t, "box", len(leaves(c.lookup(boxOne))), 16)
	want(t, "bare 20 digits", len(leaves(c.lookup("10014030013500006013"))), 1)
	want(t, "bare 23 digits", len(leaves(c.lookup("10085748356738476396436"))), 1)
	want(t, "the description's reel", len(leaves(c.lookup("R156A001-0000491-0505"))), 2)
	want(t, "the description's other box", len(leaves(c.lookup("X22169-3141157-33475"))) > 4, true)
	none := c.lookup("1001901070000000258-m4DEDSfV")
	want(t, "case matters", none["returnCode"], "H10")
	want(t, "nodes of an unknown id", len(leaves(none)), 0)
	old := c.call(api.ActionLookup, fields{"traceNo": c.trace(), "qrcode": reelTwo})
	want(t, "old logic", leaves(old)[0], path[len(boxOne):]+codeV+"=03")
	if old["voucherBox"] != nil {
		t.Error("the old logic knows no boxes")
	}
}
