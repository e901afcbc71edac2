package library

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
)

// rebuild is what to do about a library whose database is gone.
const rebuild = "Restore it from a backup of the library's folder, or make it anew of your disks with: stardrive library rebuild NAME. What you added to files stays."

// Rebuild gives a library a new, empty database in place of one that is missing or
// damaged, and opens it. What is made of the disks is put aside, into a folder of the
// library's; what users added stays, and finds its files when they are indexed again.
// force: also when the database is sound. Errors: errs.NotFound; errs.Conflict (it is
// sound, or in use).
func (m *Manager) Rebuild(ctx context.Context, ref string, force bool) (*Library, error) {
	end, err := m.begin(ctx)
	if err != nil {
		return nil, errs.In("library.rebuild", err)
	}
	defer end()
	l, err := m.rebuild(ctx, ref, force)
	return l, errs.In("library.rebuild", err)
}

func (m *Manager) rebuild(ctx context.Context, ref string, force bool) (*Library, error) {
	i, err := m.find(ref)
	if err != nil {
		return nil, err
	}
	if _, err := load(i.Path); err != nil { // what else is broken is not mended so
		return nil, err
	}
	wasOpen, err := m.shut(i)
	if err != nil {
		return nil, err
	}
	if err := m.putAside(ctx, i.Path, force); err != nil {
		if wasOpen { // what goes on in it goes on
			if _, e := m.openFolder(context.WithoutCancel(ctx), i); e != nil {
				err = errors.Join(err, e)
			}
		}
		return nil, err
	}
	i.State, i.Err = Closed, nil
	l, err := m.openFolder(ctx, i)
	if err == nil {
		m.remember(l.ID)
	}
	return l, err
}

// putAside empties a library's folder of what can be made again, and makes the new
// database, so that a folder whose database is missing is never opened by itself.
func (m *Manager) putAside(ctx context.Context, folder string, force bool) error {
	lock, err := acquire(filepath.Join(folder, lockFile))
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }() // nothing was written through it
	if fi, err := os.Stat(filepath.Join(folder, databaseFile)); err == nil && fi.Size() > 0 && !force {
		db, err := m.database(ctx, folder)
		switch errs.KindOf(err) {
		case errs.Conflict, errs.Unavailable, errs.Denied, errs.Unsupported, errs.Cancelled: // of a newer Stardrive, or not to be had now: that is no damage
			return err
		}
		if err == nil {
			_ = db.Close()
			return errs.New(errs.Conflict, "the library's database is sound").At(folder).Try("Make it anew all the same with --force: places to index, jobs and the ways back from changes of files are forgotten.")
		}
	}
	aside, err := freeFolder(filepath.Join(folder, "replaced"))
	if err != nil {
		return errs.New(errs.KindOf(err), "%w", err).At(folder)
	}
	all, err := os.ReadDir(folder)
	for _, e := range all {
		if n := e.Name(); err == nil && !stays(n) {
			err = os.Rename(filepath.Join(folder, n), filepath.Join(aside, n))
		}
	}
	if err == nil {
		err = durable.SyncFolder(folder)
	}
	if err != nil {
		return errs.New(errs.KindOf(err), "what is to be made anew cannot be put aside: %w", err).At(folder)
	}
	db, err := m.database(ctx, folder)
	if err != nil {
		return err
	}
	return db.Close()
}

// stays reports whether a file of a library's folder is not made of the disks and the
// database: what users added, what was put aside before, and sidecars and texts, which are
// named by what they were made of.
func stays(name string) bool {
	switch name {
	case infoFile, lockFile, "sidecars", "texts":
		return true
	}
	return strings.HasPrefix(name, "user.db") || strings.HasPrefix(name, "replaced")
}

// freeFolder makes a folder of that name, or with a number behind it.
func freeFolder(path string) (string, error) {
	at := path
	for n := 2; ; n++ {
		err := os.Mkdir(at, 0o700)
		if !errors.Is(err, fs.ErrExist) {
			return at, err
		}
		at = fmt.Sprintf("%s-%d", path, n)
	}
}

// RebuildIn names a library whose database is to be made anew.
type RebuildIn struct {
	Name  string `json:"name" cli:"1" min:"1" jsonschema:"name or id of the library"`
	Force bool   `json:"force,omitempty" jsonschema:"also when its database is sound"`
}

func (m *Manager) rebuildOp(ctx context.Context, in RebuildIn) (View, error) {
	l, err := m.Rebuild(ctx, in.Name, in.Force)
	if err != nil {
		return View{}, err
	}
	return m.viewOf(l), nil
}
