package local

import (
	"golang.org/x/sys/unix"
)

// isSealed reports whether the entry name of the folder dir (nil: dir itself)
// is a folder that List must not enter.
func (d *Driver) isSealed(dir int, name *byte, stx *unix.Statx_t) bool {
	if stx.Mode&unix.S_IFMT != unix.S_IFDIR {
		return false
	}
	mounted, other := isMounted(stx), device(stx) != d.dev
	switch {
	case !mounted && !other:
		return false
	case !d.cross:
		return true
	case !other:
		return true // a bind mount: the same entries would be seen twice
	case name == nil:
		return isPseudo(dir)
	case !mounted:
		return false // deep inside of what was entered before
	}
	fd, err := retry(func() (int, error) {
		return unix.Openat(dir, unix.BytePtrToString(name), passing|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return false // List will tell
	}
	defer closeFD(fd)
	return isPseudo(fd)
}

// isMounted reports whether something is mounted exactly here.
func isMounted(stx *unix.Statx_t) bool {
	return stx.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
}

// isPseudo reports whether fd is on a file system that shows the kernel's
// state, or things that only look like files, instead of anyone's files (B3).
func isPseudo(fd int) bool {
	var fs unix.Statfs_t
	if unix.Fstatfs(fd, &fs) != nil {
		return false
	}
	switch magic(&fs) {
	case unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.CGROUP_SUPER_MAGIC, unix.CGROUP2_SUPER_MAGIC, unix.DEVPTS_SUPER_MAGIC,
		unix.DEBUGFS_MAGIC, unix.TRACEFS_MAGIC, unix.SECURITYFS_MAGIC, unix.BPF_FS_MAGIC, unix.PSTOREFS_MAGIC,
		unix.EFIVARFS_MAGIC, unix.SELINUX_MAGIC, unix.SMACK_MAGIC, unix.NSFS_MAGIC, unix.BINFMTFS_MAGIC, unix.RDTGROUP_SUPER_MAGIC,
		unix.AUTOFS_SUPER_MAGIC, magicConfigFS, magicMqueue, magicFuseCtl:
		return true
	}
	return false
}

// hasStableInodes is true but for file systems that make numbers up as they go.
func hasStableInodes(fs *unix.Statfs_t) bool {
	switch magic(fs) {
	case unix.OVERLAYFS_SUPER_MAGIC, unix.FUSE_SUPER_MAGIC, unix.MSDOS_SUPER_MAGIC, unix.EXFAT_SUPER_MAGIC,
		unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.V9FS_MAGIC:
		return false
	}
	return true
}

// foldsCase knows the file systems on which "A" and "a" are always one name.
func foldsCase(fs *unix.Statfs_t) bool {
	switch magic(fs) {
	case unix.MSDOS_SUPER_MAGIC, unix.EXFAT_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.SMB_SUPER_MAGIC:
		return true
	}
	return false
}

// From linux/magic.h and the file systems' own sources.
const (
	magicConfigFS = 0x62656570
	magicMqueue   = 0x19800202
	magicFuseCtl  = 0x65735543
)

// magic is the type number; its Go type differs between architectures.
func magic(fs *unix.Statfs_t) uint32 { return uint32(fs.Type) }
