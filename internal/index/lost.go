package index

import (
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// secondRound begins when all that the first one found is durable: the folders
// in which something is missing are listed again, where they stand now. Until
// they are done with, they count as left to list.
func (w *walk) secondRound(ctx context.Context, f *flusher) error {
	if err := f.wait(); err != nil {
		return err
	}
	w.second = true
	clear(w.roots)
	clear(w.emptied)
	clear(w.claimed) // who lists now knows of it
	return w.catalog.Read(ctx, func(r *catalog.Reader) error {
		for _, id := range w.again {
			e, err := r.Entry(id)
			if errs.Is(err, errs.NotFound) || err == nil && !e.State.There() {
				continue // it went since
			}
			if err != nil {
				return err
			}
			path, err := r.Path(&e)
			if err != nil {
				return err
			}
			w.roots[id] = "?"
			w.todo = append(w.todo, folderToList{id: id, path: path, root: true, again: true})
		}
		return nil
	})
}

// settle takes over what had to wait until nothing was left to list, and reports
// whether there was any: then something may be left again.
func (w *walk) settle(ctx context.Context, f *flusher) (more bool, err error) {
	switch {
	case len(w.late) > 0:
		return true, w.settleLate(f)
	case len(w.keeps) > 0:
		return true, w.settleKeeps(ctx, f)
	}
	return w.findTwins(ctx, f)
}

// late is what took the name of a folder. That folder goes with all that is
// below it, unless it is found elsewhere, or some of it is; so it must wait until
// nobody looks at any of it.
type late struct {
	in      folderToList
	over    ident.EntryID // the folder
	arrival *arrival      // nil: seen is new
	seen    vfs.Entry
}

// outdate forgets what waits in a folder: it has been listed once more, and what
// that showed is newer.
func (w *walk) outdate(folder ident.EntryID) {
	w.late = slices.DeleteFunc(w.late, func(l late) bool { return l.in.id == folder })
	w.keeps = slices.DeleteFunc(w.keeps, func(k keep) bool { return k.in.id == folder })
}

// settleLate takes over what came late. What is below it is listed next.
func (w *walk) settleLate(f *flusher) error {
	if err := f.wait(); err != nil {
		return err
	}
	ls := w.late
	w.late = nil
	arrives := arriving(ls)
	var over []ident.EntryID
	for _, l := range ls {
		if !w.claimed[l.over] && !arrives[l.over] {
			over = append(over, l.over)
		}
	}
	free := map[ident.EntryID]bool{}
	if len(over) > 0 {
		may, err := w.gone(over, w.strange != nil)
		if err != nil {
			return err
		}
		for _, id := range may {
			free[id] = true
		}
	}
	// What takes the name of something that does not leave it must wait, and what
	// takes the name of that.
	for n := -1; n != len(ls); {
		n, arrives = len(ls), arriving(ls)
		ls = slices.DeleteFunc(ls, func(l late) bool { return !free[l.over] && !w.claimed[l.over] && !arrives[l.over] })
	}
	for _, l := range ls {
		var below folders
		switch {
		case l.arrival != nil && w.arrive(l.in, l.arrival, &below):
		case l.arrival != nil:
			l.seen = l.arrival.seen
			fallthrough
		default:
			if free[l.over] && !w.claimed[l.over] {
				w.overwrite(l.over)
			}
			w.create(l.in, []vfs.Entry{l.seen}, &below)
		}
		w.push(below.list)
	}
	return w.handAll(f)
}

// arriving tells what of the late is found elsewhere itself.
func arriving(ls []late) map[ident.EntryID]bool {
	ids := map[ident.EntryID]bool{}
	for _, l := range ls {
		if l.arrival != nil {
			ids[l.arrival.is.ID] = true
		}
	}
	return ids
}

// lose notes what a listing of the second round did not find, or the rules
// leave out, and what is remembered of the folder once that is marked.
func (w *walk) lose(d *diff, l *catalog.Listing) {
	for i := range d.gone {
		w.lost.gone = append(w.lost.gone, d.gone[i].ID)
	}
	for i := range d.excluded {
		w.lost.excluded = append(w.lost.excluded, d.excluded[i].ID)
	}
	if l != nil {
		w.lost.listings = append(w.lost.listings, *l)
	}
}

// markLost ends the walk: what is lost and was not found elsewhere is marked,
// as far as that is allowed.
func (w *walk) markLost(f *flusher) error {
	if err := f.wait(); err != nil {
		return err
	}
	w.again = nil
	unclaimed := func(ids []ident.EntryID) (left []ident.EntryID) {
		for _, id := range ids {
			if !w.claimed[id] {
				left = append(left, id)
			}
		}
		return left
	}
	gone := unclaimed(w.lost.gone)
	if len(gone) > 0 {
		allowed, err := w.gone(gone, w.strange != nil)
		if err != nil {
			return err
		}
		if len(allowed) < len(gone) {
			w.lost.listings, w.strange = nil, nil
		}
		gone = allowed
	}
	w.changes = &catalog.Batch{Absent: gone, Excluded: unclaimed(w.lost.excluded), Listings: w.lost.listings}
	if w.strange != nil {
		w.changes.Update = append(w.changes.Update, *w.strange)
	}
	return w.handAll(f)
}

// handAll makes the batch durable before it returns.
func (w *walk) handAll(f *flusher) error {
	if err := w.hand(f); err != nil {
		return err
	}
	return f.wait()
}
