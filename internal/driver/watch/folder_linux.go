package watch

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
)

// folder is a folder that is about to be watched, held by a descriptor that
// reads nothing.
type folder struct {
	fd  int
	typ int64 // of its file system
	fs  fsid
}

// openFolder opens what can be watched. Errors are those of Add.
func openFolder(osPath string) (*folder, error) {
	fd, err := openPath(unix.AT_FDCWD, osPath)
	if err != nil {
		kind := errs.Internal
		switch {
		case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP):
			kind = errs.NotFound
		case errors.Is(err, unix.EACCES):
			kind = errs.Denied
		}
		return nil, errs.New(kind, "watching: %w", err).At(osPath)
	}
	f := &folder{fd: fd}
	if err := f.examine(); err != nil {
		f.close()
		return nil, errs.New(errs.KindOf(err), "watching: %w", err).At(osPath).Try(errs.RemedyOf(err))
	}
	return f, nil
}

func openPath(dir int, path string) (fd int, err error) {
	for {
		fd, err = unix.Openat(dir, path, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if !errors.Is(err, unix.EINTR) {
			return fd, err
		}
	}
}

func (f *folder) close() { _ = unix.Close(f.fd) }

func (f *folder) examine() error {
	var fs unix.Statfs_t
	for {
		err := unix.Fstatfs(f.fd, &fs)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EINTR) {
			return errs.New(errs.Internal, "%w", os.NewSyscallError("fstatfs", err))
		}
	}
	f.typ = int64(fs.Type) & 0xffffffff // some platforms have it signed, in 32 bits
	f.fs = fsid(uint32(fs.Fsid.Val[0])) | fsid(uint32(fs.Fsid.Val[1]))<<32
	if f.elsewhere() {
		return errs.New(errs.Unsupported, "nothing tells what changes on this kind of volume").Try("Rely on scans, which find its changes.")
	}
	return nil
}

// Kinds of file systems that package unix has no name for.
const (
	bcachefs = 0xca451a4e
	beegfs   = 0x19830326
	ceph     = 0x00c36400
	gfs2     = 0x01161970
	gpfs     = 0x47504653
	lustre   = 0x0bd00bd0
	ocfs2    = 0x7461636f
	orangefs = 0x20030528
	prlfs    = 0x7c7c6673
	smb2     = 0xfe534d42
	cifs     = 0xff534d42
	vboxsf   = 0x786f4256
	vmhgfs   = 0xbacbacbc
)

// elsewhere reports whether others change files here behind this kernel's back:
// another machine, a host, a program, or the kernel itself.
func (f *folder) elsewhere() bool {
	switch f.typ {
	case unix.FUSE_SUPER_MAGIC:
		major, _, err := f.stat()
		return err != nil || major == 0 // on a block device (ntfs-3g), all changes come through here
	case unix.NFS_SUPER_MAGIC, cifs, smb2, unix.SMB_SUPER_MAGIC, unix.V9FS_MAGIC, unix.AFS_SUPER_MAGIC, unix.AFS_FS_MAGIC,
		unix.CODA_SUPER_MAGIC, unix.NCP_SUPER_MAGIC, ceph, gfs2, gpfs, lustre, ocfs2, orangefs, beegfs, prlfs, vboxsf, vmhgfs,
		unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.CGROUP_SUPER_MAGIC, unix.CGROUP2_SUPER_MAGIC, unix.DEBUGFS_MAGIC, unix.TRACEFS_MAGIC:
		return true
	}
	return false
}

// hasLastingHandles reports whether a folder has one handle for its life. Where
// inode numbers are made up when an inode is read (FAT), the handle of a folder
// is another one after a while, and its events would be those of a stranger.
func (f *folder) hasLastingHandles() bool {
	switch f.typ {
	case unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC, unix.TMPFS_MAGIC, bcachefs:
		return true
	}
	return false
}

// stat tells the device and inode from the kernel's memory: no server is asked.
func (f *folder) stat() (major uint32, id [3]uint64, err error) {
	var st unix.Statx_t
	err = unix.Statx(f.fd, "", unix.AT_EMPTY_PATH|unix.AT_NO_AUTOMOUNT|unix.AT_STATX_DONT_SYNC, unix.STATX_INO, &st)
	return st.Dev_major, [3]uint64{uint64(st.Dev_major), uint64(st.Dev_minor), st.Ino}, err
}

// watchRoot watches the topmost folder of a file system that can be reached
// from f, for nothing but its end.
func (i *inotify) watchRoot(f *folder) (wd int32, err error) {
	top := *f
	defer func() {
		if top.fd != f.fd {
			top.close()
		}
	}()
	_, id, err := top.stat()
	for err == nil {
		up := folder{}
		if up.fd, err = openPath(top.fd, ".."); err != nil {
			break
		}
		var above [3]uint64
		if _, above, err = up.stat(); err != nil || above == id || above[0] != id[0] || above[1] != id[1] {
			up.close()
			break
		}
		if top.fd != f.fd {
			top.close()
		}
		top, id = up, above
	}
	if err != nil {
		return 0, errs.New(errs.Internal, "finding the top of a file system: %w", err)
	}
	n, err := i.addFD(top.fd, unix.IN_DELETE_SELF|unix.IN_ONLYDIR)
	return int32(n), err
}
