package local

import (
	"os"
	"testing"

	"go.uber.org/goleak"

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
	fx := vfstest.Fixture{Driver: d, Make: disk, Denies: true, Mount: disk.MountTmpfs}
	if os.Geteuid() == 0 {
		fx.Driver = asNobody{d} // permissions do not bind root
	}
	return fx, d, disk
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

func TestWriting(t *testing.T) {
	for way, steps := range ways {
		t.Run(way, func(t *testing.T) {
			vfstest.RunWriting(t, func(t *testing.T) vfstest.Fixture {
				fx, d, _ := fixture(t, steps, Options{})
				fx.Driver = d
				return fx
			})
		})
	}
}
