package local

import (
	"context"
	"io"
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
		fd, err = d.openFile(dir, name)
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
// may do anything), then, if that is a file, the very same one for reading.
func (d *Driver) openFile(dir int, name string) (int, error) {
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
		return unix.Open("/proc/self/fd/"+strconv.Itoa(pointer), opening, 0)
	})
	if err == unix.ENOENT { // no /proc here
		fd, err = reopenByName(dir, name)
	}
	if err == nil {
		err = same(fd, &want)
	}
	return told(fd, err)
}

const opening = unix.O_RDONLY | unix.O_NOCTTY | unix.O_CLOEXEC

// reopenByName opens what has the name now. Should that be a FIFO, O_NONBLOCK
// keeps us from waiting, and the comparison that follows from reading it.
func reopenByName(dir int, name string) (int, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(dir, name, opening|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
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

// file is an open file. The os package closes its descriptor only after the
// last call that uses it.
type file struct {
	d    *Driver
	f    *os.File
	path string
}

func (f *file) told(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return oserr.Wrap(op, f.path, err)
}

func (f *file) Read(p []byte) (int, error) {
	n, err := f.f.Read(p)
	return n, f.told("read", err)
}

func (f *file) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.f.ReadAt(p, off)
	return n, f.told("read", err)
}

func (f *file) Seek(offset int64, whence int) (int64, error) {
	n, err := f.f.Seek(offset, whence)
	return n, f.told("seek", err)
}

// OSFile is the open file, for programs that are given it to read; it is closed
// together with f.
func (f *file) OSFile() *os.File { return f.f }

func (f *file) Close() error { return f.told("close", f.f.Close()) }

// Stat examines the open file; Name is the one it was opened by.
func (f *file) Stat() (e vfs.Entry, err error) {
	conn, err := f.f.SyscallConn()
	if err == nil {
		var inner error
		err = conn.Control(func(fd uintptr) { inner = f.d.examine(int(fd), "", &e) })
		if err == nil {
			err = inner
		}
	}
	if err != nil {
		return vfs.Entry{}, f.told("stat", err)
	}
	_, e.Name = vfs.Split(f.path)
	return e, nil
}
