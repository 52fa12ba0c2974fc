package api

// Longest texts taken from the platform, in characters.
const (
	maxMessage = 200
	maxName    = 120
	maxShort   = 40
)

// textCache gives one string for equal texts: of a thousand codes nearly all
// share their name, status and face value.
type textCache struct {
	limit int
	texts map[string]string
}

// cachedTexts and cachedLength bound a cache whatever the answer holds.
const (
	cachedTexts  = 512
	cachedLength = 512
)

func newTextCache(limit int) textCache {
	return textCache{limit: limit, texts: map[string]string{}}
}

func (c textCache) clean(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	if text, ok := c.texts[string(raw)]; ok {
		return text
	}
	text := Clean(string(raw), c.limit)
	if len(c.texts) < cachedTexts && len(raw) <= cachedLength {
		c.texts[string(raw)] = text
	}
	return text
}

// code reads one codeDetail.
func (r *rows) code(raw []byte, parent string) error {
	node := Node{Level: LevelCode, Parent: parent, Remaining: -1}
	activity := ""
	for m := membersOf(raw, '{'); m.next(); {
		switch string(m.name) {
		case "code":
			if id := scalar(m.value, &r.spare); printableID(id) {
				node.ID = string(id)
			}
		case "status":
			node.Status = r.short.clean(scalar(m.value, &r.spare))
		case "statusDesc":
			node.StatusText = r.short.clean(scalar(m.value, &r.spare))
		case "ticketName":
			node.Name = r.names.clean(scalar(m.value, &r.spare))
		case "activityName":
			activity = r.names.clean(scalar(m.value, &r.spare))
		case "faceValue":
			node.FaceValue = r.short.clean(scalar(m.value, &r.spare))
		case "validStart":
			node.ValidFrom = r.date(scalar(m.value, &r.spare))
		case "validEnd":
			node.ValidTo = r.date(scalar(m.value, &r.spare))
		case "remainTimes":
			node.Remaining = wholeNumber(scalar(m.value, &r.spare), -1)
		}
	}
	if node.ID == "" {
		r.skipped++
		return nil
	}
	if node.Name == "" {
		node.Name = activity
	}
	return r.give(node)
}

// date drops dates that are all zeros, whatever their length (platform.md §6.3).
func (r *rows) date(raw []byte) string {
	for _, c := range raw {
		if c != '0' {
			return r.short.clean(raw)
		}
	}
	return ""
}

// printableID refuses what cannot be stored and drawn as an id. Every id seen
// is visible ASCII.
func printableID(raw []byte) bool {
	if len(raw) == 0 || len(raw) > MaxIDLength {
		return false
	}
	for _, c := range raw {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}
