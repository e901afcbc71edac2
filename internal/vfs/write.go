package vfs

import (
	"context"
	"io"
)

// Dir is an open folder of a volume that may be changed. It stays that folder
// wherever its name goes, so that nobody can lead a change elsewhere. Its
// methods take names, not paths: one component, as [Valid] has it, never "".
// They follow no symlink and never cross a mount. They are safe for concurrent
// use. Errors are those of [Driver]; a name that is taken is errs.Conflict, a
// full volume errs.Unavailable, a volume that cannot be written errs.Denied.
// Nothing is retried. What a method changed survives a power cut only after Sync.
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

	// Create makes an empty file that was not there and opens it.
	Create(ctx context.Context, name string, mode uint32) (WriteHandle, error)
	// Write opens a regular file that is there for reading and writing. It is for
	// files that the caller made itself, to go on with them.
	Write(ctx context.Context, name string) (WriteHandle, error)
	// Mkdir makes a folder that was not there.
	Mkdir(ctx context.Context, name string, mode uint32) error
	// Symlink makes a symlink that was not there; target is stored as it is.
	Symlink(ctx context.Context, name, target string) error
	// Link gives the file fromName in from, a folder of the same volume, another
	// name here that was not taken.
	Link(ctx context.Context, name string, from Dir, fromName string) error

	// Rename moves the entry name into the folder to of the same volume, as toName.
	// With NoReplace a toName that is taken is errs.Conflict and nothing happens;
	// with Exchange both entries exist and change places. Where the volume cannot
	// do it as one step that nobody can come between it is errs.Unsupported, and
	// nothing happened.
	Rename(ctx context.Context, name string, to Dir, toName string, how Renaming) error
	// Unlink removes the name of anything but a folder.
	Unlink(ctx context.Context, name string) error
	// Rmdir removes an empty folder; one that is not empty is errs.Conflict.
	Rmdir(ctx context.Context, name string) error

	// Meta reads what an entry carries beside its bytes; of a symlink, its own.
	Meta(ctx context.Context, name string) (Meta, error)
	// SetMeta sets those parts of what a folder, file or symlink carries that part
	// names. It does what the volume can and returns the parts that it cannot keep;
	// an error means that something else went wrong.
	SetMeta(ctx context.Context, name string, m *Meta, parts Parts) (lost Parts, err error)

	// Sync returns when the names in the folder would survive a power cut.
	Sync(ctx context.Context) error
	// SyncAll does that for all that was written on the volume so far, bytes too.
	// errs.Unsupported where there is no such thing.
	SyncAll(ctx context.Context) error
}

// Renaming says what Rename does with a name that is taken.
type Renaming uint8

// The ways to rename. There is none that replaces unseen.
const (
	NoReplace Renaming = iota
	Exchange
)

// WriteHandle is an open regular file that may be written.
type WriteHandle interface {
	Handle
	io.Writer
	io.WriterAt
	// Truncate cuts the file, or lengthens it by a hole.
	Truncate(size int64) error
	// Allocate reserves room for size bytes, so that a full volume shows itself
	// early. errs.Unsupported where that cannot be done.
	Allocate(size int64) error
	// Clone makes the file share the bytes of from, all of them, without copying;
	// errs.Unsupported where the two cannot, and nothing happened.
	Clone(from Handle) error
	// CopyFrom has the volume copy up to n bytes itself, between these offsets; it
	// tells how many it copied, which may be fewer. errs.Unsupported where it cannot.
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

// Sparse is what a Handle is whose file may have holes.
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
	PartLabels // security.*, trusted.*: need rights that few have
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
	// Sealed: the entry may not be removed, renamed or changed (chattr +i, +a).
	Sealed bool
}

// Writing is a volume's capability to be changed.
type Writing struct {
	// Dir opens the folder at path for changes in it.
	Dir func(ctx context.Context, path string) (Dir, error)
	// Keeps are the parts that the volume keeps, as far as its kind tells.
	Keeps Parts
	// TimeStep is the granularity of times in nanoseconds: 1, or 2e9 on FAT.
	TimeStep int64
	// MaxName is the longest name in bytes, MaxFile the largest file; 0: no limit known.
	MaxName int
	MaxFile int64
	// Holds reports whether the volume can hold the name; nil: any that Valid has.
	Holds func(name string) bool
	// Same reports whether two names are the same entry; nil: when they are equal.
	Same func(a, b string) bool
	// Clones: Clone works between files of the volume.
	Clones bool
}
