package catalog

import (
	"database/sql"
	"errors"

	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Forget deletes rows of the folder top and of what is below it, leaves first,
// at most limit of them, and reports whether the last one is gone, with the
// folders that are not indexed any more. It is for what the user does not want
// in the library any more, never for what is merely gone from a disk.
//
// Folders in keep, and what is below them, stay, and so does every folder above
// one of them, which is only known from then on. Folders above top that were
// only known, and hold nothing any more, go with it.
func (tx *Tx) Forget(top ident.EntryID, keep map[ident.EntryID]bool, limit int) (folders []ident.EntryID, done bool, err error) {
	e, err := tx.Entry(top)
	if err != nil {
		return nil, false, err
	}
	f := forgetting{tx: tx, keep: keep, left: limit, totals: sums{}, parents: map[ident.EntryID]bool{}}
	gone, lost, err := f.below(&e)
	if err != nil {
		return nil, false, err
	}
	if err := tx.climb(f.totals, e.Parent, lost.negated()); err != nil {
		return nil, false, err
	}
	if gone {
		if err := f.above(e.Parent); err != nil {
			return nil, false, err
		}
	}
	if err := tx.remember(nil, f.parents, nil); err != nil {
		return nil, false, err
	}
	return f.folders, gone || f.left > 0, tx.addTotals(f.totals, nil)
}

type forgetting struct {
	tx      *Tx
	keep    map[ident.EntryID]bool
	left    int
	totals  sums
	folders []ident.EntryID
	parents map[ident.EntryID]bool // of what was deleted
}

// below deletes what is below e and then e itself while left allows. gone tells
// whether e was deleted, lost what the folders above e weigh less.
func (f *forgetting) below(e *Entry) (gone bool, lost Totals, err error) {
	if f.keep[e.ID] || f.left <= 0 {
		return false, lost, nil
	}
	children, err := f.children(e)
	if err != nil {
		return false, lost, err
	}
	empty := true
	for i := range children {
		gone, less, err := f.below(&children[i])
		if err != nil {
			return false, lost, err
		}
		lost, empty = lost.plus(less), empty && gone
		if f.left <= 0 {
			empty = false // there may be more
			break
		}
	}
	if empty {
		f.left--
		return true, e.weight(), f.delete(e)
	}
	f.totals[e.ID] = lost.negated()
	if f.left > 0 && e.State == Present {
		lost.Folders++
		err = f.demote(e)
	}
	return false, lost, err
}

// children reads enough of them: of all but those that are kept, or hold what
// is kept, each uses up one of left.
func (f *forgetting) children(e *Entry) (cs []Entry, err error) {
	if e.Kind != vfs.Folder {
		return nil, nil
	}
	for _, state := range []string{there, away} { // one index each
		err = f.tx.entries(func(c *Entry) error { cs = append(cs, *c); return nil },
			"SELECT "+entryColumns+" FROM entry WHERE parent_id = ? AND "+state+" ORDER BY name LIMIT ?", int64(e.ID), min(f.left, 1<<40)+len(f.keep)+1)
		if err != nil {
			return nil, err
		}
	}
	return cs, nil
}

// demote makes a folder that was indexed one that is only known.
func (f *forgetting) demote(e *Entry) error {
	f.folders = append(f.folders, e.ID)
	f.parents[e.ID], f.parents[e.Parent] = true, true
	_, err := f.tx.tx.Exec("UPDATE entry SET state = ?, happened = 0, seq = ? WHERE id = ?", int64(Known), f.tx.nextSeq(), int64(e.ID))
	return err
}

func (f *forgetting) delete(e *Entry) error {
	if f.left%wayEvery == 0 {
		f.tx.c.Way.Wait()
	}
	delete(f.tx.c.parents, e.ID)
	f.parents[e.Parent] = true
	if _, err := f.tx.tx.Exec("DELETE FROM entry WHERE id = ?", int64(e.ID)); err != nil {
		return err
	}
	if e.Content != 0 {
		for _, table := range []string{"proof", "damage"} {
			if _, err := f.tx.tx.Exec("DELETE FROM "+table+" WHERE entry_id = ?", int64(e.ID)); err != nil {
				return err
			}
		}
	}
	err := f.tx.tombstone("entry", int64(e.ID))
	if e.Kind == vfs.Folder {
		f.parents[e.ID] = true
		f.folders = append(f.folders, e.ID)
		f.tx.renamed(e.ID)
	}
	return err
}

// above deletes the folder and those above it while they are only known and
// empty. The root of a volume stays.
func (f *forgetting) above(folder ident.EntryID) error {
	for folder != 0 && !f.keep[folder] {
		e, err := f.tx.Entry(folder)
		if err != nil || e.State != Known || e.Parent == 0 {
			return err
		}
		for _, state := range []string{there, away} {
			var child int64
			err := f.tx.tx.QueryRow("SELECT id FROM entry WHERE parent_id = ? AND "+state+" LIMIT 1", int64(folder)).Scan(&child)
			if !errors.Is(err, sql.ErrNoRows) {
				return err // a child, or a failure
			}
		}
		delete(f.totals, folder)
		if err := f.delete(&e); err != nil {
			return err
		}
		folder = e.Parent
	}
	return nil
}
