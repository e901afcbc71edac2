package local

import (
	"context"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/driver/local/oserr"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Open opens a regular file for reading.
func (d *Driver) Open(ctx context.Context, path string) (vfs.Handle, error) {
	if err := begin(ctx, "open", path); err != nil {
		return nil, err
	}
	if path == "" {
		return nil, oserr.Wrap("open", path, errNotOpened(vfs.Folder))
	}
	fd := -1
	err := d.inParent(path, func(dir int, name string) (err error) {
		fd, err = d.openFile(dir, name, unix.O_RDONLY)
		return err
	})
	if err != nil {
		return nil, oserr.Wrap("open", path, err)
	}
	return &file{d: d, f: os.NewFile(uintptr(fd), path), path: path}, nil
}

func errNotOpened(k vfs.Kind) error { return errs.New(errs.Unsupported, "a %s is not opened", k) }

// openFile opens in two moves: first a handle that only points at whatever is
// there (opening a FIFO would wait for a writer, and wake one; opening a device
// may do anything), then, if that is a file, the very same one, for
// reading or, with O_RDWR, for writing too.
func (d *Driver) openFile(dir int, name string, mode int) (int, error) {
	pointer, err := d.openBelow(dir, name, unix.O_PATH|unix.O_NOFOLLOW)
	if err != nil {
		return -1, err
	}
	defer closeFD(pointer)
	var want unix.Statx_t
	if err := statx(pointer, nil, unix.AT_STATX_DONT_SYNC, &want); err != nil {
		return -1, err
	}
	if kind := kindOf(uint32(want.Mode)); kind != vfs.File {
		return -1, errNotOpened(kind)
	}
	fd, err := retry(func() (int, error) {
		return unix.Open(procPath(pointer), mode|opening, 0)
	})
	if err == unix.ENOENT { // no /proc here
		fd, err = reopenByName(dir, name, mode)
	}
	if err == nil {
		err = same(fd, &want)
	}
	return told(fd, err)
}

const opening = unix.O_NOCTTY | unix.O_CLOEXEC

// procPath leads to what fd points at, be it a symlink.
func procPath(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// reopenByName opens what has the name now. Should that be a FIFO, O_NONBLOCK
// keeps us from waiting, and the comparison that follows from reading it.
func reopenByName(dir int, name string, mode int) (int, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(dir, name, mode|opening|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	})
	if err == nil {
		err = unix.SetNonblock(fd, false)
	}
	return fd, err
}

var errSwapped = errs.New(errs.NotFound, "the file was replaced while it was opened")

func same(fd int, want *unix.Statx_t) error {
	var have unix.Statx_t
	if err := statx(fd, nil, unix.AT_STATX_DONT_SYNC, &have); err != nil {
		return err
	}
	if have.Ino != want.Ino || device(&have) != device(want) || have.Mode&unix.S_IFMT != unix.S_IFREG {
		return errSwapped
	}
	return nil
}
