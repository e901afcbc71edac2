package upload

import (
	"context"
	"errors"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// finish makes the plan that gives what was uploaded its names.
func (s *Service) finish(ctx context.Context, in FinishIn) (p action.Plan, err error) {
	lock := s.of(in.Upload)
	lock.Lock()
	defer lock.Unlock()
	r, w, err := s.open(ctx, in.Upload)
	if err != nil {
		return p, err
	}
	if r.plan != 0 {
		switch p, err = s.o.Plans.Get(ctx, r.plan); {
		case errs.Is(err, errs.NotFound):
		case err != nil:
			return p, err
		case p.State == action.Planned && in.Conflict == "", p.State == action.Committing, p.State == action.Done, p.State == action.Partial:
			return p, nil
		}
	}
	t, err := s.totals(ctx, r.id)
	if err != nil {
		return p, err
	}
	if t.done < t.files && !in.Without {
		return p, errs.New(errs.Invalid, "%d of %d files have not come whole", t.files-t.done, t.files).Try("Choose the files again to go on, or leave these out.")
	}
	if t.done < t.files {
		if err := s.leaveOut(ctx, w, &r); err != nil {
			return p, err
		}
		if t, err = s.totals(ctx, r.id); err != nil {
			return p, err
		}
	}
	if err := settle(ctx, w, r.staged("")); err != nil {
		return p, errs.In("upload", err)
	}
	p, err = s.o.Plans.Propose(ctx, action.Request{Action: fileops.Upload, Args: fileops.UploadIn{
		Volume: r.volume, Stage: r.staged(""), Folder: r.folder, Conflict: in.Conflict, Files: t.files, Folders: t.folders, Bytes: t.bytes,
	}}, action.User)
	if err != nil {
		return p, err
	}
	return p, s.o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("UPDATE upload SET plan_id = ?, changed_ns = ? WHERE id = ?", int64(p.ID), s.o.Now().UnixNano(), r.id)
		return err
	})
}

// leaveOut gives up what has not come whole.
func (s *Service) leaveOut(ctx context.Context, w *vfs.Writing, r *row) error {
	var half []file
	err := s.o.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query("SELECT n, path FROM upload_file WHERE upload_id = ? AND size >= 0 AND done = 0", r.id)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var f file
			if err := rows.Scan(&f.n, &f.path); err != nil {
				return err
			}
			half = append(half, f)
		}
		return rows.Err()
	})
	for _, f := range half {
		if err != nil {
			return err
		}
		above, name := vfs.Split(f.path)
		dir, e := w.Dir(ctx, r.staged(above))
		if e == nil {
			e = errors.Join(dir.Unlink(ctx, name), dir.Close())
		}
		if e != nil && !errs.Is(e, errs.NotFound) {
			return errs.In("upload", e)
		}
		err = s.o.DB.Write(ctx, func(tx *store.Tx) error {
			if err := again(tx, r.id, f.n, 0); err != nil {
				return err
			}
			_, err := tx.Exec("DELETE FROM upload_file WHERE upload_id = ? AND n = ?", r.id, f.n)
			return err
		})
	}
	return err
}

// settle syncs all names below a folder: the bytes of files are synced already.
func settle(ctx context.Context, w *vfs.Writing, path string) error {
	dir, err := w.Dir(ctx, path)
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // it is synced
	if err := dir.SyncAll(ctx); err == nil || !errs.Is(err, errs.Unsupported) {
		return err
	}
	return settleEach(ctx, w, path)
}

func settleEach(ctx context.Context, w *vfs.Writing, path string) error {
	dir, err := w.Dir(ctx, path)
	if err != nil {
		return err
	}
	var below []string
	err = dir.List(ctx, func(batch []vfs.Entry) error {
		for i := range batch {
			if batch[i].Kind == vfs.Folder {
				below = append(below, vfs.Join(path, batch[i].Name))
			}
		}
		return nil
	})
	err = errors.Join(err, dir.Sync(ctx), dir.Close())
	for _, sub := range below {
		if err != nil {
			return err
		}
		err = settleEach(ctx, w, sub)
	}
	return err
}

// discard gives an upload up: what has come of it goes.
func (s *Service) discard(ctx context.Context, in WhichIn) (struct{}, error) {
	lock := s.of(in.Upload)
	lock.Lock()
	defer lock.Unlock()
	r, err := s.load(ctx, in.Upload)
	if err != nil {
		return struct{}{}, err
	}
	if r.plan != 0 {
		p, err := s.o.Plans.Get(ctx, r.plan)
		if err == nil && p.State == action.Committing {
			return struct{}{}, errs.New(errs.Conflict, "its files are getting their names just now").Try("Undo it when that is done.")
		}
		if err == nil && p.State == action.Planned {
			_, err = s.o.Plans.Discard(ctx, r.plan)
		}
		if err != nil && !errs.Is(err, errs.NotFound) {
			return struct{}{}, err
		}
	}
	return struct{}{}, s.clear(ctx, &r)
}
