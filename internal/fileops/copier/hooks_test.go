package copier_test

import (
	"context"
	"math/rand/v2"
	"sync"

	"github.com/stardrive/stardrive/internal/vfs"
)

// hooks stand before every call of a volume. call is asked first: an error is
// what the call answers with.
type hooks struct {
	mu   sync.Mutex
	call func(op, name string) error

	readAt   func(h vfs.Handle, b []byte, off int64) (int, error)
	writeAt  func(h vfs.WriteHandle, b []byte, off int64) (int, error)
	copyFrom func(h vfs.WriteHandle, from vfs.Handle, fromOff, off, n int64) (int64, error)
	clone    func(h vfs.WriteHandle, from vfs.Handle) error
}

func (h *hooks) ask(op, name string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.call == nil {
		return nil
	}
	return h.call(op, name)
}

// driver is a volume with hooks.
type driver struct {
	vfs.Driver
	h *hooks
}

func (d *driver) Stat(ctx context.Context, path string) (vfs.Entry, error) {
	if err := d.h.ask("stat", path); err != nil {
		return vfs.Entry{}, err
	}
	return d.Driver.Stat(ctx, path)
}

func (d *driver) Open(ctx context.Context, path string) (vfs.Handle, error) {
	if err := d.h.ask("open", path); err != nil {
		return nil, err
	}
	h, err := d.Driver.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return &reader{h, d.h, path}, nil
}

func (d *driver) Features() vfs.Features {
	f := d.Driver.Features()
	w := *f.Writing
	open := w.Dir
	w.Dir = func(ctx context.Context, path string) (vfs.Dir, error) {
		inner, err := open(ctx, path)
		if err != nil {
			return nil, err
		}
		return &dir{inner, d.h}, nil
	}
	f.Writing = &w
	return f
}

// reader is a file that is read.
type reader struct {
	vfs.Handle
	h    *hooks
	name string
}

func (r *reader) Unwrap() vfs.Handle { return r.Handle }

func (r *reader) ReadAt(b []byte, off int64) (int, error) {
	if err := r.h.ask("read", r.name); err != nil {
		return 0, err
	}
	if r.h.readAt != nil {
		return r.h.readAt(r.Handle, b, off)
	}
	return r.Handle.ReadAt(b, off)
}

func (r *reader) Stat() (vfs.Entry, error) {
	if err := r.h.ask("fstat", r.name); err != nil {
		return vfs.Entry{}, err
	}
	return r.Handle.Stat()
}

// dir is a folder with hooks.
type dir struct {
	vfs.Dir
	h *hooks
}

func (d *dir) Unwrap() vfs.Dir { return d.Dir }

func (d *dir) Stat(ctx context.Context, name string) (vfs.Entry, error) {
	if err := d.h.ask("stat", name); err != nil {
		return vfs.Entry{}, err
	}
	return d.Dir.Stat(ctx, name)
}

func (d *dir) Create(ctx context.Context, name string, mode uint32) (vfs.WriteHandle, error) {
	if err := d.h.ask("create", name); err != nil {
		return nil, err
	}
	h, err := d.Dir.Create(ctx, name, mode)
	if err != nil {
		return nil, err
	}
	return &writer{h, d.h, name}, nil
}

func (d *dir) Write(ctx context.Context, name string) (vfs.WriteHandle, error) {
	if err := d.h.ask("reopen", name); err != nil {
		return nil, err
	}
	h, err := d.Dir.Write(ctx, name)
	if err != nil {
		return nil, err
	}
	return &writer{h, d.h, name}, nil
}

func (d *dir) Symlink(ctx context.Context, name, target string) error {
	if err := d.h.ask("symlink", name); err != nil {
		return err
	}
	return d.Dir.Symlink(ctx, name, target)
}

func (d *dir) Link(ctx context.Context, name string, from vfs.Dir, fromName string) error {
	if err := d.h.ask("link", name); err != nil {
		return err
	}
	return d.Dir.Link(ctx, name, from, fromName)
}

func (d *dir) Rename(ctx context.Context, name string, to vfs.Dir, toName string, how vfs.Renaming) error {
	op := "rename"
	if how == vfs.Exchange {
		op = "exchange"
	}
	if err := d.h.ask(op, name); err != nil {
		return err
	}
	return d.Dir.Rename(ctx, name, to, toName, how)
}

func (d *dir) Unlink(ctx context.Context, name string) error {
	if err := d.h.ask("unlink", name); err != nil {
		return err
	}
	return d.Dir.Unlink(ctx, name)
}

func (d *dir) SetMeta(ctx context.Context, name string, m *vfs.Meta, parts vfs.Parts) (vfs.Parts, error) {
	if err := d.h.ask("setmeta", name); err != nil {
		return 0, err
	}
	return d.Dir.SetMeta(ctx, name, m, parts)
}

func (d *dir) Sync(ctx context.Context) error {
	if err := d.h.ask("syncdir", ""); err != nil {
		return err
	}
	return d.Dir.Sync(ctx)
}

func (d *dir) SyncAll(ctx context.Context) error {
	if err := d.h.ask("syncall", ""); err != nil {
		return err
	}
	return d.Dir.SyncAll(ctx)
}

// writer is a file that is written.
type writer struct {
	vfs.WriteHandle
	h    *hooks
	name string
}

func (w *writer) Unwrap() vfs.Handle { return w.WriteHandle }

func (w *writer) ReadAt(b []byte, off int64) (int, error) {
	if err := w.h.ask("reread", w.name); err != nil {
		return 0, err
	}
	return w.WriteHandle.ReadAt(b, off)
}

func (w *writer) WriteAt(b []byte, off int64) (int, error) {
	if err := w.h.ask("write", w.name); err != nil {
		return 0, err
	}
	if w.h.writeAt != nil {
		return w.h.writeAt(w.WriteHandle, b, off)
	}
	return w.WriteHandle.WriteAt(b, off)
}

func (w *writer) Truncate(size int64) error {
	if err := w.h.ask("truncate", w.name); err != nil {
		return err
	}
	return w.WriteHandle.Truncate(size)
}

func (w *writer) Allocate(size int64) error {
	if err := w.h.ask("allocate", w.name); err != nil {
		return err
	}
	return w.WriteHandle.Allocate(size)
}

func (w *writer) Clone(from vfs.Handle) error {
	if err := w.h.ask("clone", w.name); err != nil {
		return err
	}
	if w.h.clone != nil {
		return w.h.clone(w.WriteHandle, from)
	}
	return w.WriteHandle.Clone(from)
}

func (w *writer) CopyFrom(from vfs.Handle, fromOff, off, n int64) (int64, error) {
	if err := w.h.ask("copyfrom", w.name); err != nil {
		return 0, err
	}
	if w.h.copyFrom != nil {
		return w.h.copyFrom(w.WriteHandle, from, fromOff, off, n)
	}
	return w.WriteHandle.CopyFrom(from, fromOff, off, n)
}

func (w *writer) SetMeta(m *vfs.Meta, parts vfs.Parts) (vfs.Parts, error) {
	if err := w.h.ask("fsetmeta", w.name); err != nil {
		return 0, err
	}
	return w.WriteHandle.SetMeta(m, parts)
}

func (w *writer) Sync() error {
	if err := w.h.ask("sync", w.name); err != nil {
		return err
	}
	return w.WriteHandle.Sync()
}

func (w *writer) Close() error {
	err := w.WriteHandle.Close()
	if asked := w.h.ask("close", w.name); asked != nil {
		return asked
	}
	return err
}

func noise(n int, seed uint64) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)})
	_, _ = r.Read(b)
	return b
}
