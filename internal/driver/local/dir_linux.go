package local

import (
	"context"
	"os"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// dir is an open folder. It holds one descriptor and nothing of its driver's.
type dir struct {
	d      *Driver
	path   string
	handle handle
}

var _ vfs.Dir = (*dir)(nil)

var (
	errName      = errs.New(errs.Invalid, "not a name of one entry")
	errDirClosed = errs.New(errs.Invalid, "the folder is closed")
)

// in runs fn with the folder's descriptor, and says of its error what failed on
// which name; "" is the folder itself.
func (f *dir) in(ctx context.Context, op, name string, fn func(fd int) error) error {
	path := f.path
	if name != "" {
		path = vfs.Join(path, name)
	}
	if err := alive(ctx, op, path); err != nil {
		return err
	}
	return f.use(func(fd int) error {
		if err := fn(fd); err != nil {
			return f.d.trouble(op, path, fd, name, err)
		}
		return nil
	}, op, path)
}

func (f *dir) use(fn func(fd int) error, op, path string) error {
	err := f.handle.use(fn)
	if err == error(errClosed) { //nolint:errorlint // this very one
		return &errs.Error{Op: op, Path: path, Kind: errs.Invalid, Err: errDirClosed}
	}
	return err
}

// at is in, for a name that a caller gave.
func (f *dir) at(ctx context.Context, op, name string, fn func(fd int) error) error {
	if !vfs.ValidName(name) {
		return &errs.Error{Op: op, Path: vfs.Join(f.path, name), Kind: errs.Invalid, Err: errName}
	}
	return f.in(ctx, op, name, fn)
}

func (f *dir) Close() error { return f.handle.close() }

func (f *dir) Self(ctx context.Context) (e vfs.Entry, err error) {
	err = f.in(ctx, "stat", "", func(fd int) error { return f.d.examine(fd, "", &e) })
	if err != nil {
		return vfs.Entry{}, err
	}
	_, e.Name = vfs.Split(f.path)
	e.Mount = false // we are inside, with the driver's consent
	return e, nil
}

func (f *dir) Stat(ctx context.Context, name string) (e vfs.Entry, err error) {
	err = f.at(ctx, "stat", name, func(fd int) error { return f.d.examine(fd, name, &e) })
	if err != nil {
		return vfs.Entry{}, err
	}
	return e, nil
}

// List opens the folder anew: where a listing stands belongs to a descriptor.
func (f *dir) List(ctx context.Context, emit func(batch []vfs.Entry) error) error {
	again := -1
	err := f.in(ctx, "list", "", func(fd int) (err error) {
		again, err = f.d.openBelow(fd, ".", reading)
		return err
	})
	if err != nil {
		return err
	}
	defer closeFD(again)
	return f.d.list(ctx, again, f.path, emit)
}

func (f *dir) Sub(ctx context.Context, name string) (vfs.Dir, error) {
	sub := &dir{d: f.d, path: vfs.Join(f.path, name)}
	err := f.at(ctx, "open folder", name, func(fd int) (err error) {
		sub.handle.fd, err = f.d.openBelow(fd, name, reading)
		if err == unix.EACCES {
			sub.handle.fd, err = f.d.openBelow(fd, name, passing)
		}
		if err == nil && f.d.cross {
			var stx unix.Statx_t
			if err = statx(sub.handle.fd, nil, unix.AT_STATX_DONT_SYNC, &stx); err == nil && f.d.isSealed(sub.handle.fd, nil, &stx) {
				err = errMount
			}
			_, err = told(sub.handle.fd, err)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return sub, nil
}

func (f *dir) Open(ctx context.Context, name string) (vfs.Handle, error) {
	h, err := f.open(ctx, "open", name, unix.O_RDONLY)
	if err != nil {
		return nil, err
	}
	return h, nil
}

func (f *dir) Write(ctx context.Context, name string) (vfs.WriteHandle, error) {
	h, err := f.open(ctx, "open for writing", name, unix.O_RDWR)
	if err != nil {
		return nil, err
	}
	return &writable{file: h}, nil
}

func (f *dir) open(ctx context.Context, op, name string, mode int) (h *file, err error) {
	err = f.at(ctx, op, name, func(fd int) error {
		opened, err := f.d.openFile(fd, name, mode)
		if err == nil {
			h = f.d.file(opened, vfs.Join(f.path, name))
		}
		return err
	})
	return h, err
}

func (d *Driver) file(fd int, path string) *file {
	return &file{d: d, f: os.NewFile(uintptr(fd), path), path: path}
}

func (f *dir) Readlink(ctx context.Context, name string) (target string, err error) {
	err = f.at(ctx, "readlink", name, func(fd int) (err error) {
		target, err = readlinkAt(fd, name)
		return err
	})
	return target, err
}

func (f *dir) Sync(ctx context.Context) error {
	return f.in(ctx, "sync", "", f.d.syncFolder)
}

// syncFolder brings the names in the folder fd to the medium.
//
// A disk that goes away in the middle of a sync can make it look as if all were
// well: ext4 finds its journal empty because it was given up, XFS finds nothing
// left to do. What comes after tells: ext4 syncs nothing more, XFS examines
// nothing more.
func (d *Driver) syncFolder(fd int) error {
	_, err := retry(func() (int, error) { return 0, unix.Fsync(fd) })
	switch {
	case err == unix.EINVAL && d.kind.remote:
		return nil // there is nothing to bring: the server made the change itself
	case err != nil:
		return err
	case d.kind.ext:
		if _, err := retry(func() (int, error) { return 0, unix.Fsync(fd) }); err != nil {
			return err
		}
	}
	var stx unix.Statx_t
	return statx(fd, nil, 0, &stx)
}

var errNoSyncAll = errs.New(errs.Unsupported, "this volume does not tell what became of everything that was written")

func (f *dir) SyncAll(ctx context.Context) error {
	return f.in(ctx, "sync volume", "", func(fd int) error {
		if !f.d.kind.syncs {
			return errNoSyncAll
		}
		_, err := retry(func() (int, error) { return 0, unix.Syncfs(fd) })
		switch err {
		case nil: // the disk may have gone meanwhile, see there
			return f.d.syncFolder(fd)
		case unix.EBADF: // a folder that may not be read is open for passing only
			return errNoSyncAll
		}
		return err
	})
}
