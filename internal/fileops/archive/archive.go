// Package archive packs files into archives and unpacks them, with safe names and
// bounds on what comes out. It knows volumes and errors, no catalogue and no journal. What
// is in an archive is never trusted.
package archive

import (
	"context"
	"io"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

var errNotYet = errs.New(errs.Unsupported, "not built yet")

// Format is a kind of archive, by its usual extension without the dot.
type Format string

// The formats. Those above the line can be made, all can be read.
const (
	Zip    Format = "zip"
	TarGz  Format = "tar.gz"
	TarZst Format = "tar.zst"
	Tar    Format = "tar"

	TarXz    Format = "tar.xz"
	TarBz2   Format = "tar.bz2"
	SevenZip Format = "7z"
	Rar      Format = "rar"
	Single   Format = "single" // one packed file: notes.txt.gz
)

// Member is one thing in an archive.
type Member struct {
	Path     string   // where it would come, below the target; "" if it is refused
	Told     string   // the name as the archive has it
	Kind     vfs.Kind // File, Folder, Symlink, or Unknown for what is never made
	Size     int64    // of a file, as the archive tells; -1: not told
	Mode     uint32   // permission bits
	Modified int64    // ns since 1970; 0: not told
	Target   string   // of a symlink
	Refused  string   // why it is not unpacked, in words; "": it is
}

// Caps bound what may come out of an archive. The zero value has usable ones.
type Caps struct {
	Members int64 // default 1,000,000
	Bytes   int64 // all files together, default 1 TiB
	Ratio   int64 // bytes that come out per byte of the archive, default 1,000 (from 16 MiB on)
}

// Detect tells the format of an open archive by its first bytes; name helps with
// a packed single file. errs.Unsupported: it is none that can be read.
func Detect(h io.ReaderAt, size int64, name string) (Format, error) { return "", errNotYet }

// List emits the members of an archive in its order. Packed tars must be unpacked
// to be listed: caps bound that, too.
func List(ctx context.Context, h io.ReaderAt, size int64, name string, caps Caps, emit func(Member) error) error {
	return errNotYet
}

// ExtractOptions are those of Extract.
type ExtractOptions struct {
	Caps     Caps
	Symlinks bool // make symlinks that stay inside the target; else they are refused
	Target   *vfs.Writing
	// Progress tells how many bytes and members came out by now.
	Progress func(bytes, members int64)
	Password string
}

// Extracted is what came out.
type Extracted struct {
	Files, Folders, Symlinks, Bytes int64
	Refused                         int64
	Refusals                        []Member // the first hundred, with the reason
}

// Extract unpacks an archive into a folder that is empty and the caller's own,
// such as one under a private name: nothing in it is under a final name before
// the caller renames it. When it returns nil everything is synced. After an error the
// folder holds a part and is the caller's to destroy. Kinds: Invalid, damaged or
// over a cap; Unsupported, unknown or encrypted; those of vfs.
func Extract(ctx context.Context, h io.ReaderAt, size int64, name string, into vfs.Dir, o ExtractOptions) (Extracted, error) {
	return Extracted{}, errNotYet
}

// Source is one thing to be packed.
type Source struct {
	Driver vfs.Driver
	Path   string    // where it is
	As     string    // its path in the archive, with '/'
	Seen   vfs.Entry // files that are another by now are errs.Conflict
}

// Compress writes an archive of the sources, in their order, to w. next returns
// io.EOF after the last one. It is made to be called in copier.Piece.Make. FIFOs,
// sockets and devices are errs.Unsupported: leave them out before.
func Compress(ctx context.Context, w io.Writer, f Format, next func() (Source, error), progress func(bytes int64)) error {
	return errNotYet
}
