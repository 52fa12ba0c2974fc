package config

import (
	"counterfoil/api"
)

// Stage is a platform to play on: its addresses and keys.
type Stage struct {
	POSPURL, PaaSURL, B2BURL string
	MACKey, AppSecret, AppID string
	B2BSigner                api.B2BSigner
	ShopName                 string
	// What its codes mean, in the order of trace_codes, activation_absent_codes,
	// duplicate_trace_codes and unclear_codes.
	Trace, Absent, Duplicate, Unclear []string
}

// Demo returns the settings of a demonstration. What the sandbox is known to do
// is set here (statuses only move forward, a void leaves 05), and waits are
// short enough to be watched.
func Demo(s Stage) (*Config, error) {
	c := &Config{Written: Defaults(), Sources: map[string]string{}}
	p := &c.Written.Platform
	p.POSPURL, p.PaaSURL, p.B2BURL = s.POSPURL, s.PaaSURL, s.B2BURL
	p.VoidLeaves, p.StatusForwardOnly = api.StatusVoid, true
	p.TraceCodes, p.ActivationAbsentCodes = s.Trace, s.Absent
	p.DuplicateTraceCodes, p.UnclearCodes = s.Duplicate, s.Unclear
	p.AnswerTimeout, p.SettleTime, p.AbsentAfter, p.AttentionAfter = "3s", "2s", "10s", "1m"
	p.Device = Device{DeviceNo: "POS01", Brand: "663", MWVersion: "20261122", PTLVersion: "20161010", POSVersion: "20261122"}
	p.PaaS = PaaS{AppID: s.AppID, Lang: "zh_CN"}
	p.B2B = B2B{PartnerID: 1504, MerchantID: "10001"}
	c.Written.Counter.ShopName = s.ShopName
	if err := c.check(nil); err != nil {
		return nil, err
	}
	c.client.MACKey, c.client.AppSecret, c.client.B2BSigner = s.MACKey, s.AppSecret, s.B2BSigner
	return c, nil
}
