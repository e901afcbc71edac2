// Package copier writes files: the one path by which bytes come under a final
// name. A piece is first written in full under a private name beside its place,
// synced, compared and, when asked, read back; only then is it given its name, in
// one step that replaces nothing it was not told to. It knows volumes and errors,
// no catalogue and no journal: the caller notes what is about to happen before,
// and what happened after.
package copier

import (
	"context"
	"io"
	"sync"

	"github.com/stardrive/stardrive/internal/vfs"
)

// Hash is the BLAKE3 hash of all bytes of a file.
type Hash [32]byte

// Piece is one file or symlink that is to come under a name. What it is made of
// is told by exactly one of From, Make and Link.
type Piece struct {
	// From and Path name the source, Seen is how it was seen when the work was
	// planned: a file or a symlink. Another (kind, size, times, inode) is
	// errs.Conflict, and nothing is written.
	From vfs.Driver
	Path string
	Seen vfs.Entry
	// Drift allows the source to be another than Seen as long as it is of the same
	// kind: then what is copied is what could be read without it changing meanwhile.
	Drift bool

	// Make writes the bytes of a new file to w, one stream from the beginning. It
	// may be called again from the start after a failure, unless Once is set. Meta
	// is what the file shall carry, of it the parts MetaParts.
	Make      func(ctx context.Context, w io.Writer) error
	Once      bool
	Meta      vfs.Meta
	MetaParts vfs.Parts

	// Like is a file on the target volume that is said to hold the same bytes. Where
	// it does, which is compared byte by byte, the piece shares them with it and
	// nothing is written; else it is copied as if there were none.
	Like *Linked

	// Link makes the piece another name of a file that stands on the target volume
	// already. From, Path and Seen may be given as well: they are copied where the
	// volume has no hard links.
	Link *Linked

	Into vfs.Dir // the folder where it comes; the caller keeps it open
	// Volume tells the volume of Into from others, by any name. One Write takes
	// pieces of one volume only, since they are synced together.
	Volume string
	Name   string // the final name
	// Temp is the name it has in Into while it is written; see vfs.PrivateName. The caller
	// notes it durably before Write, so that it can be found after a power cut.
	Temp string
	// Over is what Place may replace, by identity; nil: nothing may be there.
	Over *vfs.Entry

	Keep Keep
	// Resume goes on with a Temp that was left behind: what was told to
	// Options.Checkpoint, in that order. Seen must be the one of then.
	Resume []Chunk
}

// Linked is a file that stands on the target volume.
type Linked struct {
	Dir  vfs.Dir
	Name string
	Is   vfs.Entry // compared by Same, but for the time of change
}

// Keep says what is kept of a source beyond what always is: mode, times, xattrs,
// ACLs, holes.
type Keep struct {
	Owner  bool // owner and group, which mostly needs rights
	Setuid bool // setuid and setgid bits, which are dropped else
	Labels bool // security.* and trusted.*, which mostly need rights
}

// Chunk says that the file was written up to End, and that Hash is the hash of
// its bytes from the beginning to there.
type Chunk struct {
	End  int64
	Hash Hash
}

// Options are those of one Write.
type Options struct {
	Target *vfs.Writing // facts of the target volume; nil: it is tried out
	Hash   Hashing
	// Verify reads everything back from the medium and compares its hash with that
	// of the source's bytes.
	Verify bool
	// Every is the distance of checkpoints in bytes, whole MiB; 0: ChunkSize.
	Every int64
	// Offload has the volume copy by itself where it can (CopyFrom), though the
	// source is read to be hashed as well. Good for volumes across a network.
	Offload bool
	// NoClone: bytes are copied even where they could be shared.
	NoClone bool
	// Limits bound what is written, and read back to be verified, each together with
	// all others that share it.
	Limits []*Limit
	// Parallel is how many small files are written at a time; 0: 4. Large files are
	// written one after another.
	Parallel int
	// Progress tells how many bytes of a piece are written and verified by now; they
	// begin anew when a piece is tried again. It is called by several goroutines.
	Progress func(piece int, written, verified int64)
	// Stop is asked between blocks; an error ends that piece with it.
	Stop func(piece int) error
	// Checkpoint is told every Every bytes of a large file what to note for Resume; an error ends the piece. With it set, the temp of a piece that was
	// stopped or failed after a checkpoint is left (Written.Left).
	Checkpoint func(piece int, c Chunk) error
}

// ChunkSize is the ordinary distance of checkpoints in bytes.
const ChunkSize = 64 << 20

// Hashing says when bytes are hashed.
type Hashing uint8

// The ways to hash.
const (
	HashRead  Hashing = iota // what is read anyway; not what is cloned
	HashAll                  // clones too, which costs a read of the source
	HashNever                // nothing but to verify; then the volume may copy by itself
)

// Written is what became of a Piece. With Err nil the temp is complete, carries
// what it shall, is synced, and the source is still what was read.
type Written struct {
	Is       vfs.Entry // the temp; compare it with what Place leaves by Same
	From     vfs.Entry // the source, as it was before and after reading
	Hash     Hash      // if Hashed
	Hashed   bool
	Cloned   bool      // shares its bytes with the source
	Shared   bool      // shares them with Piece.Like, which was compared with the source
	Linked   bool      // is another name of Piece.Link
	Verified bool      // was read back from the medium, and was equal
	Lost     vfs.Parts // what the source carries and the target could not keep
	Left     bool      // though Err is set the temp stands: go on with Resume, or Discard it
	Err      error
}

// Placed is what Place did.
type Placed struct {
	Is vfs.Entry // what now stands under Piece.Name
	// Out is what was replaced. It now stands under Piece.Temp in Piece.Into, and is
	// the caller's to put into the trash.
	Out *vfs.Entry
}

// Engine writes pieces. It holds buffers only and is safe for concurrent use.
type Engine struct {
	buffers sync.Pool // *[]byte of blockSize
	reread  func(ctx context.Context, h io.ReaderAt, b []byte, told func(int64) error) (Hash, int64, error)
}

// New returns an engine.
func New() *Engine {
	return &Engine{buffers: sync.Pool{New: func() any { b := make([]byte, blockSize); return &b }}, reread: sum}
}
