package catalog

import (
	"cmp"
	"context"
	"slices"
)

// Noun names the table a change is about.
type Noun string

// The nouns of the change feed.
const (
	NounDevice   Noun = "device"
	NounVolume   Noun = "volume"
	NounLocation Noun = "location"
	NounEntry    Noun = "entry"
)

// Happening is what the newest change of a row was. The numbers are stored.
type Happening uint8

// What can happen. Every noun knows Changed; the comments tell who knows the others.
const (
	Changed  Happening = iota // anything else; of a folder, what is below it
	Created                   // entries, volumes, locations
	Modified                  // entries: bytes or attributes
	Moved                     // entries: another folder or name
	Gone                      // entries: absent now
	Returned                  // entries: present again
	LeftOut                   // entries: the rules leave them out now
	Online                    // volumes
	Offline                   // volumes
	Indexed                   // locations: a scan came to its end
)

var happenings = [...]string{"changed", "created", "modified", "moved", "absent", "returned", "excluded", "online", "offline", "indexed"}

// String returns the word of h in the names of events.
func (h Happening) String() string {
	if int(h) < len(happenings) {
		return happenings[h]
	}
	return happenings[Changed]
}

// Change is one step of the change feed: a row as it stands now, or that it was
// deleted. A row that changed many times appears once, at its newest seq.
type Change struct {
	Seq     int64
	Noun    Noun
	ID      int64     // the row; 0 for a device
	What    Happening // the newest, where a row changed many times
	Deleted bool
	Entry   *Brief // of NounEntry, unless deleted
}

// Changes returns up to limit changes after since, in the order of seq, and the
// seq to go on from. No changes mean the end of the feed. Rows come from one
// snapshot.
func (c *Catalog) Changes(ctx context.Context, since int64, limit int) (changes []Change, next int64, err error) {
	err = c.Read(ctx, func(r *Reader) error {
		changes, err = r.changes(since, limit)
		return err
	})
	if n := len(changes); n > 0 {
		return changes, changes[n-1].Seq, err
	}
	return nil, since, err
}

func (r *Reader) changes(since int64, limit int) ([]Change, error) {
	var out []Change
	err := r.briefs(func(b *Brief) error {
		kept := *b
		out = append(out, Change{Seq: b.Seq, Noun: NounEntry, ID: int64(b.ID), What: b.Happened, Entry: &kept})
		return nil
	}, "SELECT "+briefColumns+" FROM entry WHERE seq > ? ORDER BY seq LIMIT ?", since, limit)
	if err != nil {
		return nil, err
	}
	add := func(noun Noun, query string) {
		if err != nil {
			return
		}
		err = r.each(query, func(row scanner) error {
			ch := Change{Noun: noun}
			if noun != "" {
				err := row.Scan(&ch.Seq, &ch.ID, &ch.What)
				out = append(out, ch)
				return err
			}
			ch.Deleted = true
			err := row.Scan(&ch.Seq, &ch.ID, &ch.Noun)
			out = append(out, ch)
			return err
		}, since, limit)
	}
	add(NounDevice, "SELECT seq, 0, 0 FROM device WHERE seq > ? ORDER BY seq LIMIT ?")
	add(NounVolume, "SELECT seq, id, happened FROM volume WHERE seq > ? ORDER BY seq LIMIT ?")
	add(NounLocation, "SELECT seq, id, happened FROM location WHERE seq > ? ORDER BY seq LIMIT ?")
	add("", "SELECT seq, id, noun FROM tombstone WHERE seq > ? ORDER BY seq LIMIT ?")
	slices.SortFunc(out, func(a, b Change) int { return cmp.Compare(a.Seq, b.Seq) })
	return out[:min(limit, len(out))], err
}
