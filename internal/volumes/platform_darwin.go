package volumes

import (
	"encoding/binary"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

func (system) Mounts() ([]Mount, error) {
	n, err := unix.Getfsstat(nil, unix.MNT_NOWAIT)
	if err != nil {
		return nil, os.NewSyscallError("getfsstat", err)
	}
	table := make([]unix.Statfs_t, n+16)
	if n, err = unix.Getfsstat(table, unix.MNT_NOWAIT); err != nil {
		return nil, os.NewSyscallError("getfsstat", err)
	}
	var mounts []Mount
	for _, fs := range table[:n] {
		mounts = append(mounts, Mount{
			Dev: fmt.Sprintf("%d:%d", fs.Fsid.Val[0], fs.Fsid.Val[1]), Root: "/",
			Point: unix.ByteSliceToString(fs.Mntonname[:]), Source: unix.ByteSliceToString(fs.Mntfromname[:]),
			Type: unix.ByteSliceToString(fs.Fstypename[:]), ReadOnly: fs.Flags&unix.MNT_RDONLY != 0,
		})
	}
	return mounts, nil
}

func (system) Root(point string) (Root, error) {
	var st unix.Stat_t
	if err := unix.Lstat(point, &st); err != nil {
		return Root{}, &os.PathError{Op: "lstat", Path: point, Err: err}
	}
	return Root{Dev: uint64(uint32(st.Dev)), Inode: st.Ino}, nil
}

func (s system) Probe(m Mount) (p Probed, err error) {
	if p.Root, err = s.Root(m.Point); err != nil {
		return p, err
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(m.Point, &fs); err != nil {
		return p, &os.PathError{Op: "statfs", Path: m.Point, Err: err}
	}
	boot, err := unix.SysctlTimeval("kern.boottime")
	if err != nil {
		return p, os.NewSyscallError("sysctl", err)
	}
	p.Folder, p.Boot = true, fmt.Sprint(boot.Sec)
	p.Capacity, p.Free = int64(fs.Blocks)*int64(fs.Bsize), int64(fs.Bavail)*int64(fs.Bsize)
	p.UUID, p.Mark = volumeUUID(m.Point), readMark(m.Point)
	p.Traits.Size = p.Capacity
	p.Removable = m.Point != "/" && familyOf(m.Type) == block && !isSystem(m.Point)
	return p, nil
}

// volumeUUID asks getattrlist(2) for ATTR_VOL_UUID; "" where there is none.
func volumeUUID(point string) string {
	path, err := unix.BytePtrFromString(point)
	if err != nil {
		return ""
	}
	want := struct {
		count, reserved               uint16
		common, vol, dir, file, forks uint32
	}{count: 5, vol: 0x80000000 | 0x00040000} // ATTR_VOL_INFO | ATTR_VOL_UUID
	var got [20]byte // length, UUID
	_, _, errno := unix.Syscall6(unix.SYS_GETATTRLIST, uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&want)),
		uintptr(unsafe.Pointer(&got)), unsafe.Sizeof(got), 0, 0)
	if errno != 0 || binary.NativeEndian.Uint32(got[:]) != uint32(len(got)) {
		return ""
	}
	return uuidText(got[4:])
}
