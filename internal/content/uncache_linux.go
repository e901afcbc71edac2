package content

import (
	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/vfs"
)

// uncache has the system forget what it keeps of a file in memory, as far as that
// is on the disk, so that it is read from there. Where that cannot be had, it is
// read from wherever it is.
func uncache(h vfs.Handle) {
	f := vfs.OSFile(h)
	if f == nil {
		return
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) { _ = unix.Fadvise(int(fd), 0, 0, unix.FADV_DONTNEED) })
}
