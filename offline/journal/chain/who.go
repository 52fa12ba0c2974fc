package chain

// Who stands behind an event, and who asked for it where that is somebody else: an
// approval is another's act, and both are named.
type Who struct {
	By      string `json:"by,omitempty"`
	AskedBy string `json:"asked_by,omitempty"`
}
