package catalog

import (
	"fmt"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

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

// addTotals adds to the totals of folders. What b says happened to a folder
// itself tells more than that, and stays.
func (tx *Tx) addTotals(totals sums, b *Batch) error {
	told := map[ident.EntryID]bool{}
	if b != nil {
		for _, es := range [][]Entry{b.Update, b.Move} {
			for i := range es {
				if es[i].Kind == vfs.Folder {
					told[es[i].ID] = true
				}
			}
		}
	}
	n := 0
	for id, t := range totals {
		if n++; n%wayEvery == 0 {
			tx.c.Way.Wait()
		}
		if t == (Totals{}) {
			continue
		}
		query := "UPDATE entry SET files = files + ?, folders = folders + ?, bytes = bytes + ?, happened = 0, seq = ? WHERE id = ?"
		if told[id] {
			query = "UPDATE entry SET files = files + ?, folders = folders + ?, bytes = bytes + ?, seq = ? WHERE id = ?"
		}
		_, err := tx.tx.Exec(query, t.Files, t.Folders, t.Bytes, tx.nextSeq(), int64(id))
		if err != nil {
			return err
		}
	}
	return nil
}
