package catalog

import "sync"

// overflow stands for what comes after the last number was given away. A
// platform that sends this many statuses or face values is out of its mind;
// it is counted without being told apart.
const (
	maxStatuses = 250
	maxFaces    = 4000
	overflow    = "…"
)

// words numbers statuses and face values, so that counts stay small.
type words struct {
	mu       sync.RWMutex
	codes    []string // by number
	texts    []string // last text seen with each status
	statuses map[string]uint8
	faces    []string
	faceNo   map[string]uint16
}

func newWords() *words {
	w := &words{}
	w.reset()
	return w
}

func (w *words) reset() {
	w.codes, w.texts, w.statuses = nil, nil, map[string]uint8{}
	w.faces, w.faceNo = nil, map[string]uint16{}
}

func (w *words) load(c *conn) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reset()
	err := c.each("SELECT code, text FROM statuses ORDER BY id", nil, func(r *record) error {
		code, text := r.text(0), r.text(1)
		w.statuses[code] = uint8(len(w.codes))
		w.codes, w.texts = append(w.codes, code), append(w.texts, text)
		return nil
	})
	if err != nil {
		return err
	}
	return c.each("SELECT text FROM faces ORDER BY id", nil, func(r *record) error {
		text := r.text(0)
		w.faceNo[text] = uint16(len(w.faces))
		w.faces = append(w.faces, text)
		return nil
	})
}

// status returns the number of a status, giving it one; text is kept when not empty.
func (w *words) status(c *conn, code, text string) (uint8, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, ok := w.statuses[code]
	if !ok && len(w.codes) >= maxStatuses {
		code, text = overflow, ""
		n, ok = w.statuses[code]
	}
	if ok {
		if text == "" || w.texts[n] == text {
			return n, nil
		}
		w.texts[n] = text
		return n, c.exec("UPDATE statuses SET text=? WHERE id=?", text, int(n))
	}
	if err := c.exec("INSERT INTO statuses VALUES (?,?,?)", len(w.codes), code, text); err != nil {
		return 0, err
	}
	n = uint8(len(w.codes))
	w.statuses[code] = n
	w.codes, w.texts = append(w.codes, code), append(w.texts, text)
	return n, nil
}

// known returns the number of a status that was seen before.
func (w *words) known(code string) (uint8, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	n, ok := w.statuses[code]
	return n, ok
}

func (w *words) face(c *conn, text string) (uint16, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, ok := w.faceNo[text]
	if !ok && len(w.faces) >= maxFaces {
		text = overflow
		n, ok = w.faceNo[text]
	}
	if ok {
		return n, nil
	}
	if err := c.exec("INSERT INTO faces VALUES (?,?)", len(w.faces), text); err != nil {
		return 0, err
	}
	n = uint16(len(w.faces))
	w.faceNo[text] = n
	w.faces = append(w.faces, text)
	return n, nil
}

// say returns a status and its text; another process may have added it since.
func (w *words) say(c *conn, n uint8) (code, text string) {
	w.mu.RLock()
	ok := int(n) < len(w.codes)
	if ok {
		code, text = w.codes[n], w.texts[n]
	}
	w.mu.RUnlock()
	if !ok && w.load(c) == nil && int(n) < len(w.codes) {
		w.mu.RLock()
		defer w.mu.RUnlock()
		return w.codes[n], w.texts[n]
	}
	return code, text
}

func (w *words) sayFace(c *conn, n uint16) string {
	w.mu.RLock()
	ok := int(n) < len(w.faces)
	var text string
	if ok {
		text = w.faces[n]
	}
	w.mu.RUnlock()
	if !ok && w.load(c) == nil && int(n) < len(w.faces) {
		w.mu.RLock()
		defer w.mu.RUnlock()
		text = w.faces[n]
	}
	if text == overflow {
		return ""
	}
	return text
}
