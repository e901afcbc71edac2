package patient

import (
	"context"
	"os"
	"sync"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Driver returns d, as a Whole, with a limit to how long its calls take. name tells its volume
// from others. A buffer given to a read that fails with errs.Unavailable must not be
// used again: the read may yet write into it. Listings have no limit: who lists
// looks after that.
func (k *Keeper) Driver(name string, d vfs.Driver) vfs.Driver { return &driver{d, k, name} }

// Whole is a driver that can make many calls at the price of one.
type Whole interface {
	vfs.Driver
	// Whole calls fn with a driver whose calls, and those of the files it opens,
	// have the limit together with those of their kind that came before: each may
	// take as long. When one takes longer, Whole returns errs.Unavailable while fn
	// runs on: what fn touches must be its own, but for what it returns. It is asked
	// to stop by errors of its calls. ctx ends Whole, too.
	Whole(ctx context.Context, fn func(vfs.Driver) error) error
}

type driver struct {
	vfs.Driver
	k    *Keeper
	name string
}

// Stat implements vfs.Driver.
func (d *driver) Stat(ctx context.Context, path string) (vfs.Entry, error) {
	if err := d.k.Check(d.name); err != nil {
		return vfs.Entry{}, err
	}
	return run(ctx, d.k, d.name, func() (vfs.Entry, error) { return d.Driver.Stat(ctx, path) }, nil)
}

// Open implements vfs.Driver.
func (d *driver) Open(ctx context.Context, path string) (vfs.Handle, error) {
	if err := d.k.Check(d.name); err != nil {
		return nil, err
	}
	h, err := run(ctx, d.k, d.name, func() (vfs.Handle, error) { return d.Driver.Open(ctx, path) }, func(h vfs.Handle, err error) {
		if err == nil {
			_ = h.Close() // nobody has read of it
		}
	})
	if err != nil {
		return nil, err
	}
	return &handle{h: h, k: d.k, name: d.name}, nil
}

// handle is an open file whose calls have a limit. Once one was left behind there
// are no others, and the file is closed when that has returned.
type handle struct {
	h    vfs.Handle
	k    *Keeper
	name string

	mu     sync.Mutex
	calls  int // under way, those left behind among them
	broken bool
	closed bool
}

func call[T any](h *handle, fn func() (T, error)) (value T, err error) {
	if err := h.enter(); err != nil {
		return value, err
	}
	value, err = run(context.Background(), h.k, h.name, func() (T, error) {
		defer h.leave()
		return fn()
	}, nil)
	if errs.Is(err, errs.Unavailable) {
		h.mu.Lock()
		h.broken = true
		h.mu.Unlock()
	}
	return value, err
}

func (h *handle) enter() error {
	if err := h.k.Check(h.name); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.broken {
		return errHangs(h.name)
	}
	h.calls++
	return nil
}

func (h *handle) leave() {
	h.mu.Lock()
	h.calls--
	end := h.closed && h.calls == 0
	h.mu.Unlock()
	if end {
		_ = h.h.Close() // it was only read
	}
}

func (h *handle) Read(p []byte) (int, error) {
	return call(h, func() (int, error) { return h.h.Read(p) })
}

func (h *handle) ReadAt(p []byte, off int64) (int, error) {
	return call(h, func() (int, error) { return h.h.ReadAt(p, off) })
}

func (h *handle) Stat() (vfs.Entry, error) { return call(h, h.h.Stat) }

// Seek asks nothing of the volume.
func (h *handle) Seek(offset int64, whence int) (int64, error) { return h.h.Seek(offset, whence) }

// OSFile is the open file where it is one of the system's; nil else. What is done
// with it has no limit.
func (h *handle) OSFile() *os.File { return vfs.OSFile(h.h) }

// Close closes the file, now or when a call that was left behind has returned.
func (h *handle) Close() error {
	h.mu.Lock()
	h.closed = true
	later := h.calls > 0
	h.mu.Unlock()
	if later {
		return nil
	}
	_, err := run(context.Background(), h.k, h.name, func() (struct{}, error) { return struct{}{}, h.h.Close() }, nil)
	return err
}
