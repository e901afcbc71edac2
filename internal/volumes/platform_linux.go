package volumes

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

const mountTable = "/proc/self/mountinfo"

// linux reads /proc, /sys and udev's tables.
type linux struct{}

// System returns the Platform of this machine.
func System() Platform { return linux{} }

func (linux) Mounts() ([]Mount, error) {
	b, err := os.ReadFile(mountTable)
	if err != nil {
		return nil, err
	}
	return parseMountinfo(string(b))
}

func (linux) Root(point string) (r Root, err error) {
	r, _, err = examine(point)
	return r, err
}

// examine tells what stands at path and what kind it is, from the kernel's
// memory: no server is asked and no automount set off.
func examine(path string) (Root, uint16, error) {
	var st unix.Statx_t
	flags := unix.AT_SYMLINK_NOFOLLOW | unix.AT_NO_AUTOMOUNT | unix.AT_STATX_DONT_SYNC
	mask := unix.STATX_TYPE | unix.STATX_INO | unix.STATX_MNT_ID_UNIQUE
	err := retry(func() error { return unix.Statx(unix.AT_FDCWD, path, flags, mask, &st) })
	if err != nil {
		return Root{}, 0, &os.PathError{Op: "statx", Path: path, Err: err}
	}
	r := Root{Dev: unix.Mkdev(st.Dev_major, st.Dev_minor), Inode: st.Ino}
	if st.Mask&(unix.STATX_MNT_ID|unix.STATX_MNT_ID_UNIQUE) != 0 {
		r.MountID = st.Mnt_id
	}
	fs, err := statfs(path)
	if err != nil {
		return Root{}, 0, err
	}
	r.FSID = uint64(uint32(fs.Fsid.Val[0])) | uint64(uint32(fs.Fsid.Val[1]))<<32
	return r, st.Mode, nil
}

func statfs(path string) (fs unix.Statfs_t, err error) {
	if err := retry(func() error { return unix.Statfs(path, &fs) }); err != nil {
		return fs, &os.PathError{Op: "statfs", Path: path, Err: err}
	}
	return fs, nil
}

func retry(f func() error) error {
	for {
		if err := f(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func (linux) Probe(m Mount) (p Probed, err error) {
	var mode uint16
	if p.Root, mode, err = examine(m.Point); err != nil {
		return p, err
	}
	if p.Folder = mode&unix.S_IFMT == unix.S_IFDIR; !p.Folder {
		return p, nil
	}
	fs, err := statfs(m.Point)
	if err != nil {
		return p, err
	}
	unit := int64(fs.Frsize)
	if unit == 0 {
		unit = int64(fs.Bsize)
	}
	p.Capacity, p.Free = int64(fs.Blocks)*unit, int64(fs.Bavail)*unit
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return p, fmt.Errorf("this run of the system has no name: %w", err)
	}
	p.Boot = strings.TrimSpace(string(boot))
	if familyOf(m.Type) == block {
		probeBlock(m, &p)
		p.Traits.Born = born(m.Point)
		p.Mark = readMark(m.Point)
	}
	return p, nil
}

// probeBlock looks for the UUID and label where they can be had: from the file
// system itself, from udev's links and tables, and at last on the device. What
// may not be read is left out.
func probeBlock(m Mount, p *Probed) {
	d := findDevice(m)
	labelled := fromKernel(m, p)
	d.fromLinks(p)
	d.fromUdev(p)
	if p.UUID == "" || p.Label == "" && !labelled || p.FS == "" && m.Type == "fuseblk" {
		d.fromSuperblock(p)
	}
	d.fromSysfs(p)
	d.fromDisks(m, p)
	p.Traits.Serial, p.Traits.Size = d.serial(), d.size()
}

// fromKernel asks the mounted file system for its UUID (Linux 6.9 and later) and
// label. That needs no access to the device, so it works in containers. labelled
// tells that the label is known, even if there is none.
func fromKernel(m Mount, p *Probed) (labelled bool) {
	switch m.Type {
	case "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "bcachefs":
	default:
		return false // others answer nothing, or not with what their tools print
	}
	fd, err := unix.Open(m.Point, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	const (
		getUUID  = 2<<30 | 17<<16 | 0x15<<8         // _IOR(0x15, 0, struct fsuuid2)
		getLabel = 2<<30 | 256<<16 | 0x94<<8 | 0x31 // _IOR(0x94, 49, char[256])
	)
	var u struct {
		size uint8
		uuid [16]byte
	}
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), getUUID, uintptr(unsafe.Pointer(&u))); e == 0 && u.size == 16 {
		p.UUID = uuidText(u.uuid[:])
	}
	var label [256]byte
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), getLabel, uintptr(unsafe.Pointer(&label))); e == 0 {
		p.Label, labelled = text(label[:]), true
	}
	return labelled
}

// born returns when a folder was made, 0 where its file system does not keep that.
func born(path string) int64 {
	var st unix.Statx_t
	flags := unix.AT_SYMLINK_NOFOLLOW | unix.AT_NO_AUTOMOUNT | unix.AT_STATX_DONT_SYNC
	err := retry(func() error { return unix.Statx(unix.AT_FDCWD, path, flags, unix.STATX_BTIME, &st) })
	if err != nil || st.Mask&unix.STATX_BTIME == 0 {
		return 0
	}
	return st.Btime.Sec*1e9 + int64(st.Btime.Nsec)
}

func (linux) SetMark(point string, m Mark) error { return writeMark(point, m) }

func (linux) Readlink(path string) (string, bool, error) {
	target, err := os.Readlink(path)
	switch {
	case err == nil:
		return target, true, nil
	case errors.Is(err, unix.EINVAL):
		return "", false, nil
	}
	return "", false, err
}

// Watch waits in poll(2), which the kernel wakes with POLLPRI when anything is
// mounted or unmounted.
func (linux) Watch(ctx context.Context, changed func()) error {
	fd, err := unix.Open(mountTable, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: mountTable, Err: err}
	}
	defer unix.Close(fd)
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return os.NewSyscallError("eventfd", err)
	}
	defer unix.Close(wake)
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(woken)
		_, _ = unix.Write(wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // an eventfd that has room cannot fail
	})
	defer func() {
		if !stop() {
			<-woken // before its descriptor is closed
		}
	}()
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLPRI}, {Fd: int32(wake), Events: unix.POLLIN}}
	changed()
	for ctx.Err() == nil {
		err := retry(func() error { _, err := unix.Poll(fds, -1); return err })
		switch {
		case err != nil:
			return os.NewSyscallError("poll", err)
		case fds[0].Revents&unix.POLLNVAL != 0:
			return os.NewSyscallError("poll", unix.EBADF)
		case fds[0].Revents != 0:
			changed()
		}
	}
	return ctx.Err()
}
