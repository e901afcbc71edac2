//go:build linux || darwin || windows

package rooted

import (
	"os"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// writable is a file open for reading and writing. The os package sets times by
// name only: dir and name are where it was opened.
type writable struct {
	*file
	dir  *dir
	name string
}

var _ vfs.WriteHandle = (*writable)(nil)

func (w *writable) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	return n, w.told("write", err)
}

func (w *writable) WriteAt(p []byte, off int64) (int, error) {
	n, err := w.f.WriteAt(p, off)
	return n, w.told("write", err)
}

func (w *writable) Truncate(size int64) error { return w.told("truncate", w.f.Truncate(size)) }

func (w *writable) cannot(op, why string) error {
	return w.told(op, errs.New(errs.Unsupported, "%s", why))
}

// Allocate: the systems that this driver is for have no portable way.
func (w *writable) Allocate(int64) error {
	return w.cannot("reserve room", "room is not reserved here")
}

// Clone: macOS clones into names that are not there, not into open files.
func (w *writable) Clone(vfs.Handle) error {
	return w.cannot("clone", "files do not share their bytes here")
}

// CopyFrom is for systems that copy between open files.
func (w *writable) CopyFrom(vfs.Handle, int64, int64, int64) (int64, error) {
	return 0, w.cannot("copy", "the system does not copy between files here")
}

func (w *writable) Sync() error { return w.told("sync", w.f.Sync()) }

func (w *writable) Uncache() error { return w.told("uncache", uncache(w.f)) }

func (w *writable) SetMeta(m *vfs.Meta, parts vfs.Parts) (lost vfs.Parts, err error) {
	s := setter{d: w.d, m: m, f: w.f, chmod: w.f.Chmod, chown: w.f.Chown, stat: w.f.Stat}
	s.named = func() (*os.Root, string, error) {
		own, err := w.f.Stat()
		if err != nil {
			return nil, "", err
		}
		if fi, err := w.dir.root.Lstat(w.name); err != nil || !os.SameFile(fi, own) {
			return nil, "", nil // it has another name now
		}
		return w.dir.root, w.name, nil
	}
	lost, err = s.set(parts)
	return lost, w.told("set attributes", w.dir.words(err))
}

func (h *file) Meta() (m vfs.Meta, err error) {
	fi, err := h.f.Stat()
	if err == nil {
		m, err = metaOf(fi, h.f)
	}
	return m, h.told("read attributes", err)
}
