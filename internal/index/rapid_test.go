package index

import (
	"context"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
)

// life is one random history of a disk, beside a daemon that hears half of it.
type life struct {
	*rapid.T
	w  *world
	id ident.LocationID
}

// TestPromise_P13_IndexEqualsDisk: whatever happens on a disk while the daemon
// scans, follows hints, misses hints or is away, after one scan in peace the
// catalogue is what a simple walk shows.
func TestPromise_P13_IndexEqualsDisk(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		own, err := os.MkdirTemp(dir, "run")
		must(rt, err)
		l := &life{T: rt, w: newWorld(rt, own)}
		seed := rapid.Uint64().Draw(rt, "seed")
		l.w.watch.random = rand.New(rand.NewPCG(seed, 1))
		l.w.watch.drop = rapid.SampledFrom([]float64{0, 0.1, 0.5}).Draw(rt, "dropped")
		l.w.watch.double = rapid.SampledFrom([]float64{0, 0.3}).Draw(rt, "doubled")
		must(rt, l.w.MkdirAll("top/a/b"))
		l.w.tune = func(s *Service) { s.watcher.settle, s.Batch = time.Millisecond, 4 }
		l.w.start(watching)
		l.id, err = l.w.svc.add(context.Background(), mountA+"/top", "", "")
		must(rt, err)
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			l.step(rt)
		}
		l.peace(rt)
	})
}

// path draws one that may exist or not.
func (l *life) path(t *rapid.T, label string) string {
	p := "top"
	for range rapid.IntRange(1, 3).Draw(t, label+" depth") {
		p += "/" + rapid.SampledFrom([]string{"a", "b", "c", "\xff"}).Draw(t, label)
	}
	return p
}

// step changes something, if that can be done.
func (l *life) step(t *rapid.T) {
	w := l.w
	p := l.path(t, "path")
	// Failures are steps that could not be done: the name is taken, or not there.
	try := func(fn func() error, paths ...string) {
		w.touch(func() error { _ = fn(); return nil }, paths...)
	}
	switch rapid.SampledFrom([]string{"write", "write", "mkdir", "tree", "remove", "rename", "rename", "link", "odd", "kind", "shut", "open", "mount",
		"rescan", "overflow", "restart", "calm", "noise", "pause", "inner", "own", "own", "own"}).Draw(t, "step") {
	case "write":
		try(func() error { return w.WriteFile(p, make([]byte, rapid.IntRange(0, 9).Draw(t, "size"))) }, p)
	case "mkdir":
		try(func() error { return w.Mkdir(p) }, p)
	case "tree":
		try(func() error { return errs.In("", w.MkdirAll(p+"/a/b")) }, p, p+"/a", p+"/a/b")
	case "remove":
		try(func() error { return w.Remove(p) }, p)
	case "rename":
		to := l.path(t, "to")
		try(func() error { return w.Rename(p, to) }, p, to)
	case "link":
		to := l.path(t, "to")
		try(func() error { return w.Link(p, to) }, p, to)
	case "odd":
		try(func() error {
			_ = w.Symlink("..", p)
			return w.FIFO(p + "/fifo")
		}, p, p+"/fifo")
	case "kind":
		try(func() error {
			e, err := w.FS.Stat(context.Background(), p)
			if err != nil {
				return err
			}
			_ = w.Remove(p)
			if e.Kind == vfs.Folder {
				return w.WriteFile(p, nil)
			}
			return w.Mkdir(p)
		}, p)
	case "shut":
		try(func() error { return w.Chmod(p, rapid.SampledFrom([]uint32{0, 0o400, 0o100}).Draw(t, "mode")) }, p)
	case "open":
		try(func() error { return w.Chmod(p, 0o755) }, p)
	case "mount":
		try(func() error { return w.SetMount(p, rapid.Bool().Draw(t, "mounted")) }, p)
	case "rescan":
		must(t, w.svc.rescan(context.Background(), l.id))
	case "overflow":
		w.watch.overflow()
	case "restart":
		w.stop()
		_ = w.MkdirAll(p)
		w.start(watching)
	case "calm":
		w.calm()
	case "noise":
		for range 5 {
			w.svc.watcher.changed(ident.EntryID(rapid.Int64Range(0, 60).Draw(t, "id")))
		}
	case "pause":
		if id := w.location(l.id).Job; w.engine.Pause(context.Background(), id) == nil {
			if err := w.engine.Resume(context.Background(), id); err != nil && !errs.Is(err, errs.Conflict) { // it ended first
				t.Fatalf("resume: %v", err)
			}
		}
	case "inner":
		l.inner(t, p)
	case "own":
		l.ownStep(t, p)
	}
}

// inner makes a folder a location of its own, or removes it again.
func (l *life) inner(t *rapid.T, path string) {
	id, err := l.w.svc.add(context.Background(), mountA+"/"+path, "", "")
	if errs.Is(err, errs.Conflict) {
		id, err = l.w.svc.find(context.Background(), mountA+"/"+path)
		if err == nil && id != l.id {
			must(t, l.w.svc.remove(context.Background(), id))
		}
	}
	if errs.Is(err, errs.Internal) {
		t.Fatalf("add %q: %v", path, err)
	}
	_ = id
}

// peace ends the changes, and holds the catalogue against the disk.
func (l *life) peace(t *rapid.T) {
	w := l.w
	for open := false; !open; { // what was shut may hide more of it
		open = true
		for p, e := range w.all("top") {
			if e.Mode != 0o755 && e.Kind == vfs.Folder || e.Mount {
				must(t, w.Chmod(p, 0o755))
				must(t, w.SetMount(p, false))
				open = false
			}
		}
	}
	w.rescan(l.id)
	w.calm()
	w.equal("top")
	w.sums()
	if loc := w.location(l.id); loc.State != catalog.Ready || loc.Errors != 0 || loc.Skipped != 0 {
		t.Errorf("the location is %+v", loc)
	}
	before := w.cat.Reached()
	if snap := w.rescan(l.id); snap.State != job.Done {
		t.Errorf("the last scan is %+v", snap)
	}
	if n, _ := w.entryChanges(before); n != 0 {
		t.Errorf("%d entries were written though nothing changed", n)
	}
	failed, err := w.engine.List(context.Background(), job.Filter{States: []job.State{job.Failed}})
	must(t, err)
	for _, j := range failed {
		if j.ErrorKind == errs.Internal {
			t.Errorf("job %d failed: %s", j.ID, j.Error)
		}
	}
}
