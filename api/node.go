package api

// Node is one box, package, reel or code of a look-up's answer. Texts are
// cleaned (Clean). A sink receives parents before children whatever order the
// answer's keys stood in; a repeated node is handed over again (platform.md §6.6).
type Node struct {
	Level  Level
	ID     string
	Parent string // "" at the root of the answer

	// The rest is set on codes only.

	Status     string // StatusActive and so on; others as sent
	StatusText string // statusDesc
	Name       string // ticketName, or activityName where that is empty
	FaceValue  string // as sent, "15.0"; the unit is a setting
	ValidFrom  string // yyyyMMddHHmmss; "" for all zeros: no limit or not set
	ValidTo    string
	Remaining  int // remainTimes; -1 where absent
}

// Record is one row of a code's operation records (platform.md §2.8).
type Record struct {
	Code       string
	At         string // yyyyMMddHHmmss, as sent
	Type       string // "1", "2", …: shown as sent where unknown
	ReturnCode string
	Message    string
	ShopNo     string
	ShopName   string
	MID        string
	TID        string
	Swift      string
	// Extend is extendData's entries, at most 16.
	Extend map[string]string
}
