package review

import "time"

// Line is a record as scripts read it: public interface.
type Line struct {
	Code       string            `json:"code"`
	At         string            `json:"at"` // RFC 3339 in the shop's zone; the platform's text where that is no time
	Kind       string            `json:"kind"`
	Type       string            `json:"type"`
	ReturnCode string            `json:"return_code"`
	Message    string            `json:"message"`
	ShopNo     string            `json:"shop_no"`
	ShopName   string            `json:"shop_name"`
	MID        string            `json:"mid"`
	TID        string            `json:"tid"`
	Swift      string            `json:"swift"`
	Extend     map[string]string `json:"extend"`
	Marks      []string          `json:"marks"`
}

// LineOf is a record as scripts read it.
func LineOf(r Record) Line {
	l := Line{
		Code: r.Code, At: r.Record.At, Kind: r.Kind, Type: r.Type, ReturnCode: r.ReturnCode, Message: r.Message, ShopNo: r.ShopNo, ShopName: r.ShopName,
		MID: r.MID, TID: r.TID, Swift: r.Swift, Extend: r.Extend, Marks: r.Marks,
	}
	if !r.At.IsZero() {
		l.At = r.At.Format(time.RFC3339)
	}
	if l.Extend == nil {
		l.Extend = map[string]string{}
	}
	if l.Marks == nil {
		l.Marks = []string{}
	}
	return l
}
