// Package browse shows folders and entries: from the catalogue where they are
// indexed, and by looking at the disk through the same types where they are not.
// It changes nothing.
package browse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Volumes is what browsing needs of the volumes of this machine.
type Volumes interface {
	// Resolve tells where an SdPath or OS path stands; the Driver of the place is
	// nil while its volume is offline. follow: a symlink at the end is followed.
	Resolve(ctx context.Context, path string, follow bool) (catalog.Place, error)
	// Driver gives access to a volume that is proven to be the one with this
	// identity; errs.Unavailable while it is offline.
	Driver(ctx context.Context, identity string) (vfs.Driver, error)
	// Ground tells where a volume stands now.
	Ground(v catalog.Volume) catalog.Ground
}

// Names knows all names of the library without asking its database, which takes
// too long for large folders.
type Names interface {
	// Children calls fn with all that is present in a folder, in no order; the
	// folded name (see package collate) is fn's only until it returns. What it
	// tells was so at seq of the change feed; ok is false while it knows nothing.
	Children(folder ident.EntryID, fn func(id ident.EntryID, kind vfs.Kind, hidden bool, folded []byte, size, modified int64)) (seq int64, ok bool)
}

// Service browses one library.
type Service struct {
	// Names speeds up large folders. It may be nil, and is set before the first use.
	Names Names

	catalog *catalog.Catalog
	volumes Volumes
	lists   lists
	many    int64 // manyEntries, but for tests
}

// New returns a Service.
func New(c *catalog.Catalog, v Volumes) *Service {
	return &Service{catalog: c, volumes: v, many: manyEntries}
}

// spot is an entry that was asked for: known to the catalogue, or just seen.
type spot struct {
	entry   catalog.Entry // without ID: seen, not known
	path    string        // on its volume
	ground  catalog.Ground
	volume  catalog.Volume
	driver  vfs.Driver // nil while the volume is offline, or when not needed yet
	indexed bool       // a folder whose children the catalogue knows
}

// find returns what an id or a path names; exactly one of them is given.
func (s *Service) find(ctx context.Context, id, path string, follow bool) (spot, error) {
	switch {
	case id == "" && path == "":
		return spot{}, errs.New(errs.Invalid, "say which entry: by path or by id")
	case id != "" && path != "":
		return spot{}, errs.New(errs.Invalid, "say which entry by path or by id, not by both")
	case id != "":
		return s.findID(ctx, id)
	}
	p, err := s.volumes.Resolve(ctx, path, follow)
	if err != nil {
		return spot{}, err
	}
	sp := spot{path: p.Path, ground: p.Ground, driver: p.Driver}
	err = s.catalog.Read(ctx, func(r *catalog.Reader) error {
		v, err := r.VolumeByIdentity(p.Identity)
		if err != nil {
			return err
		}
		sp.volume, sp.ground = v, s.volumes.Ground(v)
		if sp.entry, err = r.Lookup(v.Root, p.Path); err != nil {
			return err
		}
		sp.indexed, err = s.isIndexed(r, &sp.entry)
		return err
	})
	if err == nil {
		return sp, nil
	}
	if !errs.Is(err, errs.NotFound) {
		return sp, err
	}
	if p.Driver == nil {
		return sp, errs.New(errs.Unavailable, "its volume is offline, and the library does not know it").At(path).Try("Connect the volume and try again.")
	}
	seen, err := p.Driver.Stat(ctx, p.Path)
	if err != nil {
		return sp, sp.at(err)
	}
	sp.entry = live(seen)
	return sp, nil
}

func (s *Service) findID(ctx context.Context, text string) (sp spot, err error) {
	var id ident.EntryID
	if err := id.UnmarshalText([]byte(text)); err != nil {
		return sp, errs.New(errs.Invalid, "%w", err)
	}
	err = s.catalog.Read(ctx, func(r *catalog.Reader) error {
		if sp.entry, err = r.Entry(id); err != nil {
			return err
		}
		if sp.path, err = r.Path(&sp.entry); err != nil {
			return err
		}
		if sp.volume, err = r.Volume(sp.entry.Volume); err != nil {
			return err
		}
		sp.ground = s.volumes.Ground(sp.volume)
		sp.indexed, err = s.isIndexed(r, &sp.entry)
		return err
	})
	return sp, err
}

// live makes an entry of what a driver shows.
func live(v vfs.Entry) catalog.Entry {
	e := catalog.Entry{Name: v.Name, State: catalog.Present, Parent: 1} // not a volume's root, to the view
	e.Seen(v)
	return e
}

// isIndexed reports whether the catalogue can answer for what is in a folder. In
// a location that was never scanned to its end it can for folders that were
// listed already.
func (s *Service) isIndexed(r *catalog.Reader, e *catalog.Entry) (bool, error) {
	if e.Kind != vfs.Folder || e.State != catalog.Present {
		return false, nil
	}
	ls, err := r.Locations()
	if err != nil {
		return false, err
	}
	for _, l := range ls {
		in, err := r.Within(l.Entry, e.ID)
		if err != nil {
			return false, err
		}
		if in {
			if !l.Indexed.IsZero() {
				return true, nil
			}
			return wasListed(r, e, ls)
		}
	}
	return false, nil
}

// wasListed reports whether a folder was listed: then something in it is
// present, and is not there for being a location of its own.
func wasListed(r *catalog.Reader, e *catalog.Entry, ls []catalog.Location) (listed bool, err error) {
	if e.Totals.Files+e.Totals.Folders == 0 {
		return false, nil
	}
	err = r.Children(e.ID, func(c *catalog.Entry) error {
		if c.State != catalog.Present || slices.ContainsFunc(ls, func(l catalog.Location) bool { return l.Entry == c.ID }) {
			return nil
		}
		listed = true
		return errFound
	})
	if errors.Is(err, errFound) {
		err = nil
	}
	return listed, err
}

var errFound = errors.New("found")

// enter goes on to what is mounted on the folder that was asked for by its id:
// the index holds such a folder, but nothing below it.
func (s *Service) enter(ctx context.Context, sp *spot) error {
	if !sp.indexed || sp.ground.Mount == "" || sp.entry.Totals.Files+sp.entry.Totals.Folders > 0 {
		return nil
	}
	path := sp.ground.SdPath(sp.path).String()
	p, err := s.volumes.Resolve(ctx, path, false)
	switch {
	case errs.Is(err, errs.Unavailable):
		return err
	case err != nil || p.Identity == sp.volume.Identity:
		return nil // what the index knows is what there is
	}
	there, err := s.find(ctx, "", path, false)
	if err == nil {
		*sp = there
	}
	return err
}

// open makes sure that the spot has a driver.
func (s *Service) open(ctx context.Context, sp *spot) error {
	if sp.driver != nil {
		return nil
	}
	d, err := s.volumes.Driver(ctx, sp.volume.Identity)
	sp.driver = d
	return err
}

// at gives an error of the driver the whole address: a driver knows paths on its
// volume only.
func (sp *spot) at(err error) error {
	return &errs.Error{Path: sp.ground.SdPath(sp.path).String(), Kind: errs.KindOf(err), Remedy: errs.RemedyOf(err), Err: err}
}

func (s *Service) view(sp *spot) catalog.View { return s.viewOf(&sp.entry, sp.path, sp.ground) }

func (s *Service) viewOf(e *catalog.Entry, path string, g catalog.Ground) catalog.View {
	v := s.catalog.NewView(e, path, g)
	if e.ID == 0 {
		v.Parent = ""
	}
	return v
}

// File is an open file together with what its receiver must know of it.
type File struct {
	vfs.Handle
	Entry catalog.View
	Name  string // raw bytes
	Seen  vfs.Entry
}

// ETag changes whenever the file's bytes may have changed. It is a bare token.
func (f *File) ETag() string {
	return fmt.Sprintf("%x-%x-%x-%x", f.Seen.Inode, f.Seen.Size, f.Seen.Modified, f.Seen.Changed)
}

// Modified tells when the bytes were changed; zero where the volume does not know.
func (f *File) Modified() time.Time {
	if f.Seen.Modified == 0 {
		return time.Time{}
	}
	return time.Unix(0, f.Seen.Modified).UTC()
}

// Open opens the bytes of a regular file, named by id or by path. The caller
// closes the File. Errors: errs.NotFound, errs.Unsupported (not a regular
// file), errs.Unavailable (its volume is offline), errs.Denied.
func (s *Service) Open(ctx context.Context, id, path string) (*File, error) {
	sp, err := s.find(ctx, id, path, true)
	if err != nil {
		return nil, err
	}
	if err := s.open(ctx, &sp); err != nil {
		return nil, err
	}
	h, err := sp.driver.Open(ctx, sp.path)
	if err != nil {
		return nil, sp.at(err)
	}
	seen, err := h.Stat()
	if err != nil {
		_ = h.Close() // nothing was written
		return nil, sp.at(err)
	}
	_, name := vfs.Split(sp.path)
	return &File{Handle: h, Entry: s.view(&sp), Name: name, Seen: seen}, nil
}

// Folder returns the id of the folder at path, which the library knows. Errors:
// errs.NotFound, errs.Invalid (no folder), errs.Unsupported (not indexed).
func (s *Service) Folder(ctx context.Context, path string) (ident.EntryID, error) {
	sp, err := s.folder(ctx, path)
	return sp.entry.ID, err
}

func (s *Service) folder(ctx context.Context, path string) (spot, error) {
	sp, err := s.find(ctx, "", path, true)
	switch {
	case err != nil:
		return spot{}, err
	case sp.entry.Kind != vfs.Folder:
		return spot{}, errs.New(errs.Invalid, "this is a %s, not a folder", sp.entry.Kind).At(path)
	case sp.entry.ID == 0:
		return spot{}, errs.New(errs.Unsupported, "this folder is not indexed").At(path).Try("Index it with: stardrive location add FOLDER")
	}
	return sp, nil
}
