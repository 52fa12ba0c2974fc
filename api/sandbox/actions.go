package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"counterfoil/api"
)

// maxTrace is the longest trace number taken; the longest one seen has 25 digits (platform.md §6.4).
const maxTrace = 32

// request is the business body of every POSP action.
type request struct {
	TraceNo         string          `json:"traceNo"`
	OriginalTraceNo string          `json:"originalTraceNo"`
	QRCode          string          `json:"qrcode"`
	TotalAmount     string          `json:"totalAmount"`
	BusinessType    int             `json:"businessType"`
	ExtendData      json.RawMessage `json:"extendData"`
}

// transaction is one call that was to change something, applied or refused.
type transaction struct {
	At      time.Time `json:"at"`
	Action  string    `json:"action"`
	Trace   string    `json:"trace"`
	OrderNo string    `json:"orderNo"`
	Code    string    `json:"code"`
	Text    string    `json:"text"`
	IDs     []string  `json:"ids"`
	Amount  string    `json:"amount,omitempty"`
	Shop    string    `json:"shop"`
	Device  string    `json:"device"`
	Status  string    `json:"status,omitempty"` // what the codes became; "" when refused
	Twice   bool      `json:"twice,omitempty"`
}

// verdict is what a POSP call is answered with.
type verdict struct {
	code, text, trace, orderNo string
	view                       *view // a look-up's tree
}

// refusal says no: a code and its words.
type refusal struct{ code, text string }

func formError(what string) *refusal { return &refusal{CodeForm, textForm + "：" + what} }

func traceError(what string) *refusal { return &refusal{CodeTrace, textForm + "：" + what} }

// decide judges and applies one POSP call whose signature was right. Called with mu held.
func (s *Sandbox) decide(action string, env map[string]string, req request, f firing) (verdict, error) {
	v := verdict{trace: req.TraceNo}
	if r := s.form(action, env, req); r != nil {
		v.code, v.text = r.code, r.text
		return v, nil
	}
	if _, used := s.traces[req.TraceNo]; used {
		v.code, v.text = CodeDuplicate, textDuplicate
		return v, nil
	}
	letter := letters[action]
	var err error
	switch {
	case changes(action):
		err = s.change(action, env, req, f, &v)
	default:
		if err = s.keep(entry{Trace: req.TraceNo}); err != nil {
			return v, err
		}
		s.spend(req.TraceNo, nil)
		if f.do == doRefuse {
			v.code, v.text = f.text, textRefused
		} else if action == api.ActionLookup {
			s.lookup(req, f, &v)
		} else {
			s.query(req, f, &v)
		}
	}
	if f.do == doInProcess {
		v.code, v.text, v.orderNo, v.view = letter+suffixInProcess, textInProcess, "", nil
	}
	return v, err
}

func (s *Sandbox) form(action string, env map[string]string, req request) *refusal {
	if seconds := env["timestamp"]; seconds == "" || !digits(seconds) {
		return traceError("timestamp")
	}
	switch {
	case req.TraceNo == "" || len(req.TraceNo) > maxTrace || !digits(req.TraceNo):
		return traceError("traceNo")
	case !s.options.DateOptional && !strings.HasPrefix(req.TraceNo, s.now().Format("20060102")):
		return traceError("traceNo须以当日日期开头")
	}
	if action == api.ActionActivateQuery {
		if req.OriginalTraceNo == "" || len(req.OriginalTraceNo) > maxTrace || !digits(req.OriginalTraceNo) {
			return formError("originalTraceNo")
		}
		return nil
	}
	if req.QRCode == "" {
		return formError("qrcode")
	}
	if activates(action) && (!digits(req.TotalAmount) || strings.Trim(req.TotalAmount, "0") == "" || len(req.TotalAmount) > 12) {
		return formError("totalAmount")
	}
	return nil
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// change judges an activation or a void, keeps what was decided and applies it.
func (s *Sandbox) change(action string, env map[string]string, req request, f firing, v *verdict) error {
	ids := []string{req.QRCode}
	if takesList(action) {
		ids = strings.Split(req.QRCode, ",")
	}
	t := &transaction{
		At: s.now(), Action: action, Trace: req.TraceNo, OrderNo: s.nextOrderNo(), IDs: ids, Amount: req.TotalAmount,
		Shop: env["shopNo"], Device: env["deviceNo"], Code: letters[action] + suffixSuccess, Text: textSuccess,
		Status: api.StatusActive, Twice: f.do == doTwice,
	}
	if voids(action) {
		t.Status = s.options.VoidLeaves
	}
	refused := s.allowed(action, ids)
	if f.do == doRefuse {
		refused = &refusal{f.text, textRefused}
	}
	if refused != nil {
		t.Code, t.Text, t.Status = refused.code, refused.text, ""
	}
	if err := s.keep(entry{Change: t}); err != nil {
		return err
	}
	s.apply(t)
	v.code, v.text, v.orderNo = t.Code, t.Text, t.OrderNo
	return nil
}

// allowed says why the ids cannot all be changed, or nil.
func (s *Sandbox) allowed(action string, ids []string) *refusal {
	letter := letters[action]
	taken := map[*box][][2]int{}
	for _, id := range ids {
		p, ok := s.find(id)
		if !ok {
			return &refusal{letter + suffixUnknown, textUnknown}
		}
		from, to := p.span()
		for _, other := range taken[p.box] {
			if from < other[1] && other[0] < to {
				return formError("qrcode重复")
			}
		}
		taken[p.box] = append(taken[p.box], [2]int{from, to})
		if from == to {
			return &refusal{letter + suffixForbidden, textForbidden}
		}
		for c := from; c < to; c++ {
			if text := s.forbids(action, p.box, c); text != "" {
				return &refusal{letter + suffixForbidden, text}
			}
		}
	}
	return nil
}

// forbids keeps the rules of one code (platform.md §5): 03 to 00 by an
// activation, 00, 03 or 04 to VoidLeaves by a void.
func (s *Sandbox) forbids(action string, b *box, c int) string {
	status := s.statuses[b.status[c]]
	if voids(action) {
		if status == s.options.VoidLeaves || (status != api.StatusActive && status != api.StatusInactive && status != api.StatusFrozen) {
			return textForbidden
		}
		return ""
	}
	if status != api.StatusInactive {
		return textForbidden
	}
	if l, ok := b.shape.(*listed); ok { // a generated code has no last day
		end := l.details[c].ValidEnd
		if len(end) >= 14 && strings.Trim(end, "0") != "" && s.now().Format("20060102150405") > end[:14] {
			return textExpired
		}
	}
	return ""
}

// apply does what a transaction says: on a call, and again at a restart.
func (s *Sandbox) apply(t *transaction) {
	s.spend(t.Trace, t)
	s.transactions++
	if t.Status == "" {
		return
	}
	status, _ := s.statusIndex(t.Status)
	for _, id := range t.IDs {
		p, ok := s.find(id)
		if !ok {
			continue
		}
		from, to := p.span()
		p.box.set(from, to, status)
		p.box.changes = append(p.box.changes, change{from, to, t})
		s.effect(Effect{At: t.At, Action: t.Action, Trace: t.Trace, ID: id, Codes: to - from}, t.Twice)
	}
}

func (s *Sandbox) effect(e Effect, twice bool) {
	s.effects = append(s.effects, e)
	if twice {
		s.effects = append(s.effects, e)
	}
}

func (s *Sandbox) spend(trace string, t *transaction) {
	s.traces[trace] = t
	s.lastTrace = trace
}

// nextOrderNo counts in 12 digits, like the platform's examples.
func (s *Sandbox) nextOrderNo() string {
	return fmt.Sprintf("%012d", 179031014530+s.transactions+1)
}

// query answers what became of an activation, of whatever day.
func (s *Sandbox) query(req request, f firing, v *verdict) {
	t := s.traces[req.OriginalTraceNo]
	known := t != nil && activates(t.Action)
	switch {
	case known && t.Status != "":
		v.code, v.text, v.orderNo = "R"+suffixSuccess, textSuccess, t.OrderNo
	case f.do == doQueryAlwaysOK:
		v.code, v.text, v.orderNo = "R"+suffixSuccess, textSuccess, s.nextOrderNo()
	case known:
		v.code, v.text, v.orderNo = CodeWasRefused, t.Text, t.OrderNo
	default:
		v.code, v.text = CodeNoTransaction, textNoTrade
	}
}
