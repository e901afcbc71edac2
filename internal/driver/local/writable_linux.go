package local

import (
	"errors"
	"math"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// writable is a file open for reading and writing.
type writable struct{ *file }

var (
	_ vfs.WriteHandle = (*writable)(nil)
	_ vfs.Sparse      = (*file)(nil)
	_ vfs.MetaReader  = (*file)(nil)
	_ vfs.Streamer    = (*file)(nil)
)

// fits refuses what would reach beyond the limit set for this process: the
// kernel would not only refuse it but send a signal that ends the program.
func (w *writable) fits(off, n int64) error {
	if n > 0 && (off > math.MaxInt64-n || off+n > w.d.limit) {
		return errTooBig
	}
	return nil
}

func (w *writable) Write(p []byte) (n int, err error) {
	if w.d.limit < math.MaxInt64 {
		at, err := w.f.Seek(0, 1)
		if err == nil {
			err = w.fits(at, int64(len(p)))
		}
		if err != nil {
			return 0, w.told("write", err)
		}
	}
	n, err = w.f.Write(p)
	return n, w.told("write", err)
}

func (w *writable) WriteAt(p []byte, off int64) (n int, err error) {
	if err = w.fits(off, int64(len(p))); err == nil {
		n, err = w.f.WriteAt(p, off)
	}
	return n, w.told("write", err)
}

func (w *writable) Truncate(size int64) error {
	err := w.fits(0, size)
	if err == nil {
		err = w.f.Truncate(size)
	}
	return w.told("truncate", err)
}

var (
	errNoAllocate = errs.New(errs.Unsupported, "this volume reserves no room")
	errNoClone    = errs.New(errs.Unsupported, "the two files cannot share their bytes")
	errNoCopy     = errs.New(errs.Unsupported, "the system does not copy between these files")
)

func (w *writable) Allocate(size int64) error {
	if size <= 0 {
		return nil
	}
	if err := w.fits(0, size); err != nil {
		return w.told("reserve room", err)
	}
	return w.with("reserve room", func(fd int) error {
		_, err := retry(func() (int, error) { return 0, unix.Fallocate(fd, unix.FALLOC_FL_KEEP_SIZE, 0, size) })
		if err == unix.ENOTSUP || err == unix.ENOSYS {
			err = errNoAllocate
		}
		return err
	})
}

// both runs fn with the descriptors of both files; no is what it is when from is
// not a file of the system.
func (w *writable) both(op string, from vfs.Handle, no error, fn func(fd, fromFD int) error) error {
	src := vfs.OSFile(from)
	if src == nil {
		return w.told(op, no)
	}
	conn, err := src.SyscallConn()
	if err != nil {
		return w.told(op, err)
	}
	return w.with(op, func(fd int) error {
		var inner error
		if err := conn.Control(func(fromFD uintptr) { inner = fn(fd, int(fromFD)) }); err != nil {
			return err
		}
		return inner
	})
}

// cannot reports whether err says that the system or the volume does not do such
// a thing between the two files, by what file systems are known to say.
func cannot(err error) bool {
	for _, e := range []unix.Errno{unix.EXDEV, unix.ENOTSUP, unix.ENOTTY, unix.EINVAL, unix.ENOSYS, unix.EBADF, unix.EPERM, unix.EACCES,
		unix.EAGAIN, unix.EISDIR, unix.ETXTBSY} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func (w *writable) Clone(from vfs.Handle) error {
	return w.both("clone", from, errNoClone, func(fd, fromFD int) error {
		_, err := retry(func() (int, error) { return 0, unix.IoctlFileClone(fd, fromFD) })
		if err != nil && cannot(err) {
			err = errNoClone
		}
		return err
	})
}

// CopyFrom never passes a length of 0, which some file systems take for "all".
func (w *writable) CopyFrom(from vfs.Handle, fromOff, off, n int64) (done int64, err error) {
	const most = 1 << 30 // the kernel takes less than 2 GiB, and cancelling must not wait for that
	if n = min(n, most); n <= 0 {
		return 0, nil
	}
	if err := w.fits(off, n); err != nil {
		return 0, w.told("copy", err)
	}
	err = w.both("copy", from, errNoCopy, func(fd, fromFD int) error {
		copied, err := retry(func() (int, error) {
			src, dst := fromOff, off
			return unix.CopyFileRange(fromFD, &src, fd, &dst, int(n), 0)
		})
		switch {
		case err != nil && cannot(err):
			return errNoCopy
		case err != nil:
			return err
		}
		done = int64(copied)
		return nil
	})
	return done, err
}

// Sync does not try again: after a failed one the system takes the pages for
// clean, and the next would tell that all is well. Reading fails on a disk that
// went away meanwhile, when the sync itself may not tell (see syncFolder).
func (w *writable) Sync() error {
	return w.with("sync", func(fd int) error {
		_, err := retry(func() (int, error) { return 0, unix.Fsync(fd) })
		if err == nil {
			_, err = retry(func() (int, error) { return unix.Pread(fd, make([]byte, 1), 0) })
		}
		return err
	})
}

func (w *writable) Uncache() error {
	return w.with("uncache", func(fd int) error { return unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED) })
}

func (w *writable) SetMeta(m *vfs.Meta, parts vfs.Parts) (lost vfs.Parts, err error) {
	err = w.with("set attributes", func(fd int) (err error) {
		lost, err = w.d.setMeta(fd, m, parts)
		return err
	})
	return lost, err
}
