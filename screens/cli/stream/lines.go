package stream

import (
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"counterfoil/offline"
)

// timeForm is how a time is written for scripts: milliseconds, the shop's offset.
const timeForm = "2006-01-02T15:04:05.000Z07:00"

// WriteLine writes one JSON object on a line of its own, its times in a zone.
func WriteLine(w io.Writer, v any, zone *time.Location, more ...json.Options) error {
	if zone == nil {
		zone = time.UTC
	}
	times := json.MarshalToFunc(func(enc *jsontext.Encoder, t time.Time) error {
		return enc.WriteToken(jsontext.String(t.In(zone).Format(timeForm)))
	})
	text, err := json.Marshal(v, json.WithMarshalers(times),
		jsonv1.OmitEmptyWithLegacySemantics(true), json.Deterministic(true), json.JoinOptions(more...))
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// Counts writes the counts of a look-up as "03×2 00×1", for evidence.
func Counts(s *offline.Seen) string {
	if s == nil {
		return ""
	}
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(s.Counts)) {
		parts = append(parts, status+"×"+strconv.Itoa(s.Counts[status]))
	}
	return strings.Join(parts, " ")
}
