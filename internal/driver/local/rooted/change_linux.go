package rooted

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/vfs"
)

const errNoAttr = unix.ENODATA

// kindOfVolume: this system has a driver of its own, and runs this one in tests.
func (d *Driver) kindOfVolume() kind {
	return kind{
		keeps:   vfs.PartMode | vfs.PartModified | vfs.PartOwner | vfs.PartXattrs | vfs.PartACL | vfs.PartLinks | vfs.PartSymlinks,
		step:    1,
		maxName: 255,
	}
}

func renameExclusive(from int, name string, to int, toName string, how vfs.Renaming) error {
	flags := uint(unix.RENAME_NOREPLACE)
	if how == vfs.Exchange {
		flags = unix.RENAME_EXCHANGE
	}
	return unix.Renameat2(from, name, to, toName, flags)
}

func uncache(f *os.File) error {
	return withFD(f, func(fd int) error { return unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED) })
}
