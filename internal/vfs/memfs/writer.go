package memfs

import (
	"io"
	"math"
	"syscall"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// writer is a file open for reading and writing.
type writer struct{ *handle }

var (
	_ vfs.WriteHandle = (*writer)(nil)
	_ vfs.Sparse      = (*handle)(nil)
	_ vfs.MetaReader  = (*handle)(nil)
)

// memory finds the handle beneath what wraps it.
func (h *handle) memory() *handle { return h }

// edit runs fn on the open file, which is dirty then. The caller holds h.mu.
func (w *writer) edit(op string, fn func() error) error {
	f := w.fs
	f.mu.Lock()
	defer f.mu.Unlock()
	err := error(nil)
	switch {
	case w.closed:
		err = errClosed
	case f.readOnly:
		err = errReadOnly
	}
	if err == nil {
		f.dirty(w.n)
		err = fn()
		now := f.now().UnixNano()
		w.n.touch(f.stamp(now), now)
	}
	if err != nil {
		return w.fail(op, err)
	}
	return nil
}

func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.write(p, w.offset)
	w.offset += int64(n)
	return n, err
}

func (w *writer) WriteAt(p []byte, off int64) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.write(p, off)
}

// write writes what there is room for.
func (w *writer) write(p []byte, off int64) (n int, err error) {
	err = w.edit("write", func() error {
		if err := w.fits(off, int64(len(p))); err != nil {
			return err
		}
		room := w.fs.room(w.n, off, int64(len(p)))
		w.n.data.writeAt(p[:room], off)
		if n = int(room); n < len(p) {
			return errFull
		}
		return nil
	})
	return n, err
}

func (w *writer) fits(off, n int64) error {
	most := int64(1) << 50 // of what a test can mean
	if max := w.fs.opts.MaxFile; max > 0 {
		most = max
	}
	switch {
	case off < 0 || n < 0:
		return errOffset
	case off > math.MaxInt64-n || off+n > most:
		return errTooBig
	}
	return nil
}

// room tells how many of n bytes fit from off on, given what is left of the volume.
func (f *FS) room(file *node, off, n int64) int64 {
	if f.opts.Capacity <= 0 || n == 0 {
		return n
	}
	bytes, _ := f.used()
	left := (f.opts.Capacity - bytes) / blockSize
	for at := off; at < off+n; at = (at/blockSize + 1) * blockSize {
		if file.data.block(at/blockSize) != nil {
			continue
		}
		if left--; left < 0 {
			return max(0, at-off)
		}
	}
	return n
}

func (w *writer) Truncate(size int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.edit("truncate", func() error {
		if err := w.fits(0, size); err != nil {
			return err
		}
		w.n.data.truncate(size)
		return nil
	})
}

func (w *writer) Allocate(size int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return w.fail("reserve room", errClosed)
	}
	err := w.fits(0, size)
	if err == nil {
		w.fs.mu.RLock()
		defer w.fs.mu.RUnlock()
		if w.fs.room(w.n, 0, size) < size {
			err = errFull
		}
	}
	if err != nil {
		return w.fail("reserve room", err)
	}
	return nil
}

// source finds the file of this volume behind from.
func (w *writer) source(from vfs.Handle) (*handle, error) {
	own, ok := vfs.HandleAs[interface{ memory() *handle }](from)
	if !ok || own.memory().fs != w.fs {
		return nil, errElsewhere
	}
	return own.memory(), nil
}

func (w *writer) Clone(from vfs.Handle) error {
	src, err := w.source(from)
	if err == nil && w.fs.opts.NoClone {
		err = errs.New(errs.Unsupported, "this volume shares no bytes: %w", syscall.ENOTSUP)
	}
	if err != nil {
		return w.fail("clone", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.edit("clone", func() error {
		w.n.data = src.n.data.copy()
		return nil
	})
}

func (w *writer) CopyFrom(from vfs.Handle, fromOff, off, n int64) (done int64, err error) {
	if n <= 0 {
		return 0, nil
	}
	src, err := w.source(from)
	if err != nil {
		return 0, w.fail("copy", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	err = w.edit("copy", func() error {
		if fromOff < 0 || off < 0 {
			return errOffset
		}
		buf := make([]byte, min(n, max(0, src.n.data.size-fromOff)))
		if err := w.fits(off, int64(len(buf))); err != nil {
			return err
		}
		buf = buf[:src.n.data.readAt(buf, fromOff)]
		room := w.fs.room(w.n, off, int64(len(buf)))
		if len(buf) > 0 && room == 0 {
			return errFull
		}
		if room > 0 {
			w.n.data.writeAt(buf[:room], off)
		}
		done = room
		return nil
	})
	return done, err
}

func (w *writer) Sync() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return w.fail("sync", errClosed)
	}
	w.fs.mu.Lock()
	defer w.fs.mu.Unlock()
	w.fs.clean(w.n)
	return nil
}

// SyncFailed is that of a Dir, for this file.
func (w *writer) SyncFailed() {
	w.fs.mu.Lock()
	defer w.fs.mu.Unlock()
	w.fs.dirty(w.n)
	w.n.image.broken = true
}

// Uncache does nothing: there is no other medium.
func (w *writer) Uncache() error { return nil }

func (h *handle) NextData(off int64) (start, end int64, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return 0, 0, h.fail("look for holes", errClosed)
	}
	if off < 0 {
		return 0, 0, h.fail("look for holes", errOffset)
	}
	h.fs.mu.RLock()
	defer h.fs.mu.RUnlock()
	if size := h.n.data.size; h.fs.opts.Loses&vfs.PartHoles != 0 && off < size {
		return off, size, nil
	}
	start, end, ok := h.n.data.nextData(off)
	if !ok {
		return 0, 0, io.EOF
	}
	return start, end, nil
}
