package volumes

import (
	"context"
	"errors"
	"os"
	"sync"

	"github.com/stardrive/stardrive/internal/vfs"
)

// driver is the vfs.Driver of a session: it opens the real one when it is
// needed, and fails with errs.Unavailable for good once the volume was unmounted
// or another one stands in its place.
type driver struct{ x *session }

func (d driver) with(ctx context.Context, f func(vfs.Driver) error) error {
	real, release, err := d.x.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := f(real); err != nil {
		return d.x.explain(err)
	}
	return nil
}

// explain says what an error means that came from a volume taken away meanwhile.
func (x *session) explain(err error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.dead {
		return errGone(x.r.Point)
	}
	return err
}

func (d driver) List(ctx context.Context, dir string, emit func([]vfs.Entry) error) error {
	var stop error // of emit, which is returned as is
	err := d.with(ctx, func(real vfs.Driver) error {
		return real.List(ctx, dir, func(batch []vfs.Entry) error {
			stop = emit(batch)
			return stop
		})
	})
	if err != nil && stop != nil {
		return stop
	}
	return err
}

func (d driver) Stat(ctx context.Context, path string) (e vfs.Entry, err error) {
	err = d.with(ctx, func(real vfs.Driver) (err error) { e, err = real.Stat(ctx, path); return err })
	return e, err
}

func (d driver) Open(ctx context.Context, path string) (vfs.Handle, error) {
	real, release, err := d.x.acquire(ctx)
	if err != nil {
		return nil, err
	}
	h, err := real.Open(ctx, path)
	if err != nil {
		release()
		return nil, d.x.explain(err)
	}
	return &handle{Handle: h, release: sync.OnceFunc(release)}, nil
}

func (d driver) Features() vfs.Features {
	d.x.mu.Lock()
	f := d.x.features
	d.x.mu.Unlock()
	if f.Readlink != nil {
		f.Readlink = func(ctx context.Context, path string) (target string, err error) {
			err = d.with(ctx, func(real vfs.Driver) (err error) {
				target, err = real.Features().Readlink(ctx, path)
				return err
			})
			return target, err
		}
	}
	if f.Space != nil {
		f.Space = func(ctx context.Context) (space vfs.Space, err error) {
			err = d.with(ctx, func(real vfs.Driver) (err error) {
				space, err = real.Features().Space(ctx)
				return err
			})
			return space, err
		}
	}
	return f
}

// Close does nothing: the Service owns the driver, which others use too.
func (d driver) Close() error { return nil }

// handle keeps the driver open as long as the file is.
type handle struct {
	vfs.Handle
	release func()
}

// OSFile is the open file where it is one of the system's; nil else.
func (h *handle) OSFile() *os.File {
	if own, ok := h.Handle.(interface{ OSFile() *os.File }); ok {
		return own.OSFile()
	}
	return nil
}

func (h *handle) Close() error {
	defer h.release()
	return h.Handle.Close()
}

func isReplaced(err error) bool {
	var r replaced
	return errors.As(err, &r)
}
