package vfs

import (
	"context"
	"io"
	"os"
	"strings"
)

// Dir is an open folder of a volume that may be changed. It stays that folder
// wherever its name goes, so that nobody can lead a change elsewhere, and it may
// outlive its driver. Its methods take names, not paths: one component, see
// [ValidName]. They follow no symlink and never cross a mount. They are safe for
// concurrent use. Errors are those of [Driver], with the system's own number in
// the chain; a name that is taken and a thing that is in use (a mount point, a
// running program) are errs.Conflict, a volume, quota or table of inodes that is
// full is errs.Unavailable, a volume that cannot be written and an entry that is
// sealed are errs.Denied. Nothing is retried. What a method changed survives a
// power cut only after Sync.
//
// A Dir or Handle that wraps another one has a method Unwrap that returns it: so
// [DirAs] and [HandleAs] find what two of them have in common.
type Dir interface {
	io.Closer

	// Self examines the folder itself; Name is the one it was opened by.
	Self(ctx context.Context) (Entry, error)
	// Stat examines one entry; a symlink itself.
	Stat(ctx context.Context, name string) (Entry, error)
	// List is [Driver.List] of this folder.
	List(ctx context.Context, emit func(batch []Entry) error) error
	// Sub opens a folder in this one.
	Sub(ctx context.Context, name string) (Dir, error)
	// Open opens a regular file for reading, as [Driver.Open] does.
	Open(ctx context.Context, name string) (Handle, error)
	// Readlink returns a symlink's target, raw bytes.
	Readlink(ctx context.Context, name string) (string, error)

	// Create makes an empty file that was not there and opens it for reading and
	// writing. As everywhere the system takes its umask off mode, here and in
	// Mkdir; SetMeta sets a mode exactly.
	Create(ctx context.Context, name string, mode uint32) (WriteHandle, error)
	// Write opens a regular file that is there for reading and writing. It is for
	// files that the caller made itself, to go on with them: the name may have been
	// given to another file since, so compare what Stat of the handle tells before
	// the first byte.
	Write(ctx context.Context, name string) (WriteHandle, error)
	// Mkdir makes a folder that was not there.
	Mkdir(ctx context.Context, name string, mode uint32) error
	// Symlink makes a symlink that was not there; target is stored as it is.
	Symlink(ctx context.Context, name, target string) error
	// Link gives the file or symlink fromName in from, a folder of the same volume,
	// another name here that was not taken.
	Link(ctx context.Context, name string, from Dir, fromName string) error

	// Rename moves the entry name into the folder to of the same volume, as toName.
	// With NoReplace a toName that is taken is errs.Conflict and nothing happens;
	// with Exchange both entries exist and change places. Where the volume cannot
	// do it, or not without a risk for what others do in that very moment, it is
	// errs.Unsupported; after any error nothing happened. Some volumes (NFS) need
	// two steps for NoReplace, each of which replaces nothing but an empty folder
	// that somebody put there in between: after a crash both names may exist.
	Rename(ctx context.Context, name string, to Dir, toName string, how Renaming) error
	// Unlink removes the name of anything but a folder, which is errs.Unsupported.
	Unlink(ctx context.Context, name string) error
	// Rmdir removes an empty folder; one that is not empty is errs.Conflict.
	Rmdir(ctx context.Context, name string) error

	// Meta reads what an entry carries beside its bytes; of a symlink, its own.
	Meta(ctx context.Context, name string) (Meta, error)
	// SetMeta makes those parts of what a folder, file or symlink carries that parts
	// names equal to m; attributes that are not in m go. It does what the volume
	// can, looks at what came of it and returns the parts that are not as they
	// should be; an error means that something else went wrong. Where m has an
	// access list that is not set, the mode grants the group no more than the list
	// did.
	SetMeta(ctx context.Context, name string, m *Meta, parts Parts) (lost Parts, err error)

	// Sync returns when the names in the folder would survive a power cut.
	Sync(ctx context.Context) error
	// SyncAll does that for all that was written on the volume so far, bytes too,
	// through whatever handle. It tells of every write that failed since the Dir
	// was opened, whosever it was, so open it before writing; after an error nothing
	// that is not synced otherwise may be trusted. errs.Unsupported where there is
	// no such thing, or where it does not tell.
	SyncAll(ctx context.Context) error
}

// Guarded is a Dir that can tell beforehand whether its names may be changed.
type Guarded interface {
	// MayChange tells why this process may not take the name away, or, with "", give
	// one; nil: nothing is known that is against it.
	MayChange(ctx context.Context, name string) error
}

// Renaming says what Rename does with a name that is taken.
type Renaming uint8

// The ways to rename. There is none that replaces unseen.
const (
	NoReplace Renaming = iota
	Exchange
)

// WriteHandle is an open regular file that may be written, by one caller at a
// time but for ReadAt and WriteAt.
type WriteHandle interface {
	Handle
	io.Writer
	io.WriterAt
	// Truncate cuts the file, or lengthens it by a hole.
	Truncate(size int64) error
	// Allocate reserves room for the first size bytes, so that a full volume shows
	// itself early; the file's size stays. Not for files with holes.
	// errs.Unsupported where that cannot be done.
	Allocate(size int64) error
	// Clone makes the file, which is empty, share the bytes of from, all of them,
	// without copying; errs.Unsupported where the two cannot, and nothing happened.
	Clone(from Handle) error
	// CopyFrom has the volume copy up to n bytes itself, between these offsets; it
	// tells how many it copied, which may be fewer, and 0 at from's end or where the
	// system does not know better: compare with what Read tells. errs.Unsupported
	// where it cannot, and nothing was copied.
	CopyFrom(from Handle, fromOff, off, n int64) (int64, error)
	// SetMeta is [Dir.SetMeta] of the open file.
	SetMeta(m *Meta, parts Parts) (lost Parts, err error)
	// Sync returns when the bytes and what the file carries would survive a power
	// cut. After an error nobody knows what was kept: the file must be given up.
	Sync() error
	// Uncache makes later reads come from the medium, as far as the system does
	// that; call it after Sync.
	Uncache() error
}

// Streamer is a Handle that can be told it will be read from front to back.
type Streamer interface {
	Stream()
}

// Sparse is what a Handle is whose file may have holes. Not beside calls of
// Read, Write and Seek.
type Sparse interface {
	// NextData tells where bytes begin at or after off, and where they end; the
	// rest up to the file's end is holes. io.EOF: no more bytes. errs.Unsupported
	// where nobody knows.
	NextData(off int64) (start, end int64, err error)
}

// MetaReader is what a Handle is that tells what its file carries.
type MetaReader interface {
	Meta() (Meta, error)
}

// Parts are parts of a Meta.
type Parts uint16

// The parts.
const (
	PartMode     Parts = 1 << iota
	PartModified       // Modified, and Accessed where it is not 0
	PartOwner
	PartXattrs // extended attributes but the two below
	PartACL    // system.posix_acl_*
	PartLabels // security.*, trusted.*: need rights that few have; security.* not in m stay
	PartLinks  // names of one file stay names of one file
	PartHoles
	PartSymlinks
	PartCreated // no system lets us set it
)

// Meta is what an entry carries beside its bytes.
type Meta struct {
	Mode     uint32 // permission, setuid, setgid and sticky bits
	Modified int64  // ns since 1970
	Accessed int64  // ns since 1970; 0: unknown
	UID, GID uint32
	Xattrs   map[string][]byte // all of them, by full name: "user.comment", "system.posix_acl_access"
	// Expected, of SetMeta: unless nil, these attributes alone are set, or go, and only where
	// they are as it tells (nil: not there); else it is errs.Conflict. Others stay.
	Expected map[string][]byte `json:",omitzero"` // a journal keeps nil for nil
	// Sealed: the entry may not be removed, renamed or changed (chattr +i, +a).
	Sealed bool
}

// Writing is a volume's capability to be changed.
type Writing struct {
	// Dir opens the folder at path for changes in it.
	Dir func(ctx context.Context, path string) (Dir, error)
	// Keeps are the parts that the volume keeps, as far as its kind tells.
	Keeps Parts
	// TimeStep is the granularity of Modified in nanoseconds: 1, or 2e9 on FAT.
	TimeStep int64
	// MaxName is the longest name in bytes (Holds may be stricter), MaxFile the
	// largest file that this process may write; 0: no limit known.
	MaxName int
	MaxFile int64
	// Holds reports whether the volume can hold the name; nil: any that Valid has.
	Holds func(name string) bool
	// Same reports whether two names are the same entry; nil: when they are equal.
	Same func(a, b string) bool
	// Clones: Clone works between files of the volume.
	Clones bool
}

// ValidName reports whether name may name an entry of a folder: raw bytes, not
// empty, no '/' and no NUL, not "." and not "..".
func ValidName(name string) bool {
	return name != "" && strings.IndexByte(name, '/') < 0 && Valid(name)
}

// DirAs finds the first T among d and what it wraps.
func DirAs[T any](d Dir) (t T, ok bool) {
	for d != nil {
		if t, ok = d.(T); ok {
			return t, true
		}
		w, wraps := d.(interface{ Unwrap() Dir })
		if !wraps {
			break
		}
		d = w.Unwrap()
	}
	return t, false
}

// OSFile is the system's own open file behind h; nil: there is none. It is closed
// when h is.
func OSFile(h Handle) *os.File {
	if own, ok := HandleAs[interface{ OSFile() *os.File }](h); ok {
		return own.OSFile()
	}
	return nil
}

// HandleAs finds the first T among h and what it wraps: a [Sparse], say.
func HandleAs[T any](h Handle) (t T, ok bool) {
	for h != nil {
		if t, ok = h.(T); ok {
			return t, true
		}
		w, wraps := h.(interface{ Unwrap() Handle })
		if !wraps {
			break
		}
		h = w.Unwrap()
	}
	return t, false
}
