package local

import (
	"context"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Everything here works on /proc/self/fd/N: that path leads to the very thing a
// descriptor points at, a symlink as well, and takes O_PATH descriptors, which
// the calls that take a descriptor do not.

func (f *dir) Meta(ctx context.Context, name string) (m vfs.Meta, err error) {
	err = f.pointer(ctx, "read attributes", name, func(fd int) (err error) {
		m, err = f.d.meta(fd)
		return err
	})
	return m, err
}

func (f *dir) SetMeta(ctx context.Context, name string, m *vfs.Meta, parts vfs.Parts) (lost vfs.Parts, err error) {
	err = f.pointer(ctx, "set attributes", name, func(fd int) (err error) {
		lost, err = f.d.setMeta(fd, m, parts)
		return err
	})
	return lost, err
}

// pointer runs fn with a descriptor that points at the entry without opening it.
func (f *dir) pointer(ctx context.Context, op, name string, fn func(fd int) error) error {
	return f.at(ctx, op, name, func(dir int) error {
		fd, err := f.d.openBelow(dir, name, unix.O_PATH|unix.O_NOFOLLOW)
		if err != nil {
			return err
		}
		defer closeFD(fd)
		return fn(fd)
	})
}

func (f *file) Meta() (m vfs.Meta, err error) {
	err = f.with("read attributes", func(fd int) (err error) {
		m, err = f.d.meta(fd)
		return err
	})
	return m, err
}

func (d *Driver) meta(fd int) (m vfs.Meta, err error) {
	var stx unix.Statx_t
	if err := statx(fd, nil, 0, &stx); err != nil {
		return m, err
	}
	m = vfs.Meta{
		Mode: uint32(stx.Mode) & 0o7777, Modified: nanoseconds(stx.Mtime), Accessed: nanoseconds(stx.Atime),
		UID: stx.Uid, GID: stx.Gid, Sealed: isImmutable(&stx),
	}
	m.Xattrs, err = readXattrs(procPath(fd))
	return m, noProc(err)
}

var errNoProc = errs.New(errs.Unsupported, "attributes are reached through /proc, which is not mounted: %w", unix.ENOENT)

// noProc explains an ENOENT of a path in /proc: what it leads to is held open.
func noProc(err error) error {
	if err == unix.ENOENT {
		return errNoProc
	}
	return err
}

// setMeta sets parts of what fd points at. Owner first, since that takes setuid
// and capabilities away; mode after access lists, which change it; times last.
func (d *Driver) setMeta(fd int, m *vfs.Meta, parts vfs.Parts) (lost vfs.Parts, err error) {
	s := setter{d: d, fd: fd, path: procPath(fd), m: m, lost: parts & vfs.PartCreated}
	if err := statx(fd, nil, 0, &s.stx); err != nil {
		return 0, err
	}
	if parts&vfs.PartOwner != 0 {
		err = s.owner()
	}
	if set := parts & (vfs.PartXattrs | vfs.PartACL | vfs.PartLabels); set != 0 && err == nil {
		err = s.xattrs(set)
	}
	if parts&vfs.PartMode != 0 && err == nil && s.stx.Mode&unix.S_IFMT != unix.S_IFLNK { // links have none
		err = s.mode(parts)
	}
	if parts&vfs.PartModified != 0 && err == nil {
		err = s.times()
	}
	if err == nil {
		err = s.look(parts)
	}
	return s.lost, noProc(err)
}

type setter struct {
	d    *Driver
	fd   int
	path string
	stx  unix.Statx_t // as it was before
	m    *vfs.Meta
	want uint32 // mode
	lost vfs.Parts
}

func (s *setter) owner() error {
	uid, gid := int(s.m.UID), int(s.m.GID)
	if s.stx.Uid == s.m.UID {
		uid = -1
	}
	if s.stx.Gid == s.m.GID {
		gid = -1
	}
	if uid < 0 && gid < 0 {
		return nil
	}
	err := unix.Fchownat(s.fd, "", uid, gid, unix.AT_EMPTY_PATH)
	if err == unix.EPERM && uid >= 0 && gid >= 0 { // the group alone may be allowed
		err = unix.Fchownat(s.fd, "", -1, gid, unix.AT_EMPTY_PATH)
	}
	switch err {
	case unix.EPERM, unix.EINVAL, unix.ENOTSUP, unix.EOVERFLOW:
		if isImmutable(&s.stx) {
			return errSealed
		}
		return nil // look will tell
	}
	return err
}

func (s *setter) mode(parts vfs.Parts) error {
	s.want = s.m.Mode & 0o7777
	if parts&vfs.PartACL == 0 || s.lost&vfs.PartACL != 0 {
		s.want = s.m.ModeWithoutACL()
	}
	err := unix.Fchmodat(unix.AT_FDCWD, s.path, s.want, 0)
	if err == unix.ENOTSUP || err == unix.EPERM && s.d.kind.keeps&vfs.PartMode == 0 {
		return nil // look will tell
	}
	return s.denied(err)
}

func (s *setter) times() error {
	access := unix.Timespec{Nsec: unix.UTIME_OMIT}
	if s.m.Accessed != 0 {
		access = unix.NsecToTimespec(s.m.Accessed)
	}
	err := unix.UtimesNanoAt(unix.AT_FDCWD, s.path, []unix.Timespec{access, unix.NsecToTimespec(s.m.Modified)}, 0)
	return s.denied(err)
}

func (s *setter) denied(err error) error {
	if err == unix.EPERM && isImmutable(&s.stx) {
		return errSealed
	}
	return err
}

// look compares what there is now with what was asked for: some volumes refuse
// without a word.
func (s *setter) look(parts vfs.Parts) error {
	var stx unix.Statx_t
	if err := statx(s.fd, nil, 0, &stx); err != nil {
		return err
	}
	if parts&vfs.PartOwner != 0 && (stx.Uid != s.m.UID || stx.Gid != s.m.GID) {
		s.lost |= vfs.PartOwner
	}
	if link := stx.Mode&unix.S_IFMT == unix.S_IFLNK; parts&vfs.PartMode != 0 && !link && uint32(stx.Mode)&0o7777 != s.want {
		s.lost |= vfs.PartMode
	}
	if off := nanoseconds(stx.Mtime) - s.m.Modified; parts&vfs.PartModified != 0 && (off >= s.d.kind.step || -off >= s.d.kind.step) {
		s.lost |= vfs.PartModified
	}
	return nil
}

// xattrs makes the attributes of these parts those of m.
func (s *setter) xattrs(parts vfs.Parts) error {
	have, err := readXattrs(s.path)
	if err != nil {
		return err
	}
	if err := s.m.Meets(have); err != nil {
		return err
	}
	for name := range have {
		if _, wanted := s.m.Xattrs[name]; wanted || !s.m.Concerns(name, parts) || vfs.Stays(name) {
			continue
		}
		err := unix.Removexattr(s.path, name)
		if err == unix.ENODATA {
			continue
		}
		if err := s.xattrFailed(name, err); err != nil {
			return err
		}
	}
	for name, value := range s.m.Xattrs {
		if old, has := have[name]; !s.m.Concerns(name, parts) || has && string(old) == string(value) {
			continue
		}
		if err := s.xattrFailed(name, unix.Setxattr(s.path, name, value, 0)); err != nil {
			return err
		}
	}
	return nil
}

// xattrFailed tells an attribute that cannot be kept from other trouble.
func (s *setter) xattrFailed(name string, err error) error {
	switch err {
	case nil:
		return nil
	case unix.ENOSPC: // also: it is larger than the place an inode has for them
		var fs unix.Statfs_t
		if unix.Fstatfs(s.fd, &fs) == nil && fs.Bavail > 0 {
			break
		}
		return err
	case unix.EPERM:
		if isImmutable(&s.stx) {
			return errSealed
		}
	case unix.ENOTSUP, unix.EACCES, unix.E2BIG, unix.ERANGE, unix.EINVAL, unix.ENAMETOOLONG, unix.ENOSYS:
	default:
		return err
	}
	s.lost |= vfs.PartOf(name)
	return nil
}

// readXattrs reads all attributes; a volume without them has none.
func readXattrs(path string) (map[string][]byte, error) {
	names, err := readAll(func(buf []byte) (int, error) { return unix.Listxattr(path, buf) })
	if err != nil || len(names) == 0 {
		if err == unix.ENOTSUP || err == unix.ENOSYS {
			err = nil
		}
		return nil, err
	}
	all := map[string][]byte{}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		if name == "trusted.SGI_ACL_FILE" || name == "trusted.SGI_ACL_DEFAULT" {
			continue // how XFS stores the access lists, which it shows as such too
		}
		value, err := readAll(func(buf []byte) (int, error) { return unix.Getxattr(path, name, buf) })
		switch err {
		case nil:
			all[name] = value
		case unix.ENODATA, unix.EACCES, unix.EPERM, unix.ENOTSUP: // it went, or is not for us
		default:
			return nil, err
		}
	}
	return all, nil
}

// readAll calls read with more room until it is enough.
func readAll(read func(buf []byte) (int, error)) ([]byte, error) {
	const most = 1 << 20 // the kernel's own limit is 64 KiB
	for size := 256; ; size *= 8 {
		buf := make([]byte, size)
		n, err := retry(func() (int, error) { return read(buf) })
		switch {
		case err == unix.ERANGE && size < most:
			continue
		case err != nil:
			return nil, err
		}
		return buf[:n:n], nil
	}
}
