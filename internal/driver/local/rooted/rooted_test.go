package rooted

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/vfstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func fixture(t *testing.T) (*Driver, *vfstest.Disk) {
	t.Helper()
	root := t.TempDir()
	if dir, err := os.MkdirTemp("/dev/shm", "stardrive-test-"); err == nil { // much faster, where there is one
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		root = dir
	}
	d, err := New(root, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, vfstest.NewDisk(t, root)
}

func TestConformance(t *testing.T) {
	vfstest.Run(t, func(t *testing.T) vfstest.Fixture {
		d, disk := fixture(t)
		return vfstest.Fixture{Driver: d, Make: disk, Denies: os.Geteuid() > 0, Mount: disk.MountTmpfs}
	})
}

func TestWriting(t *testing.T) {
	vfstest.RunWriting(t, func(t *testing.T) vfstest.Fixture {
		d, disk := fixture(t)
		return vfstest.Fixture{Driver: d, Make: disk, Mount: disk.MountTmpfs}
	})
}

func TestNewRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/f", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{dir + "/none", dir + "/f"} {
		if d, err := New(root, false); !errs.Is(err, errs.NotFound) {
			t.Errorf("New(%q) = %v, %v", root, d, err)
		}
	}
}

// os.Root follows a link that stays inside the root; the driver must not, not
// even when the link took a folder's place between two steps.
func TestPromise_P25_SymlinkSwapper(t *testing.T) {
	d, disk := fixture(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(disk.Mkdir("a"))
	must(disk.WriteFile("a/f", []byte("inside")))
	must(disk.Mkdir("other"))
	must(disk.WriteFile("other/f", []byte("canary")))
	must(disk.WriteFile("other/canary", nil))
	must(disk.Symlink("other", "link"))

	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		a, l, tmp := disk.OSPath("a"), disk.OSPath("link"), disk.OSPath("tmp")
		for !stop.Load() {
			if err := errors.Join(os.Rename(a, tmp), os.Rename(l, a), os.Rename(a, l), os.Rename(tmp, a)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 2000 {
		if e, err := d.Stat(t.Context(), "a/canary"); err == nil {
			t.Errorf("Stat shows %+v", e)
		}
		err := d.List(t.Context(), "a", func(batch []vfs.Entry) error {
			for _, e := range batch {
				if e.Name == "canary" {
					t.Error("List follows the link")
				}
			}
			return nil
		})
		if err != nil && !errs.Is(err, errs.Denied) && !errs.Is(err, errs.NotFound) {
			t.Error(err)
		}
		if h, err := d.Open(t.Context(), "a/f"); err == nil {
			if e, _ := h.Stat(); e.Size != int64(len("inside")) {
				t.Error(e)
			}
			buf := make([]byte, 6)
			if _, err := h.ReadAt(buf, 0); err != nil || string(buf) != "inside" {
				t.Errorf("Open shows %q, %v", buf, err)
			}
			must(h.Close())
		}
	}
	stop.Store(true)
	wg.Wait()
}
