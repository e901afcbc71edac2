package absence

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/test/daemon"
)

// imageOn makes a file system of a type in a file beside the scratch folder, on a disk.
func (s *stage) imageOn(dir, mkfs string, size int64) string {
	s.Helper()
	path, err := exec.LookPath(mkfs)
	if err != nil {
		s.Skipf("there is no %s", mkfs)
	}
	image := filepath.Join(dir, "image")
	must(s, os.WriteFile(image, nil, 0o600))
	must(s, os.Truncate(image, size))
	if out, err := exec.Command(path, "-q", image).CombinedOutput(); err != nil {
		s.Fatalf("%s: %v: %s", mkfs, err, out)
	}
	return image
}

func (s *stage) loopOf(image, rel string) {
	s.Helper()
	out, err := exec.Command("mount", "-n", "-o", "loop", image, s.mkdir(rel)).CombinedOutput()
	if err != nil && (strings.Contains(string(out), "loop device") || strings.Contains(string(out), "unknown filesystem")) {
		s.Skipf("it cannot be mounted here: %s", out)
	} else if err != nil {
		s.Fatalf("mount: %v: %s", err, out)
	}
	s.after = append(s.after, func() { s.umount(rel) })
}

// finished waits for the end of jobs.
func finished(t testing.TB, w *world, jobs ...daemon.Job) {
	t.Helper()
	for _, j := range jobs {
		for deadline := time.Now().Add(patience); !slices.Contains([]string{"done", "failed"}, j.State); time.Sleep(10 * time.Millisecond) {
			if j = call[daemon.Job](t, w, "job.show", fields{"job": j.ID}); time.Now().After(deadline) {
				t.Fatalf("the job does not end: %+v", j)
			}
		}
		if j.State != "done" {
			t.Fatalf("the job failed: %+v", j)
		}
	}
}

func (w *world) identified(t testing.TB, path string) {
	t.Helper()
	finished(t, w, call[struct{ Job daemon.Job }](t, w, "content.identify", fields{"path": path}).Job)
}

// TestPromise_P9_BitsThatFlipBeneathTheFileSystem: what a failing drive does to bytes is
// found, though no file system saw a write: the image is written to, not the mount.
func TestPromise_P9_BitsThatFlipBeneathTheFileSystem(t *testing.T) {
	s := newStage(t, filepath.Join(scratch(t), "flip"))
	w := newWorld(t, s.path("data"))
	image := s.imageOn(t.TempDir(), "mkfs.ext4", 16<<20)
	s.loopOf(image, "drive")
	var want []string
	for i := range 20 {
		body := []byte(strings.Repeat(fmt.Sprintf("file number %03d of the drive, ", i), 400))
		s.mkdir("drive/photos")
		must(t, os.WriteFile(s.path(fmt.Sprintf("drive/photos/f%03d", i)), body, 0o644))
		if i%2 == 0 {
			want = append(want, fmt.Sprintf("f%03d changed", i))
		}
	}
	s.flush("drive")
	w.add(t, s.path("drive/photos"))
	w.identified(t, s.path("drive/photos"))
	damage := func() (found []string) {
		t.Helper()
		finished(t, w, call[struct{ Items []daemon.Job }](t, w, "scrub.run", fields{"path": s.path("drive/photos"), "fast": true}).Items...)
		list := call[struct{ Items []struct{ Name, Harm string } }](t, w, "damage.list", fields{})
		for _, d := range list.Items {
			found = append(found, d.Name+" "+d.Harm)
		}
		slices.Sort(found)
		return found
	}
	if found := damage(); len(found) != 0 {
		t.Fatalf("all is well, and it found %v", found)
	}
	bytes, err := os.ReadFile(image)
	must(t, err)
	f, err := os.OpenFile(image, os.O_RDWR, 0)
	must(t, err)
	for i := 0; i < 20; i += 2 {
		at := strings.Index(string(bytes), fmt.Sprintf("file number %03d of the drive, ", i))
		if at < 0 {
			t.Fatal("the file is not in the image")
		}
		at += 100 + 37*i
		_, err := f.WriteAt([]byte{bytes[at] ^ 1<<(i%8)}, int64(at))
		must(t, err)
	}
	must(t, f.Sync())
	must(t, f.Close())
	if found := damage(); !slices.Equal(found, want) {
		t.Errorf("it found\n%v, not\n%v", found, want)
	}
}

// TestFault_B10_ReflinksOnRealFileSystems: files that share their blocks are one copy,
// and two file systems on one disk are lost together.
func TestFault_B10_ReflinksOnRealFileSystems(t *testing.T) {
	for mkfs, size := range map[string]int64{"mkfs.xfs": 320 << 20, "mkfs.btrfs": 120 << 20} {
		t.Run(mkfs, func(t *testing.T) {
			s := newStage(t, filepath.Join(scratch(t), "reflinks"))
			w := newWorld(t, s.path("data"))
			disk, err := os.MkdirTemp("/var/tmp", "sd-absence-") // on a disk, where there is one
			must(t, err)
			t.Cleanup(func() { must(t, os.RemoveAll(disk)) })
			image := s.imageOn(disk, mkfs, size)
			s.loopOf(image, "drive")
			s.mkdir("drive/photos")
			must(t, os.WriteFile(s.path("drive/photos/a"), []byte(strings.Repeat("bytes of a photo ", 5000)), 0o644))
			from, err := os.Open(s.path("drive/photos/a"))
			must(t, err)
			to, err := os.Create(s.path("drive/photos/reflink"))
			must(t, err)
			must(t, unix.IoctlFileClone(int(to.Fd()), int(from.Fd())))
			must(t, to.Close())
			must(t, from.Close())
			s.flush("drive")
			first := w.add(t, s.path("drive/photos"))
			w.identified(t, s.path("drive/photos"))
			type group struct{ Files, Bodies, Wasted, Volumes, Disks int }
			groups := call[struct{ Items []group }](t, w, "duplicates.list", fields{}).Items
			if len(groups) != 1 || groups[0].Files != 2 || groups[0].Bodies != 1 || groups[0].Wasted != 0 {
				t.Errorf("a reflink: %+v", groups)
			}
			b, err := os.ReadFile(s.path("drive/photos/a"))
			must(t, err)
			must(t, os.WriteFile(s.path("drive/photos/copy"), b, 0o644))
			must(t, os.Mkdir(filepath.Join(disk, "photos"), 0o755))
			must(t, os.WriteFile(filepath.Join(disk, "photos", "copy"), b, 0o644))
			s.flush("drive")
			w.add(t, filepath.Join(disk, "photos"))
			w.identified(t, filepath.Join(disk, "photos"))
			w.rescan(t, first)
			w.identified(t, s.path("drive/photos"))
			groups = call[struct{ Items []group }](t, w, "duplicates.list", fields{}).Items
			if len(groups) != 1 || groups[0].Files != 4 || groups[0].Bodies != 3 || groups[0].Wasted != 2*len(b) {
				t.Errorf("a reflink and copies: %+v", groups)
			}
			if onADisk(disk) {
				spread := call[struct{ Items []group }](t, w, "redundancy.list", fields{"on": "disk"}).Items
				if len(spread) != 1 || spread[0].Volumes != 2 || spread[0].Disks != 1 {
					t.Errorf("a file system, and one in an image that lies on it: %+v", spread)
				}
			}
		})
	}
}

// onADisk reports whether a folder lies on a block device that sysfs knows.
func onADisk(path string) bool {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil || unix.Major(st.Dev) == 0 {
		return false
	}
	_, err := os.Stat("/sys/dev/block/" + strconv.Itoa(int(unix.Major(st.Dev))) + ":" + strconv.Itoa(int(unix.Minor(st.Dev))))
	return err == nil
}
