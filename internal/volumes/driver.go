package volumes

import (
	"context"
	"errors"
	"os"
	"sync"

	"github.com/stardrive/stardrive/internal/errs"
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
	if f.Writing != nil {
		w := *f.Writing
		w.Dir = d.dir
		f.Writing = &w
	}
	return f
}

// dir opens a folder for changes in it.
func (d driver) dir(ctx context.Context, path string) (vfs.Dir, error) {
	real, release, err := d.x.acquire(ctx)
	if err != nil {
		return nil, err
	}
	w := real.Features().Writing
	if w == nil {
		release()
		return nil, errs.New(errs.Unsupported, "this volume cannot be changed").At(path)
	}
	opened, err := w.Dir(ctx, path)
	if err != nil {
		release()
		return nil, d.x.explain(err)
	}
	return &folder{Dir: opened, x: d.x, release: sync.OnceFunc(release)}, nil
}

// folder is a folder that may be changed. While it is open, or one or a file that was
// opened through it, so is the driver.
type folder struct {
	vfs.Dir
	x       *session
	release func()
}

// Unwrap is for vfs.DirAs.
func (f *folder) Unwrap() vfs.Dir { return f.Dir }

func (f *folder) Close() error {
	defer f.release()
	return f.Dir.Close()
}

// through opens something in a folder, which keeps the driver open on its own.
func through[T any](ctx context.Context, f *folder, open func() (T, error), wrap func(opened T, release func()) T) (none T, err error) {
	_, release, err := f.x.acquire(ctx)
	if err != nil {
		return none, err
	}
	opened, err := open()
	if err != nil {
		release()
		return none, f.x.explain(err)
	}
	return wrap(opened, sync.OnceFunc(release)), nil
}

func (f *folder) Sub(ctx context.Context, name string) (vfs.Dir, error) {
	return through(ctx, f, func() (vfs.Dir, error) { return f.Dir.Sub(ctx, name) },
		func(d vfs.Dir, release func()) vfs.Dir { return &folder{d, f.x, release} })
}

func (f *folder) Open(ctx context.Context, name string) (vfs.Handle, error) {
	return through(ctx, f, func() (vfs.Handle, error) { return f.Dir.Open(ctx, name) },
		func(h vfs.Handle, release func()) vfs.Handle { return &handle{h, release} })
}

func (f *folder) Create(ctx context.Context, name string, mode uint32) (vfs.WriteHandle, error) {
	return through(ctx, f, func() (vfs.WriteHandle, error) { return f.Dir.Create(ctx, name, mode) }, written)
}

func (f *folder) Write(ctx context.Context, name string) (vfs.WriteHandle, error) {
	return through(ctx, f, func() (vfs.WriteHandle, error) { return f.Dir.Write(ctx, name) }, written)
}

func written(h vfs.WriteHandle, release func()) vfs.WriteHandle { return &writeHandle{h, release} }

// writeHandle keeps the driver open as long as the file is.
type writeHandle struct {
	vfs.WriteHandle
	release func()
}

// Unwrap is for vfs.HandleAs.
func (h *writeHandle) Unwrap() vfs.Handle { return h.WriteHandle }

func (h *writeHandle) Close() error {
	defer h.release()
	return h.WriteHandle.Close()
}

// Close does nothing: the Service owns the driver, which others use too.
func (d driver) Close() error { return nil }

// handle keeps the driver open as long as the file is.
type handle struct {
	vfs.Handle
	release func()
}

// Unwrap is for vfs.HandleAs.
func (h *handle) Unwrap() vfs.Handle { return h.Handle }

// OSFile is the open file where it is one of the system's; nil else.
func (h *handle) OSFile() *os.File { return vfs.OSFile(h.Handle) }

func (h *handle) Close() error {
	defer h.release()
	return h.Handle.Close()
}

func isReplaced(err error) bool {
	var r replaced
	return errors.As(err, &r)
}
