package reconcile

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"counterfoil/offline/files"
)

const (
	// keptFile holds a line for each answer of a run that has not ended.
	keptFile = "reconcile.part"
	// keptFor is how long an answer is taken over by a run that goes on: a shop's
	// evening, so that what another till did this morning is asked anew.
	keptFor = 4 * time.Hour
)

// entry is what is known of an id: asked about, and answered or not.
type entry struct {
	ID       string       `json:"id"`
	Asked    string       `json:"asked"` // the id that was looked up: this one, or what holds it
	At       time.Time    `json:"at"`
	Seq      int64        `json:"seq"` // the journal's last event before it was asked about
	Above    []string     `json:"above"`
	Found    []Difference `json:"found"`
	answered bool
}

// differs reports a difference, which is more than something worth knowing.
func differs(found []Difference) bool {
	return slices.ContainsFunc(found, func(d Difference) bool { return d.Class != Information })
}

// kept is the file of answers, by which a run that was cut off goes on. It is a
// cache: where it cannot be read or written the run begins anew.
type kept struct {
	mu   sync.Mutex
	file *os.File // nil for none
}

// open reads what a run of the same cut left and gives each answer that is not too
// old to take.
func (k *kept) open(dir, cut string, now time.Time, take func(entry)) {
	f, err := files.Open(filepath.Join(dir, keptFile), os.O_RDWR|os.O_CREATE|os.O_APPEND)
	if err != nil {
		return
	}
	k.file = f
	lines := bufio.NewReader(f)
	first, err := lines.ReadString('\n')
	if err != nil || first != cut+"\n" {
		_ = f.Truncate(0)
		k.write([]byte(cut))
		return
	}
	for err == nil {
		var line []byte
		line, err = lines.ReadBytes('\n')
		var e entry
		if json.Unmarshal(line, &e) == nil && now.Sub(e.At) >= 0 && now.Sub(e.At) < keptFor {
			take(e)
		}
	}
	k.write(nil) // ends a line that was cut off
}

func (k *kept) write(line []byte) {
	if k.file != nil {
		_, _ = k.file.Write(append(line, '\n'))
	}
}

func (k *kept) put(e *entry) {
	line, err := json.Marshal(e)
	if err != nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.write(line)
}

func (k *kept) close() {
	if k.file != nil {
		_ = k.file.Close()
	}
}

// forget empties the file: the next run begins anew.
func (k *kept) forget() {
	if k.file != nil {
		_ = k.file.Truncate(0)
	}
}
