// Package oserr says which errs.Kind an error of the operating system is, for
// all drivers that stand on one. It knows no driver.
package oserr

import (
	"errors"
	"io/fs"
	"os"

	"github.com/stardrive/stardrive/internal/errs"
)

// Kind classifies err. A missing volume, share or server is Unavailable; a
// symlink where none is followed is Denied; an I/O error is Internal.
func Kind(err error) errs.Kind {
	if e := (*errs.Error)(nil); errors.As(err, &e) {
		return errs.KindOf(err)
	}
	if kind := system(err); kind != "" {
		return kind
	}
	if errors.Is(err, os.ErrClosed) {
		return errs.Invalid
	}
	return errs.KindOf(err)
}

// Wrap puts operation and path around err, in place of those the os package put
// there: its paths are absolute or partial. Wrap(nil) is nil.
func Wrap(op, path string, err error) error {
	if err == nil {
		return nil
	}
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		err = e.Err
	}
	return &errs.Error{Op: op, Path: path, Kind: Kind(err), Err: err}
}
