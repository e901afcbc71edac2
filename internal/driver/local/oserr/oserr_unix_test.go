//go:build unix

package oserr

import (
	"syscall"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestUnixKinds(t *testing.T) {
	for kind, all := range map[errs.Kind][]syscall.Errno{
		errs.NotFound:    {syscall.ENOENT, syscall.ENOTDIR},
		errs.Denied:      {syscall.EACCES, syscall.EPERM, syscall.ELOOP, syscall.EROFS},
		errs.Unsupported: {syscall.EXDEV, syscall.EISDIR, syscall.ENOSYS, syscall.EFBIG, syscall.EMLINK},
		errs.Invalid:     {syscall.ENAMETOOLONG, syscall.EILSEQ},
		errs.Unavailable: {syscall.ENXIO, syscall.ENODEV, syscall.ESTALE, syscall.ENOTCONN, syscall.ETIMEDOUT, syscall.EHOSTDOWN, noMedium, syscall.ENOSPC, syscall.EDQUOT},
		errs.Conflict:    {syscall.EEXIST, syscall.ENOTEMPTY, syscall.EBUSY, syscall.ETXTBSY},
		errs.Internal:    {syscall.EIO, syscall.EMFILE, syscall.ENOMEM, syscall.EINVAL},
	} {
		for _, errno := range all {
			if got := Kind(errno); got != kind {
				t.Errorf("%v is %s, want %s", errno, got, kind)
			}
		}
	}
}
