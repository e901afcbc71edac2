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
	o := &own{s: s, volumes: map[string]*ownVolume{}, deeds: deeds, around: map[catalog.Spot]vfs.Entry{}, wanted: make([]bool, len(deeds)), chains: make([][]vfs.Entry, len(deeds)), stays: make([]bool, len(deeds))}
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
	stays   []bool                     // of each: a folder still stands where it came from, on another volume
	around  map[catalog.Spot]vfs.Entry // the folders in which something changed

	tx      *catalog.Tx
	batch   catalog.Batch
	dirs    map[catalog.Spot]catalog.Entry // folders that were looked up, until one of them changes
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
	return s.scope(places, driver), err
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
	if from != nil && from != to && c.Is.Kind == vfs.Folder {
		is, err := from.scope.driver.Stat(ctx, c.From.Path)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		o.stays[i] = err == nil && is.Kind == vfs.Folder
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
