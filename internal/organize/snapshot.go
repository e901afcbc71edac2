package organize

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

const (
	snapshots     = 3              // how many are kept
	snapshotEvery = 24 * time.Hour // where something changed since
)

func snapshotPath(path string, n int) string { return fmt.Sprintf("%s.%d", path, n) }

// openOrRestore opens the database. One that is damaged gives way to the newest
// snapshot that can be opened; where none can, the error is told.
func openOrRestore(ctx context.Context, path string, log *slog.Logger) (db *store.DB, from string, err error) {
	_, missing := os.Lstat(path)
	if !errors.Is(missing, fs.ErrNotExist) || !exists(snapshotPath(path, 1)) {
		db, err = store.Open(ctx, userOptions(path, log))
		if err == nil || ctx.Err() != nil || !damaged(err) {
			return db, "", err
		}
	}
	log.Error("What users added is damaged on the disk, and is taken from a snapshot", "path", path, "error", err)
	for n := 1; n <= snapshots; n++ {
		if e := restore(ctx, path, snapshotPath(path, n), log); e != nil {
			log.Error("A snapshot cannot be used", "path", snapshotPath(path, n), "error", e)
			continue
		}
		db, e := store.Open(ctx, userOptions(path, log))
		if e == nil {
			return db, filepath.Base(snapshotPath(path, n)), nil
		}
		err = errors.Join(err, e)
	}
	if err == nil {
		err = errs.New(errs.Internal, "user.db is missing, and none of its snapshots can be used").At(path)
	}
	return nil, "", err
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// damaged reports whether an error of opening says that the file is not as it was
// written, and not that it is another's, or of a newer version, or cannot be read.
func damaged(err error) bool { return errs.Is(err, errs.Internal) || errs.Is(err, errs.Invalid) }

// restore puts the damaged database aside, with what stands beside it, and a copy of
// a snapshot in its place. The snapshot stays.
func restore(ctx context.Context, path, snapshot string, log *slog.Logger) error {
	if !exists(snapshot) {
		return errs.New(errs.NotFound, "there is no such snapshot").At(snapshot)
	}
	probe := path + ".probe"
	_ = removeAll(probe)
	defer func() { _ = removeAll(probe) }()
	if err := copyFile(snapshot, probe); err != nil {
		return err
	}
	db, err := store.Open(ctx, userOptions(probe, log))
	if err != nil {
		return err
	}
	if err = db.Check(ctx); err == nil {
		err = db.Close()
	} else {
		_ = db.Close()
	}
	if err != nil {
		return err
	}
	aside := path + ".damaged"
	for i := 2; exists(aside); i++ {
		aside = fmt.Sprintf("%s.damaged-%d", path, i)
	}
	for _, side := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(path+side, aside+side); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(probe, path); err != nil {
		return err
	}
	return durable.SyncFolder(filepath.Dir(path))
}

func removeAll(path string) (err error) {
	for _, side := range []string{"", "-wal", "-shm"} {
		if e := os.Remove(path + side); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = e
		}
	}
	return err
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return durable.Replace(to, b)
}

// Snapshot copies the database beside itself, and lets go of the oldest copy but
// three.
func (s *Service) Snapshot(ctx context.Context) error {
	s.copying.Lock()
	defer s.copying.Unlock()
	fresh := s.Path + ".new"
	if err := removeAll(fresh); err != nil {
		return errs.New(errs.KindOf(err), "%w", err).At(fresh)
	}
	if err := s.db.CopyTo(ctx, fresh); err != nil {
		_ = removeAll(fresh)
		return err
	}
	err := syncFile(fresh)
	for n := snapshots - 1; n > 0 && err == nil; n-- {
		if err = os.Rename(snapshotPath(s.Path, n), snapshotPath(s.Path, n+1)); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	if err == nil {
		err = os.Rename(fresh, snapshotPath(s.Path, 1))
	}
	if err == nil {
		err = durable.SyncFolder(filepath.Dir(s.Path))
	}
	if err != nil {
		return errs.New(errs.KindOf(err), "keep a snapshot of what users added: %w", err).At(s.Path)
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// snapshotDue makes a snapshot where the newest is old, or there is none, and
// something stands that it may not have.
func (s *Service) snapshotDue(ctx context.Context) error {
	newest := time.Time{}
	if info, err := os.Lstat(snapshotPath(s.Path, 1)); err == nil {
		newest = info.ModTime()
	}
	var last int64
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow("SELECT coalesce(max(done_ns), 0) FROM deed").Scan(&last)
	})
	if err != nil || last == 0 || time.Unix(0, last).Before(newest) {
		return err
	}
	if age := s.Now().Sub(newest); age >= 0 && age < snapshotEvery { // negative: a clock was wrong
		return nil
	}
	return s.Snapshot(ctx)
}
