package index

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
)

// calm waits until hints, scans and relisting have come to their end.
func (w *world) calm() {
	w.t.Helper()
	w.until("it is calm", func() bool {
		// A scan may give work to the watcher while that is looked at, and the watcher
		// to a scan while those are: so there must be none before and after.
		before, open := w.newestJob()
		rests := w.rests()
		after, _ := w.newestJob()
		return rests && !open && before == after
	})
}

// newestJob returns the newest of all jobs, and whether any is queued or runs.
func (w *world) newestJob() (newest ident.JobID, open bool) {
	w.t.Helper()
	all, err := w.engine.List(context.Background(), job.Filter{Limit: 1})
	w.do(err)
	unended, err := w.engine.List(context.Background(), job.Filter{States: []job.State{job.Queued, job.Running}, Limit: 1})
	w.do(err)
	for _, j := range all {
		newest = j.ID
	}
	return newest, len(unended) > 0
}

// rests reports whether nobody but jobs has anything to do.
func (w *world) rests() bool {
	if follows := len(w.halt) > 1; follows && (!w.clock.ticks() || len(w.svc.schedule.wake) > 0) {
		return false // it does not follow yet: first it has everything scanned
	}
	w.svc.watcher.mu.Lock()
	defer w.svc.watcher.mu.Unlock()
	n := &w.svc.watcher.news
	return len(n.changed) == 0 && len(n.dropped) == 0 && !n.lost && len(w.svc.watcher.volumes) == 0 && !w.svc.watcher.seeing &&
		len(w.svc.due.list()) == 0
}

// watched returns a world with a location that is watched.
func watched(t *testing.T, folder string) (*world, ident.LocationID) {
	t.Helper()
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(watching)
	id := w.add(folder)
	w.calm()
	w.equal(folder)
	return w, id
}

// jobs counts all there ever were.
func (w *world) jobs() int {
	w.t.Helper()
	all, err := w.engine.List(context.Background(), job.Filter{})
	if err != nil {
		w.t.Fatalf("jobs: %v", err)
	}
	return len(all)
}

// coverage checks how much of a location is watched.
func (w *world) coverage(id ident.LocationID, watched, folders int64) {
	w.t.Helper()
	v, err := w.svc.view(context.Background(), id)
	if err != nil {
		w.t.Fatalf("view: %v", err)
	}
	if v.Watch.Folders != folders || v.Watch.Watched != watched || v.Watch.Share != float64(watched)/float64(folders) {
		w.t.Errorf("location %d: %+v, want %d of %d folders watched", id, v.Watch, watched, folders)
	}
}

func TestHintsAreFollowed(t *testing.T) {
	w, id := watched(t, "top")
	before, scans := w.ids(), w.jobs()
	w.coverage(id, 7, 7)

	for _, step := range []struct {
		what  string
		fn    func() error
		paths []string
	}{
		{"a file is made", func() error { return w.WriteFile("top/a/new", []byte("n")) }, []string{"top/a/new"}},
		{"a file is written", func() error { return w.WriteFile("top/a/in/1", []byte("longer")) }, []string{"top/a/in/1"}},
		{"a file is removed", func() error { return w.Remove("top/a/in/2") }, []string{"top/a/in/2"}},
		{"a file is renamed", func() error { return w.Rename("top/a/in/3", "top/b/3") }, []string{"top/a/in/3", "top/b/3"}},
		{"a tree comes", func() error {
			must(t, w.MkdirAll("top/tree/x/y"))
			return w.WriteFile("top/tree/x/y/z", []byte("z"))
		}, []string{"top/tree"}},
		{"in the tree a file", func() error { return w.WriteFile("top/tree/x/y/z2", nil) }, []string{"top/tree/x/y/z2"}},
		{"a folder moves", func() error { return w.Rename("top/tree", "top/c/tree") }, []string{"top/tree", "top/c/tree"}},
		{"in the moved tree a file", func() error { return w.WriteFile("top/c/tree/x/y/z3", nil) }, []string{"top/c/tree/x/y/z3"}},
		{"a folder leaves", func() error { return w.Rename("top/b", "outside") }, []string{"top/b", "outside"}},
		{"and returns", func() error {
			must(t, w.WriteFile("outside/in/while away", nil))
			return w.Rename("outside", "top/b")
		}, []string{"top/b", "outside"}},
		{"in it a file", func() error { return w.WriteFile("top/b/in/back", nil) }, []string{"top/b/in/back"}},
		{"a folder is another", func() error {
			must(t, w.MkdirAll("other/sub"))
			must(t, w.WriteFile("other/sub/f", nil))
			must(t, w.Remove("top/b"))
			return w.Rename("other", "top/b")
		}, []string{"top/b", "other"}},
		{"in it a file", func() error { return w.WriteFile("top/b/sub/g", nil) }, []string{"top/b/sub/g"}},
		{"a folder is closed and opened", func() error {
			must(t, w.Chmod("top/c", 0))
			must(t, w.WriteFile("top/c/unseen", nil))
			return w.Chmod("top/c", 0o755)
		}, []string{"top/c"}},
		{"a file becomes a folder", func() error {
			must(t, w.Remove("top/a/in/4"))
			must(t, w.Mkdir("top/a/in/4"))
			return w.WriteFile("top/a/in/4/f", nil)
		}, []string{"top/a/in/4"}},
		{"trees are removed", func() error {
			must(t, w.Remove("top/c/tree"))
			return w.Remove("top/a")
		}, []string{"top/c/tree", "top/a"}},
	} {
		w.touch(step.fn, step.paths...)
		w.calm()
		w.equal("top")
		if v, err := w.svc.view(t.Context(), id); err != nil || v.Watch.Share != 1 || int(v.Watch.Watched) != len(w.below("top")) || w.watch.count() != len(w.below("top")) {
			t.Errorf("%s: coverage %+v, %d watched, of %d folders", step.what, v.Watch, w.watch.count(), len(w.below("top")))
		}
		if t.Failed() {
			t.Fatalf("when %s", step.what)
		}
	}
	if w.jobs() != scans {
		t.Errorf("%d scans were needed", w.jobs()-scans)
	}
	for _, p := range []string{"top", "top/b", "top/c", "top/c/in", "top/c/in/1"} {
		if w.id(p) != before[p] {
			t.Errorf("%q has another entry", p)
		}
	}
}

// TestFault_E14_Burst: many hints make few listings.
func TestFault_E14_Burst(t *testing.T) {
	w, _ := watched(t, "top")
	var mu sync.Mutex
	listed := 0
	w.disks.change(func() {
		w.driver = listHook{w.FS, func(string) { mu.Lock(); listed++; mu.Unlock() }}
	})
	for i := range 500 {
		must(t, w.WriteFile(fmt.Sprintf("top/a/%d", i%50), []byte("x")))
		w.watch.hint(w.folder("top/a"))
	}
	w.calm()
	w.equal("top")
	mu.Lock()
	defer mu.Unlock()
	if listed > 100 {
		t.Errorf("500 hints made %d listings", listed)
	}
}

// TestFault_E13_Overflow: what no hint told of is found by a scan.
func TestFault_E13_Overflow(t *testing.T) {
	w, _ := watched(t, "top")
	must(t, w.MkdirAll("top/silent/in"))
	must(t, w.Remove("top/a/in"))
	w.watch.overflow()
	w.calm()
	w.equal("top")
}

// TestFault_E13_WatchLimit: the rest is seen by scans, and coverage says so.
func TestFault_E13_WatchLimit(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.watch.limit = 3
	w.start(watching)
	id := w.add("top")
	w.calm()
	w.coverage(id, 3, 7)
	must(t, w.WriteFile("top/c/in/new", nil))
	w.rescan(id)
	w.equal("top")
	w.coverage(id, 3, 7)
	w.touch(func() error { return w.Remove("top/c") }, "top/c")
	w.rescan(id)
	w.calm()
	w.equal("top")
	w.coverage(id, int64(w.watch.count()), 5)
}

// TestCoverageGoesDown: a folder that goes frees its watch, and is not counted.
func TestCoverageGoesDown(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.watch.limit = 5 // so that one of the three leaves is watched
	w.start(watching)
	id := w.add("top")
	w.calm()
	w.coverage(id, 5, 7)
	leaf := ""
	for _, d := range []string{"top/a/in", "top/b/in", "top/c/in"} {
		if w.watch.watches(w.folder(d)) {
			leaf = d
		}
	}
	w.touch(func() error { return w.Remove(leaf) }, leaf)
	w.calm()
	w.equal("top")
	w.coverage(id, 4, 6)
	w.svc.watcher.dropped(999) // of which nobody knows
	w.calm()
	w.coverage(id, 4, 6)
}

// TestFolderTakesThePlaceOfAnother: the folder above is all that tells of it.
func TestFolderTakesThePlaceOfAnother(t *testing.T) {
	w, _ := watched(t, "top")
	before := w.ids()
	must(t, w.MkdirAll("other/sub/deep"))
	must(t, w.WriteFile("other/sub/deep/f", nil))
	must(t, w.Rename("top/b", "aside"))
	must(t, w.Rename("other", "top/b"))
	w.watch.hint(w.folder("top"))
	w.calm()
	w.equal("top")
	w.touch(func() error { return w.WriteFile("top/b/sub/deep/g", nil) }, "top/b/sub/deep/g")
	w.calm()
	w.equal("top")
	if w.id("top/b") != before["top/b"] {
		t.Error("the folder has another entry")
	}
	if n := w.watch.count(); n != len(w.below("top")) {
		t.Errorf("%d folders are watched, of %d", n, len(w.below("top")))
	}
}

// TestNobodyWatches: a daemon whose system gives no watches works by scans.
func TestNobodyWatches(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	w.serve(w.svc.Serve)
	id := w.add("top")
	w.coverage(id, 0, 7)
	must(t, w.WriteFile("top/new", nil))
	w.rescan(id)
	w.equal("top")
}

// TestCoverageOfManyLocations: nested and beside each other, on one volume.
func TestCoverageOfManyLocations(t *testing.T) {
	w, top := watched(t, "top")
	w.coverage(top, 7, 7)
	a := w.add("top/a")
	w.coverage(top, 7, 7)
	w.coverage(a, 2, 2)
	must(t, w.MkdirAll("beside/x"))
	beside := w.add("beside")
	w.coverage(beside, 2, 2)
	w.touch(func() error {
		must(t, w.MkdirAll("top/a/n1/n2"))
		return w.MkdirAll("beside/y")
	}, "top/a/n1", "beside/y")
	w.calm()
	w.coverage(top, 9, 9)
	w.coverage(a, 4, 4)
	w.coverage(beside, 3, 3)
	w.touch(func() error { return w.Rename("top/a/n1", "beside/n1") }, "top/a/n1", "beside/n1")
	w.calm()
	w.coverage(top, 7, 7)
	w.coverage(a, 2, 2)
	w.coverage(beside, 5, 5)
	whole := w.add("")
	w.coverage(whole, int64(w.watch.count()), int64(len(w.below(""))))

	w.remove(whole)
	w.remove(beside)
	w.calm()
	w.coverage(top, 7, 7)
	if n := w.watch.count(); n != 7 {
		t.Errorf("%d folders are watched, of locations that are left 7", n)
	}
	w.remove(top)
	w.calm()
	w.coverage(a, 2, 2)
	w.touch(func() error { return w.WriteFile("top/a/in/new", nil) }, "top/a/in/new")
	w.calm()
	w.equal("top/a")
	w.remove(a)
	w.calm()
	if n := w.watch.count(); n != 0 {
		t.Errorf("%d folders are still watched", n)
	}
}

// TestMovedOutIsNotWatched: hints of what is in no location end its watch.
func TestMovedOutIsNotWatched(t *testing.T) {
	w, id := watched(t, "top")
	before := w.cat.Reached()
	w.touch(func() error { return w.Rename("top/a", "trash") }, "top/a", "trash")
	w.calm()
	w.touch(func() error { return w.WriteFile("trash/in/f", nil) }, "trash/in/f")
	w.touch(func() error { return w.WriteFile("trash/f", nil) }, "trash/f")
	w.calm()
	w.equal("top")
	w.coverage(id, 5, 5)
	if n := w.watch.count(); n != 5 {
		t.Errorf("%d folders are watched", n)
	}
	if n, _ := w.entryChanges(before); n > 16 { // the folder, 11 in it, and those above
		t.Errorf("%d entries were written", n)
	}
}

func TestDiffOfFolderThatIsGone(t *testing.T) {
	w, _ := watched(t, "top")
	must(t, w.Remove("top"))
	for p := range w.known("top") {
		if e := w.known("top")[p]; e.Kind == vfs.Folder {
			w.svc.watcher.changed(e.ID)
		}
	}
	before := len(w.known("top"))
	w.calm()
	if after := len(w.known("top")); after != before {
		t.Errorf("a location that is not there lost %d entries", before-after)
	}
}
