// Package event carries typed news from those who know something to those who
// want to hear of it, and neither knows the other. There are two sorts:
//
//   - Durable news is the change feed of a catalogue, read from a [Feed] with a
//     cursor. The bus only says how far the feed reaches.
//   - Ephemeral news, such as the progress of a job, is handed to whoever
//     listens now. Of two with the same key only the newest is kept.
//
// Publishing never blocks. Who is slow re-reads the feed from the own cursor, and
// is told when ephemeral news was dropped. The package knows no domain.
package event

import (
	"encoding/json"
	"fmt"
	"time"
)

// Event is one piece of news. On the wire it is one flat object: the fields of
// Data beside seq, time and type.
type Event struct {
	Seq  int64 // of the change feed; of ephemeral news, how far the feed reached
	Time time.Time
	Type string // "entry.created"
	Data any    // a struct or map, or nil
}

// Topic names one sort of ephemeral news and the type of its data. Publishers
// declare theirs as variables.
type Topic[T any] struct {
	Name string
	Key  func(T) string // news with equal keys replaces older news; nil: none does
}

type head struct {
	Seq  int64     `json:"seq"`
	Time time.Time `json:"time"`
	Type string    `json:"type"`
}

// MarshalJSON writes the flat object. Data that is no JSON object is an error.
func (e Event) MarshalJSON() ([]byte, error) {
	b, err := json.Marshal(head{e.Seq, e.Time.UTC(), e.Type})
	if err != nil || e.Data == nil {
		return b, err
	}
	data, err := json.Marshal(e.Data)
	if err != nil {
		return nil, err
	}
	if len(data) < 2 || data[0] != '{' {
		return nil, fmt.Errorf("event %s: its data is no JSON object", e.Type)
	}
	if len(data) == 2 {
		return b, nil
	}
	b[len(b)-1] = ','
	return append(b, data[1:]...), nil
}
