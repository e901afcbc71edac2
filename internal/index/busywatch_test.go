package index

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
)

// hold makes the listing of one folder wait.
type hold struct {
	path  string
	once  sync.Once
	there chan struct{} // closed when it waits
	goOn  chan struct{}
}

func newHold(path string) *hold {
	return &hold{path: path, there: make(chan struct{}), goOn: make(chan struct{})}
}

func (h *hold) before(path string) {
	if path == h.path {
		h.once.Do(func() { close(h.there); <-h.goOn })
	}
}

// TestHintsDuringAScan: what changes in folders that the scan has passed, and in
// folders that it has found and not written yet, is not lost.
func TestHintsDuringAScan(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	must(t, w.MkdirAll("top/z/last"))
	h := newHold("top/z/last")
	w.driver = listHook{w.FS, h.before}
	w.start(watching)
	w.svc.Workers = 2
	id, err := w.svc.add(t.Context(), mountA+"/top", "", "")
	must(t, err)
	<-h.there
	w.until("the others are watched", func() bool { return w.watch.count() == 9 })
	// All of top is listed, or being so; nothing is in the catalogue but perhaps the first batch.
	for _, p := range []string{"top/a/in/late", "top/b/late", "top/late", "top/c/in/late"} {
		w.touch(func() error { return w.WriteFile(p, []byte("late")) }, p)
	}
	w.touch(func() error { return w.MkdirAll("top/a/tree/deep") }, "top/a/tree")
	w.until("the hints are waiting", func() bool {
		w.svc.watcher.mu.Lock()
		defer w.svc.watcher.mu.Unlock()
		return len(w.svc.watcher.news.changed) == 0 && !w.svc.watcher.seeing
	})
	scans := w.jobs()
	close(h.goOn)
	w.scanned(id, job.Done)
	w.calm()
	w.equal("top")
	if w.jobs() != scans {
		t.Errorf("%d more scans were needed", w.jobs()-scans)
	}
	w.coverage(id, 11, 11)
}

// TestOverflowDuringAScan: the scan may have passed by what was lost.
func TestOverflowDuringAScan(t *testing.T) {
	for _, how := range []string{"overflow", "rescan"} {
		t.Run(how, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			grow(t, w.FS)
			must(t, w.MkdirAll("top/z/last"))
			h := newHold("top/z/last")
			w.driver = listHook{w.FS, h.before}
			w.start(watching)
			w.svc.Workers = 2
			id, err := w.svc.add(t.Context(), mountA+"/top", "", "")
			must(t, err)
			<-h.there
			w.until("the others are watched", func() bool { return w.watch.count() == 9 })
			for _, p := range []string{"top/a/in/late", "top/b/late", "top/late"} {
				must(t, w.WriteFile(p, nil))
			}
			if how == "overflow" {
				w.watch.overflow()
				w.until("it is noted", func() bool { return w.svc.due.is(id) })
			} else {
				must(t, w.svc.rescan(t.Context(), id))
			}
			close(h.goOn)
			w.scanned(id, job.Done)
			if how == "rescan" { // who asked for it waits for one job
				w.equal("top")
			}
			w.calm()
			w.equal("top")
		})
	}
}

// TestVolumesDoNotWaitForEachOther: hints of one volume are followed while
// another is being scanned.
func TestVolumesDoNotWaitForEachOther(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	b := w.disks.all["b"]
	must(t, b.MkdirAll("slow/in"))
	h := newHold("slow/in")
	b.driver = listHook{b.FS, h.before}
	w.start(watching)
	idB, err := w.svc.add(t.Context(), mountB+"/slow", "", "")
	must(t, err)
	<-h.there
	w.add("top")
	slow, err := b.Stat(t.Context(), "slow")
	must(t, err)
	must(t, b.WriteFile("slow/late", nil))
	w.watch.hint(inode{"b", slow.Inode})
	for i := range 3 {
		p := fmt.Sprintf("top/a/new%d", i)
		w.touch(func() error { return w.WriteFile(p, nil) }, p)
		w.until("the hint is followed", func() bool { _, ok := w.known("top")[p]; return ok })
	}
	w.equal("top")
	close(h.goOn)
	w.scanned(idB, job.Done)
	w.calm()
	w.read(func(r *catalog.Reader) error {
		v, err := r.VolumeByIdentity("b")
		must(t, err)
		if _, err := r.Lookup(v.Root, "slow/late"); err != nil {
			t.Errorf("the hint of the slow volume: %v", err)
		}
		return nil
	})
}

// TestRelistThatFails: hints that cannot be followed now are not forgotten.
func TestRelistThatFails(t *testing.T) {
	w, id := watched(t, "top")
	scans := w.jobs()
	h := &panicOnce{}
	w.disks.change(func() { w.driver = listHook{w.FS, h.before} })
	w.touch(func() error { return w.WriteFile("top/a/new", nil) }, "top/a/new")
	w.until("a scan follows", func() bool { return w.jobs() > scans })
	w.calm()
	w.equal("top")

	// A volume that is away is looked at when it is back.
	w.disks.change(func() { w.online = false })
	must(t, w.WriteFile("top/b/new", nil))
	w.svc.watcher.changed(w.id("top/b"))
	w.calm()
	w.disks.change(func() { w.online = true })
	must(t, w.svc.Returned(t.Context(), "a"))
	w.scanned(id, job.Done)
	w.calm()
	w.equal("top")

	// A folder that cannot be read keeps what it had.
	faulty := faultfs.New(w.FS, faultfs.Must("list top/b error=EIO")...)
	w.disks.change(func() { w.driver = faulty })
	w.touch(func() error { return w.Remove("top/b/new") }, "top/b/new")
	w.calm()
	faulty.VerifyAllUsed(t)
	if _, ok := w.known("top")["top/b/new"]; !ok {
		t.Error("an unreadable folder lost an entry")
	}
	w.sums()
}

type panicOnce struct{ once sync.Once }

func (p *panicOnce) before(string) { p.once.Do(func() { panic("a mistake of ours") }) }

// TestRestart: what changes while the daemon is away is seen when it is back,
// also behind a scan that goes on where it was.
func TestRestart(t *testing.T) {
	w, id := watched(t, "top")
	w.stop()
	must(t, w.WriteFile("top/a/while away", nil))
	must(t, w.Remove("top/b/in"))
	w.start(watching)
	w.until("the location is scanned", func() bool { return w.location(id).Job == ident.JobID(w.jobs()) && w.jobs() > 1 })
	w.calm()
	w.equal("top")

	must(t, w.MkdirAll("top/z/last"))
	h := newHold("top/z/last")
	w.disks.change(func() { w.driver = listHook{w.FS, h.before} })
	w.svc.Batch = 1
	must(t, w.svc.rescan(t.Context(), id))
	<-h.there
	halt := w.halt
	w.halt = nil
	var stopping sync.WaitGroup
	for _, fn := range slices.Backward(halt) {
		stopping.Go(fn)
	}
	close(h.goOn)
	stopping.Wait()
	must(t, w.db.Close())
	w.db = nil
	must(t, w.WriteFile("top/a/in/while away again", nil)) // the scan may have passed by
	w.start(watching)
	w.until("start-up is over", w.clock.ticks)
	w.scanned(id, job.Done)
	w.calm()
	w.equal("top")
	w.coverage(id, 8, 8)
}

func TestWavesOfHints(t *testing.T) {
	w, _ := watched(t, "top")
	// A folder goes that had changes in it, and comes back: its own listing and
	// that of the folder above are about the same entries.
	for range 5 {
		w.touch(func() error {
			must(t, w.WriteFile("top/a/in/deep", nil))
			must(t, w.Remove("top/a/in"))
			must(t, w.MkdirAll("top/a/in/more"))
			return w.WriteFile("top/a/in/deep", []byte("again"))
		}, "top/a", "top/a/in", "top/a/in/deep")
		w.calm()
		w.equal("top")
		w.touch(func() error { return w.Remove("top/a") }, "top/a", "top/a/in/x", "top/a/in/more/x")
		w.calm()
		w.equal("top")
		w.touch(func() error { return w.MkdirAll("top/a/in/more") }, "top/a")
		w.calm()
		w.equal("top")
	}
}

// TestFault_E13_TooManyHints: beyond a bound, hints become the wish for a scan.
func TestFault_E13_TooManyHints(t *testing.T) {
	w := newWatcher(nil) // nobody takes the hints meanwhile
	for i := range ident.EntryID(maxDirty + 2) {
		w.changed(i)
	}
	if len(w.news.changed) != maxDirty || !w.news.lost {
		t.Errorf("%d hints kept, lost %v", len(w.news.changed), w.news.lost)
	}
}
