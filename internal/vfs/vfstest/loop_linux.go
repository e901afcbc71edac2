package vfstest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Loop is a file system of its own in a file, mounted until the test ends.
type Loop struct {
	Root string // where it is mounted

	kind, options, image, device string
}

// loops tell how a kind of file system is made, and how large it is at least.
var loops = map[string]struct {
	size int64
	mkfs []string
}{
	"ext4":  {64 << 20, []string{"mkfs.ext4", "-q", "-F", "-b", "4096"}},
	"ext3":  {64 << 20, []string{"mkfs.ext4", "-q", "-F", "-b", "4096", "-I", "128", "-O", "^metadata_csum"}}, // small inodes: whole seconds
	"xfs":   {320 << 20, []string{"mkfs.xfs", "-q", "-f"}},
	"btrfs": {128 << 20, []string{"mkfs.btrfs", "-q", "-f"}},
}

// NewLoop makes and mounts a file system of the kind ext4, ext3, xfs or btrfs.
// Where that cannot be done (no privileges, no loop devices, no mkfs) the test is
// skipped with the reason.
func NewLoop(t testing.TB, kind, options string) *Loop {
	t.Helper()
	how := loops[kind]
	mkfs, err := exec.LookPath(how.mkfs[0])
	for _, dir := range []string{"/sbin", "/usr/sbin"} {
		if err != nil {
			mkfs, err = exec.LookPath(filepath.Join(dir, how.mkfs[0]))
		}
	}
	if err != nil {
		t.Skipf("no file system of kind %s can be made: %v", kind, err)
	}
	l := &Loop{Root: t.TempDir(), kind: kind, options: options, image: filepath.Join(t.TempDir(), "image")}
	if kind == "ext3" {
		l.kind = "ext4" // whose driver it is
	}
	if err := os.WriteFile(l.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(l.image, how.size); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(mkfs, append(how.mkfs[1:], l.image)...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", mkfs, err, out)
	}
	if err := l.attach(); err != nil {
		t.Skipf("no loop device: %v", err)
	}
	t.Cleanup(func() {
		l.Unmount(t)
		if err := l.detach(); err != nil {
			t.Errorf("detaching %s: %v", l.device, err)
		}
	})
	if err := l.mount(); err != nil {
		t.Skipf("%s cannot be mounted: %v", kind, err)
	}
	return l
}

// attach gives the image a device.
func (l *Loop) attach() error {
	ctl, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer ctl.Close()
	image, err := os.OpenFile(l.image, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer image.Close()
	for range 50 { // others look for a free one too
		n, err := unix.IoctlRetInt(int(ctl.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return err
		}
		l.device = "/dev/loop" + strconv.Itoa(n)
		_ = unix.Mknod(l.device, unix.S_IFBLK|0o600, int(unix.Mkdev(7, uint32(n))))
		dev, err := os.OpenFile(l.device, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		err = unix.IoctlLoopConfigure(int(dev.Fd()), &unix.LoopConfig{Fd: uint32(image.Fd())})
		_ = dev.Close()
		if err == nil || !errors.Is(err, unix.EBUSY) {
			return err
		}
	}
	return unix.EBUSY
}

func (l *Loop) detach() error {
	dev, err := os.Open(l.device)
	if err != nil {
		return err
	}
	defer dev.Close()
	return unix.IoctlSetInt(int(dev.Fd()), unix.LOOP_CLR_FD, 0)
}

func (l *Loop) mount() error { return unix.Mount(l.device, l.Root, l.kind, 0, l.options) }

// Mount mounts it again.
func (l *Loop) Mount(t testing.TB) {
	t.Helper()
	if err := l.mount(); err != nil {
		t.Fatalf("mounting %s: %v", l.kind, err)
	}
}

// Unmount takes it away; what is open on it keeps it busy for a while at most: other
// programs look at what is mounted, and take their time on a busy machine.
func (l *Loop) Unmount(t testing.TB) {
	t.Helper()
	for n := range 3000 {
		if n == 100 {
			t.Logf("%s is busy: %s", l.kind, l.holders())
		}
		err := unix.Unmount(l.Root, 0)
		if err == nil || errors.Is(err, unix.EINVAL) { // not mounted
			return
		}
		if !errors.Is(err, unix.EBUSY) {
			t.Fatalf("unmounting %s: %v", l.kind, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s is busy: somebody holds a file of it open: %s", l.kind, l.holders())
}

// holders tells which processes have something of it open.
func (l *Loop) holders() (text string) {
	open, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, fd := range open {
		if to, err := os.Readlink(fd); err == nil && (to == l.Root || strings.HasPrefix(to, l.Root+"/")) {
			name, _ := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(fd)), "comm"))
			text += fmt.Sprintf("%s (%s) → %s; ", fd, strings.TrimSpace(string(name)), to)
		}
	}
	return text
}

// PowerCut stops an ext4 or xfs at once, as if the power went: nothing that is in
// memory reaches the disk any more. Unmount and Mount it then.
func (l *Loop) PowerCut(t testing.TB) {
	t.Helper()
	const (
		shutdown   = 0x8004587d // EXT4_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN
		logNothing = 2
	)
	root, err := os.Open(l.Root)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := unix.IoctlSetPointerInt(int(root.Fd()), shutdown, logNothing); err != nil {
		t.Fatalf("cutting the power of %s: %v", l.kind, err)
	}
}
