package local

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/driver/local/oserr"
	"github.com/stardrive/stardrive/internal/errs"
)

var (
	errFull = errs.New(errs.Unavailable, "the volume is full: %w", unix.ENOSPC).
		Try("Make room on the volume and try again.")
	errNoInodes = errs.New(errs.Unavailable, "the volume has room for no more files (no inodes are left): %w", unix.ENOSPC).
			Try("Remove files from the volume, or put many small ones into an archive, and try again.")
	errQuota = errs.New(errs.Unavailable, "your quota on this volume is used up: %w", unix.EDQUOT).
			Try("Remove files of yours from the volume, or have your quota raised, and try again.")
	errReadOnly = errs.New(errs.Denied, "the volume is mounted read-only: %w", unix.EROFS)
	errSealed   = errs.New(errs.Denied, "it is sealed against changes: %w", unix.EPERM).
			Try("Its owner can unseal it: chattr -i -a.")
	errFolderSealed = errs.New(errs.Denied, "the folder is sealed against changes: %w", unix.EPERM).
			Try("Its owner can unseal it: chattr -i -a.")
	errInUse   = errs.New(errs.Conflict, "it is in use by the system, or a volume is mounted there: %w", unix.EBUSY)
	errRunning = errs.New(errs.Conflict, "the program is running: %w", unix.ETXTBSY)
	errTooBig  = errs.New(errs.Unsupported, "larger than a file may be here: %w", unix.EFBIG)
	errHolds   = errs.New(errs.Invalid, "a name that this volume cannot hold: %w", unix.EINVAL)
)

// trouble wraps err, which a call on the entry name of the folder fd met ("" is
// the folder itself, fd -1: nothing is known), in words that help.
func (d *Driver) trouble(op, path string, fd int, name string, err error) error {
	if err == nil {
		return nil
	}
	return oserr.Wrap(op, path, d.words(fd, name, err))
}

func (d *Driver) words(fd int, name string, err error) error {
	var errno unix.Errno
	if already := (*errs.Error)(nil); errors.As(err, &already) || !errors.As(err, &errno) {
		return err
	}
	switch errno {
	case unix.ENOSPC:
		if fd >= 0 && outOfInodes(fd) {
			return errNoInodes
		}
		return errFull
	case unix.EDQUOT:
		return errQuota
	case unix.EROFS:
		return errReadOnly
	case unix.EPERM, unix.EACCES:
		return whyDenied(fd, name, err)
	case unix.EBUSY:
		return errInUse
	case unix.ETXTBSY:
		return errRunning
	case unix.EFBIG:
		return errTooBig
	case unix.EINVAL:
		if d.writing.Holds != nil && !d.writing.Holds(name) {
			return errHolds
		}
	}
	return err
}

func outOfInodes(fd int) bool {
	var fs unix.Statfs_t
	return unix.Fstatfs(fd, &fs) == nil && fs.Files > 0 && fs.Ffree == 0
}

// whyDenied looks whether err comes from chattr +i or +a.
func whyDenied(fd int, name string, err error) error {
	var stx unix.Statx_t
	switch {
	case fd < 0:
	case name != "" && examined(fd, name, &stx) && isImmutable(&stx):
		return errSealed
	case statx(fd, nil, unix.AT_STATX_DONT_SYNC, &stx) == nil && isImmutable(&stx):
		return errFolderSealed
	}
	return err
}

func isImmutable(stx *unix.Statx_t) bool {
	return stx.Attributes&(unix.STATX_ATTR_IMMUTABLE|unix.STATX_ATTR_APPEND) != 0
}
