package content

import (
	"encoding/binary"
	"hash/fnv"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	fiemapAsk    = 0xc020660b // FS_IOC_FIEMAP
	fiemapMost   = 64         // extents of one answer
	fiemapRounds = 32         // answers that are asked for
	extentLast   = 0x1
	extentVague  = 0x2 | 0x4 | 0x100 | 0x200 // unknown, not written yet, not aligned, within the inode
)

// extent is struct fiemap_extent.
type extent struct {
	logical, physical, length uint64
	_                         [2]uint64
	flags                     uint32
	_                         [3]uint32
}

// extentMap is struct fiemap with room for extents.
type extentMap struct {
	start, length        uint64
	flags, mapped, count uint32
	_                    uint32
	extents              [fiemapMost]extent
}

// lies returns a hash of where the blocks of an open file lie on its volume; 0 where
// that is not known, or files of the volume cannot share blocks. It flushes nothing.
func lies(h vfs.Handle) (hash int64) {
	f := vfs.OSFile(h)
	if f == nil {
		return 0
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return 0
	}
	_ = conn.Control(func(fd uintptr) {
		if shares(int(fd)) {
			hash = extentsOf(fd)
		}
	})
	return hash
}

// shares reports whether files of the file system can share blocks.
func shares(fd int) bool {
	var st unix.Statfs_t
	if err := unix.Fstatfs(fd, &st); err != nil {
		return false
	}
	switch uint32(st.Type) {
	case unix.BTRFS_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.OCFS2_SUPER_MAGIC, 0xca451a4e: // bcachefs
		return true
	}
	return false
}

func extentsOf(fd uintptr) int64 {
	sum := fnv.New64a()
	var last extent // with those that follow it without a gap
	note := func() {
		var b [24]byte
		binary.LittleEndian.PutUint64(b[:], last.logical)
		binary.LittleEndian.PutUint64(b[8:], last.physical)
		binary.LittleEndian.PutUint64(b[16:], last.length)
		_, _ = sum.Write(b[:]) // a hash never fails
	}
	some := false
	m := new(extentMap)
	for range fiemapRounds {
		m.length, m.count = ^uint64(0)-m.start, fiemapMost
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, fiemapAsk, uintptr(unsafe.Pointer(m))); errno != 0 || m.mapped == 0 || m.mapped > fiemapMost {
			return 0
		}
		for _, e := range m.extents[:m.mapped] {
			switch {
			case e.flags&extentVague != 0 || e.physical == 0:
				return 0
			case some && e.logical == last.logical+last.length && e.physical == last.physical+last.length:
				last.length += e.length
			default:
				if some {
					note()
				}
				last, some = e, true
			}
			if e.flags&extentLast != 0 {
				note()
				return int64(sum.Sum64()) | 1 // never 0
			}
			m.start = e.logical + e.length
		}
	}
	return 0 // in so many pieces that they are not counted
}
