package api

// The statuses of a code that the platform's pages give a number (platform.md
// §5). Used and expired codes have others, which are shown as sent.
const (
	StatusActive   = "00" // may be redeemed
	StatusInactive = "03" // made, not activated yet
	StatusFrozen   = "04" // from active, and back to it
	StatusVoid     = "05" // for good
)
