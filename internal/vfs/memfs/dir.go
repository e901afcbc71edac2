package memfs

import (
	"context"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func (f *FS) writing() *vfs.Writing {
	w := &vfs.Writing{
		Dir:      f.openDir,
		Keeps:    f.keeps(),
		TimeStep: max(1, int64(f.opts.TimeStep)),
		MaxName:  f.maxName(),
		MaxFile:  f.opts.MaxFile,
		Holds:    f.opts.Holds,
		Clones:   !f.opts.NoClone,
	}
	if f.opts.Folding {
		w.Same = strings.EqualFold
	}
	return w
}

func (f *FS) keeps() vfs.Parts {
	const all = vfs.PartMode | vfs.PartModified | vfs.PartOwner | vfs.PartXattrs | vfs.PartACL | vfs.PartLabels | vfs.PartLinks | vfs.PartHoles | vfs.PartSymlinks
	return all &^ f.opts.Loses
}

func (f *FS) maxName() int {
	if f.opts.MaxName > 0 {
		return f.opts.MaxName
	}
	return 255
}

const mayWrite = 0o200

var (
	errName      = errs.New(errs.Invalid, "not a name of one entry")
	errHolds     = errs.New(errs.Invalid, "a name that this volume cannot hold: %w", syscall.EINVAL)
	errLong      = errs.New(errs.Invalid, "the name is too long: %w", syscall.ENAMETOOLONG)
	errDirClosed = errs.New(errs.Invalid, "the folder is closed")
	errGone      = errs.New(errs.NotFound, "the folder was removed: %w", syscall.ENOENT)
	errReadOnly  = errs.New(errs.Denied, "the volume is mounted read-only: %w", syscall.EROFS)
	errDenied    = errs.New(errs.Denied, "permission denied: %w", syscall.EACCES)
	errSealed    = errs.New(errs.Denied, "it is sealed against changes: %w", syscall.EPERM)
	errFull      = errs.New(errs.Unavailable, "the volume is full: %w", syscall.ENOSPC)
	errNoInodes  = errs.New(errs.Unavailable, "the volume has room for no more files (no inodes are left): %w", syscall.ENOSPC)
	errTooBig    = errs.New(errs.Unsupported, "larger than a file may be here: %w", syscall.EFBIG)
	errMounted   = errs.New(errs.Unsupported, "another file system is mounted here: %w", syscall.EXDEV)
	errBusy      = errs.New(errs.Conflict, "a volume is mounted there: %w", syscall.EBUSY)
	errNoFolder  = errs.New(errs.NotFound, "not a folder: %w", syscall.ENOTDIR)
	errIsFolder  = errs.New(errs.Unsupported, "a folder: %w", syscall.EISDIR)
	errFollow    = errs.New(errs.Denied, "a symlink is not followed: %w", syscall.ELOOP)
	errElsewhere = errs.New(errs.Unsupported, "the two are on different volumes: %w", syscall.EXDEV)
)

// dir is an open folder.
type dir struct {
	fs     *FS
	n      *node
	path   string
	closed atomic.Bool
}

var _ vfs.Dir = (*dir)(nil)

func (f *FS) openDir(ctx context.Context, path string) (vfs.Dir, error) {
	if err := f.begin(ctx, "open folder", path); err != nil {
		return nil, err
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	n, err := f.find("open folder", path)
	if err == nil {
		err = f.enters(n)
	}
	if err != nil {
		return nil, &errs.Error{Op: "open folder", Path: path, Kind: errs.KindOf(err), Err: err}
	}
	return &dir{fs: f, n: n, path: path}, nil
}

// enters reports whether n is a folder that may be opened.
func (f *FS) enters(n *node) error {
	switch {
	case n.Kind == vfs.Symlink:
		return errFollow
	case n.Kind != vfs.Folder:
		return errNoFolder
	case n.Mount:
		return errMounted
	case !n.may(maySearch):
		return errDenied
	}
	return nil
}

// with runs fn under the lock, for reading or, if it writes, for changing.
func (d *dir) with(ctx context.Context, op, name string, writes bool, fn func(now int64) error) error {
	path := d.path
	if name != "" {
		path = vfs.Join(path, name)
	}
	err := ctx.Err()
	if err == nil {
		err = d.locked(writes, fn)
	}
	if err != nil {
		return &errs.Error{Op: op, Path: path, Kind: errs.KindOf(err), Err: err}
	}
	return nil
}

func (d *dir) locked(writes bool, fn func(now int64) error) error {
	if writes {
		d.fs.mu.Lock()
		defer d.fs.mu.Unlock()
	} else {
		d.fs.mu.RLock()
		defer d.fs.mu.RUnlock()
	}
	switch {
	case d.closed.Load():
		return errDirClosed
	case d.fs.closed:
		return errs.New(errs.Unavailable, "the volume is closed")
	}
	if !writes {
		return fn(0)
	}
	return fn(d.fs.now().UnixNano())
}

// child finds the entry name; the caller holds the lock.
func (d *dir) child(name string) (string, *node, error) {
	switch {
	case !d.n.may(maySearch):
		return "", nil, errDenied
	case len(name) > d.fs.maxName():
		return "", nil, errLong
	}
	real, n := d.fs.lookup(d.n, name)
	if n == nil {
		return "", nil, errMissing
	}
	return real, n, nil
}

// at is with for a name that a caller gave and that must be there.
func (d *dir) at(ctx context.Context, op, name string, writes bool, fn func(real string, n *node, now int64) error) error {
	if !vfs.ValidName(name) {
		return &errs.Error{Op: op, Path: vfs.Join(d.path, name), Kind: errs.Invalid, Err: errName}
	}
	return d.with(ctx, op, name, writes, func(now int64) error {
		real, n, err := d.child(name)
		if err != nil {
			return err
		}
		return fn(real, n, now)
	})
}

func (d *dir) Close() error {
	d.closed.Store(true)
	return nil
}

func (d *dir) Self(ctx context.Context) (e vfs.Entry, err error) {
	err = d.with(ctx, "stat", "", false, func(int64) error {
		_, name := vfs.Split(d.path)
		e = d.n.entry(name)
		return nil
	})
	return e, err
}

func (d *dir) Stat(ctx context.Context, name string) (e vfs.Entry, err error) {
	err = d.at(ctx, "stat", name, false, func(_ string, n *node, _ int64) error {
		e = n.entry(name)
		return nil
	})
	return e, err
}

func (d *dir) List(ctx context.Context, emit func(batch []vfs.Entry) error) error {
	if err := d.with(ctx, "list", "", false, func(int64) error { return nil }); err != nil {
		return err
	}
	return d.fs.listNode(ctx, d.n, d.path, emit)
}

func (d *dir) Sub(ctx context.Context, name string) (vfs.Dir, error) {
	sub := &dir{fs: d.fs, path: vfs.Join(d.path, name)}
	err := d.at(ctx, "open folder", name, false, func(_ string, n *node, _ int64) error {
		sub.n = n
		return d.fs.enters(n)
	})
	if err != nil {
		return nil, err
	}
	return sub, nil
}

func (d *dir) Open(ctx context.Context, name string) (vfs.Handle, error) {
	h := &handle{fs: d.fs, path: vfs.Join(d.path, name)}
	err := d.at(ctx, "open", name, false, func(_ string, n *node, _ int64) error {
		h.n = n
		return n.opens(mayRead)
	})
	if err != nil {
		return nil, err
	}
	return h, nil
}

func (d *dir) Readlink(ctx context.Context, name string) (target string, err error) {
	err = d.at(ctx, "readlink", name, false, func(_ string, n *node, _ int64) error {
		if n.Kind != vfs.Symlink {
			return errs.New(errs.Unsupported, "not a symlink: %w", syscall.EINVAL)
		}
		target = n.target
		return nil
	})
	return target, err
}

func (d *dir) Sync(ctx context.Context) error {
	return d.with(ctx, "sync", "", true, func(int64) error {
		d.fs.bring(d.n.pending...)
		if d.n.placed != nil { // a folder that is synced is somewhere
			d.fs.bring(d.n.placed)
		}
		d.fs.clean(d.n)
		return nil
	})
}

func (d *dir) SyncAll(ctx context.Context) error {
	return d.with(ctx, "sync volume", "", true, func(int64) error {
		if d.fs.opts.NoSyncAll {
			return errs.New(errs.Unsupported, "this volume does not tell what became of everything that was written")
		}
		d.fs.syncAll()
		return nil
	})
}

// SyncFailed is for those who make a sync fail on purpose: what was not synced
// never reaches the medium, whatever later syncs say (P11).
func (d *dir) SyncFailed() {
	d.fs.mu.Lock()
	defer d.fs.mu.Unlock()
	for n := range d.fs.changed {
		n.image.broken = true
	}
}
