package library

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
)

// Folders that are being made or destroyed; what a crash leaves is swept.
const (
	making     = ".making-"
	destroying = ".destroying-"
)

// Create makes a library and opens it. Errors: errs.Invalid (not a name),
// errs.Conflict (a library of that name exists, in any case).
func (m *Manager) Create(ctx context.Context, name string) (*Library, error) {
	end, err := m.begin(ctx)
	if err != nil {
		return nil, errs.In("library.create", err)
	}
	defer end()
	l, err := m.create(ctx, name)
	if err != nil {
		return nil, errs.In("library.create", err)
	}
	m.remember(l.ID)
	return l, nil
}

// create makes the whole folder under another name, so that a library is there
// complete or not at all.
func (m *Manager) create(ctx context.Context, name string) (*Library, error) {
	path, name, err := m.free(name, "")
	if err != nil {
		return nil, err
	}
	if err := ensureFolder(m.dir); err != nil {
		return nil, errs.New(errs.KindOf(err), "%w", err).At(m.dir).Try("Make the data folder writable, with some space left.")
	}
	m.sweep()
	temp := filepath.Join(m.dir, making+rand.Text())
	s := stored{ID: ident.NewLibraryID(), Name: name, Created: m.o.Now().UTC(), Format: format}
	if err := m.build(ctx, temp, s); err != nil {
		_ = os.RemoveAll(temp) // or it is swept
		return nil, err
	}
	if err := move(temp, path); err != nil {
		_ = os.RemoveAll(temp)
		return nil, err
	}
	return m.openFolder(ctx, Info{ID: s.ID, Name: name, Path: path, Created: s.Created, State: Closed})
}

func (m *Manager) build(ctx context.Context, folder string, s stored) error {
	if err := makeFolder(folder); err != nil {
		return errs.New(errs.KindOf(err), "%w", err).At(folder)
	}
	l, err := acquire(filepath.Join(folder, lockFile))
	if err != nil {
		return err
	}
	defer func() { _ = l.Release() }() // nothing was written through it
	db, err := m.database(ctx, folder)
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	return save(folder, s)
}

func (m *Manager) database(ctx context.Context, folder string) (*store.DB, error) {
	return store.Open(ctx, m.storeOptions(folder))
}

func (m *Manager) storeOptions(folder string) store.Options {
	return store.Options{Path: filepath.Join(folder, databaseFile), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations(), Log: m.o.Log}
}

// free returns the folder for a library called name, unless that is taken by
// another than the one at path except.
func (m *Manager) free(name, except string) (path, clean string, err error) {
	if name, err = checkName(name); err != nil {
		return "", "", err
	}
	all, err := m.scan()
	if err != nil {
		return "", "", err
	}
	for _, i := range all {
		if i.Path != except && fold(i.Name) == fold(name) {
			return "", "", errs.New(errs.Conflict, "there is a library %q already", i.Name).At(i.Path).Try("Choose another name.")
		}
	}
	return filepath.Join(m.dir, name+Suffix), name, nil
}

// openFolder opens the library in the folder of i. Whatever fails, nothing stays
// open.
func (m *Manager) openFolder(ctx context.Context, i Info) (*Library, error) {
	if i.Err != nil {
		return nil, i.Err
	}
	lock, err := acquire(filepath.Join(i.Path, lockFile))
	if err != nil {
		return nil, err
	}
	l := &Library{ID: i.ID, Name: i.Name, Path: i.Path, Created: i.Created, lock: lock}
	if err := m.fill(ctx, l); err != nil {
		if e := l.close(); e != nil {
			m.o.Log.Warn("Closing a library that could not be opened failed", "library", l.Name, "error", e)
		}
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open[l.ID] = l
	return l, nil
}

func (m *Manager) fill(ctx context.Context, l *Library) error {
	s, err := load(l.Path) // again, with the lock held
	if err != nil {
		return err
	}
	if s.Name != l.Name {
		// The folder was renamed: by a person, or by Rename and then a crash.
		s.Name = l.Name
		if err := save(l.Path, s); err != nil {
			return err
		}
	}
	if l.DB, err = m.database(ctx, l.Path); err != nil {
		if k := errs.KindOf(err); k == errs.Internal || k == errs.Invalid {
			return errs.New(k, "%w", err).At(l.Path).Try(remedy(l.Path))
		}
		return err
	}
	if m.o.Attach == nil {
		return nil
	}
	if l.Runtime, err = m.o.Attach(ctx, l); err != nil {
		return errs.New(errs.KindOf(err), "open the library: %w", err).At(l.Path)
	}
	return nil
}

// Rename gives a library another name. An open one is closed for a moment: its
// Library value ends, and Get returns another. Errors: as of Create and Get.
func (m *Manager) Rename(ctx context.Context, ref, name string) (Info, error) {
	i, err := m.rename(ctx, ref, name)
	if err != nil {
		return Info{}, errs.In("library.rename", err)
	}
	return i, nil
}

func (m *Manager) rename(ctx context.Context, ref, name string) (Info, error) {
	end, err := m.begin(ctx)
	if err != nil {
		return Info{}, err
	}
	defer end()
	i, err := m.find(ref)
	if err != nil {
		return Info{}, err
	}
	path, name, err := m.free(name, i.Path)
	if err != nil || path == i.Path {
		return i, err
	}
	wasOpen, err := m.shut(i)
	if err != nil {
		return Info{}, err
	}
	// The folder's name is the library's name, so this one step is the whole
	// change; opening brings library.json into line.
	err = m.moveAway(i.Path, path)
	if err == nil {
		i.Name, i.Path = name, path
	}
	if wasOpen {
		l, e := m.openFolder(ctx, i)
		if e == nil {
			i = l.info()
		} else if err == nil {
			err = e
		}
	}
	return i, err
}

// shut closes the library of i if it is open.
func (m *Manager) shut(i Info) (wasOpen bool, err error) {
	m.mu.Lock()
	l := m.open[i.ID]
	delete(m.open, i.ID)
	m.mu.Unlock()
	if l == nil {
		return false, nil
	}
	return true, l.close()
}

// moveAway renames a library's folder that no other process has open.
func (m *Manager) moveAway(from, to string) error {
	l, err := acquire(filepath.Join(from, lockFile))
	if err != nil {
		return err
	}
	if !moveLocked {
		if err := l.Release(); err != nil {
			return errs.New(errs.KindOf(err), "%w", err).At(from)
		}
		return move(from, to)
	}
	defer func() { _ = l.Release() }() // nothing was written through it
	return move(from, to)
}

// Remove closes a library and moves its folder to the trash in the data folder,
// named by the time, from where it can be moved back; with deleteFiles it is
// destroyed. The files that the library knows of are never touched.
func (m *Manager) Remove(ctx context.Context, ref string, deleteFiles bool) error {
	if ref == "" {
		return errs.In("library.remove", errs.New(errs.Invalid, "name the library to remove"))
	}
	return errs.In("library.remove", m.remove(ctx, ref, deleteFiles))
}

func (m *Manager) remove(ctx context.Context, ref string, deleteFiles bool) error {
	end, err := m.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	i, err := m.find(ref)
	if err != nil {
		return err
	}
	if _, err := m.shut(i); err != nil {
		return err
	}
	if deleteFiles {
		doomed := filepath.Join(m.dir, destroying+rand.Text())
		if err := m.moveAway(i.Path, doomed); err != nil {
			return err
		}
		if err := os.RemoveAll(doomed); err != nil {
			return errs.New(errs.KindOf(err), "the library is gone, but not all of its files could be removed: %w", err).At(doomed)
		}
	} else if err := m.trash(i); err != nil {
		return err
	}
	m.mu.Lock()
	wasLast := m.last == i.ID
	m.mu.Unlock()
	if wasLast {
		m.remember("")
	}
	return nil
}

func (m *Manager) trash(i Info) error {
	dir := filepath.Join(m.o.Dir, "trash")
	if err := ensureFolder(dir); err != nil {
		return errs.New(errs.KindOf(err), "%w", err).At(dir)
	}
	name := strings.TrimSuffix(filepath.Base(i.Path), Suffix) + m.o.Now().UTC().Format("-20060102T150405Z")
	for n := 1; ; n++ {
		to := filepath.Join(dir, name+Suffix)
		if n > 1 {
			to = filepath.Join(dir, fmt.Sprintf("%s-%d%s", name, n, Suffix))
		}
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			return m.moveAway(i.Path, to)
		}
	}
}

// sweep removes what a crash left of making or destroying a library, unless
// another process is at it just now.
func (m *Manager) sweep() {
	folders, err := os.ReadDir(m.dir)
	if err != nil {
		return // who comes next says why
	}
	for _, f := range folders {
		if !strings.HasPrefix(f.Name(), making) && !strings.HasPrefix(f.Name(), destroying) {
			continue
		}
		path := filepath.Join(m.dir, f.Name())
		if l, err := acquire(filepath.Join(path, lockFile)); err == nil {
			if !moveLocked {
				_ = l.Release()
			}
			if err := os.RemoveAll(path); err != nil {
				m.o.Log.Warn("What a crash left could not be removed", "path", path, "error", err)
			}
			_ = l.Release()
		}
	}
}
