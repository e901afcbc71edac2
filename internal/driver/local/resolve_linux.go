package local

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	// resolve keeps a walk below its start and off symlinks; noMounts as well
	// off every mount, also a bind mount of the same file system.
	resolve  = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS
	noMounts = unix.RESOLVE_NO_XDEV

	// longest is what one system call takes: PATH_MAX counts the final NUL.
	longest = unix.PathMax - 1

	passing = unix.O_PATH | unix.O_DIRECTORY // a folder on the way
	reading = unix.O_RDONLY | unix.O_DIRECTORY
)

var (
	errSymlink = errs.New(errs.Denied, "a symlink is in the way; it is not followed: %w", unix.ELOOP)
	errMount   = errs.New(errs.Unsupported, "another file system is mounted here: %w", unix.EXDEV)
)

// inParent runs fn with the folder that holds path, and the name path has in
// it. The descriptor belongs to inParent. path is not "".
func (d *Driver) inParent(path string, fn func(dir int, name string) error) error {
	parent, name := vfs.Split(path)
	return d.root.use(func(root int) error {
		if parent == "" {
			return fn(root, name)
		}
		dir, err := d.folder(root, parent, passing)
		if err != nil {
			return err
		}
		defer closeFD(dir)
		return fn(dir, name)
	})
}

// folder opens the folder at path for passing or reading. A path longer than a
// system call takes is walked in pieces, with two descriptors at most.
func (d *Driver) folder(root int, path string, flags int) (int, error) {
	if path == "" {
		return d.openBelow(root, ".", flags)
	}
	at, owned := root, false
	release := func() {
		if owned {
			closeFD(at)
		}
	}
	for len(path) > longest {
		cut := strings.LastIndexByte(path[:longest+1], '/')
		if cut < 0 {
			release()
			return -1, unix.ENAMETOOLONG
		}
		next, err := d.openBelow(at, path[:cut], passing)
		release()
		if err != nil {
			return -1, err
		}
		at, owned, path = next, true, path[cut+1:]
	}
	fd, err := d.openBelow(at, path, flags)
	release()
	if err != nil {
		return -1, err
	}
	return fd, nil
}

// openBelow opens path below the folder at without following a symlink. With
// O_NOFOLLOW a symlink at the very end is opened itself (O_PATH).
func (d *Driver) openBelow(at int, path string, flags int) (int, error) {
	if d.steps {
		return d.openSteps(at, path, flags)
	}
	how := uint64(resolve)
	if !d.cross {
		how |= noMounts
	}
	fd, err := openat2(at, path, flags, how)
	if err == nil && !d.cross && path != "." {
		// A btrfs subvolume is no mount, but a file system of its own: its inode
		// numbers repeat those of others, so it is treated as one. Only folders
		// tell: on overlayfs a file may well differ from its folder.
		err = d.sameVolume(fd)
	}
	return told(fd, err)
}

// sameVolume refuses a folder of another device.
func (d *Driver) sameVolume(fd int) error {
	var stx unix.Statx_t
	if err := statx(fd, nil, 0, &stx); err != nil {
		return err
	}
	if stx.Mode&unix.S_IFMT == unix.S_IFDIR && device(&stx) != d.dev {
		return errMount
	}
	return nil
}

// openSteps is openBelow without openat2: no component is left to the kernel's
// own walk. Bind mounts of the same file system show themselves from Linux 5.8
// on only; before that they are entered.
func (d *Driver) openSteps(at int, path string, flags int) (int, error) {
	fd, owned := at, false
	for more := true; more; {
		var name string
		name, path, more = strings.Cut(path, "/")
		want := passing | unix.O_NOFOLLOW
		if !more {
			want = flags | unix.O_NOFOLLOW
		}
		next, err := retry(func() (int, error) { return unix.Openat(fd, name, want|unix.O_CLOEXEC, 0) })
		if err == unix.ENOTDIR && isSymlink(fd, name) {
			err = unix.ELOOP // O_DIRECTORY complains first
		}
		if owned {
			closeFD(fd)
		}
		if err == nil && !d.cross && name != "." {
			err = d.noMount(next)
		}
		if fd, err = told(next, err); err != nil {
			return -1, err
		}
		owned = true
	}
	return fd, nil
}

// noMount refuses what stands on another file system, or was mounted here.
func (d *Driver) noMount(fd int) error {
	var stx unix.Statx_t
	if err := statx(fd, nil, 0, &stx); err != nil {
		return err
	}
	folder := stx.Mode&unix.S_IFMT == unix.S_IFDIR
	if isMounted(&stx) || folder && device(&stx) != d.dev {
		return errMount
	}
	return nil
}

func isSymlink(dir int, name string) bool {
	var st unix.Stat_t
	err := unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW)
	return err == nil && st.Mode&unix.S_IFMT == unix.S_IFLNK
}

// told closes fd if there was an error after all, and says in words what the
// two errors mean that come from our own restrictions.
func told(fd int, err error) (int, error) {
	if err == nil {
		return fd, nil
	}
	if fd >= 0 {
		closeFD(fd)
	}
	switch err {
	case unix.ELOOP:
		err = errSymlink
	case unix.EXDEV:
		err = errMount
	}
	return -1, err
}

func openat2(at int, path string, flags int, how uint64) (int, error) {
	return retry(func() (int, error) {
		return unix.Openat2(at, path, &unix.OpenHow{Flags: uint64(flags) | unix.O_CLOEXEC, Resolve: how})
	})
}

// retry repeats what a signal interrupted.
func retry(fn func() (int, error)) (int, error) {
	for {
		if n, err := fn(); err != unix.EINTR {
			if err != nil {
				n = -1
			}
			return n, err
		}
	}
}

func closeFD(fd int) { _ = unix.Close(fd) } // opened for reading: nothing to learn
