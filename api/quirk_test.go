package api

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func fixture(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// lookup serves inner as a signed answer to a look-up, and returns what comes of
// it, whether or not it shows the id.
func lookup(t testing.TB, inner string) (Answer, []Node) {
	t.Helper()
	return lookupOf(t, "10000001", inner)
}

// lookupOf is lookup of any id. Trace numbers differ in the examples, so they
// are noted only.
func lookupOf(t testing.TB, id ID, inner string) (Answer, []Node) {
	t.Helper()
	c := testClient(t, answering(t, signedAnswer(ActionLookup, inner)), func(s *Settings) { s.TraceMustMatch = false })
	var nodes []Node
	a, _ := c.lookup(context.Background(), LookupRequest{TraceNo: testTrace, ID: id}, collect(&nodes))
	if a.Nodes != int64(len(nodes)) {
		t.Fatalf("%d nodes reported, %d handed over", a.Nodes, len(nodes))
	}
	return a, nodes
}

// outline is a tree in one line: level:id<parent.
func outline(nodes []Node) string {
	var all []string
	for _, n := range nodes {
		all = append(all, string(n.Level)[:1]+":"+n.ID+"<"+n.Parent)
	}
	return strings.Join(all, " ")
}

const (
	reel242      = "R112102F-0000242-2585"
	reel241      = "R151102F-0000241-2555"
	package1     = "B1123-6430582-102F5"
	wholePackage = " r:" + reel242 + "<" + package1 +
		" c:1001901070000000258-M4DEDSfV<" + reel242 + " c:1001901070000000242-EOHEMM9K<" + reel242 +
		" r:" + reel241 + "<" + package1 +
		" c:1001901070000000255-e6tdHe8m<" + reel241 + " c:1001901070000000241-RTxJO2bX<" + reel241
)

func TestSuccessCodesOfEveryPrefix(t *testing.T) {
	t.Parallel()
	for code, success := range map[string]bool{
		"00": true, "A00": true, "R00": true, "V00": true, "H00": true, "P00": true,
		"": false, "0": false, "000": false, "a00": false, "A01": false, "A0": false, "AA00": false, "100": false, " 00": false,
	} {
		if got := (Answer{Outcome: Answered, Code: code}).Success(); got != success {
			t.Errorf("%q: %v", code, got)
		}
		if (Answer{Outcome: Unanswered, Code: code}).Success() {
			t.Errorf("%q is a success without an answer", code)
		}
	}
}

func TestBoxFormWithRepeatedPackage(t *testing.T) {
	t.Parallel()
	a, nodes := lookup(t, fixture(t, "lookup_box.json"))
	want(t, a, Answered, ReasonNone)
	if !a.Success() || a.Code != "P00" || a.Message != "success" || a.Skipped != 0 {
		t.Fatalf("%+v", a)
	}
	box := "X22169-3141157-33475"
	first := " p:" + package1 + "<" + box + wholePackage
	second := strings.Replace(first, "M4DEDSfV", "M4DEDSfv", 1)
	if got := outline(nodes); got != "b:"+box+"<"+first+second {
		t.Fatal(got)
	}
}

func TestPackageFormWithoutABox(t *testing.T) {
	t.Parallel()
	a, nodes := lookup(t, fixture(t, "lookup_package.json"))
	if got := outline(nodes); !a.Success() || got != "p:"+package1+"<"+wholePackage {
		t.Fatal(a.Code, got)
	}
}

func TestCodesBeforeTheirReelsIDComeAfterIt(t *testing.T) {
	t.Parallel()
	a, nodes := lookup(t, fixture(t, "lookup_id_last.json"))
	box := "X1123-6430582-102F5"
	if got := outline(nodes); !a.Success() || got != "b:"+box+"< p:"+package1+"<"+box+" r:"+reel242+"<"+package1+
		" c:1001901070000000258-M4DEDSfV<"+reel242 {
		t.Fatal(a.Code, got)
	}
}

func TestEveryIDAfterItsChildren(t *testing.T) {
	t.Parallel()
	_, nodes := lookup(t, `{"voucherBox":[{"voucherPkg":[{"voucherReel":[
		{"codeDetail":[{"code":"10000001"},{"code":"10000002"}],"x":[1,{"y":2}],"reelId":"R1"},{"codeDetail":{"code":"10000003"},"reelId":"R2"}],
		"pkgId":"B1"}],"boxId":"X1"}],"returnCode":"H00"}`)
	if got := outline(nodes); got != "b:X1< p:B1<X1 r:R1<B1 c:10000001<R1 c:10000002<R1 r:R2<B1 c:10000003<R2" {
		t.Fatal(got)
	}
}

func TestAnswerWithoutATree(t *testing.T) {
	t.Parallel()
	a, nodes := lookup(t, fixture(t, "activate_answer.json"))
	if !a.Success() || len(nodes) != 0 || a.OrderNo != a.TraceNo || a.TraceNo != "99000009100010101732123" {
		t.Fatalf("%+v %v", a, nodes)
	}
}

func TestTreeThatBeginsAtAnyLevel(t *testing.T) {
	t.Parallel()
	for inner, tree := range map[string]string{
		`{"returnCode":"H00","voucherReel":[{"reelId":"R1","codeDetail":[{"code":"10000001"}]}]}`:                                                                        "r:R1< c:10000001<R1",
		`{"returnCode":"H00","codeDetail":[{"code":"10000001"}]}`:                                                                                                        "c:10000001<",
		`{"returnCode":"H00","codeDetail":{"code":"10000001"}}`:                                                                                                          "c:10000001<",
		`{"returnCode":"H00","voucherPkg":{"pkgId":"B1","voucherReel":{"reelId":"R1","codeDetail":{"code":"10000001"}}}}`:                                                "p:B1< r:R1<B1 c:10000001<R1",
		`{"returnCode":"H00","voucherBox":[{"boxId":"X1","codeDetail":[{"code":"10000001"}]}]}`:                                                                          "b:X1< c:10000001<X1",
		`{"returnCode":"H00","voucherBox":null,"voucherPkg":null,"voucherReel":[],"codeDetail":""}`:                                                                      "",
		`{"returnCode":"H00","voucherBox":[null,7,"x",[{"boxId":"X9"}],{"boxId":"X1","voucherPkg":null}]}`:                                                               "b:X1<",
		`{"returnCode":"H00","voucherReel":[{"reelId":"R1","voucherBox":[{"boxId":"X9"}],"reelId2":"x","pkgId":"B9"}]}`:                                                  "r:R1<",
		`{"returnCode":"H00","voucherReel":[{"reelId":1123,"codeDetail":[{"code":10014030013500006013}]}]}`:                                                              "r:1123< c:10014030013500006013<1123",
		`{"returnCode":"H00","voucher\u0052eel":[{"reel\u0049d":"R1","codeDetail":[{"co\u0064e":"1000000\u0031"}]}]}`:                                                    "r:R1< c:10000001<R1",
		"{\"returnCode\":\"H00\",\"uuid\":1,\"step\":{\"a\":[{}]},\"rpcContext\":[[]],\"codeDetail\":[ { \"code\" : \"10000001\" , \"x\" : { \"code\" : \"9\" } } ] }\n": "c:10000001<",
	} {
		a, nodes := lookup(t, inner)
		if got := outline(nodes); !a.Success() || got != tree || a.Skipped != 0 {
			t.Errorf("%s\n gives %q, skipped %d, %v", inner, got, a.Skipped, a.Err)
		}
	}
}

func TestUnusableIDsSkipTheirSubtreeAndAreCounted(t *testing.T) {
	t.Parallel()
	for inner, tree := range map[string]string{
		`{"returnCode":"H00","codeDetail":[{"code":""},{"code":"10000001"}]}`:                                           "c:10000001<",
		`{"returnCode":"H00","codeDetail":[{"status":"03"},{"code":"10000001"}]}`:                                       "c:10000001<",
		`{"returnCode":"H00","codeDetail":[{"code":"1000\u001b[31m"},{"code":"10000001"}]}`:                             "c:10000001<",
		`{"returnCode":"H00","codeDetail":[{"code":"1` + strings.Repeat("0", MaxIDLength) + `"},{"code":"10000001"}]}`:  "c:10000001<",
		`{"returnCode":"H00","voucherReel":[{"reelId":["R1"],"codeDetail":[{"code":"10000001"}]},{"reelId":"R2"}]}`:     "r:R2<",
		`{"returnCode":"H00","voucherReel":[{"reelId":"R\u202e1","codeDetail":[{"code":"10000001"}]},{"reelId":"R2"}]}`: "r:R2<",
	} {
		a, nodes := lookup(t, inner)
		if got := outline(nodes); !a.Success() || got != tree || a.Skipped != 1 {
			t.Errorf("%s\n gives %q, skipped %d, %v", inner, got, a.Skipped, a.Err)
		}
	}
}

func TestZeroDatesOfAnyLengthMeanNone(t *testing.T) {
	t.Parallel()
	for sent, shown := range map[string]string{
		`"00000000000000"`: "", `"0000000000000000"`: "", `"00000000"`: "", `""`: "", `null`: "", `0`: "",
		`"20190107100500"`: "20190107100500", `20190107100500`: "20190107100500",
	} {
		_, nodes := lookup(t, `{"returnCode":"H00","codeDetail":[{"code":"10000001","validStart":`+sent+`,"validEnd":`+sent+`}]}`)
		if nodes[0].ValidFrom != shown || nodes[0].ValidTo != shown {
			t.Errorf("%s: %q, %q", sent, nodes[0].ValidFrom, nodes[0].ValidTo)
		}
	}
}

func TestNumbersAndStringsPassForEachOther(t *testing.T) {
	t.Parallel()
	_, nodes := lookup(t, `{"returnCode":"H00","codeDetail":[
		{"code":"10000001","status":3,"faceValue":15.0,"remainTimes":"2","ticketName":"","activityName":"活动","statusDesc":"未\u6fc0活"},
		{"code":"10000001","status":"03","faceValue":"15.0","remainTimes":2,"ticketName":"券","activityName":"活动"},
		{"code":"10000001","remainTimes":"many","ticketName":{"x":1}}]}`)
	all := []Node{
		{Level: LevelCode, ID: "10000001", Status: "3", StatusText: "未激活", FaceValue: "15.0", Remaining: 2, Name: "活动"},
		{Level: LevelCode, ID: "10000001", Status: "03", FaceValue: "15.0", Remaining: 2, Name: "券"},
		{Level: LevelCode, ID: "10000001", Remaining: -1},
	}
	if !slices.Equal(nodes, all) {
		t.Fatalf("%+v", nodes)
	}
}

func TestTraceNumbersOfAnyLengthAreWarnedAbout(t *testing.T) {
	t.Parallel()
	for _, trace := range []string{"9900000910001010172", "99000009100010101732123", "990000009100010101732123", "9900000910001011020150201", "ccs2037815468431420150201"} {
		a, _ := lookup(t, `{"returnCode":"V00","traceNo":"`+trace+`"}`)
		if !a.Success() || !a.TraceDiffers || a.TraceNo != trace {
			t.Errorf("%+v", a)
		}
	}
	a, _ := lookup(t, fixture(t, "void_answer.json"))
	if !a.Success() || a.TraceNo != "9900000910001011020150201" {
		t.Errorf("%+v", a)
	}
}

func TestCaseOfCodesIsKept(t *testing.T) {
	t.Parallel()
	_, nodes := lookup(t, fixture(t, "lookup_box.json"))
	seen := map[string]bool{}
	for _, n := range nodes {
		seen[n.ID] = true
	}
	if !seen["1001901070000000258-M4DEDSfV"] || !seen["1001901070000000258-M4DEDSfv"] {
		t.Fatal("two codes that differ in case became one")
	}
}

func TestTextsAreCleanedAndCut(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", 5000)
	a, nodes := lookup(t, `{"returnCode":"H00","returnDesc":"a\u001b[2Jb\u202e`+long+`","codeDetail":[{"code":"10000001","ticketName":"`+long+`","statusDesc":"\u0007未\r\n激活"}]}`)
	if !strings.HasPrefix(a.Message, "ab长") || len([]rune(a.Message)) != maxMessage || len([]rune(nodes[0].Name)) != maxName || nodes[0].StatusText != "未 激活" {
		t.Fatalf("%q %q %q", a.Message, nodes[0].Name, nodes[0].StatusText)
	}
}

func TestBrokenLookupsAreNoAnswers(t *testing.T) {
	t.Parallel()
	for inner, reason := range map[string]Reason{
		`{"returnCode":"H00","codeDetail":[{"code":"10000001"},{`:   ReasonNotJSON,
		`{"returnCode":"H00","codeDetail":[{"code":"10000001"}]} x`: ReasonNotJSON,
		`{"returnCode":"H00"}{"returnCode":"H00"}`:                  ReasonNotJSON,
		`[{"returnCode":"H00"}]`:                                    ReasonNotJSON,
		`"H00"`:                                                     ReasonNotJSON,
		``:                                                          ReasonNotJSON,
		`{"codeDetail":[{"code":"10000001"}]}`:                      ReasonNotJSON,
		`{"returnCode":"H00","x":` + strings.Repeat("1", 2*clippedToken) + `}`:                 ReasonTooLarge,
		`{"returnCode":"H00",` + strings.Repeat(" ", 2*clippedToken) + `"x":1}`:                ReasonTooLarge,
		`{"returnCode":"H00","x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`: ReasonNotJSON,
	} {
		a, _ := lookup(t, inner)
		if a.Outcome != Unanswered || a.Reason != reason {
			t.Errorf("%.60s: %s/%s (%v)", inner, a.Outcome, a.Reason, a.Err)
		}
		if a.Err == nil || strings.Contains(a.Err.Error(), "10000001") {
			t.Errorf("%.60s: error %v", inner, a.Err)
		}
	}
}

func TestSinkErrorEndsTheCall(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	c := testClient(t, answering(t, signedAnswer(ActionLookup, fixture(t, "lookup_box.json"))))
	calls := 0
	a := c.Lookup(context.Background(), LookupRequest{TraceNo: testTrace, ID: "R1-1-1"}, func(Node) error {
		if calls++; calls == 3 {
			return full
		}
		return nil
	})
	want(t, a, Unanswered, ReasonSink)
	if calls != 3 || !errors.Is(a.Err, full) {
		t.Fatalf("%d calls, %v", calls, a.Err)
	}
}
