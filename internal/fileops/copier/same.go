package copier

import (
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Same reports whether b is still what a was. Of a file, symlink or special thing
// kind, size, mode, time of modification and inode are compared, and with ctime
// the time of change, which moves when a thing is renamed, too. A folder is the
// same folder whatever is in it.
func Same(a, b vfs.Entry, ctime bool) bool {
	if a.Kind != b.Kind || a.Inode != b.Inode {
		return false
	}
	if a.Kind == vfs.Folder {
		return a.Inode != 0 || a.Created == b.Created
	}
	return a.Size == b.Size && a.Modified == b.Modified && a.Mode == b.Mode && (!ctime || a.Changed == b.Changed)
}

func conflict(format string, args ...any) *errs.Error {
	return errs.New(errs.Conflict, format, args...)
}

var (
	errDrift = conflict("it is not what it was when this was planned").Try("Look at it, and plan anew.")
	errBusy  = conflict("it changes all the time").Try("Close the programs that write to it, then try again.")
	errTaken = conflict("what stands at the target is not what was to be replaced").Try("Look at it, and plan anew.")
)
