package absence

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// album is what the programs' file systems hold.
func album() *fuseFS {
	var paths []string
	for d := range 4 {
		for i := range 22 {
			paths = append(paths, fmt.Sprintf("photos/d%d/%02d.jpg", d, i))
		}
	}
	return newFUSE(append(paths, "photos/d1/sub/deep/x.jpg", "photos/y.jpg")...)
}

// failing answers errno to what the pattern matches: OP PATH, from as many
// entries on.
func failing(errno unix.Errno, op, path string, from int) fault {
	return func(o, p string, told int) unix.Errno {
		if o == op && p == path && told >= from {
			return errno
		}
		return 0
	}
}

// faultScenes are file systems that fail while they stay mounted.
func faultScenes() (scenes []scene) {
	for _, c := range []struct {
		name  string
		fault fault
		says  map[string]bool
	}{
		{"EIO in the middle of readdir", failing(unix.EIO, "readdir", "photos/d1", 20), states("incomplete")},
		{"EIO in the middle of readdir of the location", failing(unix.EIO, "readdir", "photos", 1), nil},
		{"EIO at the beginning of readdir", failing(unix.EIO, "readdir", "photos/d1", 0), states("incomplete")},
		{"EACCES in the middle of readdir", failing(unix.EACCES, "readdir", "photos/d2", 10), states("incomplete")},
		{"ESTALE in the middle of readdir", failing(unix.ESTALE, "readdir", "photos/d2", 10), nil},
		{"ENOTCONN in the middle of readdir", failing(unix.ENOTCONN, "readdir", "photos/d3", 10), nil},
		{"ETIMEDOUT in the middle of readdir", failing(unix.ETIMEDOUT, "readdir", "photos/d3", 10), nil},
		{"EIO on a file's metadata", failing(unix.EIO, "lookup", "photos/d0/07.jpg", 0), states("incomplete")},
		{"EIO on a folder's metadata", failing(unix.EIO, "lookup", "photos/d1/sub", 0), states("incomplete")},
		{"EIO on the location's metadata", failing(unix.EIO, "lookup", "photos", 0), nil},
		{"EIO on all metadata", func(op, _ string, _ int) unix.Errno {
			if op == "readdir" {
				return 0
			}
			return unix.EIO
		}, nil},
		{"EIO on everything", func(string, string, int) unix.Errno { return unix.EIO }, nil},
		{"ENODEV on everything", func(string, string, int) unix.Errno { return unix.ENODEV }, nil},
		{"every second call fails", everySecond(unix.EIO), nil},
	} {
		f := album()
		scenes = append(scenes, scene{
			name: "P8 " + c.name, build: func(s *stage) { s.fuse(f, "vol") }, says: c.says,
			breaks: func(*stage) { f.fails(c.fault) }, repairs: func(*stage) { f.fails(nil) },
		})
	}
	dies, crashes := album(), album()
	return append(scenes, scene{
		name: "D1 the program that serves the volume dies", build: func(s *stage) { s.fuse(dies, "vol") },
		breaks:  func(*stage) { dies.die() },
		repairs: func(s *stage) { s.umount("vol"); s.fuse(album(), "vol") },
	}, scene{
		name: "D1 the program dies, and is unmounted", build: func(s *stage) { s.fuse(crashes, "vol") },
		breaks:  func(s *stage) { crashes.die(); s.umount("vol") },
		repairs: func(s *stage) { s.fuse(album(), "vol") }, says: states("offline"),
	})
}

func everySecond(errno unix.Errno) fault {
	calls := make(chan int, 1)
	calls <- 0
	return func(string, string, int) unix.Errno {
		n := <-calls
		calls <- n + 1
		if n%2 == 1 {
			return errno
		}
		return 0
	}
}

func TestPromise_P8_FailingVolume(t *testing.T) {
	dir := scratch(t)
	w := newWorld(t, filepath.Join(dir, "data"))
	perform(t, w, dir, faultScenes())
}

// gate lets a scan come as far as one folder, and holds it there.
type gate struct {
	reached, open chan struct{}
	release       func()
}

func newGate(f *fuseFS, op, path string) *gate {
	g := &gate{reached: make(chan struct{}, 100), open: make(chan struct{})}
	g.release = sync.OnceFunc(func() { close(g.open); f.fails(nil) })
	f.fails(func(o, p string, told int) unix.Errno {
		if o == op && p == path && told == 0 {
			g.reached <- struct{}{}
			<-g.open
		}
		return 0
	})
	return g
}

func (g *gate) wait(t testing.TB) {
	t.Helper()
	select {
	case <-g.reached:
	case <-time.After(patience):
		t.Fatal("the scan does not come to the folder")
	}
}

// cut is a scan that stands in the middle of its work.
type cut struct {
	*stage
	w *world
	f *fuseFS
	g *gate
}

// kill ends the daemon. The kernel lets it go when the call under way is answered.
func (c cut) kill() {
	c.Helper()
	must(c, unix.Kill(c.w.d.PID(), unix.SIGKILL))
	c.g.release()
	c.w.d.Kill()
}

// TestFault_D2_GoneInTheMiddleOfAScan: a scan stands in the middle of its work
// when the volume is taken away, or something else takes its place.
func TestFault_D2_GoneInTheMiddleOfAScan(t *testing.T) {
	for _, c := range []struct {
		name            string
		breaks, repairs func(cut)
	}{
		{"unplugged", func(c cut) { c.take("vol") }, func(c cut) { c.bring("vol") }},
		{"empty remount", func(c cut) { c.take("vol"); c.tmpfs("vol"); c.mkdir("vol/photos") }, func(c cut) { c.umount("vol"); c.bring("vol") }},
		{"other disk", func(c cut) { c.take("vol"); c.tmpfs("vol"); c.write("vol/photos/d1/z") }, func(c cut) { c.umount("vol"); c.bring("vol") }},
		{"mounted over", func(c cut) { c.tmpfs("vol"); c.mkdir("vol/photos/d1") }, func(c cut) { c.umount("vol") }},
		{"mounted over a folder", func(c cut) { c.tmpfs("vol/photos/d2") }, func(c cut) { c.umount("vol/photos/d2") }},
		{"the program dies", func(c cut) { _ = c.f.dev.Close() }, func(c cut) { c.umount("vol"); c.fuse(album(), "vol") }},
		{"killed, then unplugged", func(c cut) { c.kill(); c.take("vol"); c.w.start(c) }, func(c cut) { c.bring("vol") }},
		{"killed, then replaced", func(c cut) {
			c.kill()
			c.take("vol")
			c.tmpfs("vol")
			c.mkdir("vol/photos/d1")
			c.w.start(c)
		}, func(c cut) { c.umount("vol"); c.bring("vol") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := scratch(t)
			w := newWorld(t, filepath.Join(dir, "data"))
			s := newStage(t, filepath.Join(dir, "stage"))
			f := album()
			s.fuse(f, "vol")
			x := w.add(t, s.path("vol/photos"))
			g := newGate(f, "readdir", "photos/d1")
			defer g.release()
			must(t, w.d.Call(t.Context(), "location.rescan", fields{"location": x.id}, nil))
			g.wait(t)
			c.breaks(cut{s, w, f, g})
			g.release()
			w.rests(t, x.id)
			w.noneAbsent(t, x)
			w.rescan(t, x)
			w.noneAbsent(t, x)
			c.repairs(cut{s, w, f, g})
			if l := w.settled(t, x, "ready"); l.State != "ready" {
				t.Errorf("after the repair the location is %s; %s", l.State, w.why(t, l))
			}
			w.whole(t, x)
		})
	}
}

// settled rescans until the location is in the state that is wanted: a volume
// that was mounted just now may not be known yet.
func (w *world) settled(t testing.TB, x *indexed, state string) (l location) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if l = w.rescan(t, x); l.State == state || time.Now().After(deadline) {
			return l
		}
	}
}

// TestFault_D8_HungVolume: a volume that does not answer holds up its own scan
// and nothing else, and what is on it stays known.
func TestFault_D8_HungVolume(t *testing.T) {
	dir := scratch(t)
	w := newWorld(t, filepath.Join(dir, "data"))
	s := newStage(t, filepath.Join(dir, "stage"))
	f := album()
	s.fuse(f, "vol")
	s.volume("other")
	x, y := w.add(t, s.path("vol/photos")), w.add(t, s.path("other/photos"))
	hang := func() (release func()) {
		open := make(chan struct{})
		f.fails(func(string, string, int) unix.Errno { <-open; return 0 })
		return sync.OnceFunc(func() { close(open); f.fails(nil) })
	}
	others := func() {
		t.Helper()
		s.write("other/photos/" + strings.Repeat("n", len(y.known)))
		if l := w.rescan(t, y); l.State != "ready" {
			t.Errorf("another location is %s", l.State)
		}
		y.known = w.walk(t, y)
		w.noneAbsent(t, x)
		w.noneAbsent(t, y)
		if vs := call[struct {
			Items []struct{ Mount, State string }
		}](t, w, "volume.list", fields{}); len(vs.Items) < 2 {
			t.Errorf("volumes: %+v", vs)
		}
	}
	// In the middle of its scan.
	release := hang()
	defer func() { release() }() // whichever is the last
	must(t, w.d.Call(t.Context(), "location.rescan", fields{"location": x.id}, nil))
	others()
	others()
	release()
	w.settled(t, x, "ready")
	w.whole(t, x)
	// From the start of the daemon on.
	w.stop(t)
	release = hang()
	w.start(t)
	others()
	release()
	if l := w.settled(t, x, "ready"); l.State != "ready" {
		t.Errorf("answering again, the location is %s; %s", l.State, w.why(t, l))
	}
	w.whole(t, x)
}
