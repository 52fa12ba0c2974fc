package api

import (
	"net/http"
	"time"
)

// Settings are what a Client needs to know. An empty address disables the calls that need it.
type Settings struct {
	POSPURL string // + "/" + action
	PaaSURL string
	B2BURL  string
	// CA is a private certificate authority in PEM, added to the system's; nil for none.
	CA []byte
	// AnswerTimeout bounds one call from its beginning to the answer's last byte.
	// A look-up may take longer by its answer's rows at 16 KiB a second, a row
	// counting for 1 KiB at most, but never stand still for longer.
	AnswerTimeout time.Duration
	ShopNo        string
	Device        Device
	PaaS          PaaS
	B2B           B2B
	MACKey        string // hex, used as text (platform.md §3.1)
	AppSecret     string
	// B2BSigner signs and checks B2B calls; nil sends the literal "skip" and checks nothing (platform.md §3.3).
	B2BSigner B2BSigner
	// TraceMustMatch takes a POSP answer with another trace number, success or
	// not, for none (ReasonOther); otherwise it is noted in Answer.TraceDiffers.
	// Another number of this counter's own is never taken: that is a replay.
	TraceMustMatch bool
	// Now is the wall clock; nil for time.Now.
	Now func() time.Time
	// Transport wraps the connection layer in tests of the outside world; nil for the client's own.
	Transport func(*http.Transport)
}

// Device names the till in the POSP envelope.
type Device struct {
	DeviceNo, Brand, MWVersion, PTLVersion, POSVersion string
}

// PaaS is the identity in the PaaS envelope.
type PaaS struct {
	AppID, Lang string
}

// B2B is the identity at the B2B gateway. An order is kept with its own.
type B2B struct {
	PartnerID  int    `json:"partner_id,omitempty"`
	MerchantID string `json:"merchant_id,omitempty"`
}

// B2BSigner is the unknown signature of the B2B gateway behind an interface:
// hash, padding and canonical string are not documented (platform.md §3.3).
type B2BSigner interface {
	Sign(fields map[string]string) (string, error)
	// Checks reports that answers must be signed; Verify is called for these only.
	Checks() bool
	Verify(fields map[string]string, sign string) error
}
