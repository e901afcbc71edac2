package index

import (
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// move takes over that a known entry stands elsewhere, or is otherwise.
func (o *own) move(c *catalog.Deed, was catalog.Entry) error {
	dir, name := c.To.In()
	parent, err := o.folder(dir)
	if err != nil {
		return err
	}
	v := o.volumes[c.To.Volume]
	o.s.ours.touch(was.Volume, was.ID, was.Parent)
	if parent == 0 || was.Kind != c.Is.Kind {
		if err := o.apply(catalog.Batch{Absent: []ident.EntryID{was.ID}}); err != nil || parent == 0 {
			return err
		}
		return o.appear(&catalog.Deed{To: c.To, Is: c.Is, Hash: c.Hash})
	}
	o.s.ours.touch(v.ID, was.ID, parent)
	is := was
	is.State, is.Volume, is.Parent, is.Name = catalog.Present, v.ID, parent, name
	is.Seen(c.Is)
	if c.Hash != nil {
		o.hashes[is.ID] = *c.Hash
	}
	if is.Parent == was.Parent && is.Name == was.Name && was.State.There() {
		return o.apply(catalog.Batch{Update: []catalog.Entry{is}})
	}
	b := catalog.Batch{Move: []catalog.Entry{is}}
	other, err := o.tx.Child(parent, name)
	switch {
	case err == nil && other.ID != was.ID:
		o.s.ours.touch(v.ID, other.ID)
		b.Absent = []ident.EntryID{other.ID}
	case err != nil && !errs.Is(err, errs.NotFound):
		return err
	}
	if is.Kind == vfs.Folder {
		o.look = append(o.look, is.ID) // other rules may hold there
	}
	return o.apply(b)
}

// depart takes over that the folder of a location, or one above it, stands where
// nothing else is indexed: the folders above it are known from now on.
func (o *own) depart(c *catalog.Deed, was catalog.Entry, chain []vfs.Entry) error {
	v := o.volumes[c.To.Volume]
	above, err := o.tx.Entry(v.Root)
	if err != nil {
		return err
	}
	for _, seen := range chain[1:] {
		e, replaced, err := childToBe(o.tx, above.ID, seen.Name)
		if err != nil {
			return err
		}
		var b catalog.Batch
		if replaced != 0 {
			b.Absent = []ident.EntryID{replaced}
		}
		next := e
		next.State = catalog.Known
		switch {
		case e.ID == 0:
			next.ID, next.Volume, next.Parent, next.Name = o.s.Catalog.ReserveEntryIDs(1), v.ID, above.ID, seen.Name
			next.Seen(seen)
			b.Create = []catalog.Entry{next}
		case !e.State.There():
			next.Seen(seen)
			b.Update = []catalog.Entry{next}
		default:
			next = e
		}
		if err := o.apply(b); err != nil {
			return err
		}
		above = next
	}
	is := was
	_, is.Name = vfs.Split(c.To.Path)
	is.Parent = above.ID
	is.Seen(c.Is)
	o.s.ours.touch(v.ID, was.ID, was.Parent, is.Parent)
	return o.apply(catalog.Batch{Move: []catalog.Entry{is}})
}

// across takes over that a folder moved to another volume: the known one stands
// there now, with what is in it there, and whatever is still where it stood belongs
// to another. stays: that is a folder that is to be known yet.
func (o *own) across(c *catalog.Deed, was catalog.Entry, stays bool) error {
	if err := o.appear(&catalog.Deed{To: c.To, Is: c.Is}); err != nil {
		return err
	}
	if err := o.flush(); err != nil {
		return err
	}
	other, err := o.at(c.To)
	if err != nil {
		return err
	}
	location, err := o.isLocation(was.ID, other.ID)
	if err != nil {
		return err
	}
	if other.ID != 0 && other.Kind == vfs.Folder && !location {
		o.s.ours.touch(was.Volume, was.ID, was.Parent, other.ID)
		o.s.ours.touch(other.Volume, was.ID, other.Parent, other.ID)
		if err := o.tx.Exchange(was, other); err != nil {
			return err
		}
		clear(o.dirs)
		o.look = append(o.look, was.ID)
		was = other
	}
	if stays {
		o.look = append(o.look, was.ID)
		return nil
	}
	return o.apply(catalog.Batch{Absent: []ident.EntryID{was.ID}})
}

// isLocation reports whether one of these folders is that of a location, which is a
// place and does not go anywhere.
func (o *own) isLocation(ids ...ident.EntryID) (bool, error) {
	all, err := o.tx.Locations()
	return slices.ContainsFunc(all, func(l catalog.Location) bool { return slices.Contains(ids, l.Entry) }), err
}
