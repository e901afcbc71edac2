package local

import (
	"context"
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/vfs"
)

// kind is what a type of file system is known for. What can be asked of the
// volume itself is not in here.
type kind struct {
	keeps    vfs.Parts
	step     int64 // of times
	utf16    bool  // names are up to 255 units of UTF-16, without what Windows forbids
	syncs    bool  // syncfs brings everything to the medium
	remote   bool  // names are on the server when the call returns
	clones   bool
	ext      bool // ext2, ext3, ext4
	fullAt4G bool
}

const (
	posixParts = vfs.PartMode | vfs.PartModified | vfs.PartOwner | vfs.PartLinks | vfs.PartHoles | vfs.PartSymlinks
	second     = 1_000_000_000

	// file systems that x/sys has no number of
	magicNTFS3    = 0x7366746e
	magicBcacheFS = 0xca451a4e
	magicZFS      = 0x2fc12fc1
	magicHFSPlus  = 0x482b
	magicUBIFS    = 0x24051905
)

func kindOfVolume(number uint32) kind {
	switch number {
	case unix.EXT4_SUPER_MAGIC:
		return kind{keeps: posixParts, step: 1, syncs: true, ext: true}
	case unix.TMPFS_MAGIC, unix.F2FS_SUPER_MAGIC, unix.NILFS_SUPER_MAGIC, magicBcacheFS, magicUBIFS:
		return kind{keeps: posixParts, step: 1, syncs: true}
	case unix.RAMFS_MAGIC: // does not tell of holes
		return kind{keeps: posixParts &^ vfs.PartHoles, step: 1}
	case unix.OVERLAYFS_SUPER_MAGIC, magicZFS, unix.REISERFS_SUPER_MAGIC:
		return kind{keeps: posixParts, step: 1}
	case unix.BTRFS_SUPER_MAGIC, unix.XFS_SUPER_MAGIC:
		return kind{keeps: posixParts, step: 1, syncs: true, clones: true}
	case unix.MSDOS_SUPER_MAGIC:
		return kind{keeps: vfs.PartModified, step: 2 * second, utf16: true, syncs: true, fullAt4G: true}
	case unix.EXFAT_SUPER_MAGIC:
		return kind{keeps: vfs.PartModified, step: second / 100, utf16: true, syncs: true}
	case magicNTFS3:
		return kind{keeps: posixParts &^ vfs.PartHoles, step: 100, utf16: true, syncs: true}
	case magicHFSPlus:
		return kind{keeps: posixParts &^ vfs.PartHoles, step: second, syncs: true}
	case unix.NFS_SUPER_MAGIC:
		return kind{keeps: posixParts &^ vfs.PartOwner, step: 1, remote: true}
	case unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.SMB_SUPER_MAGIC:
		return kind{keeps: vfs.PartModified, step: 100, utf16: true, remote: true}
	case unix.V9FS_MAGIC:
		return kind{keeps: vfs.PartMode | vfs.PartModified | vfs.PartSymlinks | vfs.PartLinks, step: 1, remote: true}
	case unix.FUSE_SUPER_MAGIC: // sshfs, ntfs-3g, a phone: nobody knows
		return kind{keeps: vfs.PartMode | vfs.PartModified | vfs.PartSymlinks, step: second, remote: true}
	}
	return kind{keeps: posixParts, step: 1} // some Unix file system
}

// probeWriting learns what the volume of the root keeps. fd is an O_PATH one.
func (d *Driver) probeWriting(fd int, stx *unix.Statx_t, fs *unix.Statfs_t) {
	k := kindOfVolume(magic(fs))
	if magic(fs) == unix.EXT4_SUPER_MAGIC && stx.Mask&unix.STATX_BTIME == 0 {
		k.step = second // inodes of 128 bytes, as ext3 made them: no room for more
	}
	if k.clones && magic(fs) == unix.XFS_SUPER_MAGIC {
		k.clones = xfsClones(fd)
	}
	k.syncs = k.syncs && kernelAtLeast(5, 8) // before that syncfs told of no failed write
	d.kind = k
	d.writing = vfs.Writing{
		Dir:      d.openDir,
		Keeps:    k.keeps | xattrParts(fd),
		TimeStep: k.step,
		MaxName:  int(max(fs.Namelen, 0)),
		MaxFile:  d.maxFile(k, fs),
		Clones:   k.clones,
	}
	if k.utf16 {
		d.writing.MaxName = 3 * utf16Name
		d.writing.Holds = holdsUTF16
	}
	if d.folding {
		d.writing.Same = strings.EqualFold
	}
}

// maxFile is the largest file, as the volume has it, or the limit of this
// process, which the kernel would enforce by a signal that ends it.
func (d *Driver) maxFile(k kind, fs *unix.Statfs_t) int64 {
	most := int64(0)
	switch {
	case k.fullAt4G:
		most = math.MaxUint32
	case magic(fs) == unix.EXT4_SUPER_MAGIC:
		most = math.MaxUint32 * int64(fs.Bsize) // 32 bits number the blocks of a file
	}
	d.limit = math.MaxInt64
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_FSIZE, &r) == nil && r.Cur < math.MaxInt64 {
		d.limit = int64(r.Cur)
		if most == 0 || d.limit < most {
			most = d.limit
		}
	}
	return most
}

// xattrParts asks the root for attributes it hardly has: a volume that knows the
// kind says that there is none, others that they do not do that.
func xattrParts(fd int) (parts vfs.Parts) {
	for name, part := range map[string]vfs.Parts{
		"user.stardrive.probe": vfs.PartXattrs, vfs.AttrACL: vfs.PartACL, "security.capability": vfs.PartLabels,
	} {
		if _, err := unix.Getxattr(procPath(fd), name, nil); err == nil || err == unix.ENODATA {
			parts |= part
		}
	}
	return parts
}

// xfsClones reads the flags of an XFS: it shares blocks if it was made to.
func xfsClones(fd int) bool {
	const (
		geometry = 0x80705864 // XFS_IOC_FSGEOMETRY_V1
		flagsAt  = 92
		reflink  = 1 << 20
	)
	open, err := unix.Openat(fd, ".", reading|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer closeFD(open)
	var buf [112]byte
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(open), geometry, uintptr(unsafe.Pointer(&buf)))
	return errno == 0 && binary.NativeEndian.Uint32(buf[flagsAt:])&reflink != 0
}

func kernelAtLeast(major, minor int) bool {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return false
	}
	have, rest := number(unix.ByteSliceToString(u.Release[:]))
	second, _ := number(strings.TrimPrefix(rest, "."))
	return have > major || have == major && second >= minor
}

func number(s string) (n int, rest string) {
	for s != "" && '0' <= s[0] && s[0] <= '9' && n < 1e6 {
		n, s = n*10+int(s[0]-'0'), s[1:]
	}
	return n, s
}

const utf16Name = 255

// holdsUTF16 knows the names of FAT, exFAT, NTFS and SMB. They are text; a dot or
// space at the end would be taken off without a word.
func holdsUTF16(name string) bool {
	if !utf8.ValidString(name) || strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") {
		return false
	}
	units := 0
	for _, r := range name {
		if r < ' ' || strings.ContainsRune(`"*/:<>?\|`, r) {
			return false
		}
		if units++; r > math.MaxUint16 {
			units++
		}
	}
	return units > 0 && units <= utf16Name
}

// openDir opens the folder at path for changes in it.
func (d *Driver) openDir(ctx context.Context, path string) (vfs.Dir, error) {
	if err := begin(ctx, "open folder", path); err != nil {
		return nil, err
	}
	fd, err := d.openFolder(path, reading)
	if err == unix.EACCES { // one may be allowed to put things in and not to look
		fd, err = d.openFolder(path, passing)
	}
	if err != nil {
		return nil, d.trouble("open folder", path, -1, "", err)
	}
	return &dir{d: d, path: path, handle: handle{fd: fd}}, nil
}
