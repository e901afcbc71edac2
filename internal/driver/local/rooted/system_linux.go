package rooted

import (
	"io/fs"
	"syscall"

	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	stableInodes = true
	foldsCase    = false
)

// describe adds what only this system tells, and returns the device.
func describe(e *vfs.Entry, fi fs.FileInfo) (dev uint64) {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	e.Inode, e.Links = st.Ino, uint32(st.Nlink)
	e.Changed = st.Ctim.Nano()
	return uint64(st.Dev)
}
