package faultfs

import (
	"errors"
	"slices"

	"github.com/stardrive/stardrive/internal/vfs"
)

// writer is an open file whose writes obey the rules too.
type writer struct {
	*handle
	w vfs.WriteHandle
}

var _ vfs.WriteHandle = (*writer)(nil)

func (w *writer) Stat() (vfs.Entry, error) {
	if err := w.fs.before(w.ctx, Stat, w.path); err != nil {
		return vfs.Entry{}, err
	}
	return w.w.Stat()
}

func (w *writer) Write(p []byte) (int, error) {
	return w.write(p, func(p []byte, _ int) (int, error) { return w.w.Write(p) })
}

func (w *writer) WriteAt(p []byte, off int64) (int, error) {
	return w.write(p, func(p []byte, done int) (int, error) { return w.w.WriteAt(p, off+int64(done)) })
}

// write goes up to the byte from which a rule applies, and meets it.
func (w *writer) write(p []byte, write func(p []byte, done int) (int, error)) (done int, err error) {
	rules := w.fs.matching(Write, w.path)
	e := effect{fs: w.fs}
	for {
		part, err := w.allowed(&rules, Write, &w.written, p[done:], &e)
		if err != nil {
			return done, err
		}
		if e.Flip && len(part) > 0 {
			part = slices.Clone(part)
			part[len(part)/2] ^= 1
		}
		n, err := write(part, done)
		done += n
		w.count(&w.written, n)
		if err != nil || done == len(p) {
			return done, e.leave(err)
		}
	}
}

func (w *writer) do(op Op, fn func() error) error {
	e, err := w.fs.enter(w.ctx, op, w.path)
	if err != nil {
		return err
	}
	return e.leave(fn())
}

func (w *writer) Truncate(size int64) error {
	return w.do(Truncate, func() error { return w.w.Truncate(size) })
}

func (w *writer) Allocate(size int64) error {
	return w.do(Allocate, func() error { return w.w.Allocate(size) })
}

func (w *writer) Clone(from vfs.Handle) error {
	e, err := w.fs.enter(w.ctx, Clone, w.path)
	if err != nil {
		return err
	}
	if err := w.w.Clone(from); err != nil {
		return e.leave(err)
	}
	entry, err := w.w.Stat()
	if err == nil {
		err = w.spoil(e, 0, entry.Size)
	}
	return e.leave(err)
}

func (w *writer) CopyFrom(from vfs.Handle, fromOff, off, n int64) (done int64, err error) {
	e, err := w.fs.enter(w.ctx, CopyFrom, w.path)
	if err != nil {
		return 0, err
	}
	if e.Short {
		n = min(n, e.Most)
	}
	if done, err = w.w.CopyFrom(from, fromOff, off, n); err == nil {
		err = w.spoil(e, off, done)
	}
	return done, e.leave(err)
}

// spoil makes n bytes from off on wrong, as the rules say.
func (w *writer) spoil(e effect, off, n int64) error {
	switch {
	case n == 0 || !e.Zeros && !e.Flip:
		return nil
	case e.Zeros:
		_, err := w.w.WriteAt(make([]byte, n), off)
		return err
	}
	one := make([]byte, 1)
	if _, err := w.w.ReadAt(one, off+n/2); err != nil {
		return err
	}
	one[0] ^= 1
	_, err := w.w.WriteAt(one, off+n/2)
	return err
}

func (w *writer) SetMeta(m *vfs.Meta, parts vfs.Parts) (lost vfs.Parts, err error) {
	err = w.do(SetMeta, func() (err error) { lost, err = w.w.SetMeta(m, parts); return err })
	return lost, err
}

func (w *writer) Sync() error {
	e, err := w.fs.enter(w.ctx, Sync, w.path)
	if err != nil {
		if own, ok := vfs.HandleAs[syncFailed](w.w); ok && !errors.Is(err, ErrKilled) {
			own.SyncFailed()
		}
		return err
	}
	return e.leave(w.w.Sync())
}

func (w *writer) Uncache() error { return w.w.Uncache() }
