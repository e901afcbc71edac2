package rooted

import (
	"io/fs"
	"syscall"

	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	stableInodes = true
	foldsCase    = true // APFS and HFS+ as they are usually made
)

// describe adds what only this system tells, and returns the device.
func describe(e *vfs.Entry, fi fs.FileInfo) (dev uint64) {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	e.Inode, e.Links = st.Ino, uint32(st.Nlink)
	e.Changed, e.Created = st.Ctimespec.Nano(), st.Birthtimespec.Nano()
	return uint64(uint32(st.Dev))
}
