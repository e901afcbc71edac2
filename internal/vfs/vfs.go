// Package vfs defines the small interface every volume speaks, whatever stands
// behind it: a local disk, a cloud bucket, a peer. It knows no database, no
// catalogue and no operating system.
//
// A path is relative to the driver's root, its components joined by '/', with
// no leading slash; the root itself is "". Components are raw bytes in a Go
// string: any bytes but '/' and NUL, never "." or "..", never empty. [Valid]
// tells; drivers refuse other paths with errs.Invalid.
package vfs

import (
	"context"
	"io"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
)

// Kind tells what an entry is. The numbers are stored in catalogues.
type Kind uint8

// The kinds of entries.
const (
	Unknown Kind = iota
	File
	Folder
	Symlink
	FIFO
	Socket
	CharDevice
	BlockDevice
)

var kindNames = [...]string{"unknown", "file", "folder", "symlink", "fifo", "socket", "char_device", "block_device"}

// String returns the wire name of k, such as "folder".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[0]
}

// Entry is one file, folder, symlink or special file as its volume shows it
// now. Times are nanoseconds since 1970 UTC, 0 where the volume knows none.
type Entry struct {
	Name     string // base name, raw bytes; "" for the driver's root
	Kind     Kind
	Size     int64  // bytes of a file; length of a symlink's target; 0 else
	Mode     uint32 // permission and setuid/setgid/sticky bits (st_mode & 07777)
	Modified int64
	Changed  int64 // ctime: last change of bytes or attributes
	Created  int64
	Inode    uint64 // 0 where the volume has no stable numbers
	Links    uint32
	Mount    bool // a folder on which another file system is mounted: List refuses it with errs.Unsupported
}

// Driver gives access to the entries of one volume. All methods are safe for
// concurrent use, take paths as described in the package comment, never follow
// a symlink in any component, and never leave the driver's root. Errors are
// *errs.Error with Kind NotFound, Denied, Invalid, Unavailable (the volume is
// gone), Unsupported or Internal (I/O error). A driver does not retry.
type Driver interface {
	// List calls emit with the children of the folder dir, in batches and in no
	// order, until all are told or emit returns an error (returned as is). The
	// batch and its backing array belong to the driver again when emit returns;
	// the Name strings may be kept. A nil result means the listing was complete;
	// after any error what was emitted must be taken for incomplete. A child
	// that vanishes meanwhile is left out; a child that cannot be examined is
	// emitted with Kind from the directory if known and zero values.
	List(ctx context.Context, dir string, emit func(batch []Entry) error) error

	// Stat examines one entry; a symlink itself, not its target.
	Stat(ctx context.Context, path string) (Entry, error)

	// Open opens a regular file for reading; anything else is errs.Unsupported
	// (a FIFO or device is never opened). The caller closes the Handle.
	Open(ctx context.Context, path string) (Handle, error)

	// Features tells the optional capabilities. Ask before use: nil means no.
	Features() Features

	// Close releases the root. Calls under way may fail.
	Close() error
}

// Handle is an open regular file.
type Handle interface {
	io.Reader
	io.ReaderAt
	io.Seeker
	io.Closer
	// Stat examines the open file itself, wherever its name went since.
	Stat() (Entry, error)
}

// Features are a driver's optional capabilities.
type Features struct {
	// StableInodes: an entry keeps its Inode while it exists, and across remounts.
	StableInodes bool
	// CaseFolding: names that differ only in case are the same entry.
	CaseFolding bool
	// Readlink returns a symlink's target, raw bytes.
	Readlink func(ctx context.Context, path string) (string, error)
	// Space tells the volume's capacity.
	Space func(ctx context.Context) (Space, error)
	// Writing changes the volume; nil where that cannot be done at all. A volume
	// that is mounted read-only may have it: then changes are errs.Denied.
	Writing *Writing
}

// Space is a volume's capacity in bytes.
type Space struct {
	Total, Free int64 // Free: what this user may still write
	Files       int64 // how many more files there may be; 0: unknown, -1: none
}

// Valid reports whether path has the form the package comment describes.
func Valid(path string) bool {
	if path == "" {
		return true
	}
	if strings.IndexByte(path, 0) >= 0 {
		return false
	}
	for c := range strings.SplitSeq(path, "/") {
		if c == "" || c == "." || c == ".." {
			return false
		}
	}
	return true
}

// Check returns an errs.Invalid error unless path is Valid.
func Check(op, path string) error {
	if Valid(path) {
		return nil
	}
	return &errs.Error{Op: op, Path: path, Kind: errs.Invalid, Err: errBadPath}
}

var errBadPath = errs.New(errs.Invalid, "not a path inside a volume (no empty, \".\" or \"..\" component, no NUL)")

// Join appends the component name to dir.
func Join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// Split returns the parent folder and the base name of path.
func Split(path string) (dir, name string) {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}
