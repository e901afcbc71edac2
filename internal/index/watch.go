package index

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// watcher collects hints that folders changed and has them listed again. Hints
// of one folder become one; too many of them become a scan.
type watcher struct {
	s        *Service
	notifier Notifier

	mu       sync.Mutex
	live     map[ident.LocationID]int64 // folders watched
	dirty    map[ident.EntryID]bool
	overflow bool
	wake     chan struct{} // holds one token when there is something to do
}

const (
	settle   = 50 * time.Millisecond // changes come in flocks
	maxDirty = 20000                 // folders to list again; more of them, and a scan is cheaper
)

func newWatcher(s *Service) *watcher {
	return &watcher{s: s, live: map[ident.LocationID]int64{}, dirty: map[ident.EntryID]bool{}, wake: make(chan struct{}, 1)}
}

func (w *watcher) start() (stop func(), err error) {
	if w.s.Watch == nil {
		return func() {}, nil
	}
	n, err := w.s.Watch(w.changed, w.lost)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.notifier = n
	w.mu.Unlock()
	return func() {
		w.mu.Lock()
		w.notifier = nil
		w.mu.Unlock()
		if err := n.Close(); err != nil {
			w.s.Log.Warn("Closing the folder watch failed", "error", err)
		}
	}, nil
}

// begin starts the count of watched folders anew for a scan that begins anew.
func (w *watcher) begin(l ident.LocationID, anew bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if anew {
		w.live[l] = 0
	}
}

// during returns what a walk of the location calls with each folder: it is
// watched before it is listed, so that no change falls in between. A scan counts
// all watched folders, another walk only those it adds.
func (w *watcher) during(l ident.LocationID, g catalog.Ground, scan bool) func(folderToList) {
	w.mu.Lock()
	n := w.notifier
	w.mu.Unlock()
	if n == nil || g.Mount == "" {
		return nil
	}
	return func(f folderToList) {
		added, err := n.Add(filepath.Join(g.Mount, f.path), f.id)
		if err != nil || !added && !scan {
			return // past a limit, or gone: the next scan sees it, and coverage says so
		}
		w.mu.Lock()
		w.live[l]++
		w.mu.Unlock()
	}
}

func (w *watcher) watched(l ident.LocationID) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.live[l]
}

func (w *watcher) forget(l ident.LocationID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.live, l)
}

// changed notes that something changed in a folder.
func (w *watcher) changed(folder ident.EntryID) {
	w.mu.Lock()
	if len(w.dirty) < maxDirty {
		w.dirty[folder] = true
	} else {
		w.overflow = true
	}
	w.mu.Unlock()
	w.nudge()
}

// lost notes that the system dropped hints.
func (w *watcher) lost() {
	w.mu.Lock()
	w.overflow = true
	w.mu.Unlock()
	w.nudge()
}

func (w *watcher) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *watcher) take() (folders []ident.EntryID, overflow bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range w.dirty {
		folders = append(folders, id)
	}
	overflow = w.overflow
	clear(w.dirty)
	w.overflow = false
	return folders, overflow
}

func (w *watcher) serve(ctx context.Context) error {
	for {
		select {
		case <-w.wake:
		case <-ctx.Done():
			return nil
		}
		select {
		case <-time.After(settle):
		case <-ctx.Done():
			return nil
		}
		folders, overflow := w.take()
		if overflow {
			if err := w.s.rescanAll(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		}
		if err := w.relist(ctx, folders); err != nil && ctx.Err() == nil {
			w.s.Log.Warn("Looking at changed folders failed", "error", err)
		}
	}
}

// relist lists folders again, and what is new below them.
func (w *watcher) relist(ctx context.Context, ids []ident.EntryID) error {
	byVolume := map[ident.VolumeID][]ident.EntryID{}
	err := w.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		es, err := r.EntriesByID(ids)
		for _, e := range es {
			if e.State == catalog.Present {
				byVolume[e.Volume] = append(byVolume[e.Volume], e.ID)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	for id, folders := range byVolume {
		if err := w.relistOn(ctx, id, folders); err != nil {
			return err
		}
	}
	return nil
}

func (w *watcher) relistOn(ctx context.Context, volume ident.VolumeID, ids []ident.EntryID) error {
	unlock, err := w.s.lock(ctx, volume)
	if err != nil {
		return err
	}
	defer unlock()
	var vol catalog.Volume
	var roots []folderToList
	var loc ident.LocationID
	err = w.s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		if vol, err = r.Volume(volume); err != nil {
			return err
		}
		ls, err := r.Locations()
		if err != nil {
			return err
		}
		for _, id := range ids {
			in, err := locationOf(r, ls, id)
			if err != nil {
				return err
			}
			if in == 0 {
				continue // its location was removed
			}
			path, err := r.FolderPath(id)
			if err != nil {
				return err
			}
			loc = in
			roots = append(roots, folderToList{id: id, path: path, self: true})
		}
		return nil
	})
	if err != nil || len(roots) == 0 {
		return err
	}
	driver, err := w.s.Volumes.Driver(ctx, vol.Identity)
	if err != nil {
		return err
	}
	walk := &walk{
		catalog: w.s.Catalog, driver: driver, volume: vol.ID, workers: w.s.Workers, batchSize: w.s.Batch,
		before: w.during(loc, w.s.Volumes.Ground(vol), false),
		warn: func(path string, err error) {
			w.s.Log.Info("A changed folder cannot be read", "path", path, "error", err)
		},
		flush: func(b *catalog.Batch, _ []ident.EntryID, _ counts, _ string) error {
			if b.Len() == 0 {
				return nil
			}
			return w.s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.Apply(b) })
		},
	}
	_, err = walk.run(ctx, roots, counts{})
	return err
}

// locationOf returns a location that holds the folder, 0 if none does.
func locationOf(r *catalog.Reader, ls []catalog.Location, folder ident.EntryID) (ident.LocationID, error) {
	for _, l := range ls {
		in, err := r.Within(l.Entry, folder)
		if errs.Is(err, errs.NotFound) {
			return 0, nil
		}
		if in || err != nil {
			return l.ID, err
		}
	}
	return 0, nil
}
