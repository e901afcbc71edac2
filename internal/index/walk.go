package index

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// folderToList is a folder that is still to be listed.
type folderToList struct {
	id       ident.EntryID
	path     string // on the volume
	modified int64
	new      bool // created by this walk: the catalogue knows nothing below it
	changed  bool // known, but not as it is now
	deep     bool // all below it is listed too, whatever the walk does elsewhere
	root     bool // the walk begins here: look at the folder itself too, no listing of its parent will
	again    bool // what is missing is known; now it is asked what of it is gone
	last     *catalog.Listing
	scope    *scoped            // how the rules stand in it; nil: to be found out
	moved    bool               // from one location to another, it or a folder above
	was      []ident.LocationID // that held it
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
// It goes in two rounds. The first takes over what is new, changed or moved.
// A folder in which something is missing, or has another thing's name, may have
// lost it to a folder that is listed later; so such folders are listed once more
// when all moves are known, and only what is missing then is gone.
type walk struct {
	catalog *catalog.Catalog
	driver  vfs.Driver
	volume  ident.VolumeID
	workers int
	batch   int  // changes that are handed over together
	deep    bool // list all known folders below as well, not only new and changed ones
	moves   bool // look for what is new among what is known elsewhere
	rows    bool // compare row by row, whatever is remembered of a folder
	once    bool // tell what is missing after one round: nothing that is found is written
	scope   *scope
	log     *slog.Logger

	// before is called with each folder before it is listed, from many
	// goroutines; may be nil.
	before func(f folderToList)
	// warn is told of each folder or entry that could not be read, just before
	// the flush that says the folder is done with.
	warn func(path string, err error)
	// flush makes a batch durable together with the folders that are left to
	// list once it is. Calls never overlap.
	flush func(b *catalog.Batch, l left, c counts, current string) error
	// gone is asked with what is gone before any of it is marked.
	// What it returns is. strange: another folder stands where the walk began.
	gone func(ids []ident.EntryID, strange bool) ([]ident.EntryID, error)

	stable  bool                     // inode numbers last
	todo    []folderToList           // a stack
	later   []folderToList           // to be listed once more when what was found in them is durable
	open    map[ident.EntryID]bool   // folders that got entries in the batch that is collected
	sent    map[ident.EntryID]bool   // in the one that is written
	emptied map[ident.EntryID]bool   // folders that entries moved out of, in this round
	listing map[ident.EntryID]bool   // and whether again
	roots   map[ident.EntryID]string // where the walk began: the path, "?" until it is listed
	changes *catalog.Batch
	said    map[ident.EntryID]bool // what the batch has as updated or overwritten
	warned  []warning              // not told yet
	counts  counts
	current string

	second  bool                   // the round
	again   []ident.EntryID        // to be listed in the second round
	claimed map[ident.EntryID]bool // moved or back: no other listing may take them
	kept    map[ident.EntryID]bool // have another thing's bytes now
	fresh   fresh                  // nil: numbers last
	late    []late
	keeps   []keep
	lost    lost
	strange *catalog.Entry
	astray  []folderToList // not found where they were looked for
}

// lost is what the second round did not find.
type lost struct {
	gone, excluded []ident.EntryID
	listings       []catalog.Listing // that hold once it is marked
}

// left are the folders that are still to be listed: in the first round, or what
// was found by one that was listed in the second; and in the second.
type left struct {
	first, second []ident.EntryID
}

// start is where a walk begins, or goes on.
type start struct {
	roots  []folderToList
	second []ident.EntryID // listed once
	counts counts
}

type warning struct {
	path string
	err  error
}

// resultQueue is how many listed folders may wait for the collector.
const resultQueue = 128

// run lists folders and what is below them. It returns the counts even with an
// error.
func (w *walk) run(ctx context.Context, from start) (counts, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	w.begin(from)
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
	err := w.rounds(ctx, jobs, results, flushing)
	stop()
	close(jobs)
	workers.Wait()
	if e := flushing.wait(); err == nil {
		err = e
	}
	w.tell(w.warned) // of what was not flushed any more
	return w.counts, err
}

func (w *walk) begin(from start) {
	w.stable = w.driver.Features().StableInodes
	if w.moves && !w.stable {
		w.moves, w.fresh = false, fresh{}
	}
	w.second = w.once
	w.counts, w.again, w.changes = from.counts, from.second, &catalog.Batch{}
	w.listing, w.roots = map[ident.EntryID]bool{}, map[ident.EntryID]string{}
	w.said = map[ident.EntryID]bool{}
	w.open, w.sent, w.emptied = map[ident.EntryID]bool{}, map[ident.EntryID]bool{}, map[ident.EntryID]bool{}
	w.claimed, w.kept = map[ident.EntryID]bool{}, map[ident.EntryID]bool{}
	// What is above comes first: whether a folder is there at all is its listing's
	// to say.
	roots := from.roots
	slices.SortFunc(roots, func(a, b folderToList) int { return cmp.Compare(len(b.path), len(a.path)) })
	for i := range roots {
		roots[i].root = true
		w.roots[roots[i].id] = "?"
	}
	w.todo = roots
}

func (w *walk) rounds(ctx context.Context, jobs chan<- folderToList, results <-chan listed, f *flusher) error {
	err := w.collect(ctx, jobs, results, f)
	if err != nil || !w.second && len(w.again) == 0 && w.strange == nil {
		return err
	}
	if !w.second {
		if err := w.secondRound(ctx, f); err != nil {
			return err
		}
		if err := w.collect(ctx, jobs, results, f); err != nil {
			return err
		}
	}
	for {
		more, err := w.settle(ctx, f)
		if err == nil && more {
			err = w.collect(ctx, jobs, results, f)
		}
		if err != nil {
			return err
		}
		if !more {
			return w.markLost(f)
		}
	}
}

func (w *walk) tell(ws []warning) {
	for _, x := range ws {
		w.warn(x.path, x.err)
	}
}

func (w *walk) collect(ctx context.Context, jobs chan<- folderToList, results <-chan listed, f *flusher) error {
	for {
		var out chan<- folderToList
		next, ok := w.next()
		if ok {
			out = jobs
		} else if len(w.listing) == 0 {
			if len(w.later) == 0 {
				return w.hand(f)
			}
			if err := w.handAll(f); err != nil {
				return err
			}
			clear(w.sent)
			w.todo, w.later = w.later, nil
			continue
		}
		select {
		case out <- next:
			w.todo = w.todo[:len(w.todo)-1]
			w.listing[next.id] = next.again
			if next.root {
				w.roots[next.id] = next.path
			}
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
}

// next returns the folder to list next, which stays on the stack.
func (w *walk) next() (folderToList, bool) {
	for n := len(w.todo); n > 0; n = len(w.todo) {
		f := w.todo[n-1]
		if f.root && w.roots[f.id] != "?" {
			w.todo = w.todo[:n-1] // the folder above came to it
			continue
		}
		if _, under := w.listing[f.id]; !under && !w.open[f.id] && !w.sent[f.id] {
			return f, true
		}
		w.todo, w.later = w.todo[:n-1], append(w.later, f)
	}
	return folderToList{}, false
}

// push puts folders on the stack, so that the newest is listed first.
func (w *walk) push(fs []folderToList) {
	first := len(w.todo)
	for _, f := range fs {
		switch w.roots[f.id] {
		case "":
		case "?":
			w.roots[f.id] = f.path // instead of the root
		case f.path:
			if _, under := w.listing[f.id]; !under && !f.deep {
				continue // listed already
			}
		}
		w.todo = append(w.todo, f)
	}
	slices.SortFunc(w.todo[first:], func(a, b folderToList) int { return cmp.Compare(a.modified, b.modified) })
}

// hand gives the batch to the flusher, once the one before is durable.
func (w *walk) hand(f *flusher) error {
	l := left{first: make([]ident.EntryID, 0, len(w.todo)+len(w.listing)), second: slices.Clone(w.again)}
	for _, t := range w.todo {
		if !t.again {
			l.first = append(l.first, t.id)
		}
	}
	for _, t := range w.later {
		if !t.again {
			l.first = append(l.first, t.id)
		}
	}
	for id, again := range w.listing {
		if !again {
			l.first = append(l.first, id)
		}
	}
	for _, t := range w.late {
		l.second = append(l.second, t.in.id)
	}
	for _, t := range w.keeps {
		l.second = append(l.second, t.in.id)
	}
	changes, warned, c, current := w.changes, w.warned, w.counts, w.current
	w.changes, w.said, w.warned = &catalog.Batch{}, map[ident.EntryID]bool{}, nil
	if err := f.wait(); err != nil {
		return err
	}
	w.sent, w.open = w.open, map[ident.EntryID]bool{}
	return f.start(func() error {
		w.tell(warned)
		return w.flush(changes, l, c, current)
	})
}
