package index

import (
	"context"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// keep is a folder whose name another one bears that nobody knows: it is the old
// one still, to its user, unless that is found elsewhere in the end.
type keep struct {
	in folderToList
	*replacement
}

// settleKeeps takes over the folders that nobody knows, when all else is listed.
// What is below them is listed next.
func (w *walk) settleKeeps(ctx context.Context, f *flusher) error {
	ks := w.keeps
	w.keeps = nil
	inside, err := w.wrapped(ctx, ks)
	if err != nil {
		return err
	}
	for _, k := range ks {
		if inside[k.was.ID] && !w.claimed[k.was.ID] {
			w.overwrite(k.was.ID)
			w.claimed[k.was.ID] = true
		}
		var below folders
		if !w.replace(k.in, k.replacement, &below) {
			w.create(k.in, []vfs.Entry{k.seen}, &below)
		}
		w.push(below.list)
	}
	for id := range inside {
		delete(w.claimed, id) // free for who finds it
	}
	return w.handAll(f)
}

// wrapped finds which of the old folders stand below the new ones, as when a
// folder was put into another that took its name: nothing has listed what is
// there yet.
func (w *walk) wrapped(ctx context.Context, ks []keep) (map[ident.EntryID]bool, error) {
	old := make(map[uint64]*replacement, len(ks))
	var todo []string
	for _, k := range ks {
		if !w.claimed[k.was.ID] && !k.seen.Mount {
			old[k.was.Inode] = k.replacement
		}
		todo = append(todo, vfs.Join(k.in.path, k.seen.Name))
	}
	inside := map[ident.EntryID]bool{}
	for len(todo) > 0 && len(inside) < len(old) {
		path := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		err := w.driver.List(ctx, path, func(batch []vfs.Entry) error {
			for i := range batch {
				v := &batch[i]
				if v.Kind != vfs.Folder || v.Mount || vfs.IsPrivate(v.Name) {
					continue
				}
				if p := old[v.Inode]; p != nil && sameThing(&p.was, v) {
					inside[p.was.ID] = true
				}
				todo = append(todo, vfs.Join(path, v.Name))
			}
			return nil
		})
		if errs.Is(err, errs.Unavailable) || errs.Is(err, errs.Cancelled) {
			return nil, err
		} // whatever else cannot be listed is told when it is listed for good
	}
	return inside, nil
}
