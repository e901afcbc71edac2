package organize

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

const snapshotEvery = 24 * time.Hour // where something changed since

// openOrRestore opens the database. One that is damaged gives way to the newest
// snapshot that is sound; where none is, the error is told.
func openOrRestore(ctx context.Context, path string, log *slog.Logger) (db *store.DB, from string, err error) {
	_, missing := os.Lstat(path)
	if !errors.Is(missing, fs.ErrNotExist) || !exists(store.CopyPath(path, 1)) {
		db, err = store.Open(ctx, userOptions(path, log))
		if err == nil || ctx.Err() != nil || !damaged(err) {
			return db, "", err
		}
	}
	log.Error("What users added is damaged on the disk, and is taken from a snapshot", "path", path, "error", err)
	for n := 1; n <= store.Copies; n++ {
		snapshot := store.CopyPath(path, n)
		if e := store.Restore(ctx, userOptions(path, log), snapshot, nil, beside(path)); e != nil {
			log.Error("A snapshot cannot be used", "path", snapshot, "error", e)
			continue
		}
		db, e := store.Open(ctx, userOptions(path, log))
		if e == nil {
			return db, filepath.Base(snapshot), nil
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

// beside tells where the damaged database goes, with its side files: to a name of its
// own beside it.
func beside(path string) func(string) string {
	aside := path + ".damaged"
	for i := 2; exists(aside); i++ {
		aside = fmt.Sprintf("%s.damaged-%d", path, i)
	}
	return func(one string) string { return aside + strings.TrimPrefix(one, path) }
}

// Snapshot copies the database beside itself, and lets go of the oldest copy.
func (s *Service) Snapshot(ctx context.Context) error {
	s.copying.Lock()
	defer s.copying.Unlock()
	return s.db.Keep(ctx)
}

// Backup copies the database to a path where nothing stands.
func (s *Service) Backup(ctx context.Context, path string) error { return s.db.Backup(ctx, path) }

// snapshotDue makes a snapshot where the newest is old, or there is none, and
// something stands that it may not have.
func (s *Service) snapshotDue(ctx context.Context) error {
	newest := time.Time{}
	if all := store.Kept(s.Path); len(all) > 0 {
		newest = all[0].Made
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
