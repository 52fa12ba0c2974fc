package config

import (
	"time"

	"counterfoil/api"
	"counterfoil/offline"
)

// setting is one key of the configuration. Keys and defaults are public interface.
type setting struct {
	key      string
	fallback any   // the default; its type is the setting's: string, int64, bool, []string or map[string]string
	take     taker // checks the value and puts it where it is used
}

// Durations outside these bounds are mistakes ("10" for "10s" is refused by its
// form already).
const (
	shortest = 10 * time.Millisecond
	longest  = 31 * 24 * time.Hour
)

// table is every setting, in the order of the example. Addresses, identities
// and secrets have no default: nobody's counter should speak to somebody's
// platform by accident.
func (c *Config) table() []setting {
	desk, client, screens := &c.desk, &c.client, &c.Screens
	rules, calls, limits, device := &desk.Rules, &desk.Calls, &desk.Limits, &client.Device
	all := []setting{
		{"counter.name", "C01", text(&desk.CounterName, 1, 16)},
		{"counter.number", int64(1), number(&desk.Number, 1, 999999)},
		{"counter.shop_no", "1490", text(&desk.ShopNo, 1, 16)},
		{"counter.shop_name", "Demo shop", text(&desk.ShopName, 0, 60)},
		{"counter.time_zone", "Asia/Shanghai", zone(&desk.Zone)},
		{"counter.day_starts_at", "04:00", clock(&desk.DayStartsAt)},
		{"counter.open_hours", "", hours(&desk.Opens, &desk.Closes)},
		{"counter.max_amount", "5000.00", money(&limits.OneMaxFen)},
		{"counter.language", "auto", oneOf(&screens.Language, "auto", "zh", "en")},

		{"platform.posp_url", "", address(&client.POSPURL)},
		{"platform.paas_url", "", address(&client.PaaSURL)},
		{"platform.b2b_url", "", address(&client.B2BURL)},
		{"platform.ca_file", "", unchecked},
		{answerTimeout, "10s", duration(&calls.AnswerTimeout, shortest, 10*time.Minute)},
		{settleTime, "30s", duration(&rules.SettleTime, shortest, 24*time.Hour)},
		{"platform.attention_after", "15m", duration(&rules.AttentionAfter, shortest, longest)},
		{"platform.parallel", int64(4), number(&calls.Parallel, 1, 64)},
		{"platform.amount_unit", "fen", means(&calls.AmountInYuan, "yuan", "fen", "yuan")},
		{"platform.lookup_action", "queryVerifyInfo", action(&calls.LookupAction)},
		{"platform.reel_actions", true, yesNo(&calls.ReelActions)},
		{reconcileAction, "", action(new(string), "")},
		{"platform.void_leaves", "", oneOf(&rules.VoidLeaves, "", api.StatusVoid, api.StatusInactive)},
		{"platform.status_forward_only", false, yesNo(&rules.StatusForwardOnly)},
		{absentAfter, "10m", duration(&rules.AbsentAfter, shortest, longest)},
		{"platform.status_alone", "done", means(&rules.StatusAloneDone, "done", "done", "attention")},
		{"platform.prelook_max_age", "60s", duration(&calls.PrelookMaxAge, shortest, 24*time.Hour)},
		{"platform.answer_trace", "must_match", means(&client.TraceMustMatch, "must_match", "must_match", "warn")},
		{"platform.trace_codes", []string{}, codes(&rules.TraceCodes)},
		{"platform.activation_absent_codes", []string{}, codes(&rules.ActivationAbsentCodes)},
		{"platform.duplicate_trace_codes", []string{"32"}, codes(&rules.DuplicateTraceCodes)},
		{"platform.unclear_codes", []string{}, codes(&rules.UnclearCodes)},
		{"platform.face_value_unit", "yuan", means(&calls.FaceValueInFen, "fen", "yuan", "fen")},

		{"platform.device.device_no", "", text(&device.DeviceNo, 0, 64)},
		{"platform.device.brand", "", text(&device.Brand, 0, 64)},
		{"platform.device.mw_version", "", text(&device.MWVersion, 0, 64)},
		{"platform.device.ptl_version", "", text(&device.PTLVersion, 0, 64)},
		{"platform.device.pos_version", "", text(&device.POSVersion, 0, 64)},
		{"platform.paas.app_id", "", text(&client.PaaS.AppID, 0, 64)},
		{"platform.paas.lang", "", text(&client.PaaS.Lang, 0, 64)},
		{"platform.b2b.partner_id", int64(0), number(&client.B2B.PartnerID, 0, 1<<31-1)},
		{"platform.b2b.merchant_id", "", text(&client.B2B.MerchantID, 0, 64)},
		{"platform.secrets.mac_key_file", "", unchecked},
		{"platform.secrets.app_secret_file", "", unchecked},
		{"platform.secrets.b2b_key_file", "", unchecked},
		{"platform.secrets.b2b_public_key_file", "", unchecked},
		{"platform.secrets.export_key_file", "", unchecked},

		{"scanner.prefix", "", scanPrefix(&screens.Prefix)},
		{"scanner.burst_gap", "30ms", duration(&screens.BurstGap, time.Millisecond, time.Second)},
		{"scanner.min_length", int64(6), number(&screens.MinLength, 4, 64)},
		{"scanner.same_scan", "2s", duration(&screens.SameScan, 0, time.Minute)},
		{"screen.theme", "auto", oneOf(&screens.Theme, "auto", "dark", "light")},
		{"screen.idle_lock", "10m", duration(&screens.IdleLock, 0, 24*time.Hour)},
		{"screen.mask_codes", true, yesNo(&screens.MaskCodes)},

		{"bulk.max_count", int64(5000), number(&rules.Batch.Count, 1, 10_000_000)},
		{"bulk.max_total", "500000.00", money(&rules.Batch.TotalFen)},
		{"bulk.offline", false, yesNo(&desk.RangesWait)},
		{"bulk.voucher_code", "", rangeForm(&rules.Codes.Voucher, offline.RangeVouchers)},
		{"bulk.card_code", "", rangeForm(&rules.Codes.Card, offline.RangeCards)},
		{bulkSign, "skip", means(&c.signRanges, signRSA, "skip", signRSA)},

		{"offline.max_operations", int64(200), number(&limits.MaxOperations, 1, 1_000_000)},
		{"offline.max_amount", "5000.00", money(&limits.MaxAmountFen)},
		{"offline.max_total", "50000.00", money(&limits.MaxTotalFen)},
		{"offline.max_age", "24h", duration(&limits.MaxAge, time.Second, longest)},

		{"review.max_age", "24h", duration(&desk.Review.MaxAge, 0, longest)},
		{"review.kinds", map[string]string{"1": "made", "2": "used", "3": "cancelled"}, kinds(&desk.Review.Kinds)},
	}
	for _, rule := range offline.MarkRules() {
		all = append(all, setting{"review.marks." + rule.Name, rule.Default, markRule(&desk.Review.Marks, rule)})
	}
	return all
}

const (
	answerTimeout   = "platform.answer_timeout"
	settleTime      = "platform.settle_time"
	absentAfter     = "platform.absent_after"
	reconcileAction = "platform.reconcile_action"
	bulkSign        = "bulk.sign"
	signRSA         = "rsa-sha256-pkcs1v15"
)

// check checks every setting and keeps it where it is used. The error is that
// of the first that is not allowed.
func (c *Config) check() error {
	for _, s := range c.settings {
		if no := s.take(c.values[s.key]); no != nil {
			return c.refuse(s.key, no)
		}
	}
	c.client.ShopNo, c.client.AnswerTimeout = c.desk.ShopNo, c.desk.Calls.AnswerTimeout
	return c.checkAbsent()
}

// checkAbsent holds absent_after against the two times it must be longer than. Where
// it stands at its default, what somebody wrote is wrong: the longer of the two, since
// their defaults are short.
func (c *Config) checkAbsent() error {
	answer, settle, absent := c.client.AnswerTimeout, c.desk.Rules.SettleTime, c.desk.Rules.AbsentAfter
	if absent > answer+settle {
		return nil
	}
	key, allowed := absentAfter, "longer_than"
	if _, written := c.Sources[key]; !written {
		key, allowed = settleTime, "shorter_than"
		if answer > settle {
			key = answerTimeout
		}
	}
	return c.refuse(key, refuse(c.values[key], allowed, map[string]any{"Sum": short(answer + settle), "Absent": short(absent)}))
}

func (c *Config) refuse(key string, no *refusal) *Error {
	return fail(nil, "cli.config.bad_value", map[string]any{
		"Setting": key, "Value": clip(no.value), "Where": c.where(key), "Allowed": no.allowed,
	})
}
