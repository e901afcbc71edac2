package fileops

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/sdpath"
	"github.com/stardrive/stardrive/internal/vfs"
)

// named is what requests name.
type named struct {
	Sources []string
	IDs     []ident.EntryID
	Query   string
}

// maxFound bounds what a query may choose.
const maxFound = 100_000

// source is a thing that is to be changed, as it stands now.
type source struct {
	v    *volume
	path string
	is   vfs.Entry
	id   ident.EntryID // 0: the library does not know it

	entry *catalog.Entry // what the library knows of it; nil: nobody looked

	newest int64 // the last change of it, and of anything in it, that was seen; 0: nobody looked into it
}

// tick is how far the time that a volume gives a change may lag behind the clock.
const tick = 20 * time.Millisecond

// before is the time after which what changed was not seen when it was looked at:
// what the volume itself tells of what was seen is surer than the clock of this machine.
func (s *source) before(looked int64) int64 {
	if s.newest == 0 && (s.is.Kind == vfs.Folder || s.is.Changed == 0) {
		s.newest = looked - tick.Nanoseconds()
	}
	return max(min(s.newest, looked), s.is.Changed)
}

func (s *source) at() catalog.Spot { return spot(s.v, s.path) }

func (s *source) address() string { return s.v.address(s.path) }

// sources resolves what is named, each once. What is in another of them is left
// out: it goes with that.
func (w *world) sources(ctx context.Context, in named) ([]*source, error) {
	var all []*source
	seen := map[catalog.Spot]bool{}
	add := func(src *source, err error) error {
		if err == nil && src.path == "" {
			err = errs.New(errs.Denied, "the root of a volume cannot be changed").At(src.address())
		}
		if err == nil && !seen[src.at()] {
			seen[src.at()] = true
			all = append(all, src)
		}
		return err
	}
	for _, path := range in.Sources {
		if err := add(w.source(ctx, path)); err != nil {
			return nil, err
		}
	}
	for ids := range slices.Chunk(in.IDs, idsAtATime) {
		if err := w.sourcesByID(ctx, ids, false, add); err != nil {
			return nil, err
		}
	}
	found, err := w.found(ctx, in.Query)
	if err != nil {
		return nil, err
	}
	for ids := range slices.Chunk(found, idsAtATime) {
		if err := w.sourcesByID(ctx, ids, true, add); err != nil {
			return nil, err
		}
	}
	if len(all) == 0 && in.Query != "" {
		return nil, errs.New(errs.NotFound, "the query finds nothing").Try("See what it finds with stardrive search.")
	}
	if len(all) == 0 {
		return nil, errs.New(errs.Invalid, "say which files: by paths, ids or a query")
	}
	outer := all[:0]
	for _, src := range all {
		if !inOther(src.at(), seen) {
			outer = append(outer, src)
		}
	}
	return outer, nil
}

// found returns what a query finds.
func (w *world) found(ctx context.Context, query string) (ids []ident.EntryID, err error) {
	if query == "" {
		return nil, nil
	}
	if w.s.Match == nil {
		return nil, errs.New(errs.Unsupported, "nothing can be searched here")
	}
	err = w.s.Match(ctx, query, func(id ident.EntryID) bool {
		ids = append(ids, id)
		return len(ids) <= maxFound
	})
	if err == nil && len(ids) > maxFound {
		err = errs.New(errs.Invalid, "the query finds more than %d things", maxFound).Try("Name the folder that they are in.")
	}
	return ids, err
}

// inOther reports whether a folder above at is among them.
func inOther(at catalog.Spot, them map[catalog.Spot]bool) bool {
	for at.Path != "" {
		at, _ = at.In()
		if at.Path != "" && them[at] {
			return true
		}
	}
	return false
}

// source examines what stands at a path, a symlink itself.
func (w *world) source(ctx context.Context, path string) (*source, error) {
	p, err := w.s.volumes.Resolve(ctx, path, false)
	if err != nil {
		return nil, err
	}
	return w.sourceAt(ctx, p.Identity, p.Path, path)
}

func (w *world) sourceAt(ctx context.Context, identity, path, told string) (*source, error) {
	v, err := w.volume(ctx, identity)
	if err != nil {
		return nil, err
	}
	src := &source{v: v, path: path}
	if src.is, err = v.Driver.Stat(ctx, path); err != nil {
		return nil, &errs.Error{Path: told, Kind: errs.KindOf(err), Remedy: errs.RemedyOf(err), Err: err}
	}
	return src, nil
}

// idsAtATime are looked up together.
const idsAtATime = 1000

// sourcesByID examines what stands where the library knows these entries to be.
// What is gone is an error, unless it was only found: then it is left out.
func (w *world) sourcesByID(ctx context.Context, ids []ident.EntryID, onlyFound bool, add func(*source, error) error) error {
	var entries []catalog.Entry
	var places []catalog.Spot
	err := w.s.catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		if entries, err = r.EntriesByID(ids); err != nil {
			return err
		}
		if len(entries) < len(ids) && !onlyFound { // one is not known, and its error tells which
			for _, id := range ids {
				if _, err := r.Entry(id); err != nil {
					return err
				}
			}
		}
		volumes := map[ident.VolumeID]string{}
		for i := range entries {
			e := &entries[i]
			if volumes[e.Volume] == "" {
				v, err := r.Volume(e.Volume)
				if err != nil {
					return err
				}
				volumes[e.Volume] = v.Identity
			}
			path, err := r.Path(e)
			if err != nil {
				return err
			}
			places = append(places, catalog.Spot{Volume: volumes[e.Volume], Path: path})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range entries {
		src, err := w.sourceAt(ctx, places[i].Volume, places[i].Path, fmt.Sprintf("entry %d", entries[i].ID))
		if onlyFound && errs.Is(err, errs.NotFound) {
			continue
		}
		if err == nil {
			src.id, src.entry = entries[i].ID, &entries[i]
		}
		if err := add(src, err); err != nil {
			return err
		}
	}
	return nil
}

// place is where something is to come: a folder that exists, and a name in it.
type place struct {
	v      *volume
	folder string
	is     vfs.Entry // the folder
	name   string    // "": each source keeps its own
}

func (p *place) at(name string) catalog.Spot { return spot(p.v, vfs.Join(p.folder, name)) }

// destination finds where things are to come: a folder that exists takes them
// under their own names; else the path is the new name of one thing.
func (w *world) destination(ctx context.Context, path string, many bool) (*place, error) {
	if path == "" {
		return nil, errs.New(errs.Invalid, "say where to: destination")
	}
	at, err := w.s.volumes.Resolve(ctx, path, true)
	if errs.Is(err, errs.NotFound) { // a new name; or a symlink to nothing, through which nothing is written
		at, err = w.s.volumes.Resolve(ctx, path, false)
	}
	if err != nil {
		return nil, err
	}
	v, err := w.writable(ctx, at.Identity)
	if err != nil {
		return nil, err
	}
	is, err := v.Driver.Stat(ctx, at.Path)
	if err == nil && is.Kind == vfs.Folder {
		return &place{v: v, folder: at.Path, is: is}, v.at(at.Path, v.mayChange(ctx, at.Path, ""))
	}
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, v.at(at.Path, err)
	}
	if many {
		return nil, errs.New(errs.Invalid, "this is not a folder, and there are several things to be put into it").At(path)
	}
	if err == nil || !strings.HasSuffix(path, "/") {
		return w.newName(ctx, v, at.Path)
	}
	return nil, errs.New(errs.NotFound, "there is no such folder").At(path).Try("Make it first: stardrive mkdir")
}

// newName is the place of a thing that may not be there yet.
func (w *world) newName(ctx context.Context, v *volume, path string) (*place, error) {
	folder, name := vfs.Split(path)
	is, err := v.Driver.Stat(ctx, folder)
	if err != nil {
		return nil, v.at(folder, err)
	}
	if is.Kind != vfs.Folder {
		return nil, errs.New(errs.Invalid, "this is a %s, not a folder", is.Kind).At(v.address(folder))
	}
	if err := checkName(v, name); err != nil {
		return nil, err
	}
	return &place{v: v, folder: folder, is: is, name: name}, v.at(folder, v.mayChange(ctx, folder, ""))
}

// checkName refuses names that a volume cannot hold.
func checkName(v *volume, name string) error {
	w := v.writing
	switch {
	case !sdpath.ValidName(name) || strings.IndexByte(name, 0) >= 0:
		return errs.New(errs.Invalid, "this cannot be a name").At(catalog.PlainName(name))
	case w.MaxName > 0 && len(name) > w.MaxName:
		return errs.New(errs.Invalid, "the name is longer than the %d bytes that this volume takes", w.MaxName).At(catalog.PlainName(name))
	case w.Holds != nil && !w.Holds(name):
		return errs.New(errs.Invalid, "this volume cannot hold such a name").At(catalog.PlainName(name))
	}
	return nil
}

// guard refuses to put a folder into itself, and a thing in its own place. It
// looks at what the folders are, not at what they are called.
func (w *world) guard(ctx context.Context, src *source, to *place, name string) error {
	if src.v != to.v {
		return nil
	}
	if src.at() == to.at(name) {
		return errs.New(errs.Invalid, "this is the same place").At(src.address())
	}
	if src.is.Kind != vfs.Folder {
		return nil
	}
	for path := to.folder; ; {
		if path == src.path {
			return intoItself(src)
		}
		if path == "" {
			return nil
		}
		if src.is.Inode != 0 {
			is, err := to.v.Driver.Stat(ctx, path)
			if err != nil {
				return to.v.at(path, err)
			}
			if is.Inode == src.is.Inode && !is.Mount {
				return intoItself(src)
			}
		}
		path, _ = vfs.Split(path)
	}
}

func intoItself(src *source) error {
	return errs.New(errs.Invalid, "a folder cannot be put into itself").At(src.address())
}

// totals tells what is in a source, itself included: from the catalogue where it
// is indexed, else by going through it.
func (w *world) totals(ctx context.Context, src *source) (sum action.Summary, err error) {
	if src.is.Kind != vfs.Folder {
		count(&sum, &src.is)
		return sum, nil
	}
	if t, ok := w.indexed(ctx, src); ok {
		return action.Summary{Files: t.Files, Folders: t.Folders + 1, Bytes: t.Bytes}, nil
	}
	return w.walked(ctx, src)
}

// walked is totals of a folder as it is now, of which it notes the last change. What
// cannot be read is not counted.
func (w *world) walked(ctx context.Context, src *source) (sum action.Summary, err error) {
	sum.Folders, src.newest = 1, src.is.Changed
	stack := []string{src.path}
	for len(stack) > 0 {
		dir := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		err := src.v.Driver.List(ctx, dir, func(batch []vfs.Entry) error {
			for i := range batch {
				if vfs.IsPrivate(batch[i].Name) {
					continue
				}
				count(&sum, &batch[i])
				src.newest = max(src.newest, batch[i].Changed)
				if batch[i].Kind == vfs.Folder && !batch[i].Mount {
					stack = append(stack, vfs.Join(dir, batch[i].Name))
				}
			}
			return nil
		})
		if err != nil && ctx.Err() != nil {
			return sum, err
		}
	}
	return sum, nil
}

// indexed returns the catalogue's sums of a folder that it knows all of.
func (w *world) indexed(ctx context.Context, src *source) (t catalog.Totals, ok bool) {
	err := w.s.catalog.Read(ctx, func(r *catalog.Reader) error {
		e, locations, err := known(r, src)
		if err != nil || e.State != catalog.Present || e.Kind != vfs.Folder {
			return err
		}
		for _, l := range locations {
			in, err := r.Within(l.Entry, e.ID)
			if err != nil {
				return err
			}
			if in && !l.Indexed.IsZero() {
				src.id, t, ok = e.ID, e.Totals, true
			}
		}
		return nil
	})
	return t, ok && err == nil
}

// known returns what the catalogue has of a source, and the locations of its volume.
func known(r *catalog.Reader, src *source) (e catalog.Entry, on []catalog.Location, err error) {
	v, err := r.VolumeByIdentity(src.v.id)
	if err != nil {
		return e, nil, err
	}
	if e, err = r.Lookup(v.Root, src.path); err != nil {
		return e, nil, err
	}
	all, err := r.Locations()
	for _, l := range all {
		if l.Volume == v.ID {
			on = append(on, l)
		}
	}
	return e, on, err
}

func add(to *action.Summary, s action.Summary) {
	to.Files += s.Files
	to.Folders += s.Folders
	to.Bytes += s.Bytes
}

// freeName finds a name near this one that nothing in the folder bears: "a (2).txt".
func (w *world) freeName(ctx context.Context, v *volume, folder, name string, taken func(string) bool) (string, error) {
	stem, ext := splitExt(name)
	for n := 2; n < 10_000; n++ {
		tail := fmt.Sprintf(" (%d)%s", n, ext)
		cut := stem
		if limit := v.writing.MaxName; limit > 0 && len(cut)+len(tail) > limit {
			cut = strings.ToValidUTF8(cut[:max(limit-len(tail), 0)], "")
		}
		candidate := cut + tail
		if taken != nil && taken(candidate) {
			continue
		}
		_, err := v.Driver.Stat(ctx, vfs.Join(folder, candidate))
		if errs.Is(err, errs.NotFound) {
			return candidate, nil
		}
		if err != nil {
			return "", v.at(folder, err)
		}
	}
	return "", errs.New(errs.Conflict, "there are too many things of this name").At(catalog.PlainName(name))
}

// splitExt cuts a name before its extension, "a.tar.gz" before ".tar.gz".
func splitExt(name string) (stem, ext string) {
	i := strings.LastIndexByte(name, '.')
	if i <= 0 || len(name)-i > 12 || strings.ContainsAny(name[i:], " ") {
		return name, ""
	}
	if j := strings.LastIndexByte(name[:i], '.'); j > 0 && name[j:i] == ".tar" {
		i = j
	}
	return name[:i], name[i:]
}
