package memfs

import (
	"context"
	"syscall"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// changes checks that names in the folder may change; the caller holds the lock.
func (d *dir) changes() error {
	switch {
	case d.fs.readOnly:
		return errReadOnly
	case d.n.Links == 0:
		return errGone
	case d.n.sealed:
		return errs.New(errs.Denied, "the folder is sealed against changes: %w", syscall.EPERM)
	case !d.n.may(maySearch | mayWrite):
		return errDenied
	}
	return nil
}

// MayChange implements vfs.Guarded.
func (d *dir) MayChange(ctx context.Context, name string) error {
	return d.with(ctx, "change", name, false, func(int64) error {
		_, n := d.fs.lookup(d.n, name)
		if err := d.changes(); err != nil || name == "" || n == nil || !n.sealed {
			return err
		}
		return errSealed
	})
}

// free checks that name may be given to something.
func (d *dir) free(name string) error {
	if err := d.changes(); err != nil {
		return err
	}
	_, old := d.fs.lookup(d.n, name)
	switch {
	case len(name) > d.fs.maxName():
		return errLong
	case old != nil:
		return errTaken
	case d.fs.opts.Holds != nil && !d.fs.opts.Holds(name):
		return errHolds
	}
	return nil
}

// make adds a fresh entry.
func (d *dir) make(ctx context.Context, op, name string, kind vfs.Kind, mode uint32, fill func(*node)) error {
	if !vfs.ValidName(name) {
		return &errs.Error{Op: op, Path: vfs.Join(d.path, name), Kind: errs.Invalid, Err: errName}
	}
	return d.with(ctx, op, name, true, func(now int64) error {
		if err := d.free(name); err != nil {
			return err
		}
		if kind == vfs.Symlink && d.fs.opts.Loses&vfs.PartSymlinks != 0 {
			return errs.New(errs.Unsupported, "this volume has no symlinks: %w", syscall.EPERM)
		}
		if max := d.fs.opts.Inodes; max > 0 {
			if _, nodes := d.fs.used(); nodes >= max {
				return errNoInodes
			}
		}
		if d.fs.opts.Loses&vfs.PartMode != 0 {
			mode = plainMode(kind)
		}
		n := d.fs.newNode(kind, mode&0o7777)
		fill(n)
		d.fs.touchNames(now, set{d.n, name, n})
		return nil
	})
}

// plainMode is what everything has on a volume that keeps no modes.
func plainMode(kind vfs.Kind) uint32 {
	if kind == vfs.File {
		return 0o644
	}
	return 0o755
}

func (d *dir) Create(ctx context.Context, name string, mode uint32) (vfs.WriteHandle, error) {
	w := &writer{handle: &handle{fs: d.fs, path: vfs.Join(d.path, name)}}
	if err := d.make(ctx, "create", name, vfs.File, mode, func(n *node) { w.n = n }); err != nil {
		return nil, err
	}
	return w, nil
}

func (d *dir) Write(ctx context.Context, name string) (vfs.WriteHandle, error) {
	w := &writer{handle: &handle{fs: d.fs, path: vfs.Join(d.path, name)}}
	err := d.at(ctx, "open for writing", name, false, func(_ string, n *node, _ int64) error {
		w.n = n
		if err := n.opens(mayRead | mayWrite); err != nil {
			return err
		}
		return d.fs.editable(n)
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// editable checks that what n carries may change.
func (f *FS) editable(n *node) error {
	switch {
	case f.readOnly:
		return errReadOnly
	case n.sealed:
		return errSealed
	}
	return nil
}

func (d *dir) Mkdir(ctx context.Context, name string, mode uint32) error {
	return d.make(ctx, "make folder", name, vfs.Folder, mode, func(*node) {})
}

func (d *dir) Symlink(ctx context.Context, name, target string) error {
	return d.make(ctx, "make symlink", name, vfs.Symlink, 0o777, func(n *node) { n.target = target })
}

// both runs fn under the lock when other is a folder of this volume.
func (d *dir) both(ctx context.Context, op, name string, other vfs.Dir, otherName string, fn func(o *dir, now int64) error) error {
	o, ok := vfs.DirAs[*dir](other)
	if !vfs.ValidName(name) || ok && !vfs.ValidName(otherName) {
		return &errs.Error{Op: op, Path: vfs.Join(d.path, name), Kind: errs.Invalid, Err: errName}
	}
	return d.with(ctx, op, name, true, func(now int64) error {
		switch {
		case !ok || o.fs != d.fs:
			return errElsewhere
		case o.closed.Load():
			return errDirClosed
		}
		return fn(o, now)
	})
}

func (d *dir) Link(ctx context.Context, name string, from vfs.Dir, fromName string) error {
	return d.both(ctx, "link", name, from, fromName, func(o *dir, now int64) error {
		_, n, err := o.child(fromName)
		if err != nil {
			return err
		}
		if err := d.free(name); err != nil {
			return err
		}
		switch {
		case n.Kind == vfs.Folder:
			return errs.New(errs.Unsupported, "a folder has one name only: %w", syscall.EPERM)
		case d.fs.opts.Loses&vfs.PartLinks != 0:
			return errs.New(errs.Unsupported, "this volume gives a file one name only: %w", syscall.EPERM)
		case n.sealed:
			return errSealed
		}
		d.fs.touchNames(now, set{d.n, name, n})
		n.Links++
		n.Changed = now
		return nil
	})
}

func (d *dir) Rename(ctx context.Context, name string, to vfs.Dir, toName string, how vfs.Renaming) error {
	return d.both(ctx, "rename", name, to, toName, func(o *dir, now int64) error {
		real, n, err := d.leaves(name)
		if err != nil {
			return err
		}
		if how == vfs.Exchange {
			return d.exchange(real, n, o, toName, now)
		}
		if err := o.free(toName); err != nil {
			return err
		}
		if n.holds(o.n) {
			return errs.New(errs.Invalid, "a folder cannot be moved into itself: %w", syscall.EINVAL)
		}
		d.fs.touchNames(now, set{d.n, real, nil}, set{o.n, toName, n})
		n.Changed = now
		return nil
	})
}

// leaves finds the entry name, which may leave the folder.
func (d *dir) leaves(name string) (string, *node, error) {
	real, n, err := d.child(name)
	if err == nil {
		err = d.changes()
	}
	if err == nil && n.Mount {
		err = errBusy
	}
	if err == nil && n.sealed {
		err = errSealed
	}
	return real, n, err
}

func (d *dir) exchange(real string, n *node, o *dir, toName string, now int64) error {
	toReal, other, err := o.leaves(toName)
	switch {
	case err != nil:
		return err
	case d.fs.opts.NoExchange:
		return errs.New(errs.Unsupported, "this volume cannot make two entries change places: %w", syscall.EINVAL)
	case n == other:
		return nil
	case n.holds(o.n) || other.holds(d.n):
		return errs.New(errs.Invalid, "a folder cannot be moved into itself: %w", syscall.EINVAL)
	}
	d.fs.touchNames(now, set{d.n, real, other}, set{o.n, toReal, n})
	n.Changed, other.Changed = now, now
	return nil
}

// holds reports whether the folder below is n, or in it.
func (n *node) holds(below *node) bool {
	for ; below != nil; below = below.parent {
		if below == n {
			return true
		}
	}
	return false
}

func (d *dir) Unlink(ctx context.Context, name string) error {
	return d.at(ctx, "remove", name, true, func(_ string, _ *node, now int64) error {
		real, n, err := d.leaves(name)
		if err != nil {
			return err
		}
		if n.Kind == vfs.Folder {
			return errIsFolder
		}
		d.fs.touchNames(now, set{d.n, real, nil})
		n.unnamed(now)
		return nil
	})
}

func (d *dir) Rmdir(ctx context.Context, name string) error {
	return d.at(ctx, "remove folder", name, true, func(_ string, _ *node, now int64) error {
		real, n, err := d.leaves(name)
		switch {
		case err != nil:
			return err
		case n.Kind != vfs.Folder:
			return errNoFolder
		case len(n.children) > 0:
			return errs.New(errs.Conflict, "the folder is not empty: %w", syscall.ENOTEMPTY)
		}
		d.fs.touchNames(now, set{d.n, real, nil})
		n.unnamed(now)
		return nil
	})
}
