package index

import (
	"cmp"
	"context"

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
	defer w.s.walks(v)()
	ids := w.queued(v)
	if len(ids) > maxDirty {
		w.missed(ctx, v)
		return true, nil
	}
	if len(ids) == 0 {
		return false, nil
	}
	vol, roots, err := w.present(ctx, v, ids)
	if err == nil && len(roots) > 0 {
		err = w.relist(ctx, vol, roots)
	}
	return true, err
}

// present returns those of the folders that are there. What is in no location
// is not watched any more.
func (w *watcher) present(ctx context.Context, v ident.VolumeID, ids []ident.EntryID) (vol catalog.Volume, roots []folderToList, err error) {
	var dead []ident.EntryID
	err = w.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if vol, err = r.Volume(v); err != nil {
			return err
		}
		es, err := r.EntriesByID(ids)
		if err != nil {
			return err
		}
		for _, e := range es {
			if e.Volume != v || e.Kind != vfs.Folder {
				continue
			}
			covered := false
			if e.State == catalog.Present {
				if covered, err = isCovered(r, e.ID); err != nil {
					return err
				}
			}
			if !covered {
				dead = append(dead, e.ID)
				continue
			}
			path, err := r.Path(&e)
			if err != nil {
				return err
			}
			roots = append(roots, folderToList{id: e.ID, path: path})
		}
		return nil
	})
	if err == nil {
		w.unwatch(dead)
	}
	return vol, roots, err
}

// relist lists the folders, and what is new or changed below them.
func (w *watcher) relist(ctx context.Context, vol catalog.Volume, roots []folderToList) error {
	driver, err := w.s.Volumes.Driver(ctx, vol.Identity)
	if err != nil {
		return err
	}
	places, err := w.s.places(ctx, vol.ID)
	if err != nil {
		return err
	}
	walk := &walk{
		catalog: w.s.Catalog, driver: driver, volume: vol.ID, workers: cmp.Or(w.s.Volumes.Workers(vol), w.s.Workers), batch: w.s.Batch, log: w.s.Log, moves: true,
		scope: w.s.scope(places, driver), before: w.during(w.s.Volumes.Ground(vol), places, 0),
		warn: func(path string, err error) {
			w.s.Log.Info("A changed folder cannot be read", "path", path, "error", err)
		},
		gone: func(ids []ident.EntryID, strange bool) ([]ident.EntryID, error) {
			if strange {
				w.missed(ctx, vol.ID) // a scan asks
				return nil, nil
			}
			if _, err := w.s.Volumes.Driver(ctx, vol.Identity); err != nil {
				return nil, err
			}
			return w.s.mayGo(ctx, ids)
		},
		flush: func(b *catalog.Batch, _ left, _ counts, _ string) error {
			if b.Len() == 0 {
				return nil
			}
			var gone []ident.EntryID
			err := w.s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
				w.s.ours.sift(vol.ID, b)
				err := tx.Apply(b)
				gone = tx.Gone
				return err
			})
			w.unwatch(gone)
			return err
		},
	}
	if _, err = walk.run(ctx, start{roots: roots}); err != nil {
		return err
	}
	return w.again(ctx, vol.ID, walk.astray)
}
