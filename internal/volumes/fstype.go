package volumes

import "strings"

// family says what kind of storage a file system type is, and thereby what its
// volumes can be known by.
type family int

const (
	block   family = iota // on a block device: known by its UUID; also every type not listed here
	pseudo                // shows the kernel, holds no files of people: never a volume
	memory                // in memory: lives until it is unmounted
	network               // elsewhere: known by server and share
	overlay               // layers of others
	pool                  // datasets of a pool
	fuse                  // a program
)

// familyOf tells the family of a file system type as the mount table names it.
func familyOf(typ string) family {
	switch typ {
	case "autofs", "bdev", "bpf", "binder", "binfmt_misc", "cgroup", "cgroup2", "configfs", "cpuset", "debugfs",
		"devfs", "devpts", "devtmpfs", "drm", "dlmfs", "efivarfs", "fdescfs", "functionfs", "fusectl", "gadgetfs",
		"hugetlbfs", "inotifyfs", "ipathfs", "mqueue", "nsfs", "openpromfs", "pipefs", "pidfs", "proc", "procfs",
		"pstore", "resctrl", "rootfs", "rpc_pipefs", "securityfs", "selinuxfs", "smackfs", "sockfs", "spufs",
		"sysfs", "tracefs", "usbfs", "usbdevfs", "xenfs",
		"fuse.gvfsd-fuse", "fuse.portal", "fuse.lxcfs", "fuse.vmware-vmblock", "fuse.vmblock":
		return pseudo
	case "tmpfs", "ramfs":
		return memory
	case "overlay", "aufs", "unionfs":
		return overlay
	case "zfs":
		return pool
	case "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "afpfs", "coda", "ceph", "glusterfs", "lustre", "gpfs",
		"orangefs", "pvfs2", "beegfs", "davfs", "webdav", "9p", "virtiofs", "prl_fs", "vboxsf", "vmhgfs", "drvfs",
		"fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.glusterfs", "fuse.ceph", "fuse.ceph-fuse", "fuse.davfs",
		"fuse.davfs2", "fuse.curlftpfs", "fuse.smbnetfs", "fuse.goofys", "fuse.gcsfuse", "fuse.vmhgfs-fuse", "fuse.juicefs":
		return network
	}
	if typ == "fuse" || strings.HasPrefix(typ, "fuse.") {
		return fuse
	}
	return block
}

// isSystem reports whether a mount is one of the system's own making, which
// nobody thinks of as a drive.
func isSystem(point string) bool {
	for _, dir := range []string{"/snap", "/var/lib/snapd", "/var/lib/docker", "/var/lib/containers", "/var/lib/containerd",
		"/var/lib/kubelet", "/proc", "/sys", "/dev", "/boot", "/efi", "/System/Volumes", "/private/var/vm"} {
		if _, ok := below(dir, point); ok {
			return true
		}
	}
	if _, ok := below("/run/media", point); ok {
		return false
	}
	_, ok := below("/run", point)
	return ok
}
