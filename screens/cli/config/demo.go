package config

import (
	"maps"

	"counterfoil/api"
	"counterfoil/offline"
)

// Demo returns the settings of a demonstration: the platform's addresses, keys
// and signer and what its codes mean are given. What the sandbox is known to do
// is set here (statuses only move forward, a void leaves 05), and waits are
// short enough to be watched. here is the configuration of this terminal, nil for
// none: its colours are the terminal's.
func Demo(shopName string, platform api.Settings, meaning offline.Rules, here *Config) (*Config, error) {
	c := defaults()
	maps.Copy(c.values, map[string]any{
		"counter.shop_name": shopName, "counter.open_hours": "08:00-22:00", "review.marks.never_here": "on",
		"platform.posp_url": platform.POSPURL, "platform.paas_url": platform.PaaSURL, "platform.b2b_url": platform.B2BURL,
		"platform.void_leaves": api.StatusVoid, "platform.status_forward_only": true,
		"platform.trace_codes": meaning.TraceCodes, "platform.activation_absent_codes": meaning.ActivationAbsentCodes,
		"platform.duplicate_trace_codes": meaning.DuplicateTraceCodes, "platform.unclear_codes": meaning.UnclearCodes,
		"platform.answer_timeout": "3s", "platform.settle_time": "2s", absentAfter: "10s", "platform.attention_after": "1m",
		"platform.device.device_no": "POS01", "platform.device.brand": "663", "platform.device.mw_version": "20261122",
		"platform.device.ptl_version": "20161010", "platform.device.pos_version": "20261122",
		"platform.paas.app_id": platform.PaaS.AppID, "platform.paas.lang": "zh_CN",
		"platform.b2b.partner_id": int64(1504), "platform.b2b.merchant_id": "10001",
	})
	if here != nil {
		c.values["screen.theme"] = here.Screens.Theme
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	c.client.MACKey, c.client.AppSecret = platform.MACKey, platform.AppSecret
	return c, nil
}
