package local

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/vfstest"
)

// small mounts a tmpfs with options and opens it.
func small(t *testing.T, options string) (*Driver, string) {
	t.Helper()
	where := t.TempDir()
	if err := unix.Mount("stardrive-test", where, "tmpfs", 0, options); err != nil {
		t.Skipf("mounting needs privileges: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(where, unix.MNT_DETACH) })
	d, err := New(where, Options{})
	must(t, err)
	t.Cleanup(func() { _ = d.Close() })
	return d, where
}

func open(t *testing.T, d *Driver, path string) vfs.Dir {
	t.Helper()
	f, err := d.writing.Dir(t.Context(), path)
	must(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// saysThat checks an error's kind and errno, and that its words hold what.
func saysThat(t *testing.T, err error, kind errs.Kind, errno unix.Errno, words string) {
	t.Helper()
	if !errs.Is(err, kind) || !errors.Is(err, errno) || !strings.Contains(err.Error(), words) {
		t.Errorf("%v; want kind %s, %v and the words %q", err, kind, errno, words)
	}
}

func TestFault_C7_ENOSPC(t *testing.T) {
	d, _ := small(t, "size=1m")
	dir := open(t, d, "")
	h, err := dir.Create(t.Context(), "f", 0o600)
	must(t, err)
	defer func() { _ = h.Close() }()
	n, err := h.Write(make([]byte, 2<<20))
	saysThat(t, err, errs.Unavailable, unix.ENOSPC, "the volume is full")
	if e, _ := h.Stat(); n >= 2<<20 || e.Size != int64(n) || errs.RemedyOf(err) == "" {
		t.Errorf("%d bytes written, size %d", n, e.Size)
	}
	must(t, h.Truncate(0))
	saysThat(t, h.Allocate(2<<20), errs.Unavailable, unix.ENOSPC, "the volume is full")
	must(t, h.Allocate(1<<19))
	if s, err := d.space(t.Context()); err != nil || s.Free > 1<<19 || s.Total != 1<<20 || s.Files <= 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestFault_C8_NoInodes(t *testing.T) {
	d, _ := small(t, "size=1m,nr_inodes=3")
	dir := open(t, d, "")
	must(t, dir.Mkdir(t.Context(), "a", 0o755), dir.Mkdir(t.Context(), "b", 0o755))
	_, err := dir.Create(t.Context(), "c", 0o600)
	saysThat(t, err, errs.Unavailable, unix.ENOSPC, "no inodes are left")
	saysThat(t, dir.Mkdir(t.Context(), "c", 0o700), errs.Unavailable, unix.ENOSPC, "no inodes are left")
	saysThat(t, dir.Symlink(t.Context(), "c", strings.Repeat("x", 200)), errs.Unavailable, unix.ENOSPC, "no inodes are left")
	if s, err := d.space(t.Context()); err != nil || s.Files != -1 || s.Free == 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestFault_C10_EROFS(t *testing.T) {
	d, where := small(t, "size=1m")
	dir := open(t, d, "")
	h, err := dir.Create(t.Context(), "f", 0o600)
	must(t, err, h.Close(), dir.Mkdir(t.Context(), "d", 0o755))
	must(t, unix.Mount("", where, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	_, err = dir.Create(t.Context(), "g", 0o600)
	saysThat(t, err, errs.Denied, unix.EROFS, "read-only")
	_, err = dir.Write(t.Context(), "f")
	saysThat(t, err, errs.Denied, unix.EROFS, "read-only")
	_, err = dir.SetMeta(t.Context(), "f", &vfs.Meta{Mode: 0o640, Xattrs: map[string][]byte{"user.x": nil}}, vfs.PartXattrs|vfs.PartMode)
	saysThat(t, err, errs.Denied, unix.EROFS, "read-only")
	saysThat(t, dir.Mkdir(t.Context(), "x", 0o700), errs.Denied, unix.EROFS, "read-only")
	saysThat(t, dir.Unlink(t.Context(), "f"), errs.Denied, unix.EROFS, "read-only")
	saysThat(t, dir.Rmdir(t.Context(), "d"), errs.Denied, unix.EROFS, "read-only")
	saysThat(t, dir.Rename(t.Context(), "f", dir, "g", vfs.NoReplace), errs.Denied, unix.EROFS, "read-only")
}

func TestFault_C11_EXDEV(t *testing.T) {
	a, _ := small(t, "size=1m")
	b, _ := small(t, "size=1m")
	from, to := open(t, a, ""), open(t, b, "")
	h, err := from.Create(t.Context(), "f", 0o600)
	must(t, err)
	defer func() { _ = h.Close() }()
	for _, how := range []vfs.Renaming{vfs.NoReplace, vfs.Exchange} {
		if err := from.Rename(t.Context(), "f", to, "f", how); !errs.Is(err, errs.Unsupported) {
			t.Error(err)
		}
	}
	saysThat(t, to.Link(t.Context(), "f", from, "f"), errs.Unsupported, unix.EXDEV, "")
	saysThat(t, from.Rename(t.Context(), "f", stranger{to}, "f", vfs.NoReplace), errs.Unsupported, unix.EXDEV, "")
}

type stranger struct{ vfs.Dir }

// A Dir or Handle that somebody wrapped is still what it is.
func TestWrapped(t *testing.T) {
	d, _ := small(t, "size=1m")
	dir := open(t, d, "")
	must(t, dir.Mkdir(t.Context(), "to", 0o755))
	to, err := dir.Sub(t.Context(), "to")
	must(t, err)
	defer func() { _ = to.Close() }()
	h, err := dir.Create(t.Context(), "f", 0o600)
	must(t, err)
	_, err = h.Write([]byte("content"))
	must(t, err, dir.Rename(t.Context(), "f", wrappedDir{wrappedDir{to}}, "f", vfs.NoReplace))
	other, err := to.Create(t.Context(), "g", 0o600)
	must(t, err)
	if n, err := other.CopyFrom(wrappedHandle{h}, 0, 0, 7); n != 7 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, ok := vfs.HandleAs[vfs.Sparse](wrappedHandle{h}); !ok {
		t.Error("what the handle can do is not found")
	}
	must(t, h.Close(), other.Close())
}

type wrappedDir struct{ vfs.Dir }

func (w wrappedDir) Unwrap() vfs.Dir { return w.Dir }

type wrappedHandle struct{ vfs.Handle }

func (w wrappedHandle) Unwrap() vfs.Handle { return w.Handle }

func TestFault_B13_Immutable(t *testing.T) {
	_, d, disk := fixture(t, false, Options{})
	must(t, disk.WriteFile("f", []byte("x")), disk.Mkdir("d"), disk.WriteFile("d/f", []byte("x")), disk.WriteFile("g", []byte("x")))
	for _, path := range []string{"f", "d"} {
		seal(t, disk.OSPath(path))
	}
	dir, sub := open(t, d, ""), open(t, d, "d")
	for name, sealed := range map[string]bool{"f": true, "d": true, "g": false} {
		if m, err := dir.Meta(t.Context(), name); err != nil || m.Sealed != sealed {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
	const own, folder = "it is sealed", "the folder is sealed"
	saysThat(t, dir.Unlink(t.Context(), "f"), errs.Denied, unix.EPERM, own)
	saysThat(t, dir.Rename(t.Context(), "f", dir, "x", vfs.NoReplace), errs.Denied, unix.EPERM, own)
	saysThat(t, dir.Rename(t.Context(), "g", dir, "f", vfs.Exchange), errs.Denied, unix.EPERM, own)
	saysThat(t, dir.Link(t.Context(), "x", dir, "f"), errs.Denied, unix.EPERM, own)
	_, err := dir.Write(t.Context(), "f")
	saysThat(t, err, errs.Denied, unix.EPERM, own)
	for _, part := range []vfs.Parts{vfs.PartMode, vfs.PartModified, vfs.PartOwner, vfs.PartXattrs} {
		m := vfs.Meta{Mode: 0o600, UID: 1, Modified: 5, Xattrs: map[string][]byte{"user.x": []byte("x")}}
		_, err = dir.SetMeta(t.Context(), "f", &m, part)
		saysThat(t, err, errs.Denied, unix.EPERM, own)
	}
	saysThat(t, sub.Unlink(t.Context(), "f"), errs.Denied, unix.EPERM, folder)
	saysThat(t, sub.Mkdir(t.Context(), "x", 0o700), errs.Denied, unix.EPERM, folder)
	saysThat(t, dir.Rename(t.Context(), "g", sub, "g", vfs.NoReplace), errs.Denied, unix.EPERM, folder)
	_, err = sub.Create(t.Context(), "x", 0o600)
	saysThat(t, err, errs.Denied, unix.EPERM, folder)
	if errs.RemedyOf(err) == "" {
		t.Error("nobody is told what to do")
	}
}

// seal is chattr +i (FS_IMMUTABLE_FL, 0x10) until the test ends.
func seal(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags|0x10)
	}
	if err != nil {
		_ = f.Close()
		t.Skipf("this file system or user seals nothing: %v", err)
	}
	t.Cleanup(func() {
		_ = unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags)
		_ = f.Close()
	})
}

func TestFault_C16_Running(t *testing.T) {
	_, d, disk := fixture(t, false, Options{})
	self, err := os.ReadFile("/bin/sleep")
	if err != nil {
		t.Skip(err)
	}
	must(t, os.WriteFile(disk.OSPath("program"), self, 0o755)) //nolint:gosec // a program
	p, err := os.StartProcess(disk.OSPath("program"), []string{"sleep", "60"}, &os.ProcAttr{})
	must(t, err)
	defer func() { _ = p.Kill(); _, _ = p.Wait() }()
	h, err := open(t, d, "").Write(t.Context(), "program")
	if err == nil {
		must(t, h.Close())
		t.Skip("this kernel lets programs be written while they run")
	}
	saysThat(t, err, errs.Conflict, unix.ETXTBSY, "running")
}

// Without the flags of renameat2 everything but Exchange still works, and
// nothing is replaced either.
func TestPromise_P4_RenameWithoutFlags(t *testing.T) {
	vfstest.RunWriting(t, func(t *testing.T) vfstest.Fixture {
		fx, d, _ := fixture(t, true, Options{})
		d.plainRename = true
		fx.Driver = d
		return fx
	}, "Rename", "Exchange", "Promise_P4_NothingIsReplaced", "Fault_B14_B18_SameInode", "OneWins", "Folders", "Fault_B8_Mount", "Fault_C5_FolderSwappedForSymlink")
}

func TestRenameWithoutLinksEither(t *testing.T) {
	if err := moveFile(-1, "x", nil, -1, "y"); err != unix.EBADF { // the error of linkat comes through
		t.Errorf("%v", err)
	}
	_, d, disk := fixture(t, false, Options{})
	must(t, disk.WriteFile("f", []byte("x")), disk.Mkdir("d"))
	d.plainRename = true
	dir := open(t, d, "")
	saysThat(t, dir.Rename(t.Context(), "f", dir, "d", vfs.Exchange), errs.Unsupported, unix.EINVAL, "change places")
}

// A limit on the size of files must not end the program by a signal.
func TestFault_C9_LimitOfFileSize(t *testing.T) {
	_, d, _ := fixture(t, false, Options{})
	d.limit = 1 << 20
	h, err := open(t, d, "").Create(t.Context(), "f", 0o600)
	must(t, err)
	defer func() { _ = h.Close() }()
	_, err = h.Write(make([]byte, 1<<20+1))
	saysThat(t, err, errs.Unsupported, unix.EFBIG, "larger")
	_, err = h.Write(make([]byte, 1<<20))
	must(t, err)
	_, err = h.Write([]byte("x"))
	saysThat(t, err, errs.Unsupported, unix.EFBIG, "larger")
	_, err = h.WriteAt([]byte("x"), 1<<20)
	saysThat(t, err, errs.Unsupported, unix.EFBIG, "larger")
	saysThat(t, h.Truncate(1<<20+1), errs.Unsupported, unix.EFBIG, "larger")
	saysThat(t, h.Allocate(1<<21), errs.Unsupported, unix.EFBIG, "larger")
	_, err = h.CopyFrom(h, 0, 1<<20-1, 2)
	saysThat(t, err, errs.Unsupported, unix.EFBIG, "larger")
}

// Uncache makes the next reader ask the medium.
func TestPromise_P2_Uncache(t *testing.T) {
	_, d, _ := fixture(t, false, Options{})
	h, err := open(t, d, "").Create(t.Context(), "f", 0o600)
	must(t, err)
	defer func() { _ = h.Close() }()
	_, err = h.Write(bytes.Repeat([]byte("x"), 1<<20))
	must(t, err, h.Sync())
	cached := func() (stat unix.Cachestat_t) {
		must(t, h.(*writable).with("look", func(fd int) error {
			return unix.Cachestat(uint(fd), &unix.CachestatRange{Len: 1 << 20}, &stat, 0)
		}))
		return stat
	}
	if err := h.(*writable).with("look", func(fd int) error {
		return unix.Cachestat(uint(fd), &unix.CachestatRange{}, &unix.Cachestat_t{}, 0)
	}); err != nil {
		t.Skipf("this kernel does not tell what is cached: %v", err)
	}
	if before := cached(); before.Cache == 0 {
		t.Skip("this file system does not cache")
	}
	must(t, h.Uncache())
	if after := cached(); after.Cache != 0 {
		t.Errorf("%d pages are still in memory", after.Cache)
	}
	if _, err := h.Seek(0, io.SeekStart); err != nil {
		t.Error(err)
	}
}

// One may be allowed to put things into a folder and not to look into it.
func TestFault_B15_DropBox(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("acting as somebody else needs privileges")
	}
	_, d, disk := fixture(t, false, Options{})
	must(t, disk.Mkdir("box"), os.Chmod(disk.OSPath("box"), 0o733), disk.Mkdir("closed"), os.Chmod(disk.OSPath("closed"), 0o755))
	must(t, disk.WriteFile("closed/f", []byte("x")))
	back := drop()
	defer back()
	box := open(t, d, "box")
	h, err := box.Create(t.Context(), "f", 0o600)
	must(t, err, h.Close(), box.Rename(t.Context(), "f", box, "g", vfs.NoReplace))
	if err := box.List(t.Context(), nil); !errs.Is(err, errs.Denied) {
		t.Errorf("List: %v", err)
	}
	if err := box.SyncAll(t.Context()); !errs.Is(err, errs.Unsupported) {
		t.Errorf("SyncAll: %v", err)
	}
	closed := open(t, d, "closed")
	saysThat(t, closed.Unlink(t.Context(), "f"), errs.Denied, unix.EACCES, "")
	m := vfs.Meta{Mode: 0o777, UID: 65534, GID: 65534}
	if _, err := closed.SetMeta(t.Context(), "f", &m, vfs.PartMode); !errs.Is(err, errs.Denied) {
		t.Errorf("the mode of somebody else's file: %v", err)
	}
	if lost, err := closed.SetMeta(t.Context(), "f", &m, vfs.PartOwner); lost != vfs.PartOwner || err != nil {
		t.Errorf("the owner of somebody else's file: %b, %v", lost, err)
	}
}

// B14: who owns a file is kept when we may, and setuid survives only then.
func TestFault_B14_OwnerAndSetuid(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("giving files away needs privileges")
	}
	_, d, disk := fixture(t, false, Options{})
	must(t, disk.WriteFile("f", []byte("x")), disk.Symlink("f", "l"))
	dir := open(t, d, "")
	m := vfs.Meta{Mode: 0o6755, UID: 12, GID: 34, Xattrs: map[string][]byte{"trusted.x": []byte("y")}}
	if lost, err := dir.SetMeta(t.Context(), "f", &m, vfs.PartOwner|vfs.PartMode|vfs.PartLabels); err != nil || lost != 0 {
		t.Fatalf("%b, %v", lost, err)
	}
	if got, err := dir.Meta(t.Context(), "f"); err != nil || got.UID != 12 || got.GID != 34 || got.Mode != 0o6755 || string(got.Xattrs["trusted.x"]) != "y" {
		t.Errorf("%+v, %v", got, err)
	}
	if lost, err := dir.SetMeta(t.Context(), "l", &m, vfs.PartOwner|vfs.PartMode); err != nil || lost != 0 {
		t.Fatalf("of a link: %b, %v", lost, err)
	}
	if got, err := dir.Meta(t.Context(), "l"); err != nil || got.UID != 12 || got.Mode != 0o777 {
		t.Errorf("of a link: %+v, %v", got, err)
	}
}

// A8: no descriptor but the one of the folder is kept.
func TestFault_A8_FoldersHoldOneDescriptor(t *testing.T) {
	_, d, disk := fixture(t, false, Options{})
	must(t, disk.Mkdir("d"), disk.WriteFile("d/f", []byte("x")), disk.Symlink("f", "d/l"))
	before := descriptors(t)
	dir, err := d.writing.Dir(t.Context(), "d")
	must(t, err)
	for _, name := range []string{"f", "l", "none", "n2", "", "x/y"} {
		_, _ = dir.Stat(t.Context(), name)
		_, _ = dir.Meta(t.Context(), name)
		_, _ = dir.SetMeta(t.Context(), name, &vfs.Meta{Mode: 0o600}, vfs.PartMode)
		_, _ = dir.Sub(t.Context(), name)
		_ = dir.Rename(t.Context(), name, dir, "f", vfs.NoReplace)
		_ = dir.Link(t.Context(), name, dir, "f")
		if h, err := dir.Write(t.Context(), name); err == nil {
			must(t, h.Close())
		}
		if h, err := dir.Create(t.Context(), name, 0o600); err == nil {
			must(t, h.Close())
		}
	}
	must(t, dir.List(t.Context(), func([]vfs.Entry) error { return nil }))
	if now := descriptors(t); now != before+1 {
		t.Errorf("%d descriptors became %d", before, now)
	}
	must(t, dir.Close())
	if now := descriptors(t); now != before {
		t.Errorf("%d descriptors became %d", before, now)
	}
}

func TestHoldsUTF16(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "a.b": true, ".a": true, "ü": true, "": false, "a.": false, "a ": false, "a\xff": false, "a:b": false, `a\b`: false, "a\n": false,
		"a?": false, strings.Repeat("ü", 255): true, strings.Repeat("ü", 256): false, strings.Repeat("😀", 127): true, strings.Repeat("😀", 128): false,
	} {
		if holdsUTF16(name) != want {
			t.Errorf("%.20q: %v", name, !want)
		}
	}
}

func TestKernelVersion(t *testing.T) {
	for in, want := range map[string][2]any{"5.8.1": {5, ".8.1"}, "x": {0, "x"}, "": {0, ""}, "6": {6, ""}} {
		if n, rest := number(in); n != want[0] || rest != want[1] {
			t.Errorf("%q: %d, %q", in, n, rest)
		}
	}
	if !kernelAtLeast(2, 6) || kernelAtLeast(1000, 0) {
		t.Error("the kernel's version")
	}
}
