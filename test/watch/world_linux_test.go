package watch

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/test/daemon"
)

// world is a real daemon that watches a folder of the test.
type world struct {
	t   *testing.T
	ctx context.Context
	d   *daemon.Daemon
	top string
}

// program is built once for all tests of the package.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sd-watch-bin-")
	if err != nil {
		return "", err
	}
	bin, err := daemon.Build(context.Background(), dir)
	if err != nil {
		_ = os.RemoveAll(dir)
	}
	return bin, err
})

// Ways to start the daemon.
const (
	asWeAre  = "as we are"      // with fanotify, if we may use it
	confined = "user namespace" // without privileges: with inotify, and 1,024 watches if limited
	limited  = "watch limit"
)

const watchLimit = 1024

// limit is what a limited daemon starts through: a user namespace of its own,
// which has limits of its own.
const (
	confine = `exec unshare --user --map-root-user %q "$@"`
	limit   = `exec unshare --user --map-root-user /bin/sh -c 'echo %d > /proc/sys/user/max_inotify_watches && exec "$0" "$@"' %q "$@"`
)

// newWorld makes the folder, has fill put something in it, and has a daemon index it.
func newWorld(t *testing.T, way string, fill func(top string)) *world {
	t.Helper()
	bin, err := program()
	must(t, err)
	dir, err := os.MkdirTemp("/dev/shm", "sd-watch-") // no disk, so that the tests are done soon
	if err != nil {
		dir, err = os.MkdirTemp("", "sd-watch-")
	}
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	switch way {
	case confined:
		bin = script(t, dir, fmt.Sprintf(confine, bin))
	case limited:
		bin = script(t, dir, fmt.Sprintf(limit, watchLimit, bin))
	}
	ctx, cancel := context.WithCancel(context.Background()) // that of the test ends before the daemon may
	t.Cleanup(cancel)
	w := &world{t: t, ctx: ctx, top: filepath.Join(dir, "top")}
	must(t, os.Mkdir(w.top, 0o700))
	fill(w.top)
	if w.d, err = daemon.Start(w.ctx, bin, filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if log, err := os.ReadFile(filepath.Join(dir, "data.log")); t.Failed() && err == nil {
			t.Logf("the daemon's log ends with:\n%s", log[max(0, len(log)-4000):])
		}
		must(t, w.d.Stop())
	})
	must(t, w.d.Call(w.ctx, "location.add", map[string]any{"path": w.top, "mode": "shallow"}, nil))
	_, err = w.d.Indexed(w.ctx, w.top)
	must(t, err)
	return w
}

// script makes a program of a shell script. Where it cannot run the test is
// skipped.
func script(t *testing.T, dir, text string) string {
	t.Helper()
	path := filepath.Join(dir, "start")
	must(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700))
	if out, err := exec.Command(path, "version").CombinedOutput(); err != nil {
		t.Skipf("user namespaces with limits are not possible here: %v: %s", err, out)
	}
	return path
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// coverage is how much of something is watched.
type coverage struct {
	Folders int64
	Watched int64
	Share   float64
}

type location struct {
	daemon.Location
	Watch coverage
}

func (w *world) info() (l location) {
	w.t.Helper()
	must(w.t, w.d.Call(w.ctx, "location.info", map[string]any{"location": w.top}, &l))
	return l
}

// rescan has the location looked at, and waits until that is done.
func (w *world) rescan() {
	w.t.Helper()
	must(w.t, w.d.Call(w.ctx, "location.rescan", map[string]any{"location": w.top}, nil))
	_, err := w.d.Indexed(w.ctx, w.top)
	must(w.t, err)
}

// kernel counts what the kernel watches for the daemon: folders by inotify, and
// file systems by fanotify.
func (w *world) kernel() (watches, marks int64) {
	w.t.Helper()
	infos, err := filepath.Glob(fmt.Sprintf("/proc/%d/fdinfo/*", w.d.PID()))
	must(w.t, err)
	for _, info := range infos {
		b, err := os.ReadFile(info)
		if err != nil {
			continue // closed meanwhile
		}
		watches += int64(strings.Count(string(b), "inotify wd:"))
		marks += int64(strings.Count(string(b), "fanotify sdev:"))
	}
	return watches, marks
}

// memory is the most that the daemon ever held, in bytes.
func (w *world) memory() int64 {
	w.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.d.PID()))
	must(w.t, err)
	_, rest, found := strings.Cut(string(b), "VmHWM:")
	var kb int64
	if _, err := fmt.Sscan(rest, &kb); !found || err != nil {
		w.t.Fatalf("no peak of memory is known: %v", err)
	}
	return kb << 10
}

// patience is how long the catalogue may take to agree with the disk.
const patience = 2 * time.Minute

// until waits for something.
func (w *world) until(what string, fn func() bool) {
	w.t.Helper()
	for late := time.Now().Add(patience); !fn(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(late) {
			w.t.Fatalf("in vain: %s", what)
		}
	}
}

// agrees waits until the catalogue knows what is on the disk.
func (w *world) agrees() {
	w.t.Helper()
	want := w.disk()
	var diff []string
	for late := time.Now().Add(patience); time.Now().Before(late); time.Sleep(100 * time.Millisecond) {
		if l := w.info(); int(l.Files+l.Folders) != len(want)+1 || l.Job == nil || l.Job.State != "done" {
			diff = []string{fmt.Sprintf("%d files, %d folders, of %d; %+v", l.Files, l.Folders, len(want), l.Job)}
			continue
		}
		if diff = differences(want, w.catalogue()); len(diff) == 0 {
			return
		}
	}
	w.t.Fatalf("the catalogue never agreed with the disk: %q", diff)
}

// disk is the plainest walk there is: what is at each path.
func (w *world) disk() map[string]string {
	w.t.Helper()
	found := map[string]string{}
	must(w.t, filepath.WalkDir(w.top, func(p string, e fs.DirEntry, err error) error {
		if err != nil || p == w.top {
			return err
		}
		i, err := e.Info()
		if err != nil {
			return err
		}
		kind, size := "file", i.Size()
		if i.IsDir() {
			kind, size = "folder", 0
		}
		rel, err := filepath.Rel(w.top, p)
		found[rel] = fmt.Sprint(kind, size, i.ModTime().UTC().Format(time.RFC3339Nano))
		return err
	}))
	return found
}

// catalogue is the same as the daemon knows it.
func (w *world) catalogue() map[string]string {
	w.t.Helper()
	found := map[string]string{}
	must(w.t, w.d.Walk(w.ctx, w.info().Entry, "", func(p string, e daemon.Entry) {
		at, err := time.Parse(time.RFC3339Nano, e.Modified)
		must(w.t, err)
		if e.Kind == "folder" {
			e.Size = 0 // of all that is in it
		}
		found[p] = fmt.Sprint(e.Kind, e.Size, at.UTC().Format(time.RFC3339Nano))
	}))
	return found
}

func differences(want, got map[string]string) (diff []string) {
	for p, e := range want {
		if got[p] != e && len(diff) < 10 {
			diff = append(diff, fmt.Sprintf("%s is %s, and known as %q", p, e, got[p]))
		}
	}
	for p, e := range got {
		if want[p] == "" && len(diff) < 10 {
			diff = append(diff, fmt.Sprintf("%s is known as %s, and gone", p, e))
		}
	}
	return diff
}

func TestMain(m *testing.M) {
	code := m.Run()
	if bin, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}
