package api

import "errors"

// SelfTest recomputes the two published signature vectors (platform.md §3), so
// that a wrong key can be told from a wrong program.
func SelfTest() error {
	posp := SignPOSP(map[string]string{
		"action": "inquiry", "brand": "663", "deviceNo": "POS01", "mwVersion": "20161010", "posVersion": "20161010",
		"ptlVersion": "20161010", "shopNo": "CN123456", "timestamp": "1483372334",
		"body": "ewogICAgICAgICAidHJhY2VObyI6ICI5OTAwMDAwOTEwMDAxMDEwMTczMjEyMyIsCiAgICAgICAgICJvcmlnaW5hbFRyYWNlTm8iOiAiOTkwMDAwMDkxMDAwMTAxMDE3MzIxMjQiCiAgICAgfQ==",
	}, "94365019BBF9CEEAB0DF658E67754A70")
	if posp != "F38545F4D74B5C10A9EBBC053ED9D1CF" {
		return errors.New("api: the POSP signature does not match its vector")
	}
	paas := SignPaaS(map[string]string{
		"action": "refund", "appId": "ebuyde43082858d1", "lang": "zh_CN", "signType": "sha256", "timestamp": "1625649048115",
		"content": `{"outTradeNo":"202107071625649048080","refundTradeNo":"202107071625649048080"}`,
		"uuid":    "20210707-cd28bed6332846979cf012223c981a14",
	}, "D6954F665B12A4318DF2DE43082858DE")
	if paas != "cefb7347b73b2793a6d4a99993480500bd74752e7b983acedb9515166e22d271" {
		return errors.New("api: the PaaS signature does not match its vector")
	}
	return nil
}
