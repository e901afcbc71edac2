//go:build linux || darwin || windows

package rooted

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/stardrive/stardrive/internal/vfs"
)

func (f *dir) Meta(ctx context.Context, name string) (m vfs.Meta, err error) {
	err = f.named(ctx, "read attributes", name, func() error {
		fi, open, err := f.entry(name)
		if err != nil {
			return err
		}
		if open != nil {
			defer func() { _ = open.Close() }()
		}
		m, err = metaOf(fi, open)
		return err
	})
	return m, err
}

// entry examines an entry, and opens it if it may be a file or folder: extended
// attributes are reached by an open file only.
func (f *dir) entry(name string) (fi fs.FileInfo, open *os.File, err error) {
	if fi, err = f.root.Lstat(name); err != nil {
		return nil, nil, err
	}
	var e vfs.Entry
	f.d.fill(&e, fi)
	switch {
	case e.Mount:
		return nil, nil, errMount
	case e.Kind != vfs.File && e.Kind != vfs.Folder || !hasXattrs:
		return fi, nil, nil
	}
	open, err = f.root.OpenFile(name, os.O_RDONLY|openFlags, 0)
	if errors.Is(err, fs.ErrPermission) {
		return fi, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if now, err := open.Stat(); err != nil || !os.SameFile(fi, now) {
		_ = open.Close()
		return nil, nil, errSwapped
	}
	return fi, open, nil
}

func metaOf(fi fs.FileInfo, open *os.File) (vfs.Meta, error) {
	m := vfs.Meta{Mode: modeOf(fi.Mode()), Modified: fi.ModTime().UnixNano()}
	describeOwner(&m, fi)
	var err error
	if open != nil {
		m.Xattrs, err = readXattrs(open)
	}
	return m, err
}

func (f *dir) SetMeta(ctx context.Context, name string, m *vfs.Meta, parts vfs.Parts) (lost vfs.Parts, err error) {
	err = f.named(ctx, "set attributes", name, func() error {
		fi, open, err := f.entry(name)
		if err != nil {
			return err
		}
		if open != nil {
			defer func() { _ = open.Close() }()
		}
		link := fi.Mode()&fs.ModeSymlink != 0
		s := setter{
			d: f.d, m: m, f: open, link: link,
			chmod: func(mode os.FileMode) error { return f.root.Chmod(name, mode) },
			chown: func(uid, gid int) error { return f.root.Lchown(name, uid, gid) },
			stat: func() (fs.FileInfo, error) {
				now, err := f.root.Lstat(name)
				if err == nil && !os.SameFile(fi, now) {
					err = errSwapped
				}
				return now, err
			},
			named: func() (*os.Root, string, error) {
				if link { // os.Root would set those of what it leads to
					return nil, "", nil
				}
				return f.root, name, nil
			},
		}
		lost, err = s.set(parts)
		return err
	})
	return lost, err
}

// setter sets attributes of an open file or of a name.
type setter struct {
	d     *Driver
	m     *vfs.Meta
	f     *os.File // nil: its extended attributes cannot be reached
	link  bool
	chmod func(os.FileMode) error
	chown func(uid, gid int) error
	stat  func() (fs.FileInfo, error)
	named func() (*os.Root, string, error) // where times are set; nil: nowhere
}

const xattrParts = vfs.PartXattrs | vfs.PartACL | vfs.PartLabels

func (s *setter) set(parts vfs.Parts) (lost vfs.Parts, err error) {
	lost = parts & vfs.PartCreated
	if parts&vfs.PartOwner != 0 && hasOwners {
		if err := s.chown(int(s.m.UID), int(s.m.GID)); err != nil && !errors.Is(err, fs.ErrPermission) {
			return lost, err
		}
	}
	if want := parts & xattrParts; want != 0 {
		more, err := s.xattrs(want)
		if lost |= more; err != nil {
			return lost, err
		}
	}
	mode := s.m.Mode & 0o7777
	if parts&vfs.PartACL == 0 || lost&vfs.PartACL != 0 {
		mode = s.m.ModeWithoutACL()
	}
	if parts&vfs.PartMode != 0 && !s.link {
		if err := s.chmod(fileMode(mode)); err != nil {
			return lost, err
		}
	}
	if parts&vfs.PartModified != 0 {
		root, name, err := s.named()
		if err == nil && root != nil {
			var accessed time.Time // zero: stays
			if s.m.Accessed != 0 {
				accessed = time.Unix(0, s.m.Accessed)
			}
			err = root.Chtimes(name, accessed, time.Unix(0, s.m.Modified))
		}
		if err != nil {
			return lost, err
		}
	}
	return s.look(parts, mode, lost)
}

// xattrs sets those of parts, or tells that there is no way to.
func (s *setter) xattrs(parts vfs.Parts) (lost vfs.Parts, err error) {
	if s.f != nil {
		return setXattrs(s.f, s.m, parts)
	}
	for attr := range s.m.Xattrs {
		lost |= parts & vfs.PartOf(attr)
	}
	return lost, nil
}

// look compares what there is now with what was asked for.
func (s *setter) look(parts vfs.Parts, mode uint32, lost vfs.Parts) (vfs.Parts, error) {
	fi, err := s.stat()
	if err != nil {
		return lost, err
	}
	now := vfs.Meta{Mode: modeOf(fi.Mode())}
	describeOwner(&now, fi)
	if parts&vfs.PartOwner != 0 && (now.UID != s.m.UID || now.GID != s.m.GID || !hasOwners) {
		lost |= vfs.PartOwner
	}
	if parts&vfs.PartMode != 0 && !s.link && now.Mode != mode {
		lost |= vfs.PartMode
	}
	step := s.d.kindOfVolume().step
	if off := fi.ModTime().UnixNano() - s.m.Modified; parts&vfs.PartModified != 0 && max(off, -off) >= step {
		lost |= vfs.PartModified
	}
	return lost, nil
}

func fileMode(mode uint32) os.FileMode {
	m := os.FileMode(mode & 0o777)
	for bit, set := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if mode&bit != 0 {
			m |= set
		}
	}
	return m
}
