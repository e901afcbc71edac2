package local

import (
	"os"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs/vfstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ways are the two ways to resolve a path.
var ways = map[string]bool{"openat2": false, "steps": true}

func fixture(t *testing.T, steps bool, o Options) (vfstest.Fixture, *Driver, *vfstest.Disk) {
	t.Helper()
	root := t.TempDir()
	if steps { // and, where there is one, in memory: two file systems, and half the time
		if dir, err := os.MkdirTemp("/dev/shm", "stardrive-test-"); err == nil {
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			must(t, os.Chmod(dir, 0o755))
			root = dir
		}
	}
	d, err := New(root, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if d.steps && !steps {
		t.Skip("this kernel has no openat2")
	}
	d.steps = steps
	disk := vfstest.NewDisk(t, root)
	mount := func(t *testing.T, path string) error { return mountTmpfs(t, disk.OSPath(path)) }
	fx := vfstest.Fixture{Driver: d, Make: disk, Denies: true, Mount: mount}
	if os.Geteuid() == 0 {
		fx.Driver = asNobody{d} // permissions do not bind root
	}
	return fx, d, disk
}

// mountTmpfs needs privileges; without them the test is skipped.
func mountTmpfs(t *testing.T, path string) error {
	t.Helper()
	if err := unix.Mount("stardrive-test", path, "tmpfs", 0, "size=1m"); err != nil {
		return errs.New(errs.Unsupported, "mounting needs privileges: %w", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(path, unix.MNT_DETACH) })
	return nil
}

func TestConformance(t *testing.T) {
	for way, steps := range ways {
		t.Run(way, func(t *testing.T) {
			vfstest.Run(t, func(t *testing.T) vfstest.Fixture {
				fx, _, _ := fixture(t, steps, Options{})
				return fx
			})
		})
	}
}
