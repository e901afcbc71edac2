package local

import (
	"context"
	"os"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func (f *dir) Create(ctx context.Context, name string, mode uint32) (vfs.WriteHandle, error) {
	made := -1
	err := f.at(ctx, "create", name, func(fd int) (err error) {
		made, err = retry(func() (int, error) {
			return unix.Openat(fd, name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|opening, mode&0o7777)
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return &writable{file: f.d.file(made, vfs.Join(f.path, name))}, nil
}

func (f *dir) Mkdir(ctx context.Context, name string, mode uint32) error {
	return f.at(ctx, "make folder", name, func(fd int) error { return unix.Mkdirat(fd, name, mode&0o7777) })
}

func (f *dir) Symlink(ctx context.Context, name, target string) error {
	return f.at(ctx, "make symlink", name, func(fd int) error { return unix.Symlinkat(target, fd, name) })
}

var (
	errElsewhere = errs.New(errs.Unsupported, "the two folders are on different volumes: %w", unix.EXDEV)
	errOneName   = errs.New(errs.Unsupported, "a folder has one name only: %w", unix.EPERM)
	errNoLinks   = errs.New(errs.Unsupported, "this volume gives a file one name only: %w", unix.EPERM)
	errNoRename  = errs.New(errs.Unsupported, "this volume cannot rename without the risk of replacing something: %w", unix.EINVAL)
	errNoSwap    = errs.New(errs.Unsupported, "this volume cannot make two entries change places: %w", unix.EINVAL)
	errIntoSelf  = errs.New(errs.Invalid, "a folder cannot be moved into itself: %w", unix.EINVAL)
)

// with runs fn with the descriptors of both folders.
func (f *dir) with(ctx context.Context, op, name string, other vfs.Dir, otherName string, fn func(fd, otherFD int) error) error {
	o, ok := vfs.DirAs[*dir](other)
	switch {
	case !ok:
		return f.at(ctx, op, name, func(int) error { return errElsewhere })
	case !vfs.ValidName(otherName):
		return &errs.Error{Op: op, Path: vfs.Join(o.path, otherName), Kind: errs.Invalid, Err: errName}
	}
	return f.at(ctx, op, name, func(fd int) error {
		return o.use(func(otherFD int) error {
			err := fn(fd, otherFD)
			if err == unix.EPERM || err == unix.EACCES {
				err = whyDenied(otherFD, otherName, err)
			}
			return err
		}, op, o.path)
	})
}

func (f *dir) Link(ctx context.Context, name string, from vfs.Dir, fromName string) error {
	return f.with(ctx, "link", name, from, fromName, func(fd, fromFD int) error {
		err := unix.Linkat(fromFD, fromName, fd, name, 0)
		if err == unix.EPERM {
			var stx unix.Statx_t
			switch {
			case examined(fromFD, fromName, &stx) && stx.Mode&unix.S_IFMT == unix.S_IFDIR:
				err = errOneName
			case f.d.kind.keeps&vfs.PartLinks == 0:
				err = errNoLinks
			}
		}
		return err
	})
}

func (f *dir) Rename(ctx context.Context, name string, to vfs.Dir, toName string, how vfs.Renaming) error {
	flags := uint(unix.RENAME_NOREPLACE)
	if how == vfs.Exchange {
		flags = unix.RENAME_EXCHANGE
	}
	return f.with(ctx, "rename", name, to, toName, func(fd, toFD int) error {
		err := error(unix.EINVAL)
		if !f.d.plainRename {
			err = unix.Renameat2(fd, name, toFD, toName, flags)
		}
		if err != unix.EINVAL && err != unix.ENOSYS {
			return err
		}
		var stx unix.Statx_t
		if err := examine(fd, name, &stx); err != nil {
			return err
		}
		folder := stx.Mode&unix.S_IFMT == unix.S_IFDIR
		switch {
		case folder && within(toFD, &stx):
			return errIntoSelf
		case how == vfs.Exchange:
			return errNoSwap
		case folder:
			return moveFolder(fd, name, toFD, toName)
		default:
			return moveFile(fd, name, &stx, toFD, toName)
		}
	})
}

// moveFolder is Rename with NoReplace where there are no flags: making a folder
// takes the name or fails, and renaming a folder onto one replaces it only while
// it is empty. At worst that is an empty folder that somebody put in its place.
func moveFolder(fd int, name string, toFD int, toName string) error {
	if err := unix.Mkdirat(toFD, toName, 0o700); err != nil {
		return err
	}
	err := unix.Renameat(fd, name, toFD, toName)
	if err != nil {
		_ = unix.Unlinkat(toFD, toName, unix.AT_REMOVEDIR) // removes nothing that holds anything
	}
	return err
}

// moveFile does it for anything else by a second name and taking away the first.
// Taking away is the one step in which the name may come to mean another file,
// as with every removal; it is looked at right before.
func moveFile(fd int, name string, want *unix.Statx_t, toFD int, toName string) error {
	if err := unix.Linkat(fd, name, toFD, toName, 0); err != nil {
		if err == unix.EPERM || err == unix.ENOTSUP || err == unix.ENOSYS || err == unix.EINVAL {
			return errNoRename
		}
		return err
	}
	var stx unix.Statx_t
	err := examine(fd, name, &stx)
	if err == nil && !sameInode(&stx, want) {
		err = errSwapped
	}
	if err == nil {
		err = unix.Unlinkat(fd, name, 0)
	}
	if err != nil { // take back the name that we gave, if it is still that
		var made unix.Statx_t
		if examined(toFD, toName, &made) && sameInode(&made, want) && made.Nlink > 1 {
			_ = unix.Unlinkat(toFD, toName, 0)
		}
	}
	return err
}

// within reports whether the folder fd is the one that want tells of, or below it.
func within(fd int, want *unix.Statx_t) bool {
	const deepest = 100_000
	at := fd
	defer func() {
		if at != fd {
			closeFD(at)
		}
	}()
	var stx, below unix.Statx_t
	for range deepest {
		switch {
		case statx(at, nil, unix.AT_STATX_DONT_SYNC, &stx) != nil || sameInode(&stx, &below):
			return false // "/" is above itself
		case sameInode(&stx, want):
			return true
		}
		up, err := unix.Openat(at, "..", passing|unix.O_CLOEXEC, 0)
		if err != nil {
			return false
		}
		if at != fd {
			closeFD(at)
		}
		at, below = up, stx
	}
	return false
}

func sameInode(a, b *unix.Statx_t) bool { return a.Ino == b.Ino && device(a) == device(b) }

func (f *dir) Unlink(ctx context.Context, name string) error {
	return f.at(ctx, "remove", name, func(fd int) error { return unix.Unlinkat(fd, name, 0) })
}

func (f *dir) Rmdir(ctx context.Context, name string) error {
	return f.at(ctx, "remove folder", name, func(fd int) error { return unix.Unlinkat(fd, name, unix.AT_REMOVEDIR) })
}

// examine is statx of a name.
func examine(dir int, name string, stx *unix.Statx_t) error {
	ptr, err := unix.BytePtrFromString(name)
	if err != nil {
		return err
	}
	return statx(dir, ptr, 0, stx)
}

func examined(dir int, name string, stx *unix.Statx_t) bool { return examine(dir, name, stx) == nil }

// MayChange implements vfs.Guarded: rights, seals (chattr +i and +a), volumes that
// cannot be written, and folders in which everybody changes only his own (/tmp).
func (f *dir) MayChange(ctx context.Context, name string) error {
	return f.in(ctx, "change", name, func(fd int) error {
		var folder, thing unix.Statx_t
		if err := statx(fd, nil, unix.AT_STATX_DONT_SYNC, &folder); err != nil {
			return err
		}
		switch {
		case folder.Attributes&unix.STATX_ATTR_IMMUTABLE != 0, name != "" && isImmutable(&folder):
			return errFolderSealed
		case name != "" && examined(fd, name, &thing) && isImmutable(&thing):
			return errSealed
		}
		if err := unix.Faccessat(fd, ".", unix.W_OK|unix.X_OK, unix.AT_EACCESS); err == unix.EACCES || err == unix.EPERM || err == unix.EROFS {
			return err
		}
		me := uint32(os.Geteuid())
		if name != "" && folder.Mode&unix.S_ISVTX != 0 && me != 0 && me != folder.Uid && me != thing.Uid {
			return unix.EPERM
		}
		return nil
	})
}
