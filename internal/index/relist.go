package index

import (
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// look lists the folders of a volume again in which something changed, until
// there are none.
func (w *watcher) look(ctx context.Context, v ident.VolumeID) {
	for {
		more, err := w.lookOnce(ctx, v)
		switch {
		case err == nil && more:
			continue
		case err == nil, ctx.Err() != nil:
			return
		case errs.Is(err, errs.Unavailable): // its locations are scanned when it is back
			w.s.Log.Info("Changed folders cannot be looked at", "volume", int64(v), "error", err)
		default:
			w.s.Log.Warn("Looking at changed folders failed; their locations will be scanned", "volume", int64(v), "error", err)
			w.missed(ctx, v)
		}
	}
}

// missed has the locations of a volume scanned, whose hints were lost.
func (w *watcher) missed(ctx context.Context, v ident.VolumeID) {
	err := w.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		ls, err := r.Locations()
		for _, l := range ls {
			if l.Volume == v {
				w.s.due.add(l.ID)
			}
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		w.lost() // all, then
	}
}

func (w *watcher) lookOnce(ctx context.Context, v ident.VolumeID) (more bool, err error) {
	unlock, err := w.s.lock(ctx, v)
	if err != nil {
		return false, err
	}
	defer unlock()
	defer contain(w.s.Log, &err)
	ids := w.queued(v)
	if len(ids) > maxDirty {
		w.missed(ctx, v)
		return true, nil
	}
	// A folder is listed after those above it, in a walk of its own: whether it is
	// there at all is their listing's to say.
	for len(ids) > 0 {
		var top []folderToList
		var vol catalog.Volume
		top, ids, vol, err = w.tops(ctx, v, ids)
		if err == nil && len(top) > 0 {
			err = w.relist(ctx, vol, top)
		}
		if err != nil {
			return true, err
		}
		more = true
	}
	return more, nil
}

// tops picks those of the folders that stand in none of the others; rest are
// the others that are still there. What is in no location is not watched.
func (w *watcher) tops(ctx context.Context, v ident.VolumeID, ids []ident.EntryID) (top []folderToList, rest []ident.EntryID, vol catalog.Volume, err error) {
	var dead []ident.EntryID
	err = w.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if vol, err = r.Volume(v); err != nil {
			return err
		}
		es, err := r.EntriesByID(ids)
		if err != nil {
			return err
		}
		es = slices.DeleteFunc(es, func(e catalog.Entry) bool { return e.Volume != v || e.Kind != vfs.Folder })
		there := make(map[ident.EntryID]bool, len(es))
		for _, e := range es {
			there[e.ID] = e.State == catalog.Present
		}
		for _, e := range es {
			covered := false
			if there[e.ID] {
				if covered, err = isCovered(r, e.ID); err != nil {
					return err
				}
			}
			if !covered {
				dead = append(dead, e.ID)
				continue
			}
			above, err := r.Ancestors(&e)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(above, func(a catalog.Ancestor) bool { return there[a.ID] }) {
				rest = append(rest, e.ID)
				continue
			}
			path, err := r.Path(&e)
			if err != nil {
				return err
			}
			top = append(top, folderToList{id: e.ID, path: path, self: true})
		}
		return nil
	})
	if err == nil {
		w.unwatch(dead)
	}
	return top, rest, vol, err
}

// relist lists the folders, and what is new or changed below them.
func (w *watcher) relist(ctx context.Context, vol catalog.Volume, top []folderToList) error {
	driver, err := w.s.Volumes.Driver(ctx, vol.Identity)
	if err != nil {
		return err
	}
	before, err := w.during(ctx, vol.ID, w.s.Volumes.Ground(vol), 0)
	if err != nil {
		return err
	}
	walk := &walk{
		catalog: w.s.Catalog, driver: driver, volume: vol.ID, workers: w.s.Workers, batch: w.s.Batch, log: w.s.Log, before: before,
		warn: func(path string, err error) {
			w.s.Log.Info("A changed folder cannot be read", "path", path, "error", err)
		},
		flush: func(b *catalog.Batch, _ []ident.EntryID, _ counts, _ string) error {
			if b.Len() == 0 {
				return nil
			}
			var gone []ident.EntryID
			err := w.s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
				err := tx.Apply(b)
				gone = tx.Gone
				return err
			})
			w.unwatch(gone)
			return err
		},
	}
	_, err = walk.run(ctx, top, counts{})
	return err
}
