package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// One code of a generated box, around the last 8 of its 19 digits.
const (
	codeHead = `{"createTime":"20190107100500","saleChannelOrderId":"a1c4efb107df46f0ba230de6477bd337","remainTimes":2,"status":"03","ticketName":"买一赠一券(指定饮品)","code":"10019010700`
	codeTail = `-M4DEDSfV","activityId":500706,"validEnd":"00000000000000","sendChannelName":"渠道[测试]","ticketId":500811,"saleChannelName":"渠道_销售","validStart":"00000000000000","faceValue":"15.0","createDate":"20190107","activityName":"礼品卡活动-2018年6月","statusDesc":"未激活"}`
)

// boxJSON writes the inner JSON of a box with so many codes, 100 to a reel and
// 10 reels to a package. Where idsLast is set every id follows its children.
func boxJSON(w io.Writer, codes int, idsLast bool) {
	const perReel, perPackage = 100, 10
	reels := codes / perReel
	var number [512]byte
	_, _ = io.WriteString(w, `{"transDate":"20190107143930","returnDesc":"success","voucherBox":[{`)
	idAround(w, "boxId", "X1123-6430582-102F5", "voucherPkg", idsLast, func() {
		for p := 0; p*perPackage < reels; p++ {
			_, _ = fmt.Fprint(w, comma(p), "{")
			idAround(w, "pkgId", fmt.Sprintf("B1123-%07d-102F5", p), "voucherReel", idsLast, func() {
				for r := 0; r < perPackage && p*perPackage+r < reels; r++ {
					_, _ = fmt.Fprint(w, comma(r), "{")
					reel := p*perPackage + r
					idAround(w, "reelId", fmt.Sprintf("R112102F-%07d-2585", reel), "codeDetail", idsLast, func() {
						for c := range perReel {
							if c > 0 {
								_, _ = io.WriteString(w, ",")
							}
							_, _ = io.WriteString(w, codeHead)
							_, _ = w.Write(append(strconv.AppendInt(number[:0], int64(10_000_000+reel*perReel+c), 10), codeTail...))
						}
					})
					_, _ = io.WriteString(w, "}")
				}
			})
			_, _ = io.WriteString(w, "}")
		}
	})
	_, _ = io.WriteString(w, `}],"returnCode":"P00","orderNo":"179031014530","traceNo":"`+testTrace+`"}`)
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

func idAround(w io.Writer, idName, id, listName string, last bool, list func()) {
	if !last {
		_, _ = fmt.Fprintf(w, "%q:%q,", idName, id)
	}
	_, _ = fmt.Fprintf(w, "%q:[", listName)
	list()
	_, _ = io.WriteString(w, "]")
	if last {
		_, _ = fmt.Fprintf(w, ",%q:%q", idName, id)
	}
}

// plainBox is what encoding/json decodes the same answer into.
type plainBox struct {
	TransDate, ReturnDesc, ReturnCode, OrderNo, TraceNo string
	VoucherBox                                          []struct {
		BoxID      string
		VoucherPkg []struct {
			PkgID       string
			VoucherReel []struct {
				ReelID     string
				CodeDetail []struct {
					Code, Status, StatusDesc, TicketName, ActivityName string
					FaceValue, ValidStart, ValidEnd                    string
					RemainTimes                                        int
				}
			}
		}
	}
}

// BenchmarkLookup decodes one signed answer of 20,000 codes both ways in one
// run: as a stream, from the envelope's first byte to the verified signature,
// and by encoding/json from the inner JSON alone, which spares it Base64 and MD5.
func BenchmarkLookup(b *testing.B) {
	var text strings.Builder
	boxJSON(&text, 20_000, false)
	plain := []byte(text.String())
	answer := signedAnswer(ActionLookup, text.String())
	client := testClient(b, "http://127.0.0.1:1")
	b.SetBytes(int64(len(plain)))
	b.ReportAllocs()
	var ours, theirs time.Duration
	var bytes, allocs uint64
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		nodes := 0
		x := &exchange{body: io.NopCloser(strings.NewReader(answer)), left: lookupAnswer, timer: time.NewTimer(0)}
		got := client.readLookup(x, ActionLookup, testTrace, newRows(func(Node) error { nodes++; return nil }))
		ours += time.Since(start)
		runtime.ReadMemStats(&after)
		bytes += after.TotalAlloc - before.TotalAlloc
		allocs += after.Mallocs - before.Mallocs
		if !got.Success() || nodes != 20_000+200+20+1 {
			b.Fatalf("%+v with %d nodes", got, nodes)
		}
		start = time.Now()
		var box plainBox
		if err := json.Unmarshal(plain, &box); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(start)
		if len(box.VoucherBox[0].VoucherPkg) != 20 {
			b.Fatal("encoding/json decoded something else")
		}
	}
	n := float64(b.N)
	b.ReportMetric(float64(theirs)/float64(ours), "x-encoding/json")
	b.ReportMetric(float64(allocs)/n/20_000, "allocs/code")
	b.ReportMetric(float64(bytes)/n/20_000, "B/code")
	b.ReportMetric(float64(len(plain))*n/ours.Seconds()/1e6, "MB/s-ours")
	b.ReportMetric(float64(len(plain))*n/theirs.Seconds()/1e6, "MB/s-encoding/json")
}

// BenchmarkLookupIDsLast is the stream alone where every id follows its
// children, so that each level is held back and read again.
func BenchmarkLookupIDsLast(b *testing.B) {
	var text strings.Builder
	boxJSON(&text, 20_000, true)
	encoded := base64.StdEncoding.EncodeToString([]byte(text.String()))
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		nodes := 0
		tree := newRows(func(Node) error { nodes++; return nil })
		if err := tree.decode(base64.NewDecoder(base64.StdEncoding, strings.NewReader(encoded))); err != nil {
			b.Fatal(err)
		}
		if nodes != 20_000+200+20+1 {
			b.Fatal(nodes)
		}
	}
}
