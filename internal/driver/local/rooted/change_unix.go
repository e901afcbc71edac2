//go:build linux || darwin

package rooted

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/driver/local/oserr"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

const hasXattrs, hasOwners = true, true

// told is wrap for folders: a closed one is the caller's mistake.
func told(op, path string, err error) error {
	if errors.Is(err, os.ErrClosed) {
		err = errDirClosed
	}
	return oserr.Wrap(op, path, err)
}

// words says what errors mean that tell little.
func (f *dir) words(err error) error {
	var errno syscall.Errno
	if already := (*errs.Error)(nil); errors.As(err, &already) || !errors.As(err, &errno) {
		return err
	}
	switch errno {
	case unix.ENOSPC:
		return errs.New(errs.Unavailable, "the volume is full: %w", errno)
	case unix.EDQUOT:
		return errs.New(errs.Unavailable, "your quota on this volume is used up: %w", errno)
	case unix.EROFS:
		return errs.New(errs.Denied, "the volume is mounted read-only: %w", errno)
	case unix.EBUSY:
		return errs.New(errs.Conflict, "it is in use by the system, or a volume is mounted there: %w", errno)
	}
	return err
}

// fds runs fn with the descriptors of both folders.
func fds(a, b *dir, fn func(a, b int) error) error {
	connA, err := a.f.SyscallConn()
	if err != nil {
		return err
	}
	connB, err := b.f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	err = connA.Control(func(fa uintptr) {
		if err := connB.Control(func(fb uintptr) { inner = fn(int(fa), int(fb)) }); err != nil {
			inner = err
		}
	})
	return errors.Join(err, inner)
}

func linkAt(from *dir, fromName string, to *dir, name string) error {
	err := fds(from, to, func(a, b int) error { return unix.Linkat(a, fromName, b, name, 0) })
	if errors.Is(err, unix.EPERM) {
		if fi, lerr := from.root.Lstat(fromName); lerr == nil && fi.IsDir() {
			return errs.New(errs.Unsupported, "a folder has one name only: %w", unix.EPERM)
		}
	}
	return err
}

func renameAt(from *dir, name string, to *dir, toName string, how vfs.Renaming) error {
	err := fds(from, to, func(a, b int) error { return renameExclusive(a, name, b, toName, how) })
	switch {
	case errors.Is(err, unix.ENOTSUP) && how == vfs.Exchange:
		return errNoSwap
	case errors.Is(err, unix.ENOTSUP):
		return errNoRename
	case errors.Is(err, unix.EINVAL):
		if fi, lerr := from.root.Lstat(name); lerr == nil && fi.IsDir() {
			return errIntoSelf
		}
		return errNoRename
	}
	return err
}

// removeAt removes a folder, or anything else.
func removeAt(d *dir, name string, folder bool) error {
	flags := 0
	if folder {
		flags = unix.AT_REMOVEDIR
	}
	err := fds(d, d, func(a, _ int) error { return unix.Unlinkat(a, name, flags) })
	if !folder && errors.Is(err, unix.EPERM) { // what POSIX says of a folder
		if fi, lerr := d.root.Lstat(name); lerr == nil && fi.IsDir() {
			return errIsFolder
		}
	}
	return err
}

func syncDir(f *os.File) error { return f.Sync() }

func describeOwner(m *vfs.Meta, fi fs.FileInfo) {
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		m.UID, m.GID = st.Uid, st.Gid
	}
}

// withFD runs fn with the descriptor of f.
func withFD(f *os.File, fn func(fd int) error) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := conn.Control(func(fd uintptr) { inner = fn(int(fd)) }); err != nil {
		return err
	}
	return inner
}

func readXattrs(f *os.File) (all map[string][]byte, err error) {
	err = withFD(f, func(fd int) error {
		names, err := readAll(func(buf []byte) (int, error) { return unix.Flistxattr(fd, buf) })
		if errors.Is(err, unix.ENOTSUP) || len(names) == 0 && err == nil {
			return nil
		}
		if err != nil {
			return err
		}
		all = map[string][]byte{}
		for name := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
			value, err := readAll(func(buf []byte) (int, error) { return unix.Fgetxattr(fd, name, buf) })
			if err == nil {
				all[name] = value
			} else if !errors.Is(err, errNoAttr) && !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.EPERM) {
				return err
			}
		}
		return nil
	})
	return all, err
}

// readAll calls read with more room until it is enough.
func readAll(read func(buf []byte) (int, error)) ([]byte, error) {
	const most = 256 << 20 // a resource fork may be large
	for size := 256; ; size *= 8 {
		buf := make([]byte, size)
		n, err := read(buf)
		switch {
		case errors.Is(err, unix.ERANGE) && size < most:
			continue
		case err != nil:
			return nil, err
		}
		return buf[:n:n], nil
	}
}

// setXattrs makes the attributes of these parts those of m.
func setXattrs(f *os.File, m *vfs.Meta, parts vfs.Parts) (lost vfs.Parts, err error) {
	have, err := readXattrs(f)
	if err != nil {
		return 0, err
	}
	if err := m.Meets(have); err != nil {
		return 0, err
	}
	err = withFD(f, func(fd int) error {
		for name := range have {
			if _, wanted := m.Xattrs[name]; wanted || !m.Concerns(name, parts) || vfs.Stays(name) {
				continue
			}
			if err := unix.Fremovexattr(fd, name); err != nil && !errors.Is(err, errNoAttr) {
				lost |= vfs.PartOf(name)
			}
		}
		for name, value := range m.Xattrs {
			if old, has := have[name]; !m.Concerns(name, parts) || has && string(old) == string(value) {
				continue
			}
			switch err := unix.Fsetxattr(fd, name, value, 0); {
			case errors.Is(err, unix.EDQUOT), errors.Is(err, unix.EROFS), errors.Is(err, unix.EIO):
				return err
			case err != nil:
				lost |= vfs.PartOf(name)
			}
		}
		return nil
	})
	return lost, err
}
