//go:build !linux

package vfstest

import (
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

// MountTmpfs is errs.Unsupported here.
func (d *Disk) MountTmpfs(testing.TB, string) error {
	return errs.New(errs.Unsupported, "mounts are tested on Linux only")
}
