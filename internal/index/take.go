package index

import (
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// take adds what a worker found in a folder to the batch.
func (w *walk) take(r listed) error {
	w.current = r.folder.path
	if r.fatal != nil {
		return r.fatal
	}
	if r.err != nil {
		return w.fail(r)
	}
	w.outdate(r.folder.id)
	if !r.folder.again {
		w.count(r)
	}
	if r.folder.new && r.seen > 0 {
		w.remember(looks{kind: vfs.Folder, digest: r.digest}, r.folder)
	}
	if r.strange != nil {
		w.strange = r.strange
	}
	if r.same {
		w.push(r.below)
		return nil
	}
	uncertain := len(r.diff.gone)+len(r.diff.excluded)+len(r.diff.replaced) > 0
	l, unsure := w.apply(&r)
	switch {
	case (uncertain || unsure) && !w.second:
		w.again = append(w.again, r.folder.id)
	case len(r.diff.gone)+len(r.diff.excluded) > 0:
		w.lose(&r.diff, l)
	case l != nil:
		w.changes.Listings = append(w.changes.Listings, *l)
	}
	return nil
}

func (w *walk) count(r listed) {
	w.counts.Seen += int64(r.seen)
	w.counts.Skipped += int64(r.skipped)
	if r.unexamined > 0 {
		w.counts.Errors += int64(r.unexamined)
		w.warned = append(w.warned, warning{r.folder.path, errs.New(errs.KindOf(r.why), "%d of its entries could not be examined: %w", r.unexamined, r.why)})
	}
}

// apply takes a difference over into the batch. It returns what is to be
// remembered of the listing, nil where that cannot be said; unsure that something
// was left out, since another listing has it too.
func (w *walk) apply(r *listed) (l *catalog.Listing, unsure bool) {
	d := &r.diff
	create := d.create
	below := folders{names: r.folders, ids: make([]ident.EntryID, len(r.folders))}
	for i := range d.update {
		if !w.claimed[d.update[i].ID] { // else it was seen elsewhere since
			w.changes.Update = append(w.changes.Update, d.update[i])
			w.said[d.update[i].ID] = true
		}
	}
	for i := range d.below {
		f := &d.below[i]
		below.put(f.path, f.id)
		if f.path = vfs.Join(r.folder.path, f.path); !r.folder.again && (w.deep || r.folder.deep) || f.changed || d.rules {
			f.deep, f.moved, f.was = f.deep || r.folder.deep || d.rules, r.folder.moved, r.folder.was
			below.list = append(below.list, *f)
		}
	}
	waiting := len(w.late) + len(w.keeps)
	for i := range d.arrived {
		a := &d.arrived[i]
		switch {
		case a.over.Kind == vfs.Folder && !w.claimed[a.over.ID]:
			w.late = append(w.late, late{in: r.folder, over: a.over.ID, arrival: a})
		case w.arrive(r.folder, a, &below):
		case !w.second:
			unsure = true
		case a.over.ID != 0 && w.replace(r.folder, &replacement{a.over, a.seen}, &below): // what bore the name keeps it
		default:
			create = append(create, a.seen)
		}
	}
	for i := range d.replaced {
		if !w.second {
			break
		}
		p := &d.replaced[i]
		switch folder := p.was.Kind == vfs.Folder && !w.claimed[p.was.ID]; {
		case folder && p.turned():
			w.late = append(w.late, late{in: r.folder, over: p.was.ID, seen: p.seen})
		case folder:
			w.keeps = append(w.keeps, keep{r.folder, p})
		case !w.replace(r.folder, p, &below):
			create = append(create, p.seen)
		}
	}
	w.create(r.folder, create, &below)
	for i := range below.list {
		_, name := vfs.Split(below.list[i].path)
		below.list[i].scope = w.scopeBelow(r, name)
	}
	w.push(below.list)
	if len(create)+len(d.arrived) > 0 {
		w.open[r.folder.id] = true
	}
	if w.emptied[r.folder.id] { // the rows it was compared with may be from before
		return nil, true
	}
	if slices.Contains(below.ids, 0) || len(w.late)+len(w.keeps) > waiting {
		return nil, unsure
	}
	return &catalog.Listing{Folder: r.folder.id, Digest: r.digest, Folders: below.ids}, unsure
}

// folders are those of a listing, mounts left out, with the ids they have.
type folders struct {
	names []string // in byte order
	ids   []ident.EntryID
	list  []folderToList // of them, those to be listed next
}

func (f *folders) put(name string, id ident.EntryID) {
	if i, ok := slices.BinarySearchFunc(f.names, name, strings.Compare); ok {
		f.ids[i] = id
	}
}

// arrive takes over something known elsewhere, or once, that stands here now. It
// reports false where another listing took it.
func (w *walk) arrive(in folderToList, a *arrival, below *folders) bool {
	id := a.is.ID
	if w.claimed[id] || w.kept[id] {
		return false
	}
	w.claimed[id] = true
	// No entry stands in a batch twice: what was said of it before is out of date.
	if w.said[id] {
		w.changes.Absent = slices.DeleteFunc(w.changes.Absent, func(gone ident.EntryID) bool { return gone == id })
		w.changes.Update = slices.DeleteFunc(w.changes.Update, func(e catalog.Entry) bool { return e.ID == id })
	}
	if a.over.ID != 0 && !w.claimed[a.over.ID] {
		w.overwrite(a.over.ID)
	}
	if a.moved {
		w.emptied[a.from] = true
		w.changes.Move = append(w.changes.Move, a.is)
	} else {
		w.changes.Update = append(w.changes.Update, a.is)
	}
	if a.is.Kind == vfs.Folder && !a.seen.Mount {
		below.put(a.seen.Name, id)
		below.list = append(below.list, folderToList{
			id: id, path: vfs.Join(in.path, a.seen.Name), modified: a.seen.Modified, changed: true, deep: in.deep || a.deep,
			moved: a.crossed, was: a.was,
		})
	}
	return true
}

// overwrite marks what lost its name to another thing, which takes it in the
// same batch. It may still be found elsewhere.
func (w *walk) overwrite(id ident.EntryID) {
	w.changes.Absent = append(w.changes.Absent, id)
	w.said[id] = true
}

// replace has an entry keep its name, though another thing bears it now. It
// reports false where the entry has moved, or is gone, since the other thing is
// of another kind.
func (w *walk) replace(in folderToList, p *replacement, below *folders) bool {
	if w.claimed[p.was.ID] {
		return false
	}
	if p.turned() {
		w.overwrite(p.was.ID)
		return false
	}
	w.kept[p.was.ID] = true
	next := p.was
	next.State = catalog.Present
	next.Seen(p.seen)
	w.changes.Update = append(w.changes.Update, next)
	if next.Kind == vfs.Folder && !p.seen.Mount {
		below.put(next.Name, next.ID)
		below.list = append(below.list, folderToList{
			id: next.ID, path: vfs.Join(in.path, next.Name), modified: next.Modified, changed: true, deep: true,
		})
	}
	return true
}

// create adds new entries: folders first, so that their ids are consecutive.
func (w *walk) create(in folderToList, found []vfs.Entry, below *folders) {
	id := w.catalog.ReserveEntryIDs(len(found))
	if c := &w.changes.Create; len(found) > w.batch {
		*c = slices.Grow(*c, len(found)) // once, and by no more than that
	}
	for _, folders := range []bool{true, false} {
		for i := range found {
			v := &found[i]
			if (v.Kind == vfs.Folder) != folders {
				continue
			}
			e := catalog.Entry{ID: id, Volume: w.volume, Parent: in.id, Name: v.Name, State: catalog.Present}
			e.Seen(*v)
			w.changes.Create = append(w.changes.Create, e)
			if l, ok := looksOf(&e); ok {
				w.remember(l, folderToList{id: id})
				w.remember(l.renamed(e.Parent), folderToList{id: id})
			}
			if folders && !v.Mount {
				below.put(v.Name, id)
				below.list = append(below.list, folderToList{id: id, path: vfs.Join(in.path, v.Name), modified: v.Modified, new: true})
			}
			id++
		}
	}
}

// fail decides what a folder that could not be listed means. Its known children
// stay as they are: only a complete listing may say that something is gone. A
// listing that was cut short by a stop must not pass for one that is done with.
func (w *walk) fail(r listed) error {
	delete(w.roots, r.folder.id)
	switch errs.KindOf(r.err) {
	case errs.NotFound:
		w.astray = append(w.astray, r.folder)
		return nil // its own folder's listing will tell
	case errs.Unavailable, errs.Cancelled:
		return r.err
	}
	w.counts.Errors++
	w.warned = append(w.warned, warning{r.folder.path, r.err})
	return nil
}
