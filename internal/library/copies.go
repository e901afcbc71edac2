package library

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

// userFile is the database of what users added, which its own domain writes and mends.
const userFile = "user.db"

const (
	copyAfter = 10 * time.Minute // an opening is no time for what can wait
	copyLook  = time.Hour
	copyEvery = 24 * time.Hour
	copyLate  = 3 * copyEvery // then it is made although something is at work
)

// Keeper has the database of an open library copied once a day. The zero values of its
// other fields are usable.
type Keeper struct {
	Library *Library
	// Quiet tells whether nothing is at work in the library; nil: it always is.
	Quiet func(ctx context.Context) (bool, error)
	// Failed is told how each copy ended.
	Failed func(error)
	Now    func() time.Time
}

// Serve makes copies until ctx ends. What fails is tried at the next look.
func (k *Keeper) Serve(ctx context.Context) error {
	t := time.NewTimer(copyAfter)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-ctx.Done():
			return nil
		}
		made, err := k.due(ctx)
		if ctx.Err() == nil && (made || err != nil) && k.Failed != nil {
			k.Failed(err)
		}
		t.Reset(copyLook)
	}
}

// due makes a copy when it is time.
func (k *Keeper) due(ctx context.Context) (made bool, err error) {
	now := time.Now
	if k.Now != nil {
		now = k.Now
	}
	l := k.Library
	path := filepath.Join(l.Path, databaseFile)
	if all := store.Kept(path); len(all) > 0 {
		age := now().Sub(all[0].Made)
		if age >= 0 && age < copyEvery { // negative: a clock was wrong
			return false, nil
		}
		if age >= 0 && age < copyLate && k.Quiet != nil {
			if quiet, err := k.Quiet(ctx); err != nil || !quiet {
				return false, err
			}
		}
	}
	return true, l.copy(ctx)
}

// copy keeps a copy of the database, after another that is being made.
func (l *Library) copy(ctx context.Context) error {
	l.copying.Lock()
	defer l.copying.Unlock()
	return l.DB.Keep(ctx)
}

// Snapshot keeps a copy of all that is in the databases of an open library, beside them.
// Errors: of store.DB.Keep.
func (m *Manager) Snapshot(ctx context.Context, l *Library) error {
	err := l.copy(ctx)
	if err == nil && m.o.Keep != nil {
		err = m.o.Keep(ctx, l)
	}
	return errs.In("library.snapshot", err)
}

// Restore puts a copy of a library's database in its place and opens the library: the
// one with that number, or for 0 the newest that is sound; from: the library.db of that
// backup's folder instead. What is made of the database is put aside with it, and made
// anew; what users added stays. force: also when the database is sound. Errors:
// errs.NotFound; errs.Conflict (it is sound, in use, or the backup is another library's);
// errs.Internal and errs.Invalid (no copy is sound): then the library is as it was.
func (m *Manager) Restore(ctx context.Context, ref string, n int, from string, force bool) (*Library, error) {
	end, err := m.begin(ctx)
	if err != nil {
		return nil, errs.In("library.restore", err)
	}
	defer end()
	l, err := m.replace(ctx, ref, force, func(i Info) error { return m.restore(ctx, i, n, from) })
	return l, errs.In("library.restore", err)
}

func (m *Manager) restore(ctx context.Context, i Info, n int, from string) error {
	choice, err := choose(i, n, from)
	if err != nil {
		return err
	}
	aside, err := freeFolder(filepath.Join(i.Path, "replaced"))
	if err != nil {
		return errs.New(errs.KindOf(err), "%w", err).At(i.Path)
	}
	defer func() { _ = os.Remove(aside) }() // where nothing came into it
	prepare := func(ctx context.Context, db *store.DB) error {
		if m.o.Restored != nil {
			if err := m.o.Restored(ctx, db); err != nil {
				return err
			}
		}
		return moveInto(aside, i.Path, func(name string) bool { return !stays(name) && !isDatabase(name) })
	}
	err = nil
	for _, path := range choice {
		e := store.Restore(ctx, m.storeOptions(i.Path), path, prepare, func(path string) string { return filepath.Join(aside, filepath.Base(path)) })
		if e == nil {
			return nil
		}
		m.o.Log.Error("A copy of the library's database cannot be used", "path", path, "error", e)
		if err = errors.Join(err, e); ctx.Err() != nil {
			break
		}
	}
	return errs.New(errs.KindOf(err), "no copy of the database can be used: %w", err).At(i.Path).Try(rebuild(i.Name))
}

// choose returns the copies to be tried, one after another.
func choose(i Info, n int, from string) (paths []string, err error) {
	if from != "" {
		s, err := load(from)
		if err != nil {
			return nil, err
		}
		if s.ID != i.ID {
			return nil, errs.New(errs.Conflict, "this is a backup of another library, %q", s.Name).At(from)
		}
		return []string{filepath.Join(from, databaseFile)}, nil
	}
	for _, c := range store.Kept(filepath.Join(i.Path, databaseFile)) {
		if n == 0 || n == c.N {
			paths = append(paths, c.Path)
		}
	}
	if len(paths) == 0 {
		return nil, errs.New(errs.NotFound, "there is no such copy of the database").At(i.Path).Try("See what there is with: stardrive library snapshots. " + rebuild(i.Name))
	}
	return paths, nil
}
