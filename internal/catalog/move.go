package catalog

import (
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// lift takes what moves out of the tree, with all that is below it: neither the
// names it leaves nor those it takes are in anybody's way until it lands. It
// returns the entries as they were, in the order of es.
func (tx *Tx) lift(es []Entry, totals sums, touched map[ident.EntryID]bool) ([]Entry, error) {
	was := make([]Entry, len(es))
	for i := range es {
		cur, err := tx.Entry(es[i].ID)
		if err != nil {
			return nil, err
		}
		if err := turn(&cur, &es[i]); err != nil {
			return nil, err
		}
		was[i] = cur
		touched[cur.Parent] = true
		if err := tx.climb(totals, cur.Parent, cur.weight().plus(totals[cur.ID]).negated()); err != nil {
			return nil, err
		}
		if cur.Kind == vfs.Folder {
			tx.lifted[cur.ID], tx.c.moving[cur.ID] = true, true
			delete(tx.c.parents, cur.ID)
		}
		if _, err := tx.tx.Exec("UPDATE entry SET state = 3 WHERE id = ?", int64(cur.ID)); err != nil {
			return nil, err
		}
	}
	return was, nil
}

// land puts what was lifted where it stands now.
func (tx *Tx) land(e, was *Entry, totals sums) error {
	next := *e
	next.Totals = was.Totals
	if e.Kind == vfs.Folder {
		delete(tx.lifted, e.ID)
		if err := tx.noCircle(e); err != nil {
			return err
		}
	}
	if err := tx.climb(totals, next.Parent, next.weight().plus(totals[next.ID])); err != nil {
		return err
	}
	seq, happened := tx.nextSeq(), Moved
	if e.Kind == vfs.Folder {
		tx.renamed(e.ID)
		if err := tx.arrive(e, was.Parent, seq); err != nil {
			return err
		}
	}
	if was.Parent == e.Parent && was.Name == e.Name {
		happened = Returned
	}
	content := "content_id"
	if !sameBytes(was, e) {
		content = "NULL"
	}
	_, err := tx.tx.Exec(`UPDATE entry SET volume_id = ?, parent_id = ?, name = ?, kind = ?, state = ?, size = ?, mtime_ns = ?, ctime_ns = ?, btime_ns = ?,
		inode = ?, mode = ?, links = ?, content_id = `+content+`, happened = ?, seq = ? WHERE id = ?`,
		int64(next.Volume), int64(next.Parent), []byte(next.Name), int64(next.Kind), int64(next.State), next.Size, next.Modified, next.Changed, next.Created,
		int64(next.Inode), int64(next.Mode), int64(next.Links), int64(happened), seq, int64(next.ID))
	return err
}

// noCircle makes sure that the folder e does not land in itself.
func (tx *Tx) noCircle(e *Entry) error {
	for up, steps := e.Parent, 0; up != 0; steps++ {
		if up == e.ID || steps > maxDepth {
			return circle(e.ID)
		}
		above, err := tx.parentOf(up)
		if err != nil {
			return err
		}
		up = above
	}
	return nil
}

// leave marks one entry and all that is below it as absent or excluded. It keeps
// the rows: user metadata and derived data hang on them, and the entries may
// come back.
func (tx *Tx) leave(id ident.EntryID, as State, totals sums, touched map[ident.EntryID]bool) error {
	cur, err := tx.Entry(id)
	if err != nil || !cur.State.There() {
		return err
	}
	touched[cur.Parent] = true
	happened := Gone
	if as == Excluded {
		happened = LeftOut
	}
	w := cur.weight().plus(totals[id])
	if err := tx.climb(totals, cur.Parent, w.negated()); err != nil {
		return err
	}
	type one struct {
		id     ident.EntryID
		folder bool
	}
	level := []one{{id, cur.Kind == vfs.Folder}}
	for len(level) > 0 {
		var below []one
		for _, e := range level {
			if _, err := tx.tx.Exec("UPDATE entry SET state = ?, files = 0, folders = 0, bytes = 0, happened = ?, seq = ? WHERE id = ?", int64(as), int64(happened), tx.nextSeq(), int64(e.id)); err != nil {
				return err
			}
			if !e.folder {
				continue
			}
			delete(totals, e.id)
			touched[e.id] = true
			tx.Gone = append(tx.Gone, e.id)
			err := tx.Children(e.id, func(c *Entry) error { below = append(below, one{c.ID, c.Kind == vfs.Folder}); return nil })
			if err != nil {
				return err
			}
		}
		level = below
	}
	return nil
}

// Exchange has two folders that stand somewhere change places, each without what is
// in it: the ids, and what hangs on them, go; all else stays where it is. So a folder
// stays known that was copied to another volume and then removed.
func (tx *Tx) Exchange(a, b Entry) error {
	was := [2]Entry{a, b}
	var batch Batch
	for i, e := range was {
		place := was[1-i]
		place.ID = e.ID
		batch.Move = append(batch.Move, place)
		err := tx.Children(was[1-i].ID, func(c *Entry) error {
			next := *c
			next.Parent = e.ID
			batch.Move = append(batch.Move, next)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := tx.Apply(&batch); err != nil {
		return err
	}
	// Those that are not there any more stay with the place, too: they may come back.
	var gone [2][]ident.EntryID
	for i, e := range was {
		err := tx.Absent(e.ID, func(c *Entry) error { gone[i] = append(gone[i], c.ID); return nil })
		if err != nil {
			return err
		}
	}
	for i, ids := range gone {
		for _, id := range ids {
			if _, err := tx.tx.Exec("UPDATE entry SET parent_id = ?, seq = ? WHERE id = ?", int64(was[1-i].ID), tx.nextSeq(), int64(id)); err != nil {
				return err
			}
			tx.c.moving[id] = true // see parentOf; where it is none of a folder, that does no harm
			delete(tx.c.parents, id)
			tx.renamed(id)
		}
	}
	return nil
}
