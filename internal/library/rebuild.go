package library

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

// remedy is what to do about a library in that folder whose database is gone or damaged.
func remedy(folder string) string {
	name := printable(strings.TrimSuffix(filepath.Base(folder), Suffix))
	if all := store.Kept(filepath.Join(folder, databaseFile)); len(all) > 0 {
		return fmt.Sprintf("Put the copy of %s in its place with: stardrive library restore %q. What you added to files stays.", all[0].Made.UTC().Format(time.DateOnly), name)
	}
	return rebuild(name)
}

// rebuild is what to do about a library of which no copy is kept.
func rebuild(name string) string {
	return fmt.Sprintf("Restore it from a backup with: stardrive library restore %q --source FOLDER. Or make it anew of your disks with: stardrive library rebuild %[1]q. What you added to files stays.", name)
}

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
	l, err := m.replace(ctx, ref, force, func(i Info) error { return m.begins(ctx, i) })
	return l, errs.In("library.rebuild", err)
}

// replace has another database put in the place of a library's by put, which is called
// with the library closed and its lock held, and opens it. When that fails, what was open
// is opened again.
func (m *Manager) replace(ctx context.Context, ref string, force bool, put func(Info) error) (*Library, error) {
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
	if err := m.locked(ctx, i, force, put); err != nil {
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

// locked holds the library's lock while put is at work. force: a sound database is
// replaced, too.
func (m *Manager) locked(ctx context.Context, i Info, force bool, put func(Info) error) error {
	lock, err := acquire(filepath.Join(i.Path, lockFile))
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }() // nothing was written through it
	if !force {
		if err := m.unsound(ctx, i.Path); err != nil {
			return err
		}
	}
	return put(i)
}

// unsound refuses to take a library's database for damaged that is not.
func (m *Manager) unsound(ctx context.Context, folder string) error {
	if fi, err := os.Stat(filepath.Join(folder, databaseFile)); err != nil || fi.Size() == 0 {
		return nil
	}
	db, err := m.database(ctx, folder)
	switch errs.KindOf(err) {
	case errs.Conflict, errs.Unavailable, errs.Denied, errs.Unsupported, errs.Cancelled: // of a newer Stardrive, or not to be had now: that is no damage
		return err
	}
	if err != nil {
		return nil
	}
	err = db.Check(ctx)
	if e := db.Close(); err == nil {
		err = e
	}
	if err != nil {
		return ctx.Err()
	}
	return errs.New(errs.Conflict, "the library's database is sound").At(folder).Try("Replace it all the same with --force: places to index, jobs and the ways back from changes of files that only it has are forgotten.")
}

// begins empties a library's folder of what can be made again, and makes the new
// database, so that a folder whose database is missing is never opened by itself.
func (m *Manager) begins(ctx context.Context, i Info) error {
	aside, err := freeFolder(filepath.Join(i.Path, "replaced"))
	if err != nil {
		return errs.New(errs.KindOf(err), "%w", err).At(i.Path)
	}
	if err := moveInto(aside, i.Path, func(name string) bool { return !stays(name) }); err != nil {
		return err
	}
	db, err := m.database(ctx, i.Path)
	if err != nil {
		return err
	}
	return db.Close()
}

// moveInto moves those files of a library's folder into another, on the same disk.
func moveInto(aside, folder string, which func(name string) bool) error {
	all, err := os.ReadDir(folder)
	for _, e := range all {
		if n := e.Name(); err == nil && which(n) {
			err = os.Rename(filepath.Join(folder, n), filepath.Join(aside, n))
		}
	}
	if err == nil {
		err = durable.SyncFolder(folder)
	}
	if err != nil {
		return errs.New(errs.KindOf(err), "what is to be made anew cannot be put aside: %w", err).At(folder)
	}
	return nil
}

// isDatabase reports whether a file is the library's database, one that is to become it,
// or belongs to either.
func isDatabase(name string) bool {
	return name == databaseFile || strings.HasPrefix(name, databaseFile+"-") || strings.HasPrefix(name, databaseFile+".")
}

// stays reports whether a file of a library's folder is not made of the disks and the
// database: what users added, copies of both, what was put aside before, and sidecars and
// texts, which are named by what they were made of.
func stays(name string) bool {
	switch name {
	case infoFile, lockFile, "sidecars", "texts":
		return true
	}
	return strings.HasPrefix(name, userFile) || strings.HasPrefix(name, databaseFile+".") || strings.HasPrefix(name, "replaced")
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
