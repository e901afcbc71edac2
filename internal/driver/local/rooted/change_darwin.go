package rooted

import (
	"math"
	"os"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/vfs"
)

const errNoAttr = unix.ENOATTR

const unixParts = vfs.PartMode | vfs.PartModified | vfs.PartOwner | vfs.PartXattrs | vfs.PartLinks | vfs.PartSymlinks

func (d *Driver) kindOfVolume() kind {
	k := kind{keeps: vfs.PartModified, step: 1_000_000_000, maxName: 255} // somebody else's
	var fs unix.Statfs_t
	if unix.Statfs(d.path, &fs) != nil {
		return k
	}
	switch unix.ByteSliceToString(fs.Fstypename[:]) {
	case "apfs":
		k.keeps, k.step, k.maxName = unixParts, 1, 765 // 255 characters
	case "hfs":
		k.keeps, k.maxName = unixParts, 765
	case "msdos":
		k.step, k.maxName, k.maxFile = 2_000_000_000, 765, math.MaxUint32
	case "exfat":
		k.step, k.maxName = 2_000_000_000, 765
	}
	return k
}

func renameExclusive(from int, name string, to int, toName string, how vfs.Renaming) error {
	flags := uint32(unix.RENAME_EXCL)
	if how == vfs.Exchange {
		flags = unix.RENAME_SWAP
	}
	return unix.RenameatxNp(from, name, to, toName, flags)
}

// uncache has the file read from the medium from now on.
func uncache(f *os.File) error {
	return withFD(f, func(fd int) error {
		_, err := unix.FcntlInt(uintptr(fd), unix.F_NOCACHE, 1)
		return err
	})
}
