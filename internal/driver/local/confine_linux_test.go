package local

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Somebody swaps a folder for a symlink to another one, again and again; no
// call may ever tell of what lies behind the link (T10).
func TestPromise_P25_SymlinkSwapper(t *testing.T) {
	for way, steps := range ways {
		t.Run(way, func(t *testing.T) {
			_, d, disk := fixture(t, steps, Options{})
			canary := t.TempDir()
			must(t, os.Mkdir(canary+"/sub", 0o755), os.WriteFile(canary+"/sub/f", []byte("canary"), 0o644), os.WriteFile(canary+"/sub/canary", nil, 0o644))
			must(t, disk.Mkdir("a"), disk.Mkdir("a/sub"), disk.WriteFile("a/sub/f", []byte("inside")), disk.Symlink(canary, "link"))

			var stop atomic.Bool
			var wg sync.WaitGroup
			defer wg.Wait()
			defer stop.Store(true)
			wg.Go(func() {
				for a, l := disk.OSPath("a"), disk.OSPath("link"); !stop.Load(); {
					if err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, l, unix.RENAME_EXCHANGE); err != nil {
						t.Error(err)
						return
					}
				}
			})
			inside := 0
			for range 4000 {
				inside += look(t, d)
			}
			if inside == 0 || inside == 3*4000 {
				t.Logf("the swapper hardly met us: %d of %d calls succeeded", inside, 3*4000)
			}
		})
	}
}

// look tries all methods once and returns how many succeeded.
func look(t *testing.T, d *Driver) (ok int) {
	t.Helper()
	err := d.List(t.Context(), "a/sub", func(batch []vfs.Entry) error {
		for _, e := range batch {
			if e.Name == "canary" {
				t.Error("List shows the outside")
			}
		}
		return nil
	})
	ok += counted(t, err)
	e, err := d.Stat(t.Context(), "a/sub/canary")
	if err == nil {
		t.Errorf("Stat shows the outside: %+v", e)
	}
	counted(t, err)
	_, err = d.Stat(t.Context(), "a/sub")
	ok += counted(t, err)
	h, err := d.Open(t.Context(), "a/sub/f")
	ok += counted(t, err)
	if err == nil {
		if data, _ := io.ReadAll(h); string(data) != "inside" {
			t.Errorf("Open shows the outside: %q", data)
		}
		_ = h.Close()
	}
	return ok
}

// counted is 1 without error, and checks that a refusal is an expected one.
func counted(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 1
	}
	if !errs.Is(err, errs.Denied) && !errs.Is(err, errs.NotFound) {
		t.Errorf("unexpected: %v", err)
	}
	return 0
}

func must(t testing.TB, all ...error) {
	t.Helper()
	for _, err := range all {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Opening a FIFO for reading would not only hang: it would tell a waiting
// writer that somebody reads. A socket and a device are not touched either.
func TestFault_B1_B2_SpecialFilesAreNotTouched(t *testing.T) {
	_, d, disk := fixture(t, false, Options{})
	must(t, disk.FIFO("pipe"), unix.Mknod(disk.OSPath("socket"), unix.S_IFSOCK|0o600, 0))
	want := map[string]vfs.Kind{"pipe": vfs.FIFO, "socket": vfs.Socket}
	if unix.Mknod(disk.OSPath("zero"), unix.S_IFCHR|0o600, int(unix.Mkdev(1, 5))) == nil {
		want["zero"] = vfs.CharDevice
	}
	if unix.Mknod(disk.OSPath("block"), unix.S_IFBLK|0o600, int(unix.Mkdev(259, 9999))) == nil {
		want["block"] = vfs.BlockDevice
	}
	for name, kind := range want {
		if e, err := d.Stat(t.Context(), name); err != nil || e.Kind != kind || e.Size != 0 {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
		if _, err := d.Open(t.Context(), name); !errs.Is(err, errs.Unsupported) {
			t.Errorf("opening %s: %v", name, err)
		}
	}
	// A reader, however short, would make this open succeed.
	for range 3 {
		_, _ = d.Open(t.Context(), "pipe")
		if fd, err := unix.Open(disk.OSPath("pipe"), unix.O_WRONLY|unix.O_NONBLOCK, 0); err != unix.ENXIO {
			t.Fatalf("somebody reads the pipe: %d, %v", fd, err)
		}
	}
}

// Without /proc a file is opened by its name: what came to stand there instead
// is recognised, and a FIFO still does not block.
func TestReopenByName(t *testing.T) {
	_, d, disk := fixture(t, false, Options{})
	must(t, disk.WriteFile("f", []byte("x")), disk.WriteFile("g", nil), disk.FIFO("pipe"), disk.Symlink("f", "l"))
	var want unix.Statx_t
	must(t, d.root.use(func(root int) error {
		name, _ := unix.BytePtrFromString("f")
		if err := statx(root, name, 0, &want); err != nil {
			return err
		}
		for name, ok := range map[string]bool{"f": true, "g": false, "pipe": false, "l": false} {
			fd, err := reopenByName(root, name, unix.O_RDONLY)
			if err == nil {
				err = same(fd, &want)
				must(t, unix.Close(fd))
			}
			if (err == nil) != ok {
				t.Errorf("%s: %v", name, err)
			}
		}
		return nil
	}))
}

func TestFault_B7_BindMountOfParent(t *testing.T) {
	for _, cross := range []bool{false, true} {
		for way, steps := range ways {
			t.Run(fmt.Sprintf("%s cross=%v", way, cross), func(t *testing.T) {
				_, d, disk := fixture(t, steps, Options{CrossMounts: cross})
				must(t, disk.Mkdir("a"), disk.Mkdir("a/again"), disk.Mkdir("a/x"))
				if err := unix.Mount(disk.OSPath(""), disk.OSPath("a/again"), "", unix.MS_BIND, ""); err != nil {
					t.Skipf("mounting needs privileges: %v", err)
				}
				t.Cleanup(func() { _ = unix.Unmount(disk.OSPath("a/again"), unix.MNT_DETACH) })
				if e, err := d.Stat(t.Context(), "a/again"); err != nil || !e.Mount {
					t.Errorf("%+v, %v", e, err)
				}
				if err := d.List(t.Context(), "a/again", nil); !errs.Is(err, errs.Unsupported) {
					t.Errorf("List: %v", err)
				}
			})
		}
	}
}

func TestCrossMounts(t *testing.T) {
	for way, steps := range ways {
		t.Run(way, func(t *testing.T) {
			_, d, disk := fixture(t, steps, Options{CrossMounts: true})
			must(t, disk.Mkdir("mnt"), disk.Mkdir("proc"), disk.WriteFile("f", nil))
			if err := disk.MountTmpfs(t, "mnt"); err != nil {
				t.Skip(err)
			}
			must(t, os.MkdirAll(disk.OSPath("mnt/sub"), 0o755), os.WriteFile(disk.OSPath("mnt/sub/f"), []byte("x"), 0o644))
			for path, e := range walk(t, d) {
				if stat, err := d.Stat(t.Context(), path); err != nil || stat != e {
					t.Errorf("%s: Stat says %+v, %v, List %+v", path, stat, err, e)
				}
				if inside := path == "mnt" || filepath.Dir(path) != "."; e.Mount || (e.Inode == 0) != inside {
					t.Errorf("%s: %+v", path, e)
				}
			}
			if h, err := d.Open(t.Context(), "mnt/sub/f"); err != nil {
				t.Error(err)
			} else {
				must(t, h.Close())
			}
			if err := unix.Mount("proc", disk.OSPath("proc"), "proc", 0, ""); err != nil {
				t.Skipf("no proc: %v", err)
			}
			t.Cleanup(func() { _ = unix.Unmount(disk.OSPath("proc"), unix.MNT_DETACH) })
			if e, err := d.Stat(t.Context(), "proc"); err != nil || !e.Mount {
				t.Errorf("B3: /proc is entered: %+v, %v", e, err)
			}
			if err := d.List(t.Context(), "proc", nil); !errs.Is(err, errs.Unsupported) {
				t.Errorf("B3: /proc is listed: %v", err)
			}
		})
	}
}

// walk lists the whole tree.
func walk(t testing.TB, d vfs.Driver) map[string]vfs.Entry {
	t.Helper()
	all := map[string]vfs.Entry{}
	for todo := []string{""}; len(todo) > 0; {
		dir := todo[0]
		todo = todo[1:]
		must(t, d.List(t.Context(), dir, func(batch []vfs.Entry) error {
			for _, e := range batch {
				all[vfs.Join(dir, e.Name)] = e
				if e.Kind == vfs.Folder && !e.Mount {
					todo = append(todo, vfs.Join(dir, e.Name))
				}
			}
			return nil
		}))
	}
	return all
}

// On overlayfs a file's device differs from its folder's, and inode numbers of
// the layers may be equal.
func TestOverlay(t *testing.T) {
	base := t.TempDir()
	if err := unix.Mount("t", base, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("mounting needs privileges: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(base, unix.MNT_DETACH) })
	lower := t.TempDir() // another file system
	must(t, os.MkdirAll(lower+"/sub", 0o755), os.WriteFile(lower+"/sub/low", nil, 0o644))
	for _, dir := range []string{"up", "work", "merged"} {
		must(t, os.Mkdir(base+"/"+dir, 0o755))
	}
	o := fmt.Sprintf("lowerdir=%s,upperdir=%s/up,workdir=%s/work,xino=off", lower, base, base)
	if err := unix.Mount("overlay", base+"/merged", "overlay", 0, o); err != nil {
		t.Skipf("no overlayfs: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(base+"/merged", unix.MNT_DETACH) })
	must(t, os.WriteFile(base+"/merged/sub/high", nil, 0o644))
	d, err := New(base+"/merged", Options{})
	must(t, err)
	defer func() { must(t, d.Close()) }()
	got := walk(t, d)
	if len(got) != 3 || got["sub"].Mount || got["sub/low"].Kind != vfs.File || got["sub/high"].Inode != 0 || d.Features().StableInodes {
		t.Errorf("%+v", got)
	}
	for _, name := range []string{"sub/low", "sub/high"} {
		if h, err := d.Open(t.Context(), name); err != nil {
			t.Error(err)
		} else {
			must(t, h.Close())
		}
	}
}
