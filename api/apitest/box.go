// Package apitest writes the answer to a look-up, as large as a test wants it,
// and knows what encoding/json makes of one. It knows nothing of the client, so
// that the client's own tests can use it too. Only tests import it.
package apitest

import (
	"fmt"
	"io"
	"strconv"
)

// Trace is the trace number that an answer here bears.
const Trace = "20261122000001036903120"

// One code of a generated box, around the last 8 of its 19 digits.
const (
	codeHead = `{"createTime":"20190107100500","saleChannelOrderId":"a1c4efb107df46f0ba230de6477bd337","remainTimes":2,"status":"03","ticketName":"买一赠一券(指定饮品)","code":"10019010700`
	codeTail = `-M4DEDSfV","activityId":500706,"validEnd":"00000000000000","sendChannelName":"渠道[测试]","ticketId":500811,"saleChannelName":"渠道_销售","validStart":"00000000000000","faceValue":"15.0","createDate":"20190107","activityName":"礼品卡活动-2018年6月","statusDesc":"未激活"}`
)

// WriteBox writes the inner JSON of a box with so many codes, 100 to a reel and
// 10 reels to a package. Where idsLast is set every id follows its children.
func WriteBox(w io.Writer, codes int, idsLast bool) {
	const perReel, perPackage = 100, 10
	reels := (codes + perReel - 1) / perReel
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
						for c := range min(perReel, codes-reel*perReel) {
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
	_, _ = io.WriteString(w, `}],"returnCode":"P00","orderNo":"179031014530","traceNo":"`+Trace+`"}`)
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

// Plain is what encoding/json decodes a look-up's inner JSON into, to be measured against.
type Plain struct {
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
