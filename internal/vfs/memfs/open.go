package memfs

import (
	"context"
	"errors"
	"io"
	"sync"
	"syscall"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Open opens a regular file. The handle stays on that file when its name goes.
func (f *FS) Open(ctx context.Context, path string) (vfs.Handle, error) {
	if err := f.begin(ctx, "open", path); err != nil {
		return nil, err
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	n, err := f.find("open", path)
	if err != nil {
		return nil, err
	}
	if err := n.opens(mayRead); err != nil {
		return nil, &errs.Error{Op: "open", Path: path, Kind: errs.KindOf(err), Err: err}
	}
	return &handle{fs: f, n: n, path: path}, nil
}

// opens reports whether n is a file that may be opened so.
func (n *node) opens(bits uint32) error {
	switch {
	case n.Kind != vfs.File:
		return errs.New(errs.Unsupported, "a %s is not opened", n.Kind)
	case !n.may(bits):
		return errs.New(errs.Denied, "permission denied: %w", syscall.EACCES)
	}
	return nil
}

type handle struct {
	fs   *FS
	n    *node
	path string

	mu     sync.Mutex // guards what follows; taken before fs.mu
	offset int64
	closed bool
}

func (h *handle) fail(op string, err error) error {
	return &errs.Error{Op: op, Path: h.path, Kind: errs.KindOf(err), Err: err}
}

var (
	errClosed = errs.New(errs.Invalid, "the file is closed")
	errOffset = errs.New(errs.Invalid, "negative offset")
	errWhence = errs.New(errs.Invalid, "unknown whence")
)

func (h *handle) Read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n, err := h.readAt(p, h.offset)
	h.offset += int64(n)
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

func (h *handle) ReadAt(p []byte, off int64) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.readAt(p, off)
}

func (h *handle) readAt(p []byte, off int64) (int, error) {
	if h.closed {
		return 0, h.fail("read", errClosed)
	}
	if off < 0 {
		return 0, h.fail("read", errOffset)
	}
	if len(p) == 0 {
		return 0, nil
	}
	h.fs.mu.RLock()
	defer h.fs.mu.RUnlock()
	n := h.n.data.readAt(p, off)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (h *handle) Seek(offset int64, whence int) (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += h.offset
	case io.SeekEnd:
		h.fs.mu.RLock()
		offset += h.n.data.size
		h.fs.mu.RUnlock()
	default:
		return 0, h.fail("seek", errWhence)
	}
	if h.closed {
		return 0, h.fail("seek", errClosed)
	}
	if offset < 0 {
		return 0, h.fail("seek", errOffset)
	}
	h.offset = offset
	return offset, nil
}

func (h *handle) Stat() (vfs.Entry, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return vfs.Entry{}, h.fail("stat", errClosed)
	}
	h.fs.mu.RLock()
	defer h.fs.mu.RUnlock()
	_, name := vfs.Split(h.path)
	return h.n.entry(name), nil
}

func (h *handle) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return h.fail("close", errClosed)
	}
	h.closed = true
	return nil
}
