package local

import (
	"context"
	"math"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/driver/local/oserr"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Stat examines one entry, from the folder that holds it.
func (d *Driver) Stat(ctx context.Context, path string) (vfs.Entry, error) {
	if err := begin(ctx, "stat", path); err != nil {
		return vfs.Entry{}, err
	}
	var e vfs.Entry
	var err error
	if path == "" {
		err = d.root.use(func(root int) error { return d.examine(root, "", &e) })
		e.Mount = false // the root may well be a mount point: it is our own
	} else {
		err = d.inParent(path, func(dir int, name string) error { return d.examine(dir, name, &e) })
	}
	if err != nil {
		return vfs.Entry{}, oserr.Wrap("stat", path, err)
	}
	return e, nil
}

// examine fills e from the entry called name; "" is dir itself.
func (d *Driver) examine(dir int, name string, e *vfs.Entry) error {
	var ptr *byte
	if name != "" {
		var err error
		if ptr, err = unix.BytePtrFromString(name); err != nil {
			return err
		}
	}
	var stx unix.Statx_t
	if err := statx(dir, ptr, 0, &stx); err != nil {
		return err
	}
	d.fill(e, &stx)
	e.Name = name
	e.Mount = d.isSealed(dir, ptr, &stx)
	return nil
}

// fill sets everything but Name and Mount.
func (d *Driver) fill(e *vfs.Entry, stx *unix.Statx_t) {
	*e = vfs.Entry{
		Kind:     kindOf(uint32(stx.Mode)),
		Mode:     uint32(stx.Mode) & 0o7777,
		Modified: nanoseconds(stx.Mtime),
		Changed:  nanoseconds(stx.Ctime),
		Links:    stx.Nlink,
	}
	if stx.Mask&unix.STATX_BTIME != 0 {
		e.Created = nanoseconds(stx.Btime)
	}
	if e.Kind == vfs.File || e.Kind == vfs.Symlink {
		e.Size = int64(stx.Size)
	}
	if d.stable && device(stx) == d.dev {
		e.Inode = stx.Ino
	}
}

// statx asks about the entry name in dir, never following it; nil is dir
// itself. Names are pointers to save an allocation for each entry listed.
func statx(dir int, name *byte, flags int, stx *unix.Statx_t) error {
	flags |= unix.AT_SYMLINK_NOFOLLOW | unix.AT_NO_AUTOMOUNT
	if name == nil {
		flags |= unix.AT_EMPTY_PATH
		name = new(byte)
	}
	for {
		_, _, errno := unix.Syscall6(unix.SYS_STATX, uintptr(dir), uintptr(unsafe.Pointer(name)), uintptr(flags),
			unix.STATX_BASIC_STATS|unix.STATX_BTIME, uintptr(unsafe.Pointer(stx)), 0)
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
		default:
			return errno
		}
	}
}

func device(stx *unix.Statx_t) uint64 { return uint64(stx.Dev_major)<<32 | uint64(stx.Dev_minor) }

func kindOf(mode uint32) vfs.Kind {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return vfs.File
	case unix.S_IFDIR:
		return vfs.Folder
	case unix.S_IFLNK:
		return vfs.Symlink
	case unix.S_IFIFO:
		return vfs.FIFO
	case unix.S_IFSOCK:
		return vfs.Socket
	case unix.S_IFCHR:
		return vfs.CharDevice
	case unix.S_IFBLK:
		return vfs.BlockDevice
	}
	return vfs.Unknown
}

// nanoseconds saturates: file systems know times that 64 bits do not.
func nanoseconds(t unix.StatxTimestamp) int64 {
	const most = math.MaxInt64 / 1_000_000_000
	switch {
	case t.Sec >= most:
		return math.MaxInt64
	case t.Sec <= -most:
		return math.MinInt64
	}
	return t.Sec*1_000_000_000 + int64(t.Nsec)
}

var errNoLink = errs.New(errs.Unsupported, "not a symlink")

// readlink returns a target of any length.
func (d *Driver) readlink(ctx context.Context, path string) (string, error) {
	if err := begin(ctx, "readlink", path); err != nil {
		return "", err
	}
	var target string
	err := error(errNoLink)
	if path != "" {
		err = d.inParent(path, func(dir int, name string) (err error) {
			target, err = readlinkAt(dir, name)
			return err
		})
	}
	if err != nil {
		return "", oserr.Wrap("readlink", path, err)
	}
	return target, nil
}

func readlinkAt(dir int, name string) (string, error) {
	for size := 256; ; size *= 2 {
		buf := make([]byte, size)
		n, err := retry(func() (int, error) { return unix.Readlinkat(dir, name, buf) })
		switch {
		case err == unix.EINVAL:
			return "", errNoLink
		case err != nil:
			return "", err
		case n < size: // all of it: a full buffer may have been cut
			return string(buf[:n]), nil
		}
	}
}
