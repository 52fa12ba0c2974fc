package api

// Longest texts taken from the platform, in characters.
const (
	maxMessage = 200
	maxName    = 120
	maxShort   = 40
)

// cachedTexts and cachedLength bound a cache whatever the answer holds.
const (
	cachedTexts  = 512
	cachedLength = 512
)

// textCache gives one string for equal texts of one field: of a thousand codes
// nearly all share their name, status and face value.
type textCache struct {
	limit int
	texts map[string]string
}

func newTextCache(limit int) textCache { return textCache{limit: limit, texts: map[string]string{}} }

func (c textCache) clean(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	text, known := c.texts[string(raw)]
	if !known {
		text = Clean(string(raw), c.limit)
		if len(raw) <= cachedLength && len(c.texts) < cachedTexts {
			c.texts[string(raw)] = text
		}
	}
	return text
}

// codeTexts are the fields of a code that repeat.
type codeTexts struct {
	status, statusText, ticket, activity, faceValue, from, to textCache
}

func newCodeTexts() codeTexts {
	return codeTexts{
		status: newTextCache(maxShort), statusText: newTextCache(maxShort),
		ticket: newTextCache(maxName), activity: newTextCache(maxName),
		faceValue: newTextCache(maxShort), from: newTextCache(maxShort), to: newTextCache(maxShort),
	}
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
			node.Status = r.texts.status.clean(scalar(m.value, &r.spare))
		case "statusDesc":
			node.StatusText = r.texts.statusText.clean(scalar(m.value, &r.spare))
		case "ticketName":
			node.Name = r.texts.ticket.clean(scalar(m.value, &r.spare))
		case "activityName":
			activity = r.texts.activity.clean(scalar(m.value, &r.spare))
		case "faceValue":
			node.FaceValue = r.texts.faceValue.clean(scalar(m.value, &r.spare))
		case "validStart":
			node.ValidFrom = date(r.texts.from, scalar(m.value, &r.spare))
		case "validEnd":
			node.ValidTo = date(r.texts.to, scalar(m.value, &r.spare))
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
	if parent == "" {
		var err error
		if node.Parent, err = r.under(LevelCode, ""); err != nil {
			return err
		}
	}
	return r.give(node)
}

// date drops dates that are all zeros, whatever their length (platform.md §6.3).
func date(cache textCache, raw []byte) string {
	for _, c := range raw {
		if c != '0' {
			return cache.clean(raw)
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
