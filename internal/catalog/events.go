package catalog

import (
	"context"
	"time"

	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
)

// EntryChanged is the data of an entry's events: it is new, or otherwise now.
type EntryChanged struct {
	ID     ident.EntryID `json:"id"`
	Parent ident.EntryID `json:"parent"`
	Name   string        `json:"name"`
	Kind   string        `json:"kind"`
	State  string        `json:"state"`
}

// RowChanged is the data of the other durable events: which row to ask for anew.
type RowChanged struct {
	ID ident.EntryID `json:"id"`
}

// Since implements event.Feed over the change feed: NOUN.removed, and
// NOUN.HAPPENING in the words of Happening, such as entry.created,
// location.indexed or volume.offline. Of a row that changed many times the
// newest change is told, so who hears of an entry for the first time may hear
// that it was modified.
func (c *Catalog) Since(ctx context.Context, seq int64, limit int) ([]event.Event, int64, error) {
	changes, next, err := c.Changes(ctx, seq, limit)
	if err != nil {
		return nil, seq, err
	}
	now := time.Now()
	events := make([]event.Event, len(changes))
	for i, ch := range changes {
		e := event.Event{Seq: ch.Seq, Time: now, Type: string(ch.Noun) + "." + ch.What.String(), Data: RowChanged{ident.EntryID(ch.ID)}}
		switch {
		case ch.Deleted:
			e.Type = string(ch.Noun) + ".removed"
		case ch.Noun == NounDevice:
			e.Data = nil // known by keys, not by numbers: ask for the list
		case ch.Entry != nil:
			e.Data = EntryChanged{ch.Entry.ID, ch.Entry.Parent, PlainName(ch.Entry.Name), ch.Entry.Kind.String(), stateName(ch.Entry.State, true)}
		}
		events[i] = e
	}
	return events, next, nil
}
