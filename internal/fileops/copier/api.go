package copier

import (
	"context"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

var errNotYet = errs.New(errs.Unsupported, "not built yet")

// Write writes the pieces under their Temp names, all to one volume, and syncs
// them together. The answer has one Written for each piece, in their order; one
// that fails keeps no other from being written. What a failed piece left under
// Temp is removed, unless Written.Left says otherwise. It blocks until all is
// done or ctx ends; nothing runs afterwards.
//
// Kinds of Written.Err: Conflict, the source or Temp is not what it was (busy
// after three tries); Unsupported, the thing cannot be copied (FIFO, device, a
// file that tells a wrong size); Unavailable, the target is full or gone, with
// the errno in the chain; Denied; Cancelled; Internal, a disk fails, or what was
// read back was not what was written.
func (e *Engine) Write(ctx context.Context, ps []Piece, o Options) []Written {
	return make([]Written, len(ps))
}

// Place gives the temp of a written piece its final name. With Over nil a name
// that is taken is errs.Conflict; else the temp and what stands there change
// places, and if what came out is not Over they change back and it is
// errs.Conflict. After an error the temp stands as before (Discard it), and the
// name too. The caller syncs Into afterwards; only then it is durable.
func (e *Engine) Place(ctx context.Context, p Piece, w Written) (Placed, error) {
	return Placed{}, errNotYet
}

// Discard removes the temp of a piece: only a file or symlink under a name of
// TempName, and of the inode of made where that is not the zero Entry. What is
// not there any more is no error; what is something else is errs.Conflict.
func (e *Engine) Discard(ctx context.Context, into vfs.Dir, temp string, made vfs.Entry) error {
	return errNotYet
}

// Settle tells after a crash what became of a piece, by what stands in into: its
// temp is removed unless it was placed. made is Written.Is as it was noted before
// Place; a piece whose made was never noted was never placed and needs Discard
// only. It may be called again and again. With placed false there is nothing of
// the piece left, and what was to be replaced stands under its name.
func (e *Engine) Settle(ctx context.Context, into vfs.Dir, name, temp string, over *vfs.Entry, made vfs.Entry) (p Placed, placed bool, err error) {
	return Placed{}, false, errNotYet
}

// Remove takes one file, symlink or special thing away for good, the last step of
// a move: it is first renamed to temp in its folder, looked at there, and removed
// only if it is is (kind, size, times, inode); else it gets its name back and the
// answer is errs.Conflict. After a crash, call it again: it finds what stands
// under temp. What is gone already is no error.
func (e *Engine) Remove(ctx context.Context, dir vfs.Dir, name, temp string, is vfs.Entry) error {
	return errNotYet
}

// Dress gives the folder name in into what the folder at path carries: mode,
// times, xattrs, ACLs, and what keep adds. Call it when the folder is full, since
// filling it changes its times. It returns the parts that could not be kept.
func (e *Engine) Dress(ctx context.Context, from vfs.Driver, path string, into vfs.Dir, name string, keep Keep) (vfs.Parts, error) {
	return 0, errNotYet
}

// TempName returns a new private name: a dot, our mark and 128 random bits, 30
// bytes in all, so that it fits wherever a name fits.
func TempName() string { return "" }

// IsTemp reports whether name has the form of TempName. A file that is called so
// may still be somebody else's: what we made we know by what was noted.
func IsTemp(name string) bool { return false }

// Same reports whether b is what a was: kind, size, mode, times and inode; what
// a rename changes by itself (the time of change) only if ctime is set.
func Same(a, b vfs.Entry, ctime bool) bool { return false }

// Limit is a bandwidth that several calls share.
type Limit struct{}

// NewLimit allows bytesPerSecond, in steps of a block.
func NewLimit(bytesPerSecond int64) *Limit { return nil }
