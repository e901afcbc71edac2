package watch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
)

// mounted mounts something for one test; without the right to, the test is skipped.
func mounted(t *testing.T, source, typ string) string {
	t.Helper()
	point := filepath.Join(t.TempDir(), "mnt")
	must(t, os.Mkdir(point, 0o700))
	mount(t, source, point, typ)
	return point
}

// mount uses mount(8) for images, since it finds a loop device. Nothing stays
// mounted: the images are on no other disk, and the mounts are lazily undone.
func mount(t *testing.T, source, point, typ string) {
	t.Helper()
	if typ == "tmpfs" {
		if err := unix.Mount(source, point, typ, 0, "size=64m"); err != nil {
			t.Skipf("mounting a %s is not possible here: %v", typ, err)
		}
	} else if out, err := exec.Command("mount", "-o", "loop", "-t", typ, source, point).CombinedOutput(); err != nil {
		t.Skipf("mounting a %s is not possible here: %v: %s", typ, err, out)
	}
	t.Cleanup(func() { _ = unix.Unmount(point, unix.MNT_DETACH) }) // often gone already
}

// unmount shows that watching holds nothing. Other programs, which look at all
// that is mounted, may hold it for a moment.
func unmount(t *testing.T, point string) {
	t.Helper()
	var err error
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if err = unix.Unmount(point, 0); !errors.Is(err, unix.EBUSY) {
			break
		}
	}
	must(t, err)
}

// image makes an empty file system in a file.
func image(t *testing.T, typ string, options ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "disk")
	must(t, os.WriteFile(file, nil, 0o600), os.Truncate(file, 320<<20))
	if out, err := exec.Command("mkfs."+typ, append(options, file)...).CombinedOutput(); err != nil {
		t.Skipf("no %s can be made here: %v: %s", typ, err, out)
	}
	return file
}

// TestUnmount: folders of a file system that is gone are told as dropped, and
// watched again when it is back.
func TestUnmount(t *testing.T) {
	each(t, func(t *testing.T, w way) {
		disk := image(t, "ext4", "-q", "-F")
		s := newSight(t, w)
		point := s.path("mnt")
		s.do(os.Mkdir(point, 0o700))
		mount(t, disk, point, "ext4")
		s.do(os.MkdirAll(filepath.Join(point, "a/b"), 0o700))
		add := func(fresh bool) {
			t.Helper()
			s.add(point, 1, fresh)
			s.add(filepath.Join(point, "a"), 2, fresh)
			s.add(filepath.Join(point, "a/b"), 3, fresh)
		}
		add(true)
		for round := range 3 {
			s.take()
			s.do(os.WriteFile(filepath.Join(point, "a/b/f"), []byte(fmt.Sprint(round)), 0o600))
			s.until(t, "a change", func() bool { return len(s.changed) > 0 })
			if c, _ := s.since(); len(c) != 1 || c[0] != 3 {
				t.Errorf("changed %v", c)
			}
			unmount(t, point)
			s.until(t, "all are dropped", func() bool { return len(s.dropped) == 3 })
			s.want(t, "unmounted", nil, ids{1, 2, 3}, 0)
			s.holds(0)
			mount(t, disk, point, "ext4")
			add(true)
		}
		unmount(t, point)
		mount(t, disk, point, "ext4") // at once: the watch of old must not be taken for one of now
		s.until(t, "all are dropped", func() bool { return len(s.dropped) == 3 })
		add(true)
		s.take()
		s.do(os.WriteFile(filepath.Join(point, "a/g"), nil, 0o600))
		s.until(t, "a change", func() bool { return len(s.changed) > 0 })
		s.holds(3)
	})
}

// TestBindMount: one file system at two places is marked once, and a folder is
// the same one wherever it is seen.
func TestBindMount(t *testing.T) {
	each(t, func(t *testing.T, w way) {
		s := newSight(t, w)
		s.do(os.MkdirAll(s.path("a/b"), 0o700))
		s.do(os.Mkdir(s.path("seen"), 0o700))
		if err := unix.Mount(s.path("a"), s.path("seen"), "", unix.MS_BIND, ""); err != nil {
			t.Skipf("bind mounts are not possible here: %v", err)
		}
		t.Cleanup(func() { _ = unix.Unmount(s.path("seen"), unix.MNT_DETACH) })
		s.add(s.path("seen/b"), 2, true)
		s.add(s.path("a/b"), 2, false)
		s.since()
		s.do(os.WriteFile(s.path("a/b/f"), nil, 0o600))
		s.wantSince("told by either path", ids{2}, nil)
		unmount(t, s.path("seen"))
		s.do(os.WriteFile(s.path("a/b/g"), nil, 0o600))
		s.wantSince("the other path stays", ids{2}, nil)
		s.holds(1)
	})
}

// TestD8_HungMount: a FUSE mount whose program does not answer keeps nobody but
// its own callers waiting; when it answers, it is refused.
func TestD8_HungMount(t *testing.T) {
	each(t, func(t *testing.T, w way) {
		s := newSight(t, w)
		point := s.path("fuse")
		s.do(os.Mkdir(point, 0o700))
		fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Skipf("no /dev/fuse: %v", err)
		}
		defer func() { _ = unix.Close(fd) }()
		if err := unix.Mount("test", point, "fuse.sdwatch", 0, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fd)); err != nil {
			t.Skipf("FUSE mounts are not possible here: %v", err)
		}
		defer func() { _ = unix.Unmount(point, unix.MNT_DETACH) }()
		answers := make(chan error)
		go func() {
			_, err := s.n.Add(point, 1)
			answers <- err
		}()
		s.add(s.top, 2, true)
		s.since()
		s.do(os.WriteFile(s.path("f"), nil, 0o600))
		s.wantSince("beside a hung mount", ids{2}, nil)
		select {
		case err := <-answers:
			t.Fatalf("nobody answered, and it said: %v", err)
		default:
		}
		stop := make(chan struct{})
		var answering sync.WaitGroup
		answering.Go(func() { answerFUSE(t, fd, stop) })
		if err := <-answers; !errs.Is(err, errs.Unsupported) {
			t.Errorf("a FUSE mount: %v", err)
		}
		close(stop)
		answering.Wait()
		s.holds(1)
	})
}

// answerFUSE answers what a FUSE program is asked, by whomever: others on the
// machine look at every mount too.
func answerFUSE(t *testing.T, fd int, stop <-chan struct{}) {
	const statfs, start = 17, 26
	for buf := make([]byte, 1<<20); ; {
		select {
		case <-stop:
			return
		default:
		}
		asked := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if n, err := unix.Poll(asked, 20); n == 0 || err == unix.EINTR {
			continue
		}
		n, err := unix.Read(fd, buf)
		if err == unix.EAGAIN || err == unix.EINTR || err == unix.ENOENT { // whoever asked has gone
			continue
		}
		if err != nil {
			t.Errorf("read what is asked: %v", err)
			return
		}
		op, unique := binary.LittleEndian.Uint32(buf[4:n]), binary.LittleEndian.Uint64(buf[8:n])
		out := make([]byte, 16+80)
		switch op {
		case start:
			out = out[:16+64]
			binary.LittleEndian.PutUint32(out[16:], 7)
			binary.LittleEndian.PutUint32(out[20:], 31)
			binary.LittleEndian.PutUint32(out[36:], 1<<17)
		case statfs:
		default:
			out = out[:16]
			binary.LittleEndian.PutUint32(out[4:], ^uint32(unix.ENOSYS)+1)
		}
		binary.LittleEndian.PutUint32(out, uint32(len(out)))
		binary.LittleEndian.PutUint64(out[8:], unique)
		if _, err = unix.Write(fd, out); err != nil && err != unix.ENOENT {
			t.Errorf("answer: %v", err)
			return
		}
	}
}
