package index

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Where inode numbers do not last (FAT, network shares), what moved looks like
// something new and something gone. Both are held to be one thing with less
// certainty: a file of the same name, or in the same folder, of the same size and
// time of change; a folder in which everything is the same. Without that, each rename on a stick would cost what
// the user added.

// looks is what a thing without a number is known by.
type looks struct {
	kind   vfs.Kind
	name   string         // of a file
	size   int64          // of a file
	time   int64          // of a file
	digest catalog.Digest // of a folder's listing
	in     ident.EntryID  // of a file that bears another name now: the folder
}

// maxFresh bounds how many new things are remembered in one walk.
const maxFresh = 100_000

// fresh remembers new things until it is known what is gone. Two that look the
// same are nobody's.
type fresh map[looks]folderToList

func (w *walk) remember(l looks, f folderToList) {
	if w.fresh == nil || len(w.fresh) >= maxFresh {
		return
	}
	if _, twice := w.fresh[l]; twice {
		f.id = 0
	}
	w.fresh[l] = f
}

func looksOf(e *catalog.Entry) (looks, bool) {
	return looks{kind: vfs.File, name: e.Name, size: e.Size, time: e.Modified}, e.Kind == vfs.File && e.Size > 0
}

// renamed is what l is known by under another name in the same folder.
func (l looks) renamed(in ident.EntryID) looks {
	l.name, l.in = "", in
	return l
}

// findTwins finds what is gone among what is new: the new entries never were, and
// the old ones stand in their places. What is below a folder is listed next.
func (w *walk) findTwins(ctx context.Context, f *flusher) (found bool, err error) {
	if len(w.fresh) == 0 || len(w.lost.gone) == 0 {
		return false, nil
	}
	if err := f.wait(); err != nil {
		return false, err
	}
	var below []folderToList
	err = w.catalog.Read(ctx, func(r *catalog.Reader) error {
		for _, id := range w.lost.gone {
			if w.claimed[id] {
				continue
			}
			e, err := r.Entry(id)
			if err != nil {
				return err
			}
			if err := w.twin(r, &e, &below, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(w.changes.Forget) == 0 {
		return false, err
	}
	err = w.handAll(f)
	w.push(below)
	return true, err
}

// maxTwinDepth bounds how deep a folder that is gone is searched.
const maxTwinDepth = 64

// twin finds the twin of one entry, or those of what is in it.
func (w *walk) twin(r *catalog.Reader, e *catalog.Entry, below *[]folderToList, depth int) error {
	l, ok := looksOf(e)
	if e.Kind == vfs.Folder {
		kept, err := r.Listings([]ident.EntryID{e.ID})
		if err != nil {
			return err
		}
		if ok = kept[e.ID] != nil; ok {
			l = looks{kind: vfs.Folder, digest: kept[e.ID].Digest}
		}
	}
	f := w.fresh[l]
	if ok && f.id == 0 && e.Kind != vfs.Folder {
		l = l.renamed(e.Parent)
		f = w.fresh[l]
	}
	if ok && f.id != 0 {
		is, err := r.Entry(f.id)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		if free, ferr := w.stillFresh(r, f.id); err == nil && (ferr != nil || free) {
			delete(w.fresh, l)
			w.unite(e, &is, f, below)
			return ferr
		}
	}
	if e.Kind != vfs.Folder || depth > maxTwinDepth {
		return nil
	}
	var in []catalog.Entry
	if err := r.Children(e.ID, func(c *catalog.Entry) error { in = append(in, *c); return nil }); err != nil {
		return err
	}
	for i := range in {
		if err := w.twin(r, &in[i], below, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// stillFresh reports whether no folder above something new is a twin already:
// then it goes with that.
func (w *walk) stillFresh(r *catalog.Reader, id ident.EntryID) (bool, error) {
	for _, top := range w.changes.Forget {
		in, err := r.Within(top, id)
		if err != nil || in {
			return false, err
		}
	}
	return true, nil
}

// unite puts the old entry into the place of the new one.
func (w *walk) unite(e, is *catalog.Entry, f folderToList, below *[]folderToList) {
	next := *is
	next.ID, next.State = e.ID, catalog.Present
	w.claimed[e.ID] = true
	w.changes.Forget = append(w.changes.Forget, is.ID)
	w.changes.Move = append(w.changes.Move, next)
	if e.Kind == vfs.Folder {
		*below = append(*below, folderToList{id: e.ID, path: f.path, modified: is.Modified, changed: true, deep: true})
	}
}
