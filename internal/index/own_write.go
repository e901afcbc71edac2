package index

import (
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

func (o *own) write(tx *catalog.Tx) error {
	o.tx, o.batch, o.look, o.unwatch, o.dirs = tx, catalog.Batch{}, nil, nil, map[catalog.Spot]catalog.Entry{}
	o.made, o.fresh, o.hashes = map[catalog.Spot]ident.EntryID{}, map[catalog.Spot]bool{}, map[ident.EntryID]catalog.Hash{}
	for i := range o.deeds {
		if err := o.one(i); err != nil {
			return err
		}
	}
	if err := o.flush(); err != nil {
		return err
	}
	if err := o.renew(); err != nil {
		return err
	}
	for id, h := range o.hashes {
		if err := tx.Presume(id, h); err != nil {
			return err
		}
	}
	unwatch, look := append(o.unwatch, tx.Gone...), o.look
	tx.Store().AfterCommit(func() {
		o.s.watcher.unwatch(unwatch)
		for _, id := range look {
			o.s.watcher.changed(id)
		}
	})
	return nil
}

// flush writes what is collected.
func (o *own) flush() error {
	if o.batch.Len() == 0 {
		return nil
	}
	gone := len(o.tx.Gone)
	if err := o.tx.Apply(&o.batch); err != nil {
		return err
	}
	if len(o.tx.Gone) > gone || slices.ContainsFunc(o.batch.Move, func(e catalog.Entry) bool { return e.Kind == vfs.Folder }) {
		clear(o.dirs)
	}
	for _, v := range o.volumes {
		if v != nil {
			o.s.ours.touch(v.ID, o.tx.Gone[gone:]...)
		}
	}
	o.batch = catalog.Batch{}
	clear(o.made)
	clear(o.fresh)
	return nil
}

// apply writes one change behind those that are collected.
func (o *own) apply(b catalog.Batch) error {
	if err := o.flush(); err != nil {
		return err
	}
	o.batch = b
	return o.flush()
}

// at finds what bears the name at a place; the zero Entry: nothing that is known.
func (o *own) at(s catalog.Spot) (e catalog.Entry, err error) {
	v := o.volumes[s.Volume]
	if s.Volume == "" || v == nil {
		return e, nil
	}
	dir, name := s.In()
	above, known := o.dirs[dir]
	if name == "" || !known {
		above, err = o.tx.Lookup(v.Root, dir.Path)
	}
	if err == nil && name != "" {
		o.dirs[dir] = above
		above, err = o.tx.Child(above.ID, name)
	}
	if errs.Is(err, errs.NotFound) {
		return catalog.Entry{}, nil
	}
	return above, err
}

// one takes over one change.
func (o *own) one(i int) error {
	c := &o.deeds[i]
	if isIgnore(c.From) || isIgnore(c.To) { // whoever lists the folder sees to what the rules say now
		return o.relist(c.From, c.To)
	}
	if c.From.Volume == "" && o.wanted[i] {
		return o.appear(c)
	}
	if err := o.flush(); err != nil { // what moves or goes may have been made just now
		return err
	}
	was, err := o.at(c.From)
	if err == nil && was.ID == 0 && o.wanted[i] {
		was, err = o.gone(c)
	}
	if err != nil {
		return err
	}
	switch {
	case o.chains[i] != nil && was.ID != 0:
		return o.depart(c, was, o.chains[i])
	case o.wanted[i] && was.ID != 0:
		if was.Kind == vfs.Folder && c.Is.Kind == vfs.Folder && was.Volume != o.volumes[c.To.Volume].ID {
			return o.across(c, was, o.stays[i])
		}
		return o.move(c, was)
	case o.wanted[i]:
		return o.appear(c)
	case o.stays[i]:
	case was.ID != 0 && was.State == catalog.Present:
		o.s.ours.touch(was.Volume, was.ID, was.Parent)
		return o.apply(catalog.Batch{Absent: []ident.EntryID{was.ID}})
	}
	return nil
}

func isIgnore(s catalog.Spot) bool {
	_, name := vfs.Split(s.Path)
	return name == gitignore
}

// relist has the folders listed in which something stood or stands.
func (o *own) relist(spots ...catalog.Spot) error {
	if err := o.flush(); err != nil {
		return err
	}
	for _, s := range spots {
		dir, _ := s.In()
		id, err := o.folder(dir)
		if err != nil {
			return err
		}
		if id != 0 {
			o.look = append(o.look, id)
		}
	}
	return nil
}

// folder returns the folder in which something is to stand; 0 where it is not
// indexed yet: then whoever lists it will find what is in it.
func (o *own) folder(s catalog.Spot) (ident.EntryID, error) {
	if id := o.made[s]; id != 0 {
		return id, nil
	}
	e, err := o.at(s)
	if err != nil || e.Kind != vfs.Folder || e.State != catalog.Present {
		return 0, err
	}
	return e.ID, nil
}

// appear takes over something that is new, or came from where nothing is known.
func (o *own) appear(c *catalog.Deed) error {
	dir, name := c.To.In()
	parent, err := o.folder(dir)
	if err != nil || parent == 0 {
		return err
	}
	v := o.volumes[c.To.Volume]
	o.s.ours.touch(v.ID, parent)
	e := catalog.Entry{Volume: v.ID, Parent: parent, Name: name, State: catalog.Present}
	if o.fresh[c.To] { // made twice
		if err := o.flush(); err != nil {
			return err
		}
	}
	if o.made[dir] == 0 {
		known, err := o.taken(parent, name, c)
		if err != nil {
			return err
		}
		if known.ID != 0 {
			e, e.State = known, catalog.Present
			e.Seen(c.Is)
			o.learn(c, e.ID)
			return o.apply(catalog.Batch{Update: []catalog.Entry{e}})
		}
	}
	e.ID = o.s.Catalog.ReserveEntryIDs(1)
	e.Seen(c.Is)
	o.batch.Create = append(o.batch.Create, e)
	o.fresh[c.To] = true
	if c.Is.Kind == vfs.Folder {
		o.made[c.To] = e.ID
	}
	o.learn(c, e.ID)
	return nil
}

// learn notes what is to be done about an entry once it is written.
func (o *own) learn(c *catalog.Deed, id ident.EntryID) {
	o.s.ours.touch(o.volumes[c.To.Volume].ID, id)
	if c.Is.Kind == vfs.Folder {
		o.look = append(o.look, id)
	}
	if c.Hash != nil && c.Is.Kind == vfs.File {
		o.hashes[id] = *c.Hash
	}
}

// taken returns the entry that bears the name, or did and came back; anything
// else that bears it is gone.
func (o *own) taken(parent ident.EntryID, name string, c *catalog.Deed) (catalog.Entry, error) {
	e, err := o.tx.Child(parent, name)
	if err == nil {
		if e.Kind == c.Is.Kind {
			return e, nil
		}
		return catalog.Entry{}, o.apply(catalog.Batch{Absent: []ident.EntryID{e.ID}})
	}
	if !errs.Is(err, errs.NotFound) {
		return e, err
	}
	var back catalog.Entry
	err = o.tx.AbsentAs(parent, name, func(k *catalog.Entry) error {
		if back.ID == 0 && k.Kind == c.Is.Kind && (c.From.Volume != "" || k.Inode != 0 && k.Inode == c.Is.Inode && k.Created == c.Is.Created) {
			back = *k
		}
		return nil
	})
	return back, err
}

// gone finds what a walk saw go where c took it from, before anybody told of c; the zero
// Entry: nothing that looks as what came of it.
func (o *own) gone(c *catalog.Deed) (was catalog.Entry, err error) {
	dir, name := c.From.In()
	folder, err := o.at(dir)
	if err != nil || folder.ID == 0 || c.Is.Kind != vfs.File {
		return was, err
	}
	err = o.tx.AbsentAs(folder.ID, name, func(e *catalog.Entry) error {
		if was.ID == 0 && e.Kind == c.Is.Kind && e.Size == c.Is.Size && e.Modified == c.Is.Modified {
			was = *e
		}
		return nil
	})
	return was, err
}
