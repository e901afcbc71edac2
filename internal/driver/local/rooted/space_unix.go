//go:build linux || darwin

package rooted

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/vfs"
)

const tellsSpace = true

func capacity(_ string, f *os.File) (s vfs.Space, err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return s, err
	}
	var st unix.Statfs_t
	var inner error
	if err := conn.Control(func(fd uintptr) { inner = unix.Fstatfs(int(fd), &st) }); err != nil {
		return s, err
	}
	return vfs.Space{Total: int64(st.Blocks) * int64(st.Bsize), Free: int64(st.Bavail) * int64(st.Bsize)}, inner
}
