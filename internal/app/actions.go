package app

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/library"
	"github.com/stardrive/stardrive/internal/sdpath"
	"github.com/stardrive/stardrive/internal/volumes"
)

// newActions makes what plans and does changes of the user's files.
func (r *runtime) newActions(l *library.Library, at places, log *slog.Logger) {
	r.files = fileops.New(fileops.Options{Catalog: r.catalog, Volumes: at, Known: r.index, Log: log})
	r.files.MoreVolumes = at.volumesHere
	r.files.Taken = takenOf
	r.plans = action.New(action.Options{DB: l.DB, Kinds: slices.Concat(r.files.Kinds(), r.mirror.Kinds()), Log: log})
	r.files.Start(r.plans)
}

// limitCopies sets how fast files are copied: as the settings say, and as they are
// changed from now on.
func (d *daemon) limitCopies(files *fileops.Service) {
	if s, err := d.layout.Load(); err == nil { // it may have been changed since the daemon began
		files.SetLimit(s.CopyLimit)
	}
	files.KeepLimit = func(bytesPerSecond int64) error {
		s, err := d.layout.Load()
		if err != nil {
			return err
		}
		s.CopyLimit = bytesPerSecond
		return d.layout.Save(s)
	}
}

// Site gives access to a volume that is here, for changes.
func (p places) Site(ctx context.Context, identity string) (fileops.Site, error) {
	d, mount, err := p.volumes.DriverFor(ctx, identity)
	if err != nil {
		return fileops.Site{}, err
	}
	now, ok := p.volumes.Find(ctx, identity)
	if !ok {
		return fileops.Site{}, errs.New(errs.Unavailable, "this volume is offline").Try("Connect and mount the volume, then try again.")
	}
	name, err := p.volumes.NameIn(ctx, volumes.CatalogBook(p.catalog), now)
	if err != nil {
		return fileops.Site{}, err
	}
	s := fileops.Site{Driver: d, Ground: catalog.Ground{Name: name, Mount: mount, Online: true}, Read: now.Speed.Read * 1e6, Write: now.Speed.Write * 1e6}
	s.Trash = trash.Volume{Mount: mount, UID: os.Getuid()}
	if home, ok := p.homeTrash(ctx); ok && home.Volume.Identity == identity {
		s.Trash.Home = home.Path
	}
	return s, nil
}

// homeTrash is where the user's own trash is, or would be.
func (p places) homeTrash(ctx context.Context) (volumes.Place, bool) {
	if p.trash == "" {
		return volumes.Place{}, false
	}
	path := p.trash
	// The folders above may be missing yet: the first that is there tells the volume.
	for above := path; ; above = filepath.Dir(above) {
		at, err := p.volumes.Resolve(ctx, above, volumes.Follow())
		if err == nil {
			rest, err := filepath.Rel(above, path)
			if err != nil {
				return at, false
			}
			if rest != "." {
				at.Path = strings.Trim(at.Path+"/"+filepath.ToSlash(rest), "/")
			}
			return at, sdpath.Within("", at.Path)
		}
		if above == filepath.Dir(above) {
			return at, false
		}
	}
}

// volumesHere are the identities of the volumes that can be used now.
func (p places) volumesHere(ctx context.Context) (ids []string) {
	all, err := p.volumes.List(ctx)
	if err != nil {
		return nil // those that the library knows will do
	}
	for _, v := range all {
		if v.State == volumes.Online && !v.System {
			ids = append(ids, v.Identity)
		}
	}
	return ids
}

// takenOf tells when a picture was taken, as its facts have it.
func takenOf(r *catalog.Reader, c ident.ContentID) (ns int64, ok bool) {
	err := r.Store().QueryRow("SELECT taken_ns FROM facts WHERE content_id = ? AND taken_ns IS NOT NULL", int64(c)).Scan(&ns)
	return ns, err == nil && !errors.Is(err, sql.ErrNoRows)
}
