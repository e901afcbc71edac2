package volumes

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

func (system) Mounts() ([]Mount, error) {
	bits, err := windows.GetLogicalDrives()
	if err != nil {
		return nil, os.NewSyscallError("GetLogicalDrives", err)
	}
	var mounts []Mount
	for i := range 26 {
		if bits&(1<<i) == 0 {
			continue
		}
		point := string(rune('A'+i)) + ":/"
		m := Mount{Dev: point, Root: "/", Point: point, Source: point}
		switch driveType(point) {
		case windows.DRIVE_REMOTE:
			m.Type, m.Source = "cifs", "" // a letter is no share
		case windows.DRIVE_CDROM:
			m.Type = "udf"
		}
		mounts = append(mounts, m)
	}
	return mounts, nil
}

func driveType(point string) uint32 {
	root, err := windows.UTF16PtrFromString(filepath.FromSlash(point))
	if err != nil {
		return windows.DRIVE_UNKNOWN
	}
	return windows.GetDriveType(root)
}

// information is what GetVolumeInformation tells.
type information struct {
	serial    uint32
	label, fs string
}

func volumeInformation(point string) (v information, err error) {
	root, err := windows.UTF16PtrFromString(filepath.FromSlash(point))
	if err != nil {
		return v, err
	}
	var label, fs [windows.MAX_PATH + 1]uint16
	var flags, length uint32
	if err := windows.GetVolumeInformation(root, &label[0], uint32(len(label)), &v.serial, &length, &flags, &fs[0], uint32(len(fs))); err != nil {
		return v, &os.PathError{Op: "GetVolumeInformation", Path: point, Err: err}
	}
	v.label, v.fs = windows.UTF16ToString(label[:]), windows.UTF16ToString(fs[:])
	return v, nil
}

func (system) Root(point string) (Root, error) {
	v, err := volumeInformation(point)
	return Root{Dev: uint64(v.serial)}, err
}

func (system) Probe(m Mount) (p Probed, err error) {
	v, err := volumeInformation(m.Point)
	if err != nil {
		return p, err
	}
	p = Probed{Root: Root{Dev: uint64(v.serial)}, Folder: true, Label: v.label, FS: v.fs, Removable: driveType(m.Point) == windows.DRIVE_REMOVABLE}
	p.UUID = fmt.Sprintf("%04X-%04X", v.serial>>16, v.serial&0xffff)
	root, err := windows.UTF16PtrFromString(filepath.FromSlash(m.Point))
	if err != nil {
		return p, err
	}
	var free, total, all uint64
	if err := windows.GetDiskFreeSpaceEx(root, &free, &total, &all); err != nil {
		return p, &os.PathError{Op: "GetDiskFreeSpaceEx", Path: m.Point, Err: err}
	}
	p.Capacity, p.Free = int64(total), int64(free)
	p.Mark, p.Traits.Size = readMark(m.Point), p.Capacity
	return p, nil
}
