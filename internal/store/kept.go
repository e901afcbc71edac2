package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
)

// Copies is how many copies of a database are kept beside it.
const Copies = 3

// CopyPath is where the n-th newest copy of the database at path stands, from 1.
func CopyPath(path string, n int) string { return fmt.Sprintf("%s.%d", path, n) }

// Copy is a copy of a database that is kept beside it.
type Copy struct {
	N     int // 1 is the newest
	Path  string
	Made  time.Time
	Bytes int64
}

// Kept tells which copies of the database at path there are, the newest first.
func Kept(path string) (all []Copy) {
	for n := 1; n <= Copies; n++ {
		if fi, err := os.Lstat(CopyPath(path, n)); err == nil && fi.Mode().IsRegular() {
			all = append(all, Copy{n, CopyPath(path, n), fi.ModTime(), fi.Size()})
		}
	}
	return all
}

// Keep makes a copy of the database beside it, reads it whole to see that it is sound,
// and only then lets go of the oldest of Copies. One call at a time. Errors:
// errs.Unavailable (too little room on the disk); errs.Internal (the copy is damaged).
func (db *DB) Keep(ctx context.Context) error {
	fresh := db.path + ".new"
	err := removeAll(fresh)
	if err == nil {
		err = db.tested(ctx, fresh)
	}
	for n := Copies - 1; n > 0 && err == nil; n-- {
		if err = os.Rename(CopyPath(db.path, n), CopyPath(db.path, n+1)); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	if err == nil {
		err = os.Rename(fresh, CopyPath(db.path, 1))
	}
	if err == nil {
		err = durable.SyncFolder(filepath.Dir(db.path))
	}
	if err != nil {
		_ = removeAll(fresh) // err says more
		return locate("store.keep", err, db.path)
	}
	return nil
}

// Backup makes a copy of the database at path, where nothing stands yet, and reads it
// whole to see that it is sound. It is on the disk when Backup returns. Errors: as of
// Keep; then nothing stays of it.
func (db *DB) Backup(ctx context.Context, path string) error {
	err := db.tested(ctx, path)
	if err == nil {
		err = durable.SyncFolder(filepath.Dir(path))
	}
	return locate("store.backup", err, path)
}

// tested makes a copy at path that is known to be sound.
func (db *DB) tested(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errs.New(errs.Conflict, "there is something already").At(path)
	}
	if err := db.roomFor(filepath.Dir(path)); err != nil {
		return err
	}
	err := db.CopyTo(ctx, path)
	if err == nil {
		err = syncFile(path)
	}
	if err == nil {
		o := db.options
		o.Path = path
		// It was copied from one that is in use, and so it is read whole.
		err = inspectMode(ctx, path, "ro&immutable=1", o)
	}
	if err != nil {
		_ = removeAll(path) // err says more
	}
	return err
}

// roomFor refuses a copy after which a disk would be nearly full: the library itself has
// to go on, and so has everybody else.
func (db *DB) roomFor(folder string) error {
	fi, err := os.Stat(db.path)
	if err != nil {
		return err
	}
	if free, known := db.options.free(folder); known && free < 3*fi.Size() {
		return errs.New(errs.Unavailable, "there is too little room for a copy of the database: it takes %d bytes, and %d are free", fi.Size(), free).
			At(folder).Try("Make room on this disk.")
	}
	return nil
}

// Restore puts a copy in the place of the database o describes, which nobody has open.
// The copy is tried first: it is opened, read whole, and given to prepare, which may be
// nil and may change it. What stands at o.Path then is moved by aside, with its side
// files; aside gets a path and returns where it goes. The copy itself stays.
func Restore(ctx context.Context, o Options, from string, prepare func(context.Context, *DB) error, aside func(path string) string) error {
	probe := o.Path + ".probe"
	defer func() { _ = removeAll(probe) }() // or the next one does
	if err := try(ctx, o, from, probe, prepare); err != nil {
		return locate("store.restore", err, from)
	}
	for _, side := range []string{"", "-wal", "-shm", "-journal"} {
		if _, err := os.Lstat(o.Path + side); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.Rename(o.Path+side, aside(o.Path+side)); err != nil {
			return locate("store.restore", err, o.Path)
		}
	}
	err := os.Rename(probe, o.Path)
	if err == nil {
		err = durable.SyncFolder(filepath.Dir(o.Path))
	}
	return locate("store.restore", err, o.Path)
}

// try copies from to probe, and sees that it is a sound database.
func try(ctx context.Context, o Options, from, probe string, prepare func(context.Context, *DB) error) error {
	if err := removeAll(probe); err != nil {
		return err
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	err = durable.Stream(probe, probe+".part", false, func(to io.Writer) error {
		_, err := io.Copy(to, source)
		return err
	})
	if err != nil {
		return err
	}
	if fi, err := os.Stat(probe); err != nil || fi.Size() == 0 { // an empty one would be filled, as if nothing had been lost
		return errors.Join(err, errs.New(errs.Invalid, "it is empty"))
	}
	o.Path = probe
	db, err := Open(ctx, o)
	if err != nil {
		return err
	}
	err = db.Check(ctx)
	if err == nil && prepare != nil {
		err = prepare(ctx, db)
	}
	if e := db.Close(); err == nil {
		err = e
	}
	return err
}

func removeAll(path string) (err error) {
	for _, side := range []string{"", "-wal", "-shm", "-journal"} {
		if e := os.Remove(path + side); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = e
		}
	}
	return err
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
