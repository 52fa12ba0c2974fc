package config

import (
	"time"

	"counterfoil/api"
	"counterfoil/offline"
)

// Config is a configuration that was found, read and checked.
type Config struct {
	Written File
	Path    string            // the file in force, "" for none
	Dir     string            // its folder: relative paths stand in it; "" for the current one
	Sources map[string]string // key → file or $VARIABLE; keys at their default are absent

	zone        *time.Location
	dayStartsAt time.Duration
	rules       offline.Rules
	calls       offline.Calls
	limits      offline.Limits
	client      api.Settings

	// BurstGap, SameScan and IdleLock are the screens' settings, parsed; IdleLock 0 means never.
	BurstGap, SameScan, IdleLock time.Duration
}

// Durations outside these bounds are mistakes ("10" for "10s" is refused by its
// form already).
const (
	shortest = 10 * time.Millisecond
	longest  = 31 * 24 * time.Hour
)

func (c *Config) check(lines map[string]int) error {
	k := &checker{c: c, lines: lines}
	c.checkCounter(k)
	c.checkPlatform(k)
	c.checkRules(k)
	c.checkRest(k)
	return k.err
}

func (c *Config) checkCounter(k *checker) {
	f := &c.Written.Counter
	k.text("counter.name", f.Name, 1, 16)
	k.number("counter.number", f.Number, 1, 999999)
	k.text("counter.shop_no", f.ShopNo, 1, 16)
	k.text("counter.shop_name", f.ShopName, 0, 60)
	c.zone = k.zone("counter.time_zone", f.TimeZone)
	c.dayStartsAt = k.clock("counter.day_starts_at", f.DayStartsAt)
	k.oneOf("counter.language", f.Language, "auto", "zh", "en")
}

func (c *Config) checkPlatform(k *checker) {
	f := &c.Written.Platform
	for key, value := range map[string]string{
		"device.device_no": f.Device.DeviceNo, "device.brand": f.Device.Brand,
		"device.mw_version": f.Device.MWVersion, "device.ptl_version": f.Device.PTLVersion,
		"device.pos_version": f.Device.POSVersion, "paas.app_id": f.PaaS.AppID,
		"paas.lang": f.PaaS.Lang, "b2b.merchant_id": f.B2B.MerchantID,
	} {
		k.text("platform."+key, value, 0, 64)
	}
	c.client = api.Settings{
		POSPURL: k.address("platform.posp_url", f.POSPURL),
		PaaSURL: k.address("platform.paas_url", f.PaaSURL),
		B2BURL:  k.address("platform.b2b_url", f.B2BURL),
		ShopNo:  c.Written.Counter.ShopNo,
		Device: api.Device{
			DeviceNo: f.Device.DeviceNo, Brand: f.Device.Brand, MWVersion: f.Device.MWVersion,
			PTLVersion: f.Device.PTLVersion, POSVersion: f.Device.POSVersion,
		},
		PaaS: api.PaaS{AppID: f.PaaS.AppID, Lang: f.PaaS.Lang},
		B2B: api.B2B{
			PartnerID:  k.number("platform.b2b.partner_id", f.B2B.PartnerID, 0, 1<<31-1),
			MerchantID: f.B2B.MerchantID,
		},
		TraceMustMatch: f.AnswerTrace == "must_match",
	}
	k.oneOf("platform.answer_trace", f.AnswerTrace, "must_match", "warn")
}

func (c *Config) checkRules(k *checker) {
	f := &c.Written.Platform
	r := offline.Rules{
		SettleTime:            k.duration("platform.settle_time", f.SettleTime, shortest, 24*time.Hour),
		AttentionAfter:        k.duration("platform.attention_after", f.AttentionAfter, shortest, longest),
		AbsentAfter:           k.duration("platform.absent_after", f.AbsentAfter, shortest, longest),
		VoidLeaves:            f.VoidLeaves,
		StatusForwardOnly:     f.StatusForwardOnly,
		StatusAloneDone:       f.StatusAlone == "done",
		TraceCodes:            k.codes("platform.trace_codes", f.TraceCodes),
		ActivationAbsentCodes: k.codes("platform.activation_absent_codes", f.ActivationAbsentCodes),
		DuplicateTraceCodes:   k.codes("platform.duplicate_trace_codes", f.DuplicateTraceCodes),
		UnclearCodes:          k.codes("platform.unclear_codes", f.UnclearCodes),
	}
	c.calls = offline.Calls{
		AnswerTimeout:  k.duration("platform.answer_timeout", f.AnswerTimeout, shortest, 10*time.Minute),
		PrelookMaxAge:  k.duration("platform.prelook_max_age", f.PrelookMaxAge, shortest, 24*time.Hour),
		Parallel:       k.number("platform.parallel", f.Parallel, 1, 64),
		AmountInYuan:   f.AmountUnit == "yuan",
		FaceValueInFen: f.FaceValueUnit == "fen",
		LookupAction:   f.LookupAction,
		ReelActions:    f.ReelActions,
	}
	k.oneOf("platform.amount_unit", f.AmountUnit, "fen", "yuan")
	k.oneOf("platform.face_value_unit", f.FaceValueUnit, "yuan", "fen")
	k.oneOf("platform.void_leaves", f.VoidLeaves, "", api.StatusVoid, api.StatusInactive)
	k.oneOf("platform.status_alone", f.StatusAlone, "done", "attention")
	k.action("platform.lookup_action", f.LookupAction)
	if floor := c.calls.AnswerTimeout + r.SettleTime; k.err == nil && r.AbsentAfter <= floor {
		k.refuse("platform.absent_after", f.AbsentAfter, "longer_than", map[string]any{"Floor": short(floor)})
	}
	c.rules, c.client.AnswerTimeout = r, c.calls.AnswerTimeout
}

func (c *Config) checkRest(k *checker) {
	f := &c.Written
	k.scanPrefix("scanner.prefix", f.Scanner.Prefix)
	c.BurstGap = k.duration("scanner.burst_gap", f.Scanner.BurstGap, time.Millisecond, time.Second)
	k.number("scanner.min_length", f.Scanner.MinLength, 4, 64)
	c.SameScan = k.duration("scanner.same_scan", f.Scanner.SameScan, 0, time.Minute)
	c.IdleLock = k.duration("screen.idle_lock", f.Screen.IdleLock, 0, 24*time.Hour)
	c.limits = offline.Limits{
		MaxOperations: k.number("offline.max_operations", f.Offline.MaxOperations, 0, 1_000_000),
		MaxAmountFen:  k.money("offline.max_amount", f.Offline.MaxAmount),
		MaxTotalFen:   k.money("offline.max_total", f.Offline.MaxTotal),
		MaxAge:        k.duration("offline.max_age", f.Offline.MaxAge, time.Second, longest),
	}
}

// Zone is the shop's time zone.
func (c *Config) Zone() *time.Location { return c.zone }

// Client returns the client's settings.
func (c *Config) Client() api.Settings { return c.client }

// Desk returns the desk's settings for a data folder.
func (c *Config) Desk(data string) offline.Settings {
	f := &c.Written.Counter
	return offline.Settings{
		Data: data, CounterName: f.Name, Number: int(f.Number),
		ShopNo: f.ShopNo, ShopName: f.ShopName,
		Zone: c.zone, DayStartsAt: c.dayStartsAt,
		Rules: c.rules, Calls: c.calls, Limits: c.limits,
	}
}

// Missing names the first setting without which the platform cannot be asked
// for anything, "" where nothing is missing.
func (c *Config) Missing() string {
	switch {
	case c.client.POSPURL == "":
		return "platform.posp_url"
	case c.client.Device.DeviceNo == "":
		return "platform.device.device_no"
	case c.client.MACKey == "":
		return "platform.secrets.mac_key_file"
	}
	return ""
}
