package catalog

import (
	"math"

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
	// Excluded are entries that the rules leave out now, likewise.
	Excluded []ident.EntryID
	// Forget are entries that never were what they were taken for: their rows go,
	// and those of all that is below them, before anything else happens.
	Forget []ident.EntryID
	// Listings are complete listings of which nothing is left to take over after
	// this batch.
	Listings []Listing
}

// Len is the number of changes in b.
func (b *Batch) Len() int {
	return len(b.Create) + len(b.Update) + len(b.Move) + len(b.Absent) + len(b.Excluded) + len(b.Forget) + len(b.Listings)
}

// Apply writes b, the totals of all folders above, and the feed. Content, Totals,
// Happened and Seq of the entries in b are ignored: the catalogue keeps them. An error
// means that the transaction must be given up.
func (tx *Tx) Apply(b *Batch) error {
	for _, id := range b.Forget {
		folders, _, err := tx.Forget(id, nil, math.MaxInt)
		if err != nil {
			return err
		}
		tx.Gone = append(tx.Gone, folders...)
	}
	totals, touched := sums{}, map[ident.EntryID]bool{}
	lifted, err := tx.lift(b.Move, totals, touched)
	if err != nil {
		return err
	}
	// What leaves frees its name before another takes it.
	for _, id := range b.Absent {
		if err := tx.leave(id, Absent, totals, touched); err != nil {
			return err
		}
	}
	for _, id := range b.Excluded {
		if err := tx.leave(id, Excluded, totals, touched); err != nil {
			return err
		}
	}
	for i := range b.Update {
		if err := tx.update(&b.Update[i], totals, touched); err != nil {
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
		touched[b.Move[i].Parent] = true
	}
	for i := range b.Create {
		touched[b.Create[i].Parent] = true
	}
	left := map[ident.EntryID]bool{} // by what was listed there, and stands elsewhere now
	for i := range lifted {
		if lifted[i].Parent != b.Move[i].Parent {
			left[lifted[i].Parent] = true
		}
	}
	if err := tx.remember(b.Listings, touched, left); err != nil {
		return err
	}
	return tx.addTotals(totals, b)
}

// wayEvery is after how many rows it is looked whether somebody waits for something.
const wayEvery = 50

func (tx *Tx) create(es []Entry, totals sums) error {
	if err := tx.weighNew(es, totals); err != nil {
		return err
	}
	ins := tx.tx.InsertMany("INSERT INTO entry (id, volume_id, parent_id, name, kind, state, size, mtime_ns, ctime_ns, btime_ns, inode, mode, links, files, folders, bytes, happened, seq) VALUES", 18, 50, "")
	for i := range es {
		if i%wayEvery == 0 {
			tx.c.Way.Wait()
		}
		e := &es[i]
		var t Totals
		if e.Kind == vfs.Folder {
			t = totals[e.ID]
			delete(totals, e.ID)
		}
		if err := ins.Add(int64(e.ID), int64(e.Volume), int64(e.Parent), []byte(e.Name), int64(e.Kind), int64(e.State), e.Size,
			e.Modified, e.Changed, e.Created, int64(e.Inode), int64(e.Mode), int64(e.Links), t.Files, t.Folders, t.Bytes, int64(Created), tx.nextSeq()); err != nil {
			return err
		}
	}
	return ins.Flush()
}

// turn checks that cur can become e.
func turn(cur, e *Entry) error {
	if (cur.Kind == vfs.Folder) != (e.Kind == vfs.Folder) || !e.State.There() {
		return errs.New(errs.Internal, "entry %d, a %v, cannot turn into a %v of state %d", e.ID, cur.Kind, e.Kind, e.State)
	}
	return nil
}

func (tx *Tx) update(e *Entry, totals sums, touched map[ident.EntryID]bool) error {
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
	touched[cur.Parent] = true
	set, happened := "", Modified // what is not written leaves its index alone
	args := make([]any, 0, 11)
	if cur.State != next.State {
		set, happened = "state = ?, ", Created
		args = append(args, int64(next.State))
	}
	if !cur.State.There() {
		happened = Returned
	}
	if cur.Inode != next.Inode {
		set += "inode = ?, "
		args = append(args, int64(next.Inode))
	}
	if cur.Content != 0 && !sameBytes(&cur, &next) {
		set += "content_id = NULL, "
	}
	args = append(args, int64(next.Kind), next.Size, next.Modified, next.Changed, next.Created, int64(next.Mode), int64(next.Links),
		int64(happened), tx.nextSeq(), int64(next.ID))
	_, err = tx.tx.Exec("UPDATE entry SET "+set+"kind = ?, size = ?, mtime_ns = ?, ctime_ns = ?, btime_ns = ?, mode = ?, links = ?, happened = ?, seq = ? WHERE id = ?", args...)
	return err
}

// sameBytes reports whether nothing speaks for other bytes in the file than
// those that its content was made of.
func sameBytes(was, is *Entry) bool {
	return was.Size == is.Size && was.Modified == is.Modified && was.Inode == is.Inode
}
