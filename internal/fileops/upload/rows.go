package upload

import (
	"context"
	"database/sql"
	"errors"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// row is an upload as it is stored.
type row struct {
	id               int64
	volume           string
	folder, stage    string
	plan             ident.PlanID
	created, changed int64
}

// staged is where the upload's things stand until they get their names.
func (r *row) staged(path string) string {
	stage := vfs.Join(r.folder, r.stage)
	if path == "" {
		return stage
	}
	return vfs.Join(stage, path)
}

const columns = "id, volume, folder, stage, plan_id, created_ns, changed_ns"

func scan(scan func(...any) error) (r row, err error) {
	var folder []byte
	var plan int64
	err = scan(&r.id, &r.volume, &folder, &r.stage, &plan, &r.created, &r.changed)
	r.folder, r.plan = string(folder), ident.PlanID(plan)
	return r, err
}

// load returns an upload; errs.NotFound if there is none.
func load(tx *store.Tx, id int64) (row, error) {
	r, err := scan(tx.QueryRow("SELECT "+columns+" FROM upload WHERE id = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = errs.New(errs.NotFound, "there is no upload %d any more", id).Try("Choose the files again.")
	}
	return r, err
}

func (s *Service) load(ctx context.Context, id int64) (r row, err error) {
	err = s.o.DB.Read(ctx, func(tx *store.Tx) error {
		r, err = load(tx, id)
		return err
	})
	return r, err
}

// all returns the uploads, the oldest first.
func (s *Service) all(ctx context.Context) (all []row, err error) {
	err = s.o.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query("SELECT " + columns + " FROM upload ORDER BY created_ns, id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			r, err := scan(rows.Scan)
			if err != nil {
				return err
			}
			all = append(all, r)
		}
		return rows.Err()
	})
	return all, err
}

// file is one file of an upload, or a folder.
type file struct {
	n        int64
	path     string
	size     int64 // -1: a folder
	modified int64
	got      int64
	done     bool
}

func fileAt(tx *store.Tx, id, n int64) (f file, err error) {
	f.n = n
	err = tx.QueryRow("SELECT path, size, modified_ns, got, done FROM upload_file WHERE upload_id = ? AND n = ?", id, n).Scan(&f.path, &f.size, &f.modified, &f.got, &f.done)
	if errors.Is(err, sql.ErrNoRows) {
		err = errs.New(errs.NotFound, "the upload has no file %d", n)
	}
	return f, err
}

// fileCalled returns the file of that path, if there is one.
func fileCalled(tx *store.Tx, id int64, path string) (f file, ok bool, err error) {
	f.path = path
	err = tx.QueryRow("SELECT n, size, modified_ns, got, done FROM upload_file WHERE upload_id = ? AND path = ?", id, path).Scan(&f.n, &f.size, &f.modified, &f.got, &f.done)
	if errors.Is(err, sql.ErrNoRows) {
		return f, false, nil
	}
	return f, err == nil, err
}

// totals is how far an upload has come.
type totals struct {
	files, folders, done int64
	bytes, got           int64
}

func (s *Service) totals(ctx context.Context, id int64) (t totals, err error) {
	err = s.o.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT coalesce(sum(size >= 0), 0), coalesce(sum(size < 0), 0), coalesce(sum(size >= 0 AND done), 0),
			coalesce(sum(max(size, 0)), 0), coalesce(sum(got), 0) FROM upload_file WHERE upload_id = ?`, id).Scan(&t.files, &t.folders, &t.done, &t.bytes, &t.got)
	})
	return t, err
}

// sums are the checksums of the pieces of a file, in order.
func (s *Service) sums(ctx context.Context, id, n int64) (all []Sum, err error) {
	err = s.o.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query("SELECT sum FROM upload_chunk WHERE upload_id = ? AND n = ? ORDER BY offset", id, n)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var b []byte
			if err := rows.Scan(&b); err != nil {
				return err
			}
			all = append(all, Sum(b))
		}
		return rows.Err()
	})
	return all, err
}

// again has a file come anew from off on.
func again(tx *store.Tx, id, n, off int64) error {
	if _, err := tx.Exec("DELETE FROM upload_chunk WHERE upload_id = ? AND n = ? AND offset >= ?", id, n, off); err != nil {
		return err
	}
	_, err := tx.Exec("UPDATE upload_file SET got = ?, done = 0 WHERE upload_id = ? AND n = ?", off, id, n)
	return err
}

// erase forgets an upload.
func (s *Service) erase(ctx context.Context, id int64) error {
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		for _, table := range []string{"upload_chunk WHERE upload_id", "upload_file WHERE upload_id", "upload WHERE id"} {
			if _, err := tx.Exec("DELETE FROM "+table+" = ?", id); err != nil {
				return err
			}
		}
		return nil
	})
	s.forget(id)
	return err
}
