package index

import (
	"context"
	"maps"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// again takes note of folders that a walk of the volume did not find where it
// looked for them: a folder above them was moved under its feet, and nothing
// else would have them looked at again once that is known. It has those looked
// at that stand elsewhere by now, and remembers the others until the next walk.
func (w *watcher) again(ctx context.Context, v ident.VolumeID, fs []folderToList) error {
	w.mu.Lock()
	astray := w.astray[v]
	w.mu.Unlock()
	if len(fs) == 0 && len(astray) == 0 {
		return nil
	}
	now := make(map[ident.EntryID]string, len(astray)+len(fs))
	maps.Copy(now, astray)
	for _, f := range fs {
		now[f.id] = f.path
	}
	if len(now) > maxDirty {
		w.missed(ctx, v)
		clear(now)
	}
	var found []ident.EntryID
	err := w.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		es, err := r.EntriesByID(slices.Collect(maps.Keys(now)))
		known := make(map[ident.EntryID]bool, len(es))
		for i := range es {
			e := &es[i]
			if known[e.ID] = e.State == catalog.Present; !known[e.ID] {
				continue
			}
			path, err := r.Path(e)
			if err != nil && !errs.Is(err, errs.NotFound) {
				return err
			}
			if path != now[e.ID] {
				found = append(found, e.ID)
				known[e.ID] = false
			}
		}
		maps.DeleteFunc(now, func(id ident.EntryID, _ string) bool { return !known[id] })
		return err
	})
	w.mu.Lock()
	w.astray[v] = now
	w.mu.Unlock()
	for _, id := range found {
		w.changed(id)
	}
	return err
}
