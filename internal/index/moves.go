package index

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// candidate is an entry that may be what was found under another name.
type candidate struct {
	entry catalog.Entry
	path  string // where it was seen last
}

// compare fills in what the listing changes.
func (w *walk) compare(ctx context.Context, r *listed, found []vfs.Entry) {
	if r.folder.new && !w.moves { // nothing can be known of what is in it
		r.diff = diff{create: found}
		return
	}
	var away []catalog.Entry
	byInode := map[uint64][]candidate{}
	r.fatal = w.catalog.Read(ctx, func(c *catalog.Reader) (err error) {
		if r.folder.new {
			r.diff = diff{create: found}
		} else if r.diff, err = compare(found, r.folder.id, c, w.moves); err != nil {
			return err
		}
		if err = w.remembered(c, r); err != nil {
			return err
		}
		if away, err = awayAs(c, r.folder, &r.diff); err != nil {
			return err
		}
		return w.candidates(c, &r.diff, byInode)
	})
	if r.fatal != nil {
		return
	}
	if len(byInode) > 0 {
		if r.err = w.findMoves(ctx, r, found, byInode); r.err != nil {
			return
		}
	}
	if len(away) > 0 {
		r.diff.reattach(away, w.second)
	}
	r.diff.apply(&r.sifted)
}

// remembered gives the known folders below what their last listings showed.
func (w *walk) remembered(c *catalog.Reader, r *listed) error {
	if w.rows || !w.deep && !r.folder.deep || len(r.diff.below) == 0 {
		return nil
	}
	ids := make([]ident.EntryID, len(r.diff.below))
	for i := range r.diff.below {
		ids[i] = r.diff.below[i].id
	}
	ls, err := c.Listings(ids)
	for i := range r.diff.below {
		r.diff.below[i].last = ls[ids[i]]
	}
	return err
}

// fewNew is how many new names are looked up among what is away one by one:
// folders in which files come and go pile up what is absent.
const fewNew = 32

// awayAs returns what bore one of the new names in the folder and does not now.
func awayAs(c *catalog.Reader, in folderToList, d *diff) (away []catalog.Entry, err error) {
	if in.new {
		return nil, nil
	}
	names := make(map[string]bool, len(d.create))
	for i := range d.create {
		names[d.create[i].Name] = true
	}
	for i := range d.replaced {
		if d.replaced[i].turned() {
			names[d.replaced[i].seen.Name] = true
		}
	}
	if len(names) <= fewNew {
		for name := range names {
			if err := c.AbsentAs(in.id, name, func(k *catalog.Entry) error { away = append(away, *k); return nil }); err != nil {
				return nil, err
			}
		}
		return away, nil
	}
	return away, c.Absent(in.id, func(k *catalog.Entry) error {
		if names[k.Name] {
			away = append(away, *k)
		}
		return nil
	})
}

// reattach gives what came back its old entry, and with it all that hangs on it.
func (d *diff) reattach(away []catalog.Entry, second bool) {
	type key struct {
		name string
		kind vfs.Kind
	}
	was := make(map[key]*catalog.Entry, len(away))
	for i := range away { // of equal names the newest comes first
		if k := &away[i]; was[key{k.Name, k.Kind}] == nil {
			was[key{k.Name, k.Kind}] = k
		}
	}
	back := func(v vfs.Entry, over catalog.Entry) bool {
		k := was[key{v.Name, v.Kind}]
		if k == nil {
			return false
		}
		next := *k
		next.State = catalog.Present
		if !unexamined(&v) {
			next.Seen(v)
		}
		d.arrived = append(d.arrived, arrival{seen: v, is: next, deep: true, over: over})
		return true
	}
	d.create = slices.DeleteFunc(d.create, func(v vfs.Entry) bool { return back(v, catalog.Entry{}) })
	if second {
		d.replaced = slices.DeleteFunc(d.replaced, func(p replacement) bool { return p.turned() && back(p.seen, p.was) })
	}
}

// candidates looks up by their numbers what is new here, and what has another
// thing's name.
func (w *walk) candidates(c *catalog.Reader, d *diff, byInode map[uint64][]candidate) error {
	if !w.moves {
		return nil
	}
	var inodes []uint64
	add := func(v *vfs.Entry) {
		if v.Inode != 0 && !v.Mount {
			inodes = append(inodes, v.Inode)
		}
	}
	for i := range d.create {
		add(&d.create[i])
	}
	for i := range d.replaced {
		add(&d.replaced[i].seen)
	}
	return c.ByInode(w.volume, inodes, func(e *catalog.Entry) error {
		path, err := c.Path(e)
		if errs.Is(err, errs.NotFound) {
			return nil // below something forgotten
		}
		byInode[e.Inode] = append(byInode[e.Inode], candidate{*e, path})
		return err
	})
}

// findMoves takes out of what is new, and in the second round of what has
// another thing's name, all that is known and does not stand any more where it
// was seen last.
func (w *walk) findMoves(ctx context.Context, r *listed, found []vfs.Entry, byInode map[uint64][]candidate) error {
	d := &r.diff
	here := make(map[uint64]bool, len(d.replaced))
	if len(d.replaced) > 0 {
		for i := range found {
			here[found[i].Inode] = true
		}
	}
	taken := map[ident.EntryID]bool{}
	kept := d.create[:0]
	for _, v := range d.create {
		a, err := w.moved(ctx, r, v, byInode[v.Inode], taken)
		if err != nil {
			return err
		}
		if a == nil {
			kept = append(kept, v)
			continue
		}
		d.arrived = append(d.arrived, *a)
	}
	d.create = kept
	if !w.second {
		return nil
	}
	rest := d.replaced[:0]
	for _, p := range d.replaced {
		var a *arrival
		if !savedByRename(&p, here) {
			var err error
			if a, err = w.moved(ctx, r, p.seen, byInode[p.seen.Inode], taken); err != nil {
				return err
			}
		}
		if a == nil {
			rest = append(rest, p)
			continue
		}
		a.over = p.was
		d.arrived = append(d.arrived, *a)
	}
	d.replaced = rest
	return nil
}

// moved returns the entry that v was so far, or nil if it is new.
func (w *walk) moved(ctx context.Context, r *listed, v vfs.Entry, cs []candidate, taken map[ident.EntryID]bool) (*arrival, error) {
	in := r.folder
	slices.SortFunc(cs, func(a, b candidate) int { // what is there first, then what went last
		if a.entry.State.There() != b.entry.State.There() {
			if a.entry.State.There() {
				return -1
			}
			return 1
		}
		return int(b.entry.Seq - a.entry.Seq)
	})
	stand := 0
	for _, c := range cs {
		e := c.entry
		if taken[e.ID] || !sameThing(&e, &v) {
			continue
		}
		left, err := w.hasLeft(ctx, c, in, &v)
		if err != nil {
			return nil, err
		}
		if !left {
			if stand++; stand >= manyNames {
				break
			}
			continue
		}
		taken[e.ID] = true
		is := e
		is.Parent, is.Name, is.State = in.id, v.Name, catalog.Present
		is.Seen(v)
		a := &arrival{from: e.Parent, seen: v, is: is, moved: is.Parent != e.Parent || is.Name != e.Name, deep: e.State != catalog.Present}
		a.was, a.crossed = crossed(w.scope.places, c.path, vfs.Join(in.path, v.Name))
		a.deep = a.deep || a.crossed || r.sifted.in.in != nil // other rules may hold there
		return a, nil
	}
	return nil, nil
}

// manyNames is how many names of a thing are looked at: with so many that stand,
// what was found is one more.
const manyNames = 16

// sameThing reports whether v can be what e was: numbers are used again, so the
// time of birth must be the same too, or where that is not known, what else a
// move leaves alone.
func sameThing(e *catalog.Entry, v *vfs.Entry) bool {
	if e.Kind != v.Kind || e.Inode != v.Inode || e.Parent == 0 {
		return false
	}
	if e.Created != 0 || v.Created != 0 {
		return e.Created == v.Created
	}
	return e.Modified == v.Modified && (e.Size == v.Size || e.Kind == vfs.Folder)
}

// hasLeft looks whether the thing still stands where it was seen last: then what
// was found is one more name of it. A program that keeps the old bytes under
// another name, as a backup, and writes new ones under the old name, has not
// moved anything either, to its user.
func (w *walk) hasLeft(ctx context.Context, c candidate, in folderToList, v *vfs.Entry) (bool, error) {
	if c.path == vfs.Join(in.path, v.Name) {
		return true, nil // it is back, or it is what the catalogue has here already
	}
	at, err := w.driver.Stat(ctx, c.path)
	switch errs.KindOf(err) {
	case errs.NotFound:
		return true, nil
	case errs.Unavailable, errs.Cancelled:
		return false, err
	}
	if err != nil {
		return false, nil // nobody can say
	}
	if at.Inode == v.Inode && at.Kind == v.Kind {
		return c.entry.Parent == in.id && w.driver.Features().CaseFolding && strings.EqualFold(c.entry.Name, v.Name), nil
	}
	return !(c.entry.Parent == in.id && at.Kind == v.Kind && isBackup(c.entry.Name, v.Name)), nil
}

// isBackup reports whether programs keep the old bytes of name under other.
func isBackup(name, other string) bool {
	return slices.Contains([]string{name + "~", name + ".bak", name + ".orig", name + ".old"}, other)
}

// young is how long a file has lived at most that a program writes to take
// another's place.
const young = time.Minute

// savedByRename reports whether a file was written anew under another name, and
// then took the place of the old one: to its user it is the old one still.
func savedByRename(p *replacement, here map[uint64]bool) bool {
	v := &p.seen
	return v.Kind == vfs.File && !here[p.was.Inode] && v.Created != 0 && v.Changed-v.Created < int64(young)
}
