package index

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// recall reads which locations are not to be watched.
func (w *watcher) recall(ctx context.Context) error {
	not := map[ident.LocationID]bool{}
	err := w.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		ls, err := r.Locations()
		for _, l := range ls {
			not[l.ID] = policyOf(l).Watch == off
		}
		return err
	})
	if err == nil {
		w.mu.Lock()
		w.off = not
		w.mu.Unlock()
	}
	return err
}

// mayWatch notes whether a location is to be watched.
func (w *watcher) mayWatch(l ident.LocationID, may bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.off[l] = !may
}

func (w *watcher) watches(l ident.LocationID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.off[l]
}

// wanted reports whether a location that holds path is to be watched.
func (w *watcher) wanted(places []place, path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range places {
		if !w.off[p.location] && within(p.path, path) {
			return true
		}
	}
	return false
}

// learn notes what watches a location.
func (w *watcher) learn(l ident.LocationID, how string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.how[l] = how
}

func (w *watcher) by(l ident.LocationID) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.how[l]
}

// leave ends the watching of a location's folders, but not of those that another
// one wants watched.
func (w *watcher) leave(ctx context.Context, id ident.LocationID) error {
	w.mayWatch(id, false)
	wanted := map[ident.EntryID]bool{} // roots of other locations
	var todo []ident.EntryID
	err := w.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		ls, err := r.Locations()
		if err != nil {
			return err
		}
		l, err := r.Location(id)
		if err != nil {
			return err
		}
		for _, o := range ls {
			if o.ID == id || !w.watches(o.ID) {
				continue
			}
			wanted[o.Entry] = true
			if in, err := r.Within(o.Entry, l.Entry); in || err != nil {
				return err // that one holds all of it
			}
		}
		todo = []ident.EntryID{l.Entry}
		return nil
	})
	for err == nil && len(todo) > 0 {
		folder := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		w.unwatch([]ident.EntryID{folder})
		err = w.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
			return r.Names(folder, func(b *catalog.Brief) error {
				if b.Kind == vfs.Folder && !wanted[b.ID] {
					todo = append(todo, b.ID)
				}
				return nil
			})
		})
	}
	w.mu.Lock()
	delete(w.counts, id)
	delete(w.how, id)
	w.mu.Unlock()
	return err
}
