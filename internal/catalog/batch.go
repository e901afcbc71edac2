package catalog

import (
	"fmt"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Batch is a set of changes to entries that becomes visible at once. The order
// of its lists and in them does not matter: entries may swap their names, and a
// folder may move into one that is new. No entry stands in it twice.
type Batch struct {
	// Create are new entries, with ids from ReserveEntryIDs. A parent is in the
	// catalogue already or stands in Create as well.
	Create []Entry
	// Update are known entries as they are now: what was seen of them, or State
	// Present (it came back). Parent and Name stay as they were.
	Update []Entry
	// Move is Update with another Parent or Name. What is below a folder goes
	// with it.
	Move []Entry
	// Absent are entries that are gone, each with all that is below it and does
	// not move out of it.
	Absent []ident.EntryID
}

// Len is the number of changes in b.
func (b *Batch) Len() int { return len(b.Create) + len(b.Update) + len(b.Move) + len(b.Absent) }

// Apply writes b, the totals of all folders above, and the feed. Content, Totals
// and Seq of the entries in b are ignored: the catalogue keeps them. An error
// means that the transaction must be given up.
func (tx *Tx) Apply(b *Batch) error {
	totals := sums{}
	lifted, err := tx.lift(b.Move, totals)
	if err != nil {
		return err
	}
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
	for i := range b.Move {
		if err := tx.land(&b.Move[i], &lifted[i], totals); err != nil {
			return err
		}
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
			return circle(folder)
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

func circle(folder ident.EntryID) error {
	return errs.New(errs.Internal, "the folders above entry %d form a circle", folder)
}

// maxDepth bounds a walk up the tree, so that a damaged one cannot hang us.
const maxDepth = 1 << 16

// maxParents bounds the writer's memory of who is whose parent (16 bytes each).
const maxParents = 1 << 18

// parentOf returns the folder above, 0 for a root and for what is lifted. Of a
// folder whose move is not known to be committed it remembers nothing: other
// transactions share its commit, and it may be rolled back.
func (tx *Tx) parentOf(folder ident.EntryID) (ident.EntryID, error) {
	if tx.lifted[folder] {
		return 0, nil
	}
	if up, ok := tx.c.parents[folder]; ok {
		return up, nil
	}
	var up ident.EntryID
	if err := tx.tx.QueryRow("SELECT parent_id FROM entry WHERE id = ?", int64(folder)).Scan(&up); err != nil {
		return 0, fmt.Errorf("parent of entry %d: %w", folder, err)
	}
	if tx.c.moving[folder] {
		return up, nil
	}
	if len(tx.c.parents) >= maxParents {
		clear(tx.c.parents)
	}
	tx.c.parents[folder] = up
	return up, nil
}

func (tx *Tx) create(es []Entry, totals sums) error {
	if err := tx.weighNew(es, totals); err != nil {
		return err
	}
	ins := tx.tx.InsertMany("INSERT INTO entry (id, volume_id, parent_id, name, kind, state, size, mtime_ns, ctime_ns, btime_ns, inode, mode, links, files, folders, bytes, seq) VALUES", 17, 50, "")
	for i := range es {
		e := &es[i]
		var t Totals
		if e.Kind == vfs.Folder {
			t = totals[e.ID]
			delete(totals, e.ID)
		}
		if err := ins.Add(int64(e.ID), int64(e.Volume), int64(e.Parent), []byte(e.Name), int64(e.Kind), int64(e.State), e.Size,
			e.Modified, e.Changed, e.Created, int64(e.Inode), int64(e.Mode), int64(e.Links), t.Files, t.Folders, t.Bytes, tx.nextSeq()); err != nil {
			return err
		}
	}
	return ins.Flush()
}

// weighNew adds the weights of new entries to the totals of all folders above.
// New folders may stand in one another: each passes on what it holds once all
// new folders in it have, so that it takes one look at each.
func (tx *Tx) weighNew(es []Entry, totals sums) error {
	parents := make(map[ident.EntryID]ident.EntryID) // of the new folders
	held := make(sums)
	for i := range es {
		es[i].Totals = Totals{}
		held[es[i].Parent] = held[es[i].Parent].plus(es[i].weight())
		if es[i].Kind == vfs.Folder {
			parents[es[i].ID] = es[i].Parent
		}
	}
	waits := make(map[ident.EntryID]int) // for so many new folders in it
	for _, up := range parents {
		waits[up]++
	}
	var ready []ident.EntryID
	for folder := range parents {
		if waits[folder] == 0 {
			ready = append(ready, folder)
		}
	}
	for done := 0; done < len(parents); done++ {
		if len(ready) == 0 {
			return errs.New(errs.Internal, "new folders form a circle")
		}
		folder := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		up, w := parents[folder], held[folder]
		totals[folder] = totals[folder].plus(w)
		held[up] = held[up].plus(w)
		delete(held, folder)
		if waits[up]--; waits[up] == 0 {
			if _, isNew := parents[up]; isNew {
				ready = append(ready, up)
			}
		}
	}
	for folder, w := range held {
		if err := tx.climb(totals, folder, w); err != nil {
			return err
		}
	}
	return nil
}

// turn checks that cur can become e.
func turn(cur, e *Entry) error {
	if (cur.Kind == vfs.Folder) != (e.Kind == vfs.Folder) || e.State == Absent {
		return errs.New(errs.Internal, "entry %d, a %v, cannot turn into a %v of state %d", e.ID, cur.Kind, e.Kind, e.State)
	}
	return nil
}

func (tx *Tx) update(e *Entry, totals sums) error {
	cur, err := tx.Entry(e.ID)
	if err != nil {
		return err
	}
	if err := turn(&cur, e); err != nil {
		return err
	}
	next := *e
	next.Totals = cur.Totals
	if err := tx.climb(totals, cur.Parent, next.weight().plus(cur.weight().negated())); err != nil {
		return err
	}
	set := "" // a state that is not written leaves the index of names alone
	if cur.State != next.State {
		set = fmt.Sprintf("state = %d, ", next.State)
	}
	_, err = tx.tx.Exec("UPDATE entry SET "+set+"kind = ?, size = ?, mtime_ns = ?, ctime_ns = ?, btime_ns = ?, inode = ?, mode = ?, links = ?, seq = ? WHERE id = ?",
		int64(next.Kind), next.Size, next.Modified, next.Changed, next.Created, int64(next.Inode), int64(next.Mode), int64(next.Links), tx.nextSeq(), int64(next.ID))
	return err
}

// lift takes what moves out of the tree, with all that is below it: neither the
// names it leaves nor those it takes are in anybody's way until it lands. It
// returns the entries as they were, in the order of es.
func (tx *Tx) lift(es []Entry, totals sums) ([]Entry, error) {
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
		if err := tx.climb(totals, cur.Parent, cur.weight().plus(totals[cur.ID]).negated()); err != nil {
			return nil, err
		}
		if cur.Kind == vfs.Folder {
			tx.lifted[cur.ID], tx.c.moving[cur.ID] = true, true
			delete(tx.c.parents, cur.ID)
		}
		if _, err := tx.tx.Exec("UPDATE entry SET state = 2 WHERE id = ?", int64(cur.ID)); err != nil {
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
	seq := tx.nextSeq()
	if e.Kind == vfs.Folder {
		tx.renamed(e.ID)
	}
	_, err := tx.tx.Exec(`UPDATE entry SET volume_id = ?, parent_id = ?, name = ?, kind = ?, state = ?, size = ?, mtime_ns = ?, ctime_ns = ?, btime_ns = ?,
		inode = ?, mode = ?, links = ?, seq = ? WHERE id = ?`,
		int64(next.Volume), int64(next.Parent), []byte(next.Name), int64(next.Kind), int64(next.State), next.Size, next.Modified, next.Changed, next.Created,
		int64(next.Inode), int64(next.Mode), int64(next.Links), seq, int64(next.ID))
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
	type one struct {
		id     ident.EntryID
		folder bool
	}
	level := []one{{id, cur.Kind == vfs.Folder}}
	for len(level) > 0 {
		var below []one
		for _, e := range level {
			if _, err := tx.tx.Exec("UPDATE entry SET state = 2, files = 0, folders = 0, bytes = 0, seq = ? WHERE id = ?", tx.nextSeq(), int64(e.id)); err != nil {
				return err
			}
			if !e.folder {
				continue
			}
			delete(totals, e.id)
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
