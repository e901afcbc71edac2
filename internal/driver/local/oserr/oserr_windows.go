package oserr

import (
	"errors"

	"golang.org/x/sys/windows"

	"github.com/stardrive/stardrive/internal/errs"
)

// system knows the errors that errs.KindOf does not.
func system(err error) errs.Kind {
	var errno windows.Errno
	if !errors.As(err, &errno) {
		return ""
	}
	switch errno {
	case windows.ERROR_DIRECTORY:
		return errs.NotFound
	case windows.ERROR_SHARING_VIOLATION, windows.ERROR_LOCK_VIOLATION:
		return errs.Denied
	case windows.ERROR_INVALID_NAME, windows.ERROR_FILENAME_EXCED_RANGE, windows.ERROR_BAD_PATHNAME:
		return errs.Invalid
	case windows.ERROR_NOT_READY, windows.ERROR_DEV_NOT_EXIST, windows.ERROR_BAD_NETPATH, windows.ERROR_BAD_NET_NAME, windows.ERROR_NETNAME_DELETED,
		windows.ERROR_UNEXP_NET_ERR, windows.ERROR_NETWORK_UNREACHABLE, windows.ERROR_HOST_UNREACHABLE, windows.ERROR_SEM_TIMEOUT, windows.ERROR_NO_MEDIA_IN_DRIVE:
		return errs.Unavailable
	}
	return ""
}
