package catalog

import (
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/ident"
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

// Change is one step of the change feed: a row as it stands now, or that it was
// deleted. A row that changed many times appears once, at its newest seq.
type Change struct {
	Seq     int64
	Noun    Noun
	ID      int64 // the row; 0 for a device
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
		out = append(out, Change{Seq: b.Seq, Noun: NounEntry, ID: int64(b.ID), Entry: &kept})
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
				err := row.Scan(&ch.Seq, &ch.ID)
				out = append(out, ch)
				return err
			}
			ch.Deleted = true
			err := row.Scan(&ch.Seq, &ch.ID, &ch.Noun)
			out = append(out, ch)
			return err
		}, since, limit)
	}
	add(NounDevice, "SELECT seq, 0 FROM device WHERE seq > ? ORDER BY seq LIMIT ?")
	add(NounVolume, "SELECT seq, id FROM volume WHERE seq > ? ORDER BY seq LIMIT ?")
	add(NounLocation, "SELECT seq, id FROM location WHERE seq > ? ORDER BY seq LIMIT ?")
	add("", "SELECT seq, id, noun FROM tombstone WHERE seq > ? ORDER BY seq LIMIT ?")
	slices.SortFunc(out, func(a, b Change) int { return int(a.Seq - b.Seq) })
	return out[:min(limit, len(out))], err
}

// Forget deletes rows of the folder top and of what is below it, leaves first,
// at most limit of them, and reports whether the last one is gone. It is for
// what the user does not want in the library any more, never for what is
// merely gone from a disk. Folders in keep, and what is below them, stay, and so
// does every folder above one of them.
func (tx *Tx) Forget(top ident.EntryID, keep map[ident.EntryID]bool, limit int) (done bool, err error) {
	e, err := tx.Entry(top)
	if err != nil {
		return false, err
	}
	totals := sums{}
	left := limit
	if _, err = tx.forget(&e, keep, &left, totals); err != nil {
		return false, err
	}
	return left > 0, tx.addTotals(totals)
}

// forget deletes below e and then e itself while left allows; gone tells
// whether e was deleted.
func (tx *Tx) forget(e *Entry, keep map[ident.EntryID]bool, left *int, totals sums) (gone bool, err error) {
	if keep[e.ID] {
		return false, nil
	}
	empty := true
	var children []Entry
	collect := func(c *Entry) error { children = append(children, *c); return nil }
	if err := tx.Children(e.ID, collect); err != nil {
		return false, err
	}
	if err := tx.Absent(e.ID, collect); err != nil {
		return false, err
	}
	for i := range children {
		if *left <= 0 {
			return false, nil
		}
		gone, err := tx.forget(&children[i], keep, left, totals)
		if err != nil {
			return false, err
		}
		empty = empty && gone
	}
	if !empty || *left <= 0 {
		return false, nil
	}
	*left--
	if err := tx.climb(totals, e.Parent, e.weight().plus(totals[e.ID]).negated()); err != nil {
		return false, err
	}
	delete(totals, e.ID)
	delete(tx.c.parents, e.ID)
	tx.stale = append(tx.stale, e.ID)
	if _, err := tx.tx.Exec("DELETE FROM entry WHERE id = ?", int64(e.ID)); err != nil {
		return false, err
	}
	return true, tx.tombstone("entry", int64(e.ID))
}
