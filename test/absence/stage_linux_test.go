package absence

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// stage is the folder in which one scene plays.
type stage struct {
	testing.TB // of the act that is played
	play       *play
	dir        string // its folder
	drawer     int    // a mount that was taken away, to be brought back
	after      []func()
}

func newStage(t *testing.T, dir string) *stage {
	t.Helper()
	must(t, os.Mkdir(dir, 0o755))
	s := &stage{TB: t, dir: dir, drawer: -1}
	t.Cleanup(func() {
		for len(s.after) > 0 {
			last := len(s.after) - 1
			s.after[last]()
			s.after = s.after[:last]
		}
		if s.drawer >= 0 {
			must(t, unix.Close(s.drawer))
		}
	})
	return s
}

func (s *stage) path(rel string) string { return filepath.Join(s.dir, rel) }

func (s *stage) mkdir(rel string) string {
	s.Helper()
	must(s, os.MkdirAll(s.path(rel), 0o755))
	return s.path(rel)
}

func (s *stage) write(rel string) {
	s.Helper()
	s.mkdir(filepath.Dir(rel))
	must(s, os.WriteFile(s.path(rel), []byte(rel), 0o644))
}

func (s *stage) rename(from, to string) {
	s.Helper()
	must(s, os.Rename(s.path(from), s.path(to)))
}

// mount mounts something at rel; a kernel that cannot skips the scene.
func (s *stage) mount(source, rel, typ string, flags uintptr, data string) {
	s.Helper()
	point := s.mkdir(rel)
	if err := unix.Mount(source, point, typ, flags, data); errors.Is(err, unix.ENODEV) {
		s.Skipf("this kernel has no %s", typ)
	} else {
		must(s, err)
	}
}

func (s *stage) tmpfs(rel string) { s.Helper(); s.mount("tmpfs", rel, "tmpfs", 0, "size=64m,mode=755") }

func (s *stage) bind(from, to string) { s.Helper(); s.mount(s.path(from), to, "", unix.MS_BIND, "") }

func (s *stage) bindFile(from, to string) {
	s.Helper()
	must(s, unix.Mount(s.path(from), s.path(to), "", unix.MS_BIND, ""))
}

// umount does what `umount -l` does.
func (s *stage) umount(rel string) {
	s.Helper()
	must(s, unix.Unmount(s.path(rel), unix.MNT_DETACH))
}

// take unmounts the file system at rel, as pulling a drive does, and keeps it to
// be mounted again.
func (s *stage) take(rel string) {
	s.Helper()
	fd, err := unix.OpenTree(unix.AT_FDCWD, s.path(rel), unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	must(s, err)
	s.drawer = fd
	s.umount(rel)
}

// bring mounts what was taken.
func (s *stage) bring(rel string) {
	s.Helper()
	must(s, unix.MoveMount(s.drawer, "", unix.AT_FDCWD, s.mkdir(rel), unix.MOVE_MOUNT_F_EMPTY_PATH))
	must(s, unix.Close(s.drawer))
	s.drawer = -1
}

// image makes an ext4 file system in a file.
func (s *stage) image(rel, label string) { s.Helper(); s.imageOf(rel, label, 4<<20) }

func (s *stage) imageOf(rel, label string, size int64) {
	s.Helper()
	mkfs, err := exec.LookPath("mkfs.ext4")
	if err != nil {
		s.Skip("there is no mkfs.ext4")
	}
	s.write(rel)
	must(s, os.Truncate(s.path(rel), size))
	if out, err := exec.Command(mkfs, "-q", "-F", "-L", label, s.path(rel)).CombinedOutput(); err != nil {
		s.Fatalf("mkfs.ext4: %v: %s", err, out)
	}
}

// flush writes what the kernel has in memory of the file system at rel.
func (s *stage) flush(rel string) {
	s.Helper()
	d, err := os.Open(s.path(rel))
	must(s, err)
	must(s, unix.Syncfs(int(d.Fd())))
	must(s, d.Close())
}

// copied makes a copy of an image, byte by byte.
func (s *stage) copied(from, to string) {
	s.Helper()
	b, err := os.ReadFile(s.path(from))
	must(s, err)
	must(s, os.WriteFile(s.path(to), b, 0o644))
}

// loop mounts an image through a loop device. While the daemon lets go of the
// drive that was pulled, that drive is busy.
func (s *stage) loop(image, rel string, options ...string) {
	s.Helper()
	args := []string{"-n", "-o", strings.Join(append([]string{"loop"}, options...), ","), s.path(image), s.mkdir(rel)}
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		out, err := exec.Command("mount", args...).CombinedOutput()
		switch {
		case err == nil:
			return
		case strings.Contains(string(out), "loop device"):
			s.Skipf("no loop device: %s", out)
		case !strings.Contains(string(out), "busy") || time.Now().After(deadline):
			s.Fatalf("mount: %v: %s", err, out)
		}
	}
}

func (s *stage) remove(rel string) { s.Helper(); must(s, os.RemoveAll(s.path(rel))) }

// volume makes a file system in memory with the tree in its folder photos.
func (s *stage) volume(rel string) {
	s.Helper()
	s.tmpfs(rel)
	tree(s, s.mkdir(rel+"/photos"))
}

// drive makes a file system on a device of its own, with the tree in photos.
func (s *stage) drive(image, rel, label string) {
	s.Helper()
	s.image(image, label)
	s.loop(image, rel)
	tree(s, s.mkdir(rel+"/photos"))
}
