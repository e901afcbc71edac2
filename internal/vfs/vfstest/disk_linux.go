package vfstest

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
)

// MountTmpfs covers the folder at path with another file system until the test
// ends. That needs privileges: without them it is errs.Unsupported.
func (d *Disk) MountTmpfs(t testing.TB, path string) error {
	t.Helper()
	where := d.OSPath(path)
	if err := unix.Mount("stardrive-test", where, "tmpfs", 0, "size=1m"); err != nil {
		return errs.New(errs.Unsupported, "mounting needs privileges: %w", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(where, unix.MNT_DETACH) })
	return nil
}
