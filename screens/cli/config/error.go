package config

// Phrase is a message id with its values; the caller has the words.
type Phrase struct {
	ID   string
	Args map[string]any
}

// Error is a configuration that cannot be used. Args may hold Phrases, which
// are put into words first. Cause is for the log.
type Error struct {
	Phrase
	Cause error
}

// Error is for logs; faces put the Phrase into words.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.ID + ": " + e.Cause.Error()
	}
	return e.ID
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

func fail(cause error, id string, args map[string]any) *Error {
	return &Error{Phrase: Phrase{ID: id, Args: args}, Cause: cause}
}
