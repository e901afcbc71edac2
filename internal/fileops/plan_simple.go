package fileops

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// MkdirIn names a folder to be made.
type MkdirIn struct {
	Path    string `json:"path" cli:"1" jsonschema:"the new folder"`
	Parents bool   `json:"parents,omitempty" jsonschema:"make the folders above it, too, where they are missing; and be content with one that exists"`
}

func (s *Service) planMkdir(ctx context.Context, in MkdirIn, d *action.Draft) error {
	w := s.world()
	at, err := s.volumes.Resolve(ctx, in.Path, false)
	if err != nil {
		return err
	}
	v, err := w.writable(ctx, at.Identity)
	if err != nil {
		return err
	}
	missing, above, err := w.missing(ctx, v, at.Path)
	if err == nil && len(missing) > 0 && above.Kind == vfs.Folder {
		parent, _ := vfs.Split(missing[0])
		err = v.at(parent, v.mayChange(ctx, parent, ""))
	}
	switch {
	case err != nil:
		return err
	case len(missing) == 0 && above.Kind == vfs.Folder && in.Parents:
		return errs.New(errs.Conflict, "the folder exists already").At(v.address(at.Path))
	case len(missing) == 0:
		return errs.New(errs.Conflict, "there is a %s of this name already", above.Kind).At(v.address(at.Path))
	case above.Kind != vfs.Folder:
		return errs.New(errs.Invalid, "this is a %s, not a folder", above.Kind).At(v.address(at.Path))
	case len(missing) > 1 && !in.Parents:
		parent, _ := vfs.Split(at.Path)
		return errs.New(errs.NotFound, "there is no such folder").At(v.address(parent)).Try("Make the folders above, too: --parents")
	}
	_, name := vfs.Split(at.Path)
	d.Title = "Make the folder " + catalog.PlainName(name)
	into := above.Inode
	for _, path := range missing {
		_, name := vfs.Split(path)
		if err := checkName(v, name); err != nil {
			return err
		}
		d.Summary.Folders++
		if _, err := d.Add(ctx, action.Item{Verb: "mkdir", To: v.address(path)}, task{Into: into, Step: step{Verb: vMkdir, To: spot(v, path)}}); err != nil {
			return err
		}
		into = 0
	}
	return nil
}

// missing returns the folders of a path that do not exist, outermost first, and
// what stands above them.
func (w *world) missing(ctx context.Context, v *volume, path string) (paths []string, above vfs.Entry, err error) {
	for {
		is, err := v.Driver.Stat(ctx, path)
		if err == nil || !errs.Is(err, errs.NotFound) || path == "" {
			return paths, is, v.at(path, err)
		}
		paths = append([]string{path}, paths...)
		path, _ = vfs.Split(path)
	}
}

// CreateIn names a file to be made.
type CreateIn struct {
	Path string `json:"path" cli:"1" jsonschema:"the new, empty file"`
}

func (s *Service) planCreate(ctx context.Context, in CreateIn, d *action.Draft) error {
	w := s.world()
	at, err := s.volumes.Resolve(ctx, in.Path, false)
	if err != nil {
		return err
	}
	v, err := w.writable(ctx, at.Identity)
	if err != nil {
		return err
	}
	to, err := w.newName(ctx, v, at.Path)
	if err != nil {
		return err
	}
	if err := w.mustBeFree(ctx, to, to.name); err != nil {
		return err
	}
	d.Title = "Make the file " + catalog.PlainName(to.name)
	d.Summary.Files = 1
	_, err = d.Add(ctx, action.Item{Verb: "create", To: v.address(at.Path)}, task{Into: to.is.Inode, Step: step{Verb: vWrite, To: to.at(to.name)}})
	return err
}

func (w *world) mustBeFree(ctx context.Context, to *place, name string) error {
	is, err := to.v.Driver.Stat(ctx, vfs.Join(to.folder, name))
	if err == nil {
		return errs.New(errs.Conflict, "there is a %s of this name already", is.Kind).At(to.v.address(vfs.Join(to.folder, name)))
	}
	return ignore(err, errs.NotFound)
}

// RenameIn names a thing, and its new name.
type RenameIn struct {
	Path string        `json:"path" cli:"1" jsonschema:"the file or folder; empty if its id is given"`
	Name string        `json:"name" cli:"2" jsonschema:"its new name"`
	ID   ident.EntryID `json:"id,omitempty" cli:"-" jsonschema:"the file or folder by entry id, instead of its path"`
}

func (s *Service) planRename(ctx context.Context, in RenameIn, d *action.Draft) error {
	w := s.world()
	from := named{IDs: []ident.EntryID{in.ID}}
	if in.ID == 0 {
		from = named{Sources: []string{in.Path}}
	}
	all, err := w.sources(ctx, from)
	if err != nil {
		return err
	}
	src := all[0]
	if src.v, err = w.writable(ctx, src.v.id); err != nil {
		return err
	}
	folder, old := vfs.Split(src.path)
	to, err := w.newName(ctx, src.v, vfs.Join(folder, in.Name))
	if err != nil {
		return err
	}
	if in.Name == old {
		return errs.New(errs.Invalid, "it bears this name already").At(src.address())
	}
	if same := src.v.writing.Same; same == nil || !same(old, in.Name) {
		if err := w.mustBeFree(ctx, to, in.Name); err != nil {
			return err
		}
	}
	d.Title = fmt.Sprintf("Rename %s to %s", catalog.PlainName(old), catalog.PlainName(in.Name))
	if err := w.removable(ctx, src); err != nil {
		return err
	}
	count(&d.Summary, &src.is)
	_, err = d.Add(ctx, action.Item{Verb: "rename", From: src.address(), To: src.v.address(vfs.Join(folder, in.Name))},
		task{Into: to.is.Inode, Step: step{Verb: vRename, From: src.at(), To: to.at(in.Name), Seen: &src.is}})
	return err
}

// removable refuses what may not be moved or removed: it is sealed, or the folder
// that it stands in is, or may not be changed by this user.
func (w *world) removable(ctx context.Context, src *source) error {
	return w.allRemovable(ctx, []*source{src})
}

// allRemovable is removable of many: each folder is opened once.
func (w *world) allRemovable(ctx context.Context, all []*source) (err error) {
	var dir vfs.Dir
	var at catalog.Spot
	shut := func() {
		if dir != nil {
			_ = dir.Close() // it was read
		}
	}
	defer func() { shut() }()
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b *source) int { return cmp.Or(cmp.Compare(a.v.id, b.v.id), cmp.Compare(a.path, b.path)) })
	for _, src := range all {
		if err := cmp.Or(ctx.Err(), src.fixed()); err != nil {
			return err
		}
		folder, name := src.at().In()
		if dir == nil || at != folder {
			shut()
			if dir, err = src.v.dir(ctx, folder.Path); err != nil {
				return src.v.at(src.path, err)
			}
			at = folder
		}
		if m, err := dir.Meta(ctx, name); err == nil && m.Sealed {
			return sealed(src)
		}
		if err := mayChange(ctx, dir, name); err != nil {
			return src.v.at(src.path, err)
		}
	}
	return nil
}

// fixed tells of what can be changed by nobody.
func (s *source) fixed() error {
	if s.is.Mount {
		return errs.New(errs.Denied, "another volume is mounted here").At(s.address()).Try("Unmount it first: stardrive volume eject")
	}
	if s.v.writing == nil {
		return errs.New(errs.Unsupported, "nothing can be changed on this volume").At(s.address())
	}
	return nil
}

func sealed(src *source) error {
	return errs.New(errs.Denied, "it is sealed against changes (chattr +i or +a)").At(src.address()).Try("Take the seal off first: chattr -i")
}

// changeable refuses what may not be changed at all.
func (w *world) changeable(ctx context.Context, src *source) error {
	if err := src.fixed(); err != nil {
		return err
	}
	if m, err := src.meta(ctx); err == nil && m.Sealed {
		return sealed(src)
	}
	return nil
}

// mayTake tells why a name may not be taken away from where it stands.
func (v *volume) mayTake(ctx context.Context, path string) error {
	folder, name := vfs.Split(path)
	return v.mayChange(ctx, folder, name)
}

// mayChange tells why a name of a folder may not be taken away, or none given.
func (v *volume) mayChange(ctx context.Context, folder, name string) error {
	d, err := v.dir(ctx, folder)
	if err != nil {
		return err
	}
	defer d.Close() //nolint:errcheck // it was read
	return mayChange(ctx, d, name)
}

func mayChange(ctx context.Context, d vfs.Dir, name string) error {
	if g, ok := vfs.DirAs[vfs.Guarded](d); ok {
		return g.MayChange(ctx, name)
	}
	return nil
}
