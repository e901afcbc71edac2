package upload

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// begin makes an upload into a folder, or finds one that stopped half way.
func (s *Service) begin(ctx context.Context, in BeginIn) (out BeginOut, err error) {
	at, err := s.o.Volumes.Resolve(ctx, in.Into, true)
	if err != nil {
		return out, err
	}
	if at.Driver == nil {
		return out, errs.New(errs.Unavailable, "the volume is offline").At(in.Into).Try("Connect it, then try again.")
	}
	if err := s.tidy(ctx); err != nil {
		return out, err
	}
	if r, ok, err := s.stopped(ctx, at, in.Files); ok || err != nil {
		return BeginOut{Upload: r.id, Chunk: Chunk, Resumed: true}, err
	}
	w := at.Driver.Features().Writing
	if w == nil {
		return out, errs.New(errs.Unsupported, "nothing can be changed on this volume").At(in.Into)
	}
	dir, err := w.Dir(ctx, at.Path)
	if err != nil {
		return out, errs.In("upload", err)
	}
	defer dir.Close() //nolint:errcheck // what was made in it is synced when all is there
	r := row{id: newID(), volume: at.Identity, folder: at.Path, stage: vfs.StageName(), created: s.o.Now().UnixNano()}
	// Noted first: a folder that nobody knows would stay for ever.
	err = s.o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO upload (id, volume, folder, stage, plan_id, created_ns, changed_ns) VALUES (?, ?, ?, ?, 0, ?, ?)", r.id, r.volume, []byte(r.folder), r.stage, r.created, r.created)
		return err
	})
	if err != nil {
		return out, err
	}
	if err := dir.Mkdir(ctx, r.stage, 0o700); err != nil {
		_ = s.erase(context.WithoutCancel(ctx), r.id)
		return out, errs.In("upload", err)
	}
	return BeginOut{Upload: r.id, Chunk: Chunk}, nil
}

// newID returns a number that no upload ever had, also in a library that was made anew:
// a page that was left open asks for its own. Browsers hold whole numbers up to 2^53.
func newID() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return int64(binary.LittleEndian.Uint64(b[:])>>12) + 1
}

// stopped finds an upload into the same folder that knows one of these files.
func (s *Service) stopped(ctx context.Context, at catalog.Place, files []FileIn) (row, bool, error) {
	all, err := s.all(ctx)
	for i := len(all) - 1; i >= 0 && err == nil; i-- {
		r := all[i]
		if r.volume != at.Identity || r.folder != at.Path || r.plan != 0 {
			continue
		}
		var found bool
		err = s.o.DB.Read(ctx, func(tx *store.Tx) error {
			for _, in := range files {
				f, ok, err := fileCalled(tx, r.id, in.Path)
				if found = ok && f.is(in); found || err != nil {
					return err
				}
			}
			return nil
		})
		if found {
			return r, true, err
		}
	}
	return row{}, false, err
}

// time is when it was changed last, in ns.
func (in *FileIn) time() int64 { return in.Modified * 1e6 }

// is reports whether in is the file that was begun, as far as its size and time tell.
func (f *file) is(in FileIn) bool {
	return in.Folder == (f.size < 0) && (in.Folder || in.Size == f.size && in.time() == f.modified)
}

// add tells an upload of files that are to come; those it knows already go on
// where they stopped. What cannot be taken is told, and the others are.
func (s *Service) add(ctx context.Context, in AddIn) (out AddOut, err error) {
	lock := s.of(in.Upload)
	lock.RLock()
	defer lock.RUnlock()
	r, w, err := s.open(ctx, in.Upload)
	if err == nil && r.plan != 0 { // what was looked at is what gets its names
		err = errs.New(errs.Conflict, "this upload is complete").Try("Begin another one.")
	}
	if err != nil {
		return out, err
	}
	out.Items = make([]FileState, len(in.Files))
	for i, f := range in.Files {
		st := &out.Items[i]
		st.Path = f.Path
		if err := s.accept(ctx, &r, w, f, st); err != nil {
			if ctx.Err() != nil || errs.KindOf(err) == errs.Unavailable {
				return out, err
			}
			st.Refused = err.Error()
		}
	}
	return out, nil
}

// open returns an upload that goes on, and its volume.
func (s *Service) open(ctx context.Context, id int64) (row, *vfs.Writing, error) {
	r, err := s.load(ctx, id)
	if err != nil {
		return r, nil, err
	}
	site, err := s.o.Volumes.Site(ctx, r.volume)
	if err != nil {
		return r, nil, err
	}
	w := site.Driver.Features().Writing
	if w == nil {
		return r, nil, errs.New(errs.Unsupported, "nothing can be changed on this volume")
	}
	return r, w, nil
}

// Bounds of what may be uploaded.
const (
	maxPath  = 4000
	maxDepth = 100
)

// fits tells why a path cannot be taken.
func fits(w *vfs.Writing, path string) error {
	if !utf8.ValidString(path) || len(path) > maxPath {
		return errs.New(errs.Invalid, "this cannot be a path")
	}
	parts := strings.Split(path, "/")
	if len(parts) > maxDepth {
		return errs.New(errs.Invalid, "it is more than %d folders deep", maxDepth)
	}
	for _, name := range parts {
		if err := fileops.CheckName(w, name); err != nil {
			return err
		}
		if vfs.IsPrivate(name) {
			return errs.New(errs.Invalid, "Stardrive keeps such names for itself")
		}
	}
	return nil
}

// accept takes note of one file, and makes what can be made of it at once.
func (s *Service) accept(ctx context.Context, r *row, w *vfs.Writing, in FileIn, st *FileState) error {
	if err := fits(w, in.Path); err != nil {
		return err
	}
	size := in.Size
	if in.Folder {
		size = -1
	}
	if w.MaxFile > 0 && size > w.MaxFile {
		return errs.New(errs.Invalid, "the file is larger than this volume can hold")
	}
	var f file
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		known, ok, err := fileCalled(tx, r.id, in.Path)
		f = known
		if err != nil || ok && f.is(in) && !in.Anew {
			return err
		}
		if ok { // another one of that name: it begins anew
			if err := again(tx, r.id, f.n, 0); err != nil {
				return err
			}
			if f.size < 0 || in.Folder {
				return errs.New(errs.Conflict, "a file and a folder of the same name cannot both be uploaded")
			}
			f.size, f.modified, f.got, f.done = size, in.time(), 0, false
			_, err = tx.Exec("UPDATE upload_file SET size = ?, modified_ns = ? WHERE upload_id = ? AND n = ?", size, f.modified, r.id, f.n)
			return err
		}
		f = file{path: in.Path, size: size, modified: in.time()}
		if err := tx.QueryRow("SELECT coalesce(max(n), 0) + 1 FROM upload_file WHERE upload_id = ?", r.id).Scan(&f.n); err != nil {
			return err
		}
		_, err = tx.Exec("INSERT INTO upload_file (upload_id, n, path, size, modified_ns, got, done) VALUES (?, ?, ?, ?, ?, 0, 0)", r.id, f.n, f.path, f.size, f.modified)
		return err
	})
	if err != nil {
		return err
	}
	if f.size <= 0 && !f.done {
		if err := s.makeEmpty(ctx, r, w, &f); err != nil {
			return err
		}
		f.done = true
	}
	st.File, st.Got, st.Done = f.n, f.got, f.done
	return nil
}

// makeEmpty makes a folder, or a file without bytes.
func (s *Service) makeEmpty(ctx context.Context, r *row, w *vfs.Writing, f *file) error {
	lock := s.ofFile(r.id, f.n)
	lock.Lock()
	defer lock.Unlock()
	if f.size < 0 {
		dir, err := folders(ctx, w, r, f.path)
		if err != nil {
			return err
		}
		_ = dir.Close()
	} else {
		h, err := create(ctx, w, r, f)
		if err == nil {
			err = end(h, f)
		}
		if err != nil {
			return err
		}
	}
	return s.o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("UPDATE upload_file SET done = 1 WHERE upload_id = ? AND n = ?", r.id, f.n)
		return err
	})
}
