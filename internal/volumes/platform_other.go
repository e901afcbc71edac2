//go:build darwin || windows

package volumes

import (
	"context"
	"os"

	"github.com/stardrive/stardrive/internal/errs"
)

// errNoWatch makes the caller look from time to time.
var errNoWatch = errs.New(errs.Unsupported, "this system does not tell when something is mounted")

// system asks macOS or Windows; what both have alike stands here.
type system struct{}

// System returns the Platform of this machine.
func System() Platform { return system{} }

func (system) Readlink(path string) (string, bool, error) {
	fi, err := os.Lstat(path)
	if err != nil || fi.Mode()&os.ModeSymlink == 0 {
		return "", false, err
	}
	target, err := os.Readlink(path)
	return target, err == nil, err
}

func (system) SetMark(point string, m Mark) error { return writeMark(point, m) }

func (system) Watch(context.Context, func()) error { return errNoWatch }
