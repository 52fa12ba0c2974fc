package cli_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
)

// otherTill is another till of the shop, which does things behind our back.
func (w *world) otherTill() (activate, void func(id string)) {
	w.t.Helper()
	client, err := api.New(api.Settings{POSPURL: w.server.POSPURL(), MACKey: sandbox.DefaultMACKey, Device: api.Device{DeviceNo: "POS02"}, AnswerTimeout: 30 * time.Second})
	w.must(err)
	w.t.Cleanup(client.Close)
	n := 0
	trace := func() string {
		n++
		return time.Now().In(time.FixedZone("CST", 8*3600)).Format("20060102") + "000002" + "00000000" + string(rune('0'+n))
	}
	want := func(a api.Answer) {
		w.t.Helper()
		if !a.Success() {
			w.t.Fatalf("the other till: %+v", a)
		}
	}
	activate = func(id string) {
		want(client.Activate(context.Background(), api.ActivateRequest{TraceNo: trace(), ID: api.ID(id), TotalAmount: "1500"}))
	}
	return activate, func(id string) {
		want(client.Void(context.Background(), api.VoidRequest{TraceNo: trace(), ID: api.ID(id)}))
	}
}

func TestWhatThePlatformSaysOtherwiseIsFoundByItsClass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	activate, void := w.otherTill()
	run := func(args ...string) said { return w.runIn(asMgr, append([]string{"--operator", "mgr"}, args...)...) }
	classes := func(code int) map[any]any {
		t.Helper()
		lines := run("reconcile", "--json").want(t, code).objects(t)
		found := map[any]any{}
		for _, d := range lines[:len(lines)-1] {
			found[d["id"]] = d["class"]
			if d["class"] != "information" && (len(d["evidence"].([]any)) == 0 || d["theirs"] == "" || len(d["codes"].([]any)) == 0) {
				t.Errorf("%v", d)
			}
		}
		last := lines[len(lines)-1]
		if last["complete"] != true || last["answered"].(float64)+last["silent"].(float64) != last["of"] {
			t.Errorf("%v", last)
		}
		return found
	}
	run("activate", codeA, "--amount", "15").want(t, 0)
	if found := classes(0); len(found) != 0 {
		t.Errorf("both books agree, and yet %v", found)
	}
	void(codeA)
	op := run("activate", codeB, "--amount", "15", "--offline", "--json").want(t, 4).one(t)["op"].(string)
	run("queue", "withdraw", op).want(t, 0)
	activate(codeB)
	if found := classes(7); found[codeA] != "short" || found[codeB] != "over" || len(found) != 2 {
		t.Errorf("%v", found)
	}
	w.faults(`[{"action":"queryVerifyInfo","do":"drop_answer"}]`)
	lines := run("reconcile", "--json").want(t, 1).objects(t)
	if last := lines[len(lines)-1]; last["answered"] != 0.0 || last["silent"] != 2.0 {
		t.Errorf("silence counts as agreement: %v", last)
	}
	z := run("close", "--json").want(t, 0).one(t)
	if checked := z["checked"].(map[string]any); checked["skipped"] != true {
		t.Errorf("a platform out of reach has checked: %v", checked)
	}
	w.faults(`[]`)
	if of := run("reconcile", "--z", "1", "--json").want(t, 7).objects(t); of[len(of)-1]["differences"] != 2.0 {
		t.Errorf("Z 1: %v", of)
	}
}

func TestAVoidedCodeThatWasActivatedBeforeIsNoDifference(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	run := func(args ...string) said { return w.runIn(asMgr, append([]string{"--operator", "mgr"}, args...)...) }
	run("activate", codeA, "--amount", "15").want(t, 0)
	run("void", codeA).want(t, 0)
	run("reconcile").want(t, 0)
	if z := run("close", "--json").want(t, 0).one(t); z["checked"].(map[string]any)["answered"] != 1.0 {
		t.Errorf("%v", z["checked"])
	}
	run("activate", otherCode, "--amount", "15").want(t, 0)
	if z := run("close", "--no-check", "--json").want(t, 0).one(t); z["checked"].(map[string]any)["skipped"] != true {
		t.Errorf("%v", z["checked"])
	}
}

func TestOneCodeOfAReelAndASettlementThatWasWrongAreDifferences(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	_, void := w.otherTill()
	run := func(args ...string) said { return w.runIn(asMgr, append([]string{"--operator", "mgr"}, args...)...) }
	run("activate", reel, "--amount", "30").want(t, 0)
	lines := run("lookup", reel, "--json").want(t, 0).objects(t)
	var code string
	for _, n := range lines {
		if n["level"] == "code" && n["parent"] == reel {
			code = n["id"].(string)
		}
	}
	void(code)
	w.faults(`[{"action":"activeVoucher","do":"drop_answer"},{"action":"queryVerifyInfo","skip":1,"do":"drop_answer"},{"action":"activeResultQuery","do":"drop_answer"}]`)
	op := run("activate", otherCode, "--amount", "15", "--json").want(t, 5).one(t)["op"].(string)
	run("queue", "settle", op, "--as", "no-effect", "--reason", "lost").want(t, 0)
	w.faults(`[]`)
	found := map[any]any{}
	for _, d := range run("reconcile", "--json").want(t, 7).objects(t) {
		found[d["id"]] = d["class"]
		if d["id"] == reel && (len(d["codes"].([]any)) != 1 || d["codes"].([]any)[0] != code) {
			t.Errorf("%v", d)
		}
	}
	if found[reel] != "partial" || found[otherCode] != "settled_wrong" {
		t.Errorf("%v", found)
	}
	if s := run("reconcile", "--lang", "zh").want(t, 7); !strings.Contains(s.out, "店长裁定") || !strings.Contains(s.out, "2 个券码中 1 个已改变；这 1 个没有") {
		t.Errorf("%s", s.out)
	}
}

func TestAVoidWithoutEffectIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	run := func(args ...string) said { return w.runIn(asMgr, append([]string{"--operator", "mgr"}, args...)...) }
	run("activate", codeA, "--amount", "15").want(t, 0)
	w.faults(`[{"action":"delVoucher","do":"drop_request"},{"action":"queryVerifyInfo","skip":1,"do":"drop_answer"}]`)
	op := run("void", codeA, "--json").want(t, 5).one(t)["op"].(string)
	w.faults(`[]`)
	run("queue", "settle", op, "--as", "done", "--reason", "looked").want(t, 0)
	lines := run("reconcile", "--json").want(t, 7).objects(t)
	if lines[0]["class"] != "void_missing" || lines[0]["id"] != codeA || lines[0]["op"] != op {
		t.Errorf("%v", lines)
	}
}

func TestDoctorSaysThatTheTotalCheckIsNotUsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	for value, says := range map[string]bool{"": false, "batchUpload": true} {
		s := w.runIn([]string{"COUNTERFOIL_PLATFORM_RECONCILE_ACTION=" + value}, "doctor")
		if strings.Contains(s.out, "platform.reconcile_action") != says {
			t.Errorf("%q: %s", value, s.out)
		}
	}
	w.runIn([]string{"COUNTERFOIL_PLATFORM_RECONCILE_ACTION=no/name"}, "doctor").want(t, 1)
}

func TestARangeOfWhichNoCodeIsKnownIsNotCheckedAndSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.sells().want(t, 5)
	w.run("queue", "replay").want(t, 0)
	w.environ = append(w.environ, "COUNTERFOIL_BULK_OFFLINE=true")
	w.offTheNet()
	op := w.sells("--from", "0000051", "--to", "0000055").want(t, 4).one(t)["op"].(string)
	run := func(args ...string) said { return w.runIn(asMgr, append([]string{"--operator", "mgr"}, args...)...) }
	run("queue", "withdraw", op).want(t, 0) // nothing of it was ever sent: there is nothing to check
	s := run("reconcile").want(t, 1)
	if strings.Count(s.out, "\n") != 1 || !strings.Contains(s.out, rangeID) || !strings.Contains(s.out, "no code of this serial range is known") {
		t.Errorf("%s%s", s.out, s.err)
	}
	// A close of nothing else says that nobody looked.
	if z := run("close", "--json").want(t, 0).one(t); z["checked"].(map[string]any)["skipped"] != true {
		t.Errorf("%v", z["checked"])
	}
}

// A close counts ranges with what it asked about: by the codes of them that are
// known here, and as silent those of which none is.
func TestACloseCountsWhatWasCheckedOfCodesAndRanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.environ = append(w.environ, "COUNTERFOIL_BULK_VOUCHER_CODE=BBBB????????SSSSSSS?????????")
	run := func(args ...string) said { return w.runIn(asMgr, append([]string{"--operator", "mgr"}, args...)...) }
	for _, code := range []string{codeB, otherCode, codeA} {
		run("lookup", code).want(t, 0)
	}
	run("activate", codeB, "--amount", "15").want(t, 0)
	w.faults(`[{"action":"activeByPartNo","do":"refuse:100","times":2}]`) // done at once; no code of the sandbox changes
	for _, from := range []string{"0000255", "9000001"} {                 // the first holds two known codes, the other none
		run("range", "--type", "voucher", "--bin", "1001", "--from", from, "--to", from[:6]+"8", "--selling", "15", "--count", map[string]string{"0000255": "4", "9000001": "8"}[from]).want(t, 0)
	}
	checked := func(args ...string) map[string]any {
		t.Helper()
		return run(args...).want(t, 0).one(t)["checked"].(map[string]any)
	}
	lines := run("reconcile", "--json").want(t, 7).objects(t)
	said := map[string]bool{}
	for _, d := range lines {
		said[fmt.Sprint(d["id"], " ", d["class"], " ", d["ours"])] = true
	}
	for _, want := range []string{"1001:0000255-0000258 short 00", "1001:0000255-0000258 information by_samples", "1001:9000001-9000008 information not_checked"} {
		if !said[want] {
			t.Errorf("it does not say %q: %v", want, lines)
		}
	}
	other, _ := w.otherTill()
	other(codeA)
	other(otherCode)
	if c := checked("close", "--json"); c["skipped"] != false || c["of"] != 3.0 || c["answered"] != 2.0 || c["silent"] != 1.0 || c["differences"] != 0.0 {
		t.Errorf("checked: %v", c)
	}
}
