// Package config reads the counter's settings: one TOML file, the environment
// and the secrets beside it, checked key by key before anything starts. It may
// open files but no database and no connection, prints nothing, and leaves the
// words of its errors to the caller.
package config

// File is the configuration as it is written. Its keys and defaults are public
// interface; values keep their written form here and are parsed in check.go.
type File struct {
	Counter  Counter  `toml:"counter"`
	Platform Platform `toml:"platform"`
	Scanner  Scanner  `toml:"scanner"`
	Screen   Screen   `toml:"screen"`
	Offline  Offline  `toml:"offline"`
}

// Counter says which counter this is.
type Counter struct {
	Name        string `toml:"name"`
	Number      int64  `toml:"number"`
	ShopNo      string `toml:"shop_no"`
	ShopName    string `toml:"shop_name"`
	TimeZone    string `toml:"time_zone"`
	DayStartsAt string `toml:"day_starts_at"`
	Language    string `toml:"language"`
}

// Platform says where the platform is and what is assumed of it.
type Platform struct {
	POSPURL               string   `toml:"posp_url"`
	PaaSURL               string   `toml:"paas_url"`
	B2BURL                string   `toml:"b2b_url"`
	CAFile                string   `toml:"ca_file"`
	AnswerTimeout         string   `toml:"answer_timeout"`
	SettleTime            string   `toml:"settle_time"`
	AttentionAfter        string   `toml:"attention_after"`
	Parallel              int64    `toml:"parallel"`
	AmountUnit            string   `toml:"amount_unit"`
	LookupAction          string   `toml:"lookup_action"`
	ReelActions           bool     `toml:"reel_actions"`
	VoidLeaves            string   `toml:"void_leaves"`
	StatusForwardOnly     bool     `toml:"status_forward_only"`
	AbsentAfter           string   `toml:"absent_after"`
	StatusAlone           string   `toml:"status_alone"`
	PrelookMaxAge         string   `toml:"prelook_max_age"`
	AnswerTrace           string   `toml:"answer_trace"`
	TraceCodes            []string `toml:"trace_codes"`
	ActivationAbsentCodes []string `toml:"activation_absent_codes"`
	DuplicateTraceCodes   []string `toml:"duplicate_trace_codes"`
	UnclearCodes          []string `toml:"unclear_codes"`
	FaceValueUnit         string   `toml:"face_value_unit"`
	Device                Device   `toml:"device"`
	PaaS                  PaaS     `toml:"paas"`
	B2B                   B2B      `toml:"b2b"`
	Secrets               Secrets  `toml:"secrets"`
}

// Device names the till to the platform.
type Device struct {
	DeviceNo   string `toml:"device_no"`
	Brand      string `toml:"brand"`
	MWVersion  string `toml:"mw_version"`
	PTLVersion string `toml:"ptl_version"`
	POSVersion string `toml:"pos_version"`
}

// PaaS is the identity at the PaaS gateway.
type PaaS struct {
	AppID string `toml:"app_id"`
	Lang  string `toml:"lang"`
}

// B2B is the identity at the B2B gateway.
type B2B struct {
	PartnerID  int64  `toml:"partner_id"`
	MerchantID string `toml:"merchant_id"`
}

// Secrets names the files that hold the keys; the keys themselves are never
// part of the configuration.
type Secrets struct {
	MACKeyFile    string `toml:"mac_key_file"`
	AppSecretFile string `toml:"app_secret_file"`
	B2BKeyFile    string `toml:"b2b_key_file"`
}

// Scanner says how scans are told from typing.
type Scanner struct {
	Prefix    string `toml:"prefix"`
	BurstGap  string `toml:"burst_gap"`
	MinLength int64  `toml:"min_length"`
	SameScan  string `toml:"same_scan"`
}

// Screen says how the screens behave.
type Screen struct {
	IdleLock  string `toml:"idle_lock"`
	MaskCodes bool   `toml:"mask_codes"`
}

// Offline bounds what is accepted while the platform is out of reach.
type Offline struct {
	MaxOperations int64  `toml:"max_operations"`
	MaxAmount     string `toml:"max_amount"`
	MaxTotal      string `toml:"max_total"`
	MaxAge        string `toml:"max_age"`
}

// Defaults returns the settings of an empty file. Addresses, identities and
// secrets have none: nobody's counter should speak to somebody's platform by accident.
func Defaults() File {
	return File{
		Counter: Counter{
			Name: "C01", Number: 1, ShopNo: "1490", ShopName: "Demo shop",
			TimeZone: "Asia/Shanghai", DayStartsAt: "04:00", Language: "auto",
		},
		Platform: Platform{
			AnswerTimeout: "10s", SettleTime: "30s", AttentionAfter: "15m",
			Parallel: 4, AmountUnit: "fen", LookupAction: "queryVerifyInfo",
			ReelActions: true, AbsentAfter: "10m", StatusAlone: "done",
			PrelookMaxAge: "60s", AnswerTrace: "must_match",
			TraceCodes: []string{}, ActivationAbsentCodes: []string{},
			DuplicateTraceCodes: []string{"32"}, UnclearCodes: []string{},
			FaceValueUnit: "yuan",
		},
		Scanner: Scanner{BurstGap: "30ms", MinLength: 6, SameScan: "2s"},
		Screen:  Screen{IdleLock: "10m", MaskCodes: true},
		Offline: Offline{MaxOperations: 200, MaxAmount: "5000.00", MaxTotal: "50000.00", MaxAge: "24h"},
	}
}
