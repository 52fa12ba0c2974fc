package sandbox

import (
	"bufio"
	"crypto/md5" //nolint:gosec // the platform's rule, platform.md §3.1
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"counterfoil/api"

	"github.com/go-json-experiment/json/jsontext"
)

// reply is an answer not yet written. Its effects have happened.
type reply struct {
	status int
	kind   string // Content-Type
	write  func(io.Writer) error
}

const kindJSON = "application/json;charset=UTF-8"

func textReply(status int, kind, text string) reply {
	return reply{status, kind, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }}
}

func failure(err error) reply {
	return textReply(http.StatusInternalServerError, "text/plain; charset=utf-8", err.Error()+"\n")
}

// The fields an answer repeats from its request, in the order they are signed after body.
var echoed = [...]string{"brand", "deviceNo", "mwVersion", "posVersion", "ptlVersion", "shopNo"}

// posp answers one call in the POSP envelope.
func (s *Sandbox) posp(action string, raw []byte, f firing) reply {
	env := map[string]string{}
	if err := json.Unmarshal(raw, &env); err != nil {
		return textReply(http.StatusBadRequest, "text/plain; charset=utf-8", "the envelope is no JSON object of strings\n")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	other := s.lastTrace
	v, err := s.judge(action, env, f)
	if err != nil {
		return failure(err)
	}
	s.options.Log.Info("posp", "action", action, "trace", v.trace, "code", v.code, "fault", f.do)
	if f.do == doOtherAnswer {
		v.trace = anotherTrace(v.trace, other)
	}
	out := maps.Clone(env)
	out["action"] = action
	out["timestamp"] = strconv.FormatInt(s.now().Unix(), 10)
	body := v.body(s.now().Format("20060102150405"))
	return reply{http.StatusOK, kindJSON, func(w io.Writer) error {
		return writeEnvelope(w, out, body, DefaultMACKey, f.do)
	}}
}

func (s *Sandbox) judge(action string, env map[string]string, f firing) (verdict, error) {
	var req request
	if sign := env["sign"]; sign == "" || api.SignPOSP(env, DefaultMACKey) != sign {
		return verdict{code: CodeSignature, text: textSignature}, nil
	}
	if env["action"] != action {
		return verdict{code: CodeForm, text: textForm + "：action"}, nil
	}
	body, err := base64.StdEncoding.DecodeString(env["body"])
	if err != nil {
		return verdict{code: CodeForm, text: textForm + "：body"}, nil //nolint:nilerr // the caller is told by the code
	}
	if err := json.Unmarshal(body, &req); err != nil {
		return verdict{code: CodeForm, text: textForm + "：body", trace: req.TraceNo}, nil //nolint:nilerr // as above
	}
	return s.decide(action, env, req, f)
}

// anotherTrace is the trace number of somebody else's call.
func anotherTrace(own, last string) string {
	if last != "" && last != own {
		return last
	}
	if strings.HasSuffix(own, "0") {
		return own[:len(own)-1] + "1"
	}
	return own[:max(0, len(own)-1)] + "0"
}

// body returns the writer of the business JSON. The code stands behind the
// tree, as in the platform's example.
func (v verdict) body(date string) func(*bufio.Writer) error {
	return func(w *bufio.Writer) error {
		put(w, `{"transDate":`)
		quote(w, date)
		put(w, `,"returnDesc":`)
		quote(w, v.text)
		if v.view != nil {
			put(w, ",")
			if err := v.view.write(w); err != nil {
				return err
			}
			put(w, `,"paidAmount":0,"invoiceAmount":0,"receiptAmount":0,"printDetail":{"content":"00||"}`)
		}
		put(w, `,"returnCode":`)
		quote(w, v.code)
		if v.orderNo != "" {
			put(w, `,"orderNo":`)
			quote(w, v.orderNo)
		}
		put(w, `,"traceNo":`)
		quote(w, v.trace)
		put(w, "}")
		return nil
	}
}

// writers spare a large buffer for every small answer.
var writers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 32<<10) }}

// writeEnvelope streams an answer. Names are signed in the order of their
// spelling and body is the second of them, so the signature can be summed up
// while the body goes out, and stands last.
func writeEnvelope(w io.Writer, fields map[string]string, body func(*bufio.Writer) error, key, fault string) error {
	out := writers.Get().(*bufio.Writer)
	defer writers.Put(out)
	out.Reset(w)
	sum := md5.New() //nolint:gosec // see the import
	put(out, `{"action":`)
	quote(out, fields["action"])
	put(out, `,"body":"`)
	fmt.Fprintf(sum, "action=%s&body=", fields["action"])
	encoder := base64.NewEncoder(base64.StdEncoding, io.MultiWriter(out, sum))
	plain := bufio.NewWriter(encoder)
	if err := body(plain); err != nil {
		return err
	}
	if err := plain.Flush(); err != nil {
		return err
	}
	if err := encoder.Close(); err != nil {
		return err
	}
	put(out, `"`)
	for _, name := range append(echoed[:], "timestamp") {
		value, there := fields[name]
		if !there {
			continue
		}
		text, _ := jsontext.AppendQuote(nil, value)
		fmt.Fprintf(out, ",%q:%s", name, text)
		if value != "" {
			fmt.Fprintf(sum, "&%s=%s", name, value)
		}
	}
	fmt.Fprintf(sum, "&KEY=%s", key)
	sign := strings.ToUpper(hex.EncodeToString(sum.Sum(nil)))
	if fault == doBadSign {
		sign = spoiled(sign)
	}
	if fault != doUnsigned {
		put(out, `,"sign":`)
		quote(out, sign)
	}
	put(out, "}")
	return out.Flush()
}

// spoiled changes the first character of a signature.
func spoiled(sign string) string {
	if strings.HasPrefix(sign, "0") {
		return "1" + sign[1:]
	}
	return "0" + sign[1:]
}
