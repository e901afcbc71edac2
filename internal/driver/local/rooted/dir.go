//go:build linux || darwin || windows

package rooted

import (
	"context"
	"os"
	"strings"
	"sync/atomic"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// dir is an open folder: root confines what is done by name, f is the folder
// itself for calls that take two folders.
type dir struct {
	d    *Driver
	root *os.Root
	f    *os.File
	path string

	closed atomic.Bool
}

var _ vfs.Dir = (*dir)(nil)

var (
	errDirClosed = errs.New(errs.Invalid, "the folder is closed")
	errOneName   = errs.New(errs.Invalid, "not a name of one entry")
	errElsewhere = errs.New(errs.Unsupported, "the two folders are on different volumes")
	errNoSyncAll = errs.New(errs.Unsupported, "this system does not tell what became of everything that was written")
	errIsFolder  = errs.New(errs.Unsupported, "a folder")
	errIntoSelf  = errs.New(errs.Invalid, "a folder cannot be moved into itself")
	errNoSwap    = errs.New(errs.Unsupported, "this volume cannot make two entries change places")
	errNoRename  = errs.New(errs.Unsupported, "this volume cannot rename without the risk of replacing something")
)

func (d *Driver) writing() *vfs.Writing {
	k := d.kindOfVolume()
	w := &vfs.Writing{Dir: d.openDir, Keeps: k.keeps, TimeStep: k.step, MaxName: k.maxName, MaxFile: k.maxFile, Holds: k.holds}
	if foldsCase {
		w.Same = strings.EqualFold
	}
	return w
}

// kind is what is known of the volume's type.
type kind struct {
	keeps   vfs.Parts
	step    int64
	maxName int
	maxFile int64
	holds   func(name string) bool
}

func (d *Driver) openDir(ctx context.Context, path string) (vfs.Dir, error) {
	if err := begin(ctx, "open folder", path); err != nil {
		return nil, err
	}
	own := &dir{d: d, path: path}
	if err := d.in(path, own.open); err != nil {
		return nil, wrap("open folder", path, err)
	}
	return own, nil
}

// open takes handles of its own of the folder at.
func (f *dir) open(at *os.Root) (err error) {
	if f.root, err = at.OpenRoot("."); err != nil {
		return err
	}
	if f.f, err = f.root.Open("."); err != nil {
		_ = f.root.Close()
	}
	return err
}

func (f *dir) Close() error {
	f.closed.Store(true)
	_ = f.f.Close() // closing a folder tells nothing
	_ = f.root.Close()
	return nil
}

// at runs fn for a name that a caller gave; "" is the folder itself.
func (f *dir) at(ctx context.Context, op, name string, fn func() error) error {
	path := f.path
	if name != "" {
		path = vfs.Join(path, name)
	}
	err := ctx.Err()
	switch {
	case err != nil:
	case f.closed.Load():
		err = errDirClosed
	case name != "" && !holds(name):
		err = errName
	default:
		err = f.words(fn())
	}
	if err != nil {
		return told(op, path, err)
	}
	return nil
}

func (f *dir) named(ctx context.Context, op, name string, fn func() error) error {
	if !vfs.ValidName(name) {
		return &errs.Error{Op: op, Path: vfs.Join(f.path, name), Kind: errs.Invalid, Err: errOneName}
	}
	return f.at(ctx, op, name, fn)
}

func (f *dir) Self(ctx context.Context) (e vfs.Entry, err error) {
	err = f.at(ctx, "stat", "", func() error {
		fi, err := f.root.Stat(".")
		if err == nil {
			f.d.fill(&e, fi)
		}
		return err
	})
	_, e.Name = vfs.Split(f.path)
	e.Mount = false
	return e, err
}

func (f *dir) Stat(ctx context.Context, name string) (e vfs.Entry, err error) {
	err = f.named(ctx, "stat", name, func() error {
		fi, err := f.root.Lstat(name)
		if err == nil {
			f.d.fill(&e, fi)
			e.Name = name
		}
		return err
	})
	return e, err
}

func (f *dir) List(ctx context.Context, emit func(batch []vfs.Entry) error) error {
	if err := f.at(ctx, "list", "", func() error { _, err := f.root.Stat("."); return err }); err != nil {
		return err
	}
	return f.d.listed(f.path, f.d.list(ctx, f.root, emit))
}

func (f *dir) Sub(ctx context.Context, name string) (vfs.Dir, error) {
	sub := &dir{d: f.d, path: vfs.Join(f.path, name)}
	err := f.named(ctx, "open folder", name, func() (err error) {
		if sub.root, err = f.d.step(f.root, name); err != nil {
			return err
		}
		if sub.f, err = sub.root.Open("."); err != nil {
			_ = sub.root.Close()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return sub, nil
}

func (f *dir) Open(ctx context.Context, name string) (vfs.Handle, error) {
	h := &file{d: f.d, path: vfs.Join(f.path, name)}
	if err := f.named(ctx, "open", name, func() error { return h.open(f.root, name, os.O_RDONLY) }); err != nil {
		return nil, err
	}
	return h, nil
}

func (f *dir) Readlink(ctx context.Context, name string) (target string, err error) {
	err = f.named(ctx, "readlink", name, func() (err error) {
		target, err = readlinkIn(f.root, name)
		return err
	})
	return target, err
}

func (f *dir) Create(ctx context.Context, name string, mode uint32) (vfs.WriteHandle, error) {
	w := &writable{file: &file{d: f.d, path: vfs.Join(f.path, name)}, dir: f, name: name}
	err := f.named(ctx, "create", name, func() (err error) {
		w.f, err = f.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, os.FileMode(mode&0o777))
		return err
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

func (f *dir) Write(ctx context.Context, name string) (vfs.WriteHandle, error) {
	w := &writable{file: &file{d: f.d, path: vfs.Join(f.path, name)}, dir: f, name: name}
	if err := f.named(ctx, "open for writing", name, func() error { return w.open(f.root, name, os.O_RDWR) }); err != nil {
		return nil, err
	}
	return w, nil
}

func (f *dir) Mkdir(ctx context.Context, name string, mode uint32) error {
	return f.named(ctx, "make folder", name, func() error { return f.root.Mkdir(name, os.FileMode(mode&0o777)) })
}

func (f *dir) Symlink(ctx context.Context, name, target string) error {
	return f.named(ctx, "make symlink", name, func() error { return f.root.Symlink(target, name) })
}

// both runs fn when other is a folder of this machine too.
func (f *dir) both(ctx context.Context, op, name string, other vfs.Dir, otherName string, fn func(o *dir) error) error {
	o, ok := vfs.DirAs[*dir](other)
	return f.named(ctx, op, name, func() error {
		switch {
		case !ok:
			return errElsewhere
		case o.closed.Load():
			return errDirClosed
		case !vfs.ValidName(otherName):
			return errOneName
		case !holds(otherName):
			return errName
		}
		return fn(o)
	})
}

func (f *dir) Link(ctx context.Context, name string, from vfs.Dir, fromName string) error {
	return f.both(ctx, "link", name, from, fromName, func(o *dir) error { return linkAt(o, fromName, f, name) })
}

func (f *dir) Rename(ctx context.Context, name string, to vfs.Dir, toName string, how vfs.Renaming) error {
	return f.both(ctx, "rename", name, to, toName, func(o *dir) error { return renameAt(f, name, o, toName, how) })
}

func (f *dir) Unlink(ctx context.Context, name string) error {
	return f.named(ctx, "remove", name, func() error { return removeAt(f, name, false) })
}

func (f *dir) Rmdir(ctx context.Context, name string) error {
	return f.named(ctx, "remove folder", name, func() error { return removeAt(f, name, true) })
}

func (f *dir) Sync(ctx context.Context) error {
	return f.at(ctx, "sync", "", func() error { return syncDir(f.f) })
}

func (f *dir) SyncAll(ctx context.Context) error {
	return f.at(ctx, "sync volume", "", func() error { return errNoSyncAll })
}
