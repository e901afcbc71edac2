package index

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Take returns what writes deeds of this program, in their order, into the
// catalogue: to be called in the transaction that says that they were done. What
// stands in no location, or is left out by its rules, is left out. It may read
// rules from the disk, so it is not to be called in a transaction.
func (s *Service) Take(ctx context.Context, deeds []catalog.Deed) (func(tx *store.Tx) error, error) {
	o := &own{s: s, volumes: map[string]*ownVolume{}, deeds: deeds, around: map[catalog.Spot]vfs.Entry{}, wanted: make([]bool, len(deeds)), chains: make([][]vfs.Entry, len(deeds))}
	for i := range deeds {
		if err := o.prepare(ctx, i); err != nil {
			return nil, errs.In("index.take", err)
		}
	}
	return func(stx *store.Tx) error { return errs.In("index.take", o.write(s.Catalog.In(stx))) }, nil
}

// Look has folders of a volume listed again soon.
func (s *Service) Look(ctx context.Context, places []catalog.Spot) error {
	return s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		vs, err := r.Volumes()
		if err != nil {
			return err
		}
		for _, p := range places {
			for _, v := range vs {
				if v.Identity != p.Volume {
					continue
				}
				e, err := r.Lookup(v.Root, p.Path)
				if err == nil && e.State == catalog.Present {
					s.watcher.changed(e.ID)
				} else if err != nil && !errs.Is(err, errs.NotFound) {
					return err
				}
			}
		}
		return nil
	})
}

// own are deeds of our own on their way into the catalogue.
type own struct {
	s       *Service
	volumes map[string]*ownVolume
	deeds   []catalog.Deed
	wanted  []bool                     // of each: it stands where it is indexed
	chains  [][]vfs.Entry              // of each: the folders above it, where a location moves out of all others
	around  map[catalog.Spot]vfs.Entry // the folders in which something changed

	tx      *catalog.Tx
	batch   catalog.Batch
	made    map[catalog.Spot]ident.EntryID // folders in the batch
	fresh   map[catalog.Spot]bool          // all that the batch makes
	hashes  map[ident.EntryID]catalog.Hash
	look    []ident.EntryID // folders to be listed, and watched
	unwatch []ident.EntryID
}

// ownVolume is a volume of which the library knows; nil in own.volumes: it does not.
type ownVolume struct {
	catalog.Volume
	scope *scope
}

func (o *own) volume(ctx context.Context, identity string) (*ownVolume, error) {
	if v, ok := o.volumes[identity]; ok || identity == "" {
		return v, nil
	}
	var found *ownVolume
	err := o.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		vs, err := r.Volumes()
		for i := range vs {
			if vs[i].Identity == identity {
				found = &ownVolume{Volume: vs[i]}
			}
		}
		return err
	})
	if err == nil && found != nil {
		found.scope, err = o.s.scopeOf(ctx, found.Volume)
	}
	if err == nil {
		o.volumes[identity] = found
	}
	return found, err
}

func (s *Service) scopeOf(ctx context.Context, v catalog.Volume) (*scope, error) {
	driver, err := s.Volumes.Driver(ctx, v.Identity)
	if err != nil {
		return nil, err
	}
	places, err := s.places(ctx, v.ID)
	return newScope(places, driver), err
}

// prepare finds out whether a change ends where something is indexed.
func (o *own) prepare(ctx context.Context, i int) error {
	c := &o.deeds[i]
	from, err := o.volume(ctx, c.From.Volume)
	if err == nil {
		err = o.lookAround(ctx, c.From, from)
	}
	if err != nil {
		return err
	}
	to, err := o.volume(ctx, c.To.Volume)
	if err == nil {
		err = o.lookAround(ctx, c.To, to)
	}
	if err != nil || to == nil {
		return err
	}
	if to.scope.innermost(c.To.Path) != nil {
		o.wanted[i], err = to.scope.keeps(ctx, c.To.Path, c.Is)
		return err
	}
	if from == to && from != nil {
		if is, above := from.scope.leads(c.From.Path); is || above {
			dir, _ := vfs.Split(c.To.Path)
			o.chains[i], err = statChain(ctx, to.scope.driver, dir)
		}
	}
	return err
}

// lookAround examines the folder in which something stood or stands: its times
// are others now.
func (o *own) lookAround(ctx context.Context, s catalog.Spot, v *ownVolume) error {
	dir, _ := s.In()
	if _, done := o.around[dir]; done || v == nil || v.scope.innermost(dir.Path) == nil {
		return nil
	}
	is, err := v.scope.driver.Stat(ctx, dir.Path)
	if err == nil {
		o.around[dir] = is
	} else if !errs.Is(err, errs.NotFound) { // else it went, too
		return err
	}
	return nil
}

// renew takes over the times of folders in which something changed.
func (o *own) renew() error {
	var b catalog.Batch
	for spot, is := range o.around {
		e, err := o.at(spot)
		if err != nil {
			return err
		}
		if e.ID != 0 && e.State == catalog.Present && e.Kind == is.Kind && e.Inode == is.Inode && !e.Same(&is) {
			e.Seen(is)
			b.Update = append(b.Update, e)
			o.s.ours.touch(e.Volume, e.ID)
		}
	}
	return o.apply(b)
}

// keeps reports whether the rules keep what stands at path, in a location.
func (s *scope) keeps(ctx context.Context, path string, is vfs.Entry) (bool, error) {
	if above, _ := s.leads(path); above {
		return true, nil
	}
	dir, _ := vfs.Split(path)
	in, err := s.at(ctx, dir)
	if err != nil || in.in == nil {
		return err == nil, err
	}
	if in.in.rules.Gitignore() {
		if in, err = s.read(ctx, in, dir); err != nil {
			return false, err
		}
	}
	return !in.shut && !s.decide(in, path, is.Kind, is.Size).Excluded, nil
}

func (o *own) write(tx *catalog.Tx) error {
	o.tx, o.batch, o.look, o.unwatch = tx, catalog.Batch{}, nil, nil
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
	e, err = o.tx.Lookup(v.Root, s.Path)
	if errs.Is(err, errs.NotFound) {
		return catalog.Entry{}, nil
	}
	return e, err
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
	if err != nil {
		return err
	}
	switch {
	case o.chains[i] != nil && was.ID != 0:
		return o.depart(c, was, o.chains[i])
	case o.wanted[i] && was.ID != 0:
		return o.move(c, was)
	case o.wanted[i]:
		return o.appear(c)
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

// move takes over that a known entry stands elsewhere, or is otherwise.
func (o *own) move(c *catalog.Deed, was catalog.Entry) error {
	dir, name := c.To.In()
	parent, err := o.folder(dir)
	if err != nil {
		return err
	}
	v := o.volumes[c.To.Volume]
	o.s.ours.touch(was.Volume, was.ID, was.Parent)
	whole := v.ID == was.Volume || was.Kind != vfs.Folder // what is below a folder stays on its volume
	if parent == 0 || !whole || was.Kind != c.Is.Kind {
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
