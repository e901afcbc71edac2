package volumes

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
)

// mountOrSkip mounts for one test; without the right to, the test is skipped.
func mountOrSkip(t *testing.T, source, point, typ string, flags uintptr, data string) {
	t.Helper()
	if err := os.MkdirAll(point, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount(source, point, typ, flags, data); err != nil {
		t.Skipf("mounting a %s is not possible here: %v", typ, err)
	}
	t.Cleanup(func() { _ = unix.Unmount(point, unix.MNT_DETACH) }) // often gone already
}

func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func realService(t *testing.T) (*Service, chan Change) {
	t.Helper()
	changes := make(chan Change, 100)
	s := New(Options{Open: newWorld(t).openAny, OnChange: func(c Change) { changes <- c }})
	t.Cleanup(func() { _ = s.Close() })
	return s, changes
}

func TestRealMountsAreAllRead(t *testing.T) {
	s, _ := realService(t)
	vs, err := s.List(t.Context())
	if err != nil || len(vs) == 0 {
		t.Fatal(vs, err)
	}
	root := false
	for _, v := range vs {
		if v.Mount == "/" {
			root = true
			if v.State != Online || v.Identity == "" || v.Capacity == 0 || v.Name == "" {
				t.Errorf("%+v", v)
			}
		}
	}
	if !root {
		t.Error("no volume at /")
	}
	again, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for _, v := range vs {
		known[v.Mount] = v.Identity
	}
	for _, v := range again { // others may mount and unmount meanwhile
		if was, ok := known[v.Mount]; ok && was != v.Identity && !strings.HasPrefix(v.Mount, os.TempDir()) {
			t.Errorf("%s is %s, then %s", v.Mount, was, v.Identity)
		}
	}
}

func TestD3RealTmpfsOverAFolder(t *testing.T) {
	s, _ := realService(t)
	dir := filepath.Join(tempDir(t), "a b\\ü")
	before := s.mustResolve(t, dir)
	mountOrSkip(t, "tmpfs", dir, "tmpfs", 0, "size=1m")
	one := s.mustResolve(t, dir)
	if one.Volume.Identity == before.Volume.Identity || one.Path != "" || one.Volume.Mount != dir || one.Volume.FS != "tmpfs" || one.Volume.Class != Hot {
		t.Fatalf("%+v", one)
	}
	if again := s.mustResolve(t, dir+"/x"); again.Volume.Identity != one.Volume.Identity || again.Path != "x" {
		t.Fatalf("%+v", again)
	}
	if err := unix.Unmount(dir, 0); err != nil {
		t.Fatal("an idle volume could not be unmounted:", err)
	}
	mountOrSkip(t, "tmpfs", dir, "tmpfs", 0, "size=1m")
	two := s.mustResolve(t, dir)
	if two.Volume.Identity == one.Volume.Identity {
		t.Fatal("another tmpfs has the same identity:", one.Volume.Identity)
	}
	if _, _, err := s.DriverFor(t.Context(), one.Volume.Identity); !errs.Is(err, errs.Unavailable) {
		t.Fatal(err)
	}
	if _, err := one.Driver.Stat(t.Context(), ""); !errs.Is(err, errs.Unavailable) {
		t.Fatal(err)
	}
	// One more on top hides it.
	mountOrSkip(t, "tmpfs", dir, "tmpfs", 0, "size=1m")
	if three := s.mustResolve(t, dir); three.Volume.Identity == two.Volume.Identity {
		t.Fatal("the hidden mount answers")
	}
}

func (s *Service) mustResolve(t *testing.T, path string) Place {
	t.Helper()
	p, err := s.Resolve(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRealBindMount(t *testing.T) {
	s, _ := realService(t)
	dir := tempDir(t)
	if err := os.MkdirAll(dir+"/from/sub", 0o700); err != nil {
		t.Fatal(err)
	}
	mountOrSkip(t, dir+"/from", dir+"/to", "", unix.MS_BIND, "")
	p, want := s.mustResolve(t, dir+"/to/sub/f"), s.mustResolve(t, dir+"/from/sub/f")
	if p.Volume.Identity != want.Volume.Identity || p.Path != want.Path {
		t.Fatalf("%s %s, want %s %s", p.Volume.Identity, p.Path, want.Volume.Identity, want.Path)
	}
}

func TestRealChangesAreTold(t *testing.T) {
	s, changes := realService(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	defer func() { stop(); <-done }()
	dir := tempDir(t) + "/m"
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	wait := func(state State) {
		t.Helper()
		for {
			select {
			case c := <-changes:
				if c.Volume.Mount == dir {
					if c.Volume.State != state {
						t.Fatalf("%+v", c)
					}
					return
				}
			case <-time.After(2 * time.Second): // faster than looking from time to time
				t.Fatal("never told:", state)
			}
		}
	}
	if _, err := s.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	mountOrSkip(t, "tmpfs", dir, "tmpfs", 0, "size=1m")
	wait(Online)
	if err := unix.Unmount(dir, 0); err != nil {
		t.Fatal(err)
	}
	wait(Offline)
}

// ext4Image makes an image with a file system of its own.
func ext4Image(t *testing.T, path, label string) {
	t.Helper()
	makeImage(t, path, 4<<20, "mkfs.ext4", "-q", "-L", label)
}

func makeImage(t *testing.T, path string, size int64, mkfs string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath(mkfs); err != nil {
		t.Skipf("no %s here", mkfs)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(mkfs, append(args, path)...).CombinedOutput(); err != nil {
		t.Skipf("%s: %v: %s", mkfs, err, out)
	}
}

func TestRealSuperblock(t *testing.T) {
	img := tempDir(t) + "/img"
	ext4Image(t, img, "photos")
	f, err := os.Open(img)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, ok := superblock(f)
	if !ok || s.FS != "ext4" || s.Label != "photos" || len(s.UUID) != 36 {
		t.Fatalf("%+v, %v", s, ok)
	}
}

// loopMount mounts an image through a loop device.
func loopMount(t *testing.T, img, point string, flags ...string) {
	t.Helper()
	if err := os.MkdirAll(point, 0o700); err != nil {
		t.Fatal(err)
	}
	args := []string{"-o", strings.Join(append([]string{"loop"}, flags...), ","), img, point}
	if out, err := exec.Command("mount", args...).CombinedOutput(); err != nil {
		t.Skipf("a loop device cannot be mounted here: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = unix.Unmount(point, unix.MNT_DETACH) }) // often gone already
}

// umount unmounts what nobody holds open; others on this machine may look at it
// for a moment.
func umount(t *testing.T, point string) {
	t.Helper()
	eventually(t, "it can be unmounted: "+point, func() bool {
		err := unix.Unmount(point, 0)
		if err != nil && !errors.Is(err, unix.EBUSY) {
			t.Fatal(err)
		}
		return err == nil
	})
}

func TestD3D4D11RealDrives(t *testing.T) {
	s, _ := realService(t)
	dir := tempDir(t)
	ext4Image(t, dir+"/a.img", "photos")
	ext4Image(t, dir+"/b.img", "music")
	loopMount(t, dir+"/a.img", dir+"/usb")
	a := s.mustResolve(t, dir+"/usb/f")
	img, err := os.Open(dir + "/a.img")
	if err != nil {
		t.Fatal(err)
	}
	super, _ := superblock(img)
	img.Close()
	if a.Volume.Identity != "uuid:"+super.UUID || a.Volume.Name != "photos" || a.Volume.FS != "ext4" || a.Path != "f" || a.Volume.Capacity == 0 {
		t.Fatalf("%+v, want UUID %s", a.Volume, super.UUID)
	}
	umount(t, dir+"/usb")
	loopMount(t, dir+"/b.img", dir+"/usb")
	b := s.mustResolve(t, dir+"/usb/f")
	if b.Volume.Identity == a.Volume.Identity || b.Volume.Name != "music" {
		t.Fatalf("%+v", b.Volume)
	}
	if _, _, err := s.DriverFor(t.Context(), a.Volume.Identity); !errs.Is(err, errs.Unavailable) {
		t.Fatal(err)
	}
	loopMount(t, dir+"/a.img", dir+"/elsewhere", "ro")
	if _, mount, err := s.DriverFor(t.Context(), a.Volume.Identity); err != nil || mount != dir+"/elsewhere" {
		t.Fatal(mount, err)
	}
	if p := s.mustResolve(t, dir+"/elsewhere"); !p.Volume.ReadOnly {
		t.Error("D11: not seen as read-only")
	}
}

func TestD5RealClone(t *testing.T) {
	s, _ := realService(t)
	dir := tempDir(t)
	ext4Image(t, dir+"/a.img", "photos")
	b, err := os.ReadFile(dir + "/a.img")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/copy.img", b, 0o600); err != nil {
		t.Fatal(err)
	}
	loopMount(t, dir+"/a.img", dir+"/a")
	s.mustResolve(t, dir+"/a/f")
	loopMount(t, dir+"/copy.img", dir+"/b")
	_, err = s.Resolve(t.Context(), dir+"/b/f")
	wantKind(t, err, errs.Conflict)
}

func TestIdentityWithoutTheKernelsHelp(t *testing.T) {
	dir := tempDir(t)
	ext4Image(t, dir+"/a.img", "photos")
	loopMount(t, dir+"/a.img", dir+"/usb")
	mounts, err := linux{}.Mounts()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mounts {
		if m.Point != dir+"/usb" {
			continue
		}
		var kernel, device Probed
		fromKernel(m, &kernel)
		findDevice(m).fromSuperblock(&device)
		if device.UUID == "" || device.Label != "photos" || device.FS != "ext4" {
			t.Errorf("from the device: %+v", device)
		}
		if kernel.UUID != "" && kernel.UUID != device.UUID {
			t.Errorf("the kernel says %s, the device %s", kernel.UUID, device.UUID)
		}
		// As if the device made up its number (btrfs): found by its source.
		m.Dev = "0:99"
		var source Probed
		findDevice(m).fromSuperblock(&source)
		if source.UUID != device.UUID {
			t.Errorf("by the source: %+v", source)
		}
		return
	}
	t.Error("the mount is not in the table")
}

func TestUnescapeHex(t *testing.T) {
	for in, want := range map[string]string{`My\x20Disk`: "My Disk", `a\x2fb`: "a/b", `\x`: `\x`, `\xzz`: `\xzz`, `\xc3\xa4`: "ä", "": ""} {
		if got := unescapeHex(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func BenchmarkSync(b *testing.B) {
	s := New(Options{})
	defer s.Close()
	for b.Loop() {
		if _, err := s.sync(); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleService_List() {
	s := New(Options{})
	defer s.Close()
	vs, err := s.List(context.Background())
	fmt.Println(len(vs) > 0, err)
	// Output: true <nil>
}
