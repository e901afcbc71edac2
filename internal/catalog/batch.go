package catalog

import (
	"fmt"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Batch is a set of changes to entries that becomes visible at once.
type Batch struct {
	// Create are new entries, with ids from ReserveEntryIDs. A parent is in the
	// catalogue already or stands in Create as well.
	Create []Entry
	// Update are known entries as they are now: what was seen of them, a new
	// Parent and Name (a move), or State Present (it came back). Totals and Seq
	// are ignored: the catalogue keeps them.
	Update []Entry
	// Absent are entries that are gone, each with all that is below it.
	Absent []ident.EntryID
}

// Len is the number of changes in b.
func (b *Batch) Len() int { return len(b.Create) + len(b.Update) + len(b.Absent) }

// Apply writes b, the totals of all folders above, and the feed.
func (tx *Tx) Apply(b *Batch) error {
	totals := sums{}
	// What leaves frees its name before another takes it.
	for _, id := range b.Absent {
		if err := tx.markAbsent(id, totals); err != nil {
			return err
		}
	}
	for i := range b.Update {
		if err := tx.update(&b.Update[i], totals); err != nil {
			return err
		}
	}
	if err := tx.create(b.Create, totals); err != nil {
		return err
	}
	return tx.addTotals(totals)
}

// sums holds what is yet to be added to the totals of folders.
type sums map[ident.EntryID]Totals

// climb adds w to the folder and to all folders above it.
func (tx *Tx) climb(totals sums, folder ident.EntryID, w Totals) error {
	if w == (Totals{}) {
		return nil
	}
	for steps := 0; folder != 0; steps++ {
		if steps > maxDepth {
			return errs.New(errs.Internal, "the folders above entry %d form a circle", folder)
		}
		totals[folder] = totals[folder].plus(w)
		up, err := tx.parentOf(folder)
		if err != nil {
			return err
		}
		folder = up
	}
	return nil
}

// maxDepth bounds a walk up the tree, so that a damaged one cannot hang us.
const maxDepth = 1 << 16

// maxParents bounds the writer's memory of who is whose parent (16 bytes each).
const maxParents = 1 << 18

func (tx *Tx) parentOf(folder ident.EntryID) (ident.EntryID, error) {
	if up, ok := tx.moved[folder]; ok {
		return up, nil
	}
	if up, ok := tx.c.parents[folder]; ok {
		return up, nil
	}
	var up ident.EntryID
	if err := tx.tx.QueryRow("SELECT parent_id FROM entry WHERE id = ?", int64(folder)).Scan(&up); err != nil {
		return 0, fmt.Errorf("parent of entry %d: %w", folder, err)
	}
	if len(tx.c.parents) >= maxParents {
		clear(tx.c.parents)
	}
	tx.c.parents[folder] = up
	return up, nil
}

func (tx *Tx) create(es []Entry, totals sums) error {
	// Within the batch a folder may be created after its children are told of,
	// so parents are read from here first; the cache may be cleared at any time.
	local := make(map[ident.EntryID]ident.EntryID)
	for i := range es {
		if es[i].Kind == vfs.Folder {
			local[es[i].ID] = es[i].Parent
		}
	}
	direct := make(sums)
	for i := range es {
		direct[es[i].Parent] = direct[es[i].Parent].plus(es[i].weight())
	}
	for folder, w := range direct {
		for up, ok := local[folder]; ok; up, ok = local[folder] {
			totals[folder] = totals[folder].plus(w)
			folder = up
		}
		if err := tx.climb(totals, folder, w); err != nil {
			return err
		}
	}
	ins := tx.tx.InsertMany("INSERT INTO entry (id, volume_id, parent_id, name, kind, state, size, mtime_ns, ctime_ns, btime_ns, inode, mode, links, files, folders, bytes, seq) VALUES", 17, 50, "")
	for i := range es {
		e := &es[i]
		t := e.Totals
		if e.Kind == vfs.Folder {
			t = t.plus(totals[e.ID])
			delete(totals, e.ID)
		}
		if err := ins.Add(int64(e.ID), int64(e.Volume), int64(e.Parent), []byte(e.Name), int64(e.Kind), int64(e.State), e.Size,
			e.Modified, e.Changed, e.Created, int64(e.Inode), int64(e.Mode), int64(e.Links), t.Files, t.Folders, t.Bytes, tx.nextSeq()); err != nil {
			return err
		}
	}
	return ins.Flush()
}

func (tx *Tx) update(e *Entry, totals sums) error {
	cur, err := tx.Entry(e.ID)
	if err != nil {
		return err
	}
	if (cur.Kind == vfs.Folder) != (e.Kind == vfs.Folder) {
		return errs.New(errs.Internal, "entry %d cannot turn from %v into %v", e.ID, cur.Kind, e.Kind)
	}
	next := *e
	next.Totals = cur.Totals
	moved := cur.Parent != next.Parent
	if moved || cur.weight() != next.weight() {
		if err := tx.climb(totals, cur.Parent, cur.weight().negated()); err != nil {
			return err
		}
		// A folder of this very batch that shrank above must not be read as it was.
		if pending, ok := totals[e.ID]; ok && moved {
			if err := tx.climb(totals, cur.Parent, pending.negated()); err != nil {
				return err
			}
			if err := tx.climb(totals, next.Parent, pending); err != nil {
				return err
			}
		}
	}
	if e.Kind == vfs.Folder && (moved || cur.Name != next.Name) {
		tx.stale = append(tx.stale, e.ID)
		tx.moved[e.ID] = next.Parent
	}
	if moved || cur.weight() != next.weight() {
		if err := tx.climb(totals, next.Parent, next.weight()); err != nil {
			return err
		}
	}
	_, err = tx.tx.Exec(`UPDATE entry SET volume_id = ?, parent_id = ?, name = ?, kind = ?, state = ?, size = ?, mtime_ns = ?, ctime_ns = ?, btime_ns = ?,
		inode = ?, mode = ?, links = ?, seq = ? WHERE id = ?`,
		int64(next.Volume), int64(next.Parent), []byte(next.Name), int64(next.Kind), int64(next.State), next.Size, next.Modified, next.Changed, next.Created,
		int64(next.Inode), int64(next.Mode), int64(next.Links), tx.nextSeq(), int64(next.ID))
	return err
}

// markAbsent marks one entry and all that is below it. It keeps the rows: user
// metadata and derived data hang on them, and the entries may come back.
func (tx *Tx) markAbsent(id ident.EntryID, totals sums) error {
	cur, err := tx.Entry(id)
	if err != nil || cur.State == Absent {
		return err
	}
	w := cur.weight().plus(totals[id])
	if err := tx.climb(totals, cur.Parent, w.negated()); err != nil {
		return err
	}
	level := []ident.EntryID{id}
	for len(level) > 0 {
		var below []ident.EntryID
		for _, id := range level {
			delete(totals, id)
			if _, err := tx.tx.Exec("UPDATE entry SET state = 2, files = 0, folders = 0, bytes = 0, seq = ? WHERE id = ?", tx.nextSeq(), int64(id)); err != nil {
				return err
			}
			err := tx.Children(id, func(e *Entry) error { below = append(below, e.ID); return nil })
			if err != nil {
				return err
			}
		}
		level = below
	}
	return nil
}

func (tx *Tx) addTotals(totals sums) error {
	for id, t := range totals {
		if t == (Totals{}) {
			continue
		}
		_, err := tx.tx.Exec("UPDATE entry SET files = files + ?, folders = folders + ?, bytes = bytes + ?, seq = ? WHERE id = ?",
			t.Files, t.Folders, t.Bytes, tx.nextSeq(), int64(id))
		if err != nil {
			return err
		}
	}
	return nil
}
