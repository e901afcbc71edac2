package index

import (
	"context"
	"log/slog"
	"sync"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// folderToList is a folder that is still to be listed.
type folderToList struct {
	id      ident.EntryID
	path    string // on the volume
	new     bool   // created by this walk: the catalogue knows nothing below it
	changed bool   // known, but not as it is now
	self    bool   // look at the folder itself too: no listing of its parent will
}

// counts are what a walk met.
type counts struct {
	Seen    int64 `json:"seen"`
	Skipped int64 `json:"skipped"` // folders that other file systems cover
	Errors  int64 `json:"errors"`  // folders that could not be listed, and entries that could not be examined
}

// walk lists folders, compares them with the catalogue, and hands over batches
// of changes. Workers list in parallel; one collector owns everything else.
// Memory is bounded by the batches, the folders under way and the list of
// folders still to do, never by the tree: the last found folder is listed first.
//
// No two folders that a walk begins with may stand in one another.
type walk struct {
	catalog *catalog.Catalog
	driver  vfs.Driver
	volume  ident.VolumeID
	workers int
	batch   int  // changes that are handed over together
	deep    bool // list all known folders below as well, not only new and changed ones
	log     *slog.Logger

	// before is called with each folder before it is listed, from many
	// goroutines; may be nil.
	before func(f folderToList)
	// warn is told of each folder or entry that could not be read, just before
	// the flush that says the folder is done with.
	warn func(path string, err error)
	// flush makes a batch durable together with the folders that are left to
	// list once it is. Calls never overlap.
	flush func(b *catalog.Batch, left []ident.EntryID, c counts, current string) error

	todo    []folderToList // a stack
	listing map[ident.EntryID]bool
	changes *catalog.Batch
	warned  []warning // not told yet
	counts  counts
	current string
}

type warning struct {
	path string
	err  error
}

// resultQueue is how many listed folders may wait for the collector.
const resultQueue = 128

// listed is what a worker found in one folder.
type listed struct {
	folder     folderToList
	diff       diff
	seen       int
	skipped    int
	unexamined int   // entries of which only the name is known
	why        error // of the first of them
	err        error // of the folder
	fatal      error // of the catalogue
}

// run lists the folders in roots and what is below them. It returns the counts
// even with an error.
func (w *walk) run(ctx context.Context, roots []folderToList, from counts) (counts, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	w.todo, w.counts, w.listing, w.changes = roots, from, map[ident.EntryID]bool{}, &catalog.Batch{}
	jobs := make(chan folderToList)
	results := make(chan listed, resultQueue)
	var workers sync.WaitGroup
	for range w.workers {
		workers.Go(func() {
			for f := range jobs {
				select {
				case results <- w.list(ctx, f):
				case <-ctx.Done():
					return
				}
			}
		})
	}
	flushing := &flusher{log: w.log}
	err := w.collect(ctx, jobs, results, flushing)
	stop()
	close(jobs)
	workers.Wait()
	if e := flushing.wait(); err == nil {
		err = e
	}
	w.tell(w.warned) // of what was not flushed any more
	return w.counts, err
}

func (w *walk) tell(ws []warning) {
	for _, x := range ws {
		w.warn(x.path, x.err)
	}
}

func (w *walk) collect(ctx context.Context, jobs chan<- folderToList, results <-chan listed, f *flusher) error {
	for len(w.todo) > 0 || len(w.listing) > 0 {
		var out chan<- folderToList
		var next folderToList
		if n := len(w.todo); n > 0 {
			out, next = jobs, w.todo[n-1]
		}
		select {
		case out <- next:
			w.todo = w.todo[:len(w.todo)-1]
			w.listing[next.id] = true
		case r := <-results:
			delete(w.listing, r.folder.id)
			if err := w.take(r); err != nil {
				return err
			}
			if w.changes.Len() >= w.batch || f.due() {
				if err := w.hand(f); err != nil {
					return err
				}
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return w.hand(f)
}

// hand gives the batch to the flusher, once the one before is durable.
func (w *walk) hand(f *flusher) error {
	left := make([]ident.EntryID, 0, len(w.todo)+len(w.listing))
	for _, t := range w.todo {
		left = append(left, t.id)
	}
	for id := range w.listing {
		left = append(left, id)
	}
	changes, warned, c, current := w.changes, w.warned, w.counts, w.current
	w.changes, w.warned = &catalog.Batch{}, nil
	return f.start(func() error {
		w.tell(warned)
		return w.flush(changes, left, c, current)
	})
}

// take adds what a worker found to the batch.
func (w *walk) take(r listed) error {
	w.current = r.folder.path
	if r.fatal != nil {
		return r.fatal
	}
	if r.err != nil {
		return w.fail(r)
	}
	w.counts.Seen += int64(r.seen)
	w.counts.Skipped += int64(r.skipped)
	if r.unexamined > 0 {
		w.counts.Errors += int64(r.unexamined)
		w.warned = append(w.warned, warning{r.folder.path, errs.New(errs.KindOf(r.why), "%d of its entries could not be examined: %w", r.unexamined, r.why)})
	}
	first := w.catalog.ReserveEntryIDs(len(r.diff.create))
	w.create(r.folder, r.diff.create, first)
	w.changes.Update = append(w.changes.Update, r.diff.update...)
	for _, e := range r.diff.gone {
		w.changes.Absent = append(w.changes.Absent, e.ID)
	}
	for _, f := range r.diff.folders {
		if w.deep || f.changed {
			f.path = vfs.Join(r.folder.path, f.path)
			w.todo = append(w.todo, f)
		}
	}
	return nil
}

// create adds new entries: folders first, so that their ids are consecutive.
func (w *walk) create(in folderToList, found []vfs.Entry, id ident.EntryID) {
	for _, folders := range []bool{true, false} {
		for i := range found {
			v := &found[i]
			if (v.Kind == vfs.Folder) != folders {
				continue
			}
			e := catalog.Entry{ID: id, Volume: w.volume, Parent: in.id, Name: v.Name, State: catalog.Present}
			e.Seen(*v)
			w.changes.Create = append(w.changes.Create, e)
			if folders && !v.Mount {
				w.todo = append(w.todo, folderToList{id: id, path: vfs.Join(in.path, v.Name), new: true})
			}
			id++
		}
	}
}

// fail decides what a folder that could not be listed means. Its known children
// stay as they are: only a complete listing may say that something is gone. A
// listing that was cut short by a stop must not pass for one that is done with.
func (w *walk) fail(r listed) error {
	switch errs.KindOf(r.err) {
	case errs.NotFound:
		return nil // its own folder's listing will tell
	case errs.Unavailable, errs.Cancelled:
		return r.err
	}
	w.counts.Errors++
	w.warned = append(w.warned, warning{r.folder.path, r.err})
	return nil
}

// list lists one folder and compares it with the catalogue.
func (w *walk) list(ctx context.Context, f folderToList) (r listed) {
	defer contain(w.log, &r.fatal)
	r.folder = f
	if w.before != nil {
		w.before(f)
	}
	var found []vfs.Entry
	r.err = w.driver.List(ctx, f.path, func(batch []vfs.Entry) error {
		found = append(found, batch...)
		return nil
	})
	var self vfs.Entry
	if r.err == nil && f.self {
		self, r.err = w.driver.Stat(ctx, f.path)
	}
	if r.err != nil {
		return r
	}
	found = tidy(found)
	w.count(ctx, &r, found)
	if f.new {
		r.diff.create = found
		return r
	}
	r.fatal = w.catalog.Read(ctx, func(c *catalog.Reader) (err error) {
		r.diff, err = compare(found, f.id, c)
		if err == nil && f.self {
			err = r.diff.self(c, f.id, self)
		}
		return err
	})
	return r
}

// count sums up what a listing has. Of a folder that cannot be examined its own
// listing will tell.
func (w *walk) count(ctx context.Context, r *listed, found []vfs.Entry) {
	r.seen = len(found)
	for i := range found {
		v := &found[i]
		if v.Mount {
			r.skipped++
		}
		if v.Kind == vfs.Folder || !unexamined(v) {
			continue
		}
		if r.unexamined++; r.unexamined == 1 {
			if _, r.why = w.driver.Stat(ctx, vfs.Join(r.folder.path, v.Name)); r.why == nil {
				r.why = errs.New(errs.Internal, "the volume did not tell why")
			}
		}
	}
}

// self compares the listed folder itself.
func (d *diff) self(c *catalog.Reader, id ident.EntryID, seen vfs.Entry) error {
	known, err := c.Entry(id)
	if err != nil {
		return err
	}
	if known.Kind == seen.Kind && (known.State != catalog.Present || !known.Same(&seen)) {
		known.State = catalog.Present
		known.Seen(seen)
		d.update = append(d.update, known)
	}
	return nil
}
