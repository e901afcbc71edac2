package upload

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Receive takes the bytes of a file from off on: a piece of Chunk bytes, or what
// is left of the file. It returns how many bytes of the file are there now; when
// that is all, it was read back from the medium and is as it was sent. Errors:
// errs.NotFound (no such upload or file), errs.Conflict (off is not where the file
// stopped, or the bytes are not those of the sum: ask by upload.add where to go
// on), errs.Unavailable (the volume is away, or full).
func (s *Service) Receive(ctx context.Context, id, n, off int64, sum Sum, body io.Reader) (got int64, err error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	was, err := s.awaits(ctx, id, n, off)
	if err != nil {
		return was.got, err
	}
	// No lock is held meanwhile: it lasts as long as whoever sends likes.
	b, err := piece(body, min(Chunk, was.size-off), sum)
	if err != nil {
		return was.got, err
	}
	lock := s.of(id)
	lock.RLock()
	defer lock.RUnlock()
	mine := s.ofFile(id, n)
	mine.Lock()
	defer mine.Unlock()
	f, err := s.awaits(ctx, id, n, off)
	if err == nil && f != was {
		err = errAnew()
	}
	if err != nil {
		return f.got, err
	}
	r, w, err := s.open(ctx, id)
	if err == nil {
		err = s.put(ctx, &r, w, &f, b, sum)
	}
	return f.got, err
}

// awaits returns a file of which the piece at off is what comes next.
func (s *Service) awaits(ctx context.Context, id, n, off int64) (f file, err error) {
	var r row
	err = s.o.DB.Read(ctx, func(tx *store.Tx) error {
		if r, err = load(tx, id); err == nil {
			f, err = fileAt(tx, id, n)
		}
		return err
	})
	switch {
	case err != nil:
	case r.plan != 0:
		err = errs.New(errs.Conflict, "this upload is complete")
	case f.size < 0 || f.done || off != f.got:
		err = errs.New(errs.Conflict, "%d bytes of this file are there", f.got).Try("Go on from there.")
	}
	return f, err
}

func errAnew() error {
	return errs.New(errs.Conflict, "the file begins anew").Try("Ask where to go on.")
}

// piece reads exactly n bytes that have this sum.
func piece(body io.Reader, n int64, sum Sum) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(body, b); err != nil {
		return nil, errs.New(errs.Conflict, "the piece broke off: %w", err)
	}
	if more, _ := body.Read(make([]byte, 1)); more > 0 {
		return nil, errs.New(errs.Invalid, "the piece is longer than the %d bytes that are wanted", n)
	}
	if sha256.Sum256(b) != sum {
		return nil, errs.New(errs.Conflict, "the bytes did not come as they were sent").Try("Send them again.")
	}
	return b, nil
}

// put writes a piece and takes note of it, in this order: what is noted is there.
func (s *Service) put(ctx context.Context, r *row, w *vfs.Writing, f *file, b []byte, sum Sum) error {
	h, err := begun(ctx, w, r, f)
	if errs.Is(err, errs.Conflict) { // what is there is not what was noted: a power cut, or somebody else
		return errors.Join(err, s.anew(ctx, r, f, 0))
	}
	if err != nil {
		return err
	}
	off := f.got
	_, err = h.WriteAt(b, off)
	last := off+int64(len(b)) == f.size
	if err != nil || !last {
		err = errors.Join(err, h.Close())
	}
	if err != nil {
		return errs.In("upload", err)
	}
	if err := s.note(ctx, r, f, int64(len(b)), sum); err != nil || !last {
		if last {
			err = errors.Join(err, h.Close())
		}
		return err
	}
	return s.whole(ctx, r, f, h)
}

// unchanged makes sure that f is still the file that is sent: it may have been told
// anew while a piece of it was on its way.
func unchanged(tx *store.Tx, r *row, f *file) error {
	now, err := fileAt(tx, r.id, f.n)
	if err == nil && now != *f {
		err = errAnew()
	}
	return err
}

// note takes down that a piece has come.
func (s *Service) note(ctx context.Context, r *row, f *file, n int64, sum Sum) error {
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		if err := unchanged(tx, r, f); err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT OR REPLACE INTO upload_chunk (upload_id, n, offset, sum) VALUES (?, ?, ?, ?)", r.id, f.n, f.got, sum[:]); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE upload_file SET got = ? WHERE upload_id = ? AND n = ?", f.got+n, r.id, f.n); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE upload SET changed_ns = ? WHERE id = ?", s.o.Now().UnixNano(), r.id)
		return err
	})
	if err == nil {
		f.got += n
	}
	return err
}

// whole ends a file of which all is there: it is synced, read back and compared
// with what was sent. From the first piece on that is another it comes anew.
func (s *Service) whole(ctx context.Context, r *row, f *file, h vfs.WriteHandle) error {
	if err := h.Sync(); err != nil { // nobody knows what was kept
		return errors.Join(errs.In("upload", err), h.Close(), s.anew(ctx, r, f, 0))
	}
	_ = h.Uncache() // where it cannot be had, the cache is what there is
	sums, err := s.sums(ctx, r.id, f.n)
	if err != nil {
		return errors.Join(err, h.Close())
	}
	good, err := compare(ctx, h, f.size, sums)
	if err != nil {
		return errors.Join(errs.In("upload", err), h.Close())
	}
	if good < f.size {
		err := errs.New(errs.Conflict, "the volume did not keep the bytes as they were sent").Try("They are sent again from there.")
		return errors.Join(err, h.Close(), s.anew(ctx, r, f, good))
	}
	if err := end(h, f); err != nil {
		return err
	}
	err = s.o.DB.Write(ctx, func(tx *store.Tx) error {
		if err := unchanged(tx, r, f); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE upload_file SET done = 1 WHERE upload_id = ? AND n = ?", r.id, f.n)
		return err
	})
	if err == nil {
		f.done = true
	}
	return err
}

// compare reads the file back and returns how many of its bytes are as they were sent.
func compare(ctx context.Context, h io.ReaderAt, size int64, sums []Sum) (good int64, err error) {
	b := make([]byte, min(Chunk, size))
	for _, want := range sums {
		if err := ctx.Err(); err != nil {
			return good, err
		}
		n := min(Chunk, size-good)
		if _, err := h.ReadAt(b[:n], good); err != nil && !errors.Is(err, io.EOF) {
			return good, err
		}
		if sha256.Sum256(b[:n]) != want {
			return good, nil
		}
		good += n
	}
	return good, nil
}

// anew has the file come again from off on.
func (s *Service) anew(ctx context.Context, r *row, f *file, off int64) error {
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error { return again(tx, r.id, f.n, off) })
	if err == nil {
		f.got = off
	}
	return err
}

// end gives a file its time and closes it.
func end(h vfs.WriteHandle, f *file) error {
	err := h.Truncate(f.size)
	if err == nil && f.modified != 0 {
		_, err = h.SetMeta(&vfs.Meta{Modified: f.modified}, vfs.PartModified)
	}
	if err == nil {
		err = h.Sync()
	}
	return errs.In("upload", errors.Join(err, h.Close()))
}

// folders opens the folder at path of the upload; it is made if it is not there.
func folders(ctx context.Context, w *vfs.Writing, r *row, path string) (vfs.Dir, error) {
	dir, err := w.Dir(ctx, r.staged(path))
	if !errs.Is(err, errs.NotFound) || path == "" {
		if err != nil && path == "" {
			err = errs.New(errs.KindOf(err), "what was uploaded so far is gone: %w", err).Try("Begin again.")
		}
		return dir, err
	}
	above, name := vfs.Split(path)
	up, err := folders(ctx, w, r, above)
	if err != nil {
		return nil, err
	}
	defer up.Close() //nolint:errcheck // synced when all is there
	if err := up.Mkdir(ctx, name, 0o777); err != nil && !errs.Is(err, errs.Conflict) {
		return nil, err
	}
	return up.Sub(ctx, name)
}

// create makes a file, empty. One that is there was begun before, or has a name
// that the volume takes for the same.
func create(ctx context.Context, w *vfs.Writing, r *row, f *file) (vfs.WriteHandle, error) {
	above, name := vfs.Split(f.path)
	dir, err := folders(ctx, w, r, above)
	if err != nil {
		return nil, err
	}
	defer dir.Close() //nolint:errcheck // synced when all is there
	h, err := dir.Create(ctx, name, 0o666)
	if !errs.Is(err, errs.Conflict) {
		return h, err
	}
	if same, err := twin(ctx, dir, name); err != nil || same {
		return nil, errors.Join(err, errs.New(errs.Invalid, "the volume takes its name for that of another file"))
	}
	if h, err = dir.Write(ctx, name); err == nil {
		if err = h.Truncate(0); err != nil {
			_ = h.Close()
		}
	}
	return h, err
}

// twin reports whether a name is taken by one that is written otherwise.
func twin(ctx context.Context, dir vfs.Dir, name string) (bool, error) {
	exact := false
	err := dir.List(ctx, func(batch []vfs.Entry) error {
		for i := range batch {
			exact = exact || batch[i].Name == name
		}
		return nil
	})
	return !exact, err
}

// begun opens a file to go on with it; errs.Conflict: less of it is there than
// was noted.
func begun(ctx context.Context, w *vfs.Writing, r *row, f *file) (vfs.WriteHandle, error) {
	if f.got == 0 {
		h, err := create(ctx, w, r, f)
		if err == nil {
			if err := h.Allocate(f.size); err != nil && !errs.Is(err, errs.Unsupported) {
				_ = h.Close()
				return nil, errs.In("upload", err)
			}
		}
		return h, err
	}
	above, name := vfs.Split(f.path)
	dir, err := w.Dir(ctx, r.staged(above))
	if err != nil {
		return nil, lost(err)
	}
	defer dir.Close() //nolint:errcheck // synced when all is there
	h, err := dir.Write(ctx, name)
	if err != nil {
		return nil, lost(err)
	}
	is, err := h.Stat()
	if err == nil && (is.Kind != vfs.File || is.Size < f.got) {
		err = errs.New(errs.Conflict, "less of this file is there than has come").Try("Go on from the beginning.")
	}
	if err != nil {
		_ = h.Close()
		return nil, err
	}
	return h, nil
}

// lost makes a conflict of a file that is gone.
func lost(err error) error {
	if errs.Is(err, errs.NotFound) {
		return errs.New(errs.Conflict, "what has come of this file is gone").Try("Go on from the beginning.")
	}
	return err
}
