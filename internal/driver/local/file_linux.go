package local

import (
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

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
	return f.d.trouble(op, f.path, -1, "", err)
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

// with runs fn with the descriptor, which stays open meanwhile.
func (f *file) with(op string, fn func(fd int) error) error {
	conn, err := f.f.SyscallConn()
	if err == nil {
		var inner error
		if err = conn.Control(func(fd uintptr) { inner = fn(int(fd)) }); err == nil {
			err = inner
		}
	}
	return f.told(op, err)
}

// Stream has the system read further ahead than it usually does.
func (f *file) Stream() {
	_ = f.with("advise", func(fd int) error { return unix.Fadvise(fd, 0, 0, unix.FADV_SEQUENTIAL) })
}

// NextData asks for the next bytes that are no hole. That moves the position that
// Read uses: it is put back.
func (f *file) NextData(off int64) (start, end int64, err error) {
	err = f.with("look for holes", func(fd int) error {
		at, err := unix.Seek(fd, 0, io.SeekCurrent)
		if err != nil {
			return err
		}
		if start, err = unix.Seek(fd, off, unix.SEEK_DATA); err == nil {
			end, err = unix.Seek(fd, start, unix.SEEK_HOLE)
		}
		if _, back := unix.Seek(fd, at, io.SeekStart); back != nil {
			return back
		}
		switch err {
		case unix.ENXIO:
			return io.EOF
		case unix.EINVAL, unix.ENOTSUP, unix.ENOSYS:
			return errNoHoles
		}
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	return start, end, nil
}

var errNoHoles = errs.New(errs.Unsupported, "this volume does not tell where holes are")

// Stat examines the open file; Name is the one it was opened by.
func (f *file) Stat() (e vfs.Entry, err error) {
	err = f.with("stat", func(fd int) error { return f.d.examine(fd, "", &e) })
	if err != nil {
		return vfs.Entry{}, err
	}
	_, e.Name = vfs.Split(f.path)
	return e, nil
}
