//go:build unix

package oserr

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
)

// system knows the errors that errs.KindOf does not.
func system(err error) errs.Kind {
	var errno unix.Errno
	if !errors.As(err, &errno) {
		return ""
	}
	switch errno {
	case unix.ENOENT, unix.ENOTDIR:
		return errs.NotFound
	case unix.EACCES, unix.EPERM, unix.EROFS, unix.ELOOP:
		return errs.Denied
	case unix.EXDEV, unix.EISDIR, unix.ENOTSUP, unix.ENOSYS:
		return errs.Unsupported
	case unix.ENAMETOOLONG, unix.EILSEQ:
		return errs.Invalid
	case unix.EBUSY, unix.ETXTBSY:
		return errs.Conflict
	case unix.EFBIG, unix.EMLINK:
		return errs.Unsupported
	case unix.ENXIO, unix.ENODEV, unix.ESTALE, unix.ENOTCONN, unix.ESHUTDOWN, unix.ETIMEDOUT,
		unix.EHOSTDOWN, unix.EHOSTUNREACH, unix.ENETDOWN, unix.ENETUNREACH, unix.ECONNREFUSED, unix.ECONNRESET, unix.ECONNABORTED:
		return errs.Unavailable
	}
	if errno == noMedium {
		return errs.Unavailable
	}
	return ""
}
