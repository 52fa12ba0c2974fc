package api

import (
	"strings"
	"testing"
)

const oneCode = `"codeDetail":[{"code":"10000001"}]`

func TestAskedIDThatTheAnswerDoesNotNameStandsOverItsRoots(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		asked ID
		inner string
		tree  string
	}{
		{"X00001", `{"returnCode":"H00","voucherPkg":[{"pkgId":"B1","voucherReel":[{"reelId":"R1",` + oneCode + `}]},{"pkgId":"B2"}]}`,
			"b:X00001< p:B1<X00001 r:R1<B1 c:10000001<R1 p:B2<X00001"},
		{"X00001", `{"returnCode":"H00","voucherPkg":[{"voucherReel":[{` + oneCode + `,"reelId":"R1"}],"pkgId":"B1"}]}`,
			"b:X00001< p:B1<X00001 r:R1<B1 c:10000001<R1"},
		{"X00001", `{"returnCode":"H00",` + oneCode + `}`, "b:X00001< c:10000001<X00001"},
		{"B00001", `{"returnCode":"H00","voucherReel":[{"reelId":"R1",` + oneCode + `}]}`, "p:B00001< r:R1<B00001 c:10000001<R1"},
		{"R00001", `{"returnCode":"H00",` + oneCode + `}`, "r:R00001< c:10000001<R00001"},
		{"R00001", `{"returnCode":"H00","codeDetail":[{"code":"10000001"},{"code":"10000002"}],"voucherReel":null}`,
			"r:R00001< c:10000001<R00001 c:10000002<R00001"},

		// Nothing is made up for a code, nor of an answer that holds nothing.
		{"10000001", `{"returnCode":"H00",` + oneCode + `}`, "c:10000001<"},
		{"X00001", `{"returnCode":"H00","voucherPkg":[]}`, ""},
		{"X00001", `{"returnCode":"H00","voucherPkg":[{"pkgId":"\u0007","voucherReel":[{"reelId":"R1"}]}]}`, ""},
		{"R00001", `{"returnCode":"H00","codeDetail":[{"code":""}]}`, ""},

		// Nor where the answer names that level, or what is asked, itself.
		{"X00001", `{"returnCode":"H00","voucherBox":[{"boxId":"X00001"}],"voucherPkg":[{"pkgId":"B1"}]}`, "b:X00001< p:B1<"},
		{"X00001", `{"returnCode":"H00","voucherBox":[{"boxId":"X00002"}],"voucherPkg":[{"pkgId":"B1"}]}`, "b:X00002< p:B1<"},
		{"R00001", `{"returnCode":"H00","voucherPkg":[{"pkgId":"B1","voucherReel":[{"reelId":"R00001",` + oneCode + `}]}]}`,
			"p:B1< r:R00001<B1 c:10000001<R00001"},
		{"B00001", `{"returnCode":"H00","voucherPkg":[{"pkgId":"B00001","voucherReel":[{"reelId":"R1"}]}]}`, "p:B00001< r:R1<B00001"},
	} {
		if _, nodes := lookupOf(t, c.asked, c.inner); outline(nodes) != c.tree {
			t.Errorf("%s of %s\n gives %q, want %q", c.asked, c.inner, outline(nodes), c.tree)
		}
	}
}

func TestMissingIDsDoNotDropWhatIsBelow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		asked ID
		inner string
		tree  string
	}{
		// The next known node above takes the children.
		{"10000001", `{"returnCode":"H00","voucherReel":[{` + oneCode + `}]}`, "c:10000001<"},
		{"10000001", `{"returnCode":"H00","voucherReel":[{"reelId":"",` + oneCode + `},{"reelId":"R2"}]}`, "c:10000001< r:R2<"},
		{"10000001", `{"returnCode":"H00","voucherReel":[{` + oneCode + `,"reelId":null},{"reelId":"R2"}]}`, "c:10000001< r:R2<"},
		{"10000001", `{"returnCode":"H00","voucherReel":[{"reelId":"","reelId":"R2",` + oneCode + `}]}`, "r:R2< c:10000001<R2"},
		{"X00001", `{"returnCode":"H00","voucherBox":[{"boxId":"X00001","voucherPkg":[{"voucherReel":[{"reelId":"R1",` + oneCode + `}]}]}]}`,
			"b:X00001< r:R1<X00001 c:10000001<R1"},
		{"B00001", `{"returnCode":"H00","voucherPkg":[{"voucherReel":[{` + oneCode + `}],"pkgId":"B00001"}]}`, "p:B00001< c:10000001<B00001"},
		{"B00001", `{"returnCode":"H00","voucherBox":{"voucherPkg":[{"pkgId":"B00001",` + oneCode + `}]}}`, "p:B00001< c:10000001<B00001"},
		{"X00001", `{"returnCode":"H00","voucherPkg":[{"voucherReel":[{` + oneCode + `}]}]}`, "b:X00001< c:10000001<X00001"},

		// The only node of the asked level is the asked one.
		{"R00001", `{"returnCode":"H00","voucherReel":[{` + oneCode + `}]}`, "r:R00001< c:10000001<R00001"},
		{"R00001", `{"returnCode":"H00","voucherPkg":[{"voucherReel":[{"reelId":"",` + oneCode + `}],"pkgId":"B1"}]}`,
			"p:B1< r:R00001<B1 c:10000001<R00001"},
		{"B00001", `{"returnCode":"H00","voucherPkg":[{"voucherReel":[{"reelId":"R1",` + oneCode + `},{"reelId":"R2"}]}]}`,
			"p:B00001< r:R1<B00001 c:10000001<R1 r:R2<B00001"},
		{"X00001", `{"returnCode":"H00","voucherBox":[{"boxId":null,"voucherPkg":[{"pkgId":"B1"}]}]}`, "b:X00001< p:B1<X00001"},

		// Of several it could be any.
		{"R00001", `{"returnCode":"H00","voucherReel":[{` + oneCode + `},{"codeDetail":[{"code":"10000002"}]}]}`, "c:10000001< c:10000002<"},
		{"R00001", `{"returnCode":"H00","voucherReel":[{` + oneCode + `},{"reelId":"R00001"}]}`, "c:10000001< r:R00001<"},
		{"R00001", `{"returnCode":"H00","voucherPkg":[{"pkgId":"B1","voucherReel":[{"reelId":"R2"},{` + oneCode + `}]}]}`,
			"p:B1< r:R2<B1 c:10000001<B1"},
		{"R00001", `{"returnCode":"H00","voucherReel":[{}]}`, ""},
	} {
		if a, nodes := lookupOf(t, c.asked, c.inner); outline(nodes) != c.tree || a.Skipped != 0 {
			t.Errorf("%s of %s\n gives %q, skipped %d, want %q", c.asked, c.inner, outline(nodes), a.Skipped, c.tree)
		}
	}
}

func TestNodeWithAnUnusableIDLeavesTheOrphanUnclaimed(t *testing.T) {
	t.Parallel()
	a, nodes := lookupOf(t, "R00001", `{"returnCode":"H00","voucherReel":[{`+oneCode+`},{"reelId":"\u0007","codeDetail":[{"code":"10000002"}]}]}`)
	if outline(nodes) != "c:10000001<" || a.Skipped != 1 {
		t.Fatalf("%s, skipped %d", outline(nodes), a.Skipped)
	}
}

func TestOrphanOfACutOffAnswerLeavesNothingHeld(t *testing.T) {
	t.Parallel()
	tree := newRows(func(Node) error { return nil })
	tree.ask("R00001")
	if err := tree.decode(strings.NewReader(`{"voucherReel":[{` + oneCode + `}],`)); err == nil {
		t.Fatal("a cut off answer was taken")
	}
	if tree.room.memory != spillMemory || tree.room.files != 0 {
		t.Fatalf("%+v", tree.room)
	}
}
