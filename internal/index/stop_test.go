package index

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
)

// TestRemoveWhileScanning: the scan stops, and all rows go.
func TestRemoveWhileScanning(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	held, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.driver = listHook{w.FS, func(path string) {
		if path == "top/b/in" {
			once.Do(func() { close(held); <-goOn })
		}
	}}
	w.start(scansOnly)
	w.svc.Batch = 3
	id, err := w.svc.add(t.Context(), mountA+"/top", "", "")
	must(t, err)
	<-held
	scan := w.location(id).Job
	must(t, w.svc.remove(t.Context(), id))
	close(goOn)
	if snap, err := w.engine.Wait(t.Context(), scan); err != nil || snap.State != job.Cancelled {
		t.Errorf("the scan ended %s, %v", snap.State, err)
	}
	w.idle()
	if rows := w.rows(); len(rows) != 1 {
		t.Errorf("%d rows are left", len(rows))
	}
	if all, err := w.engine.List(t.Context(), job.Filter{}); err != nil || len(all) != 2 || all[0].State != job.Done || all[0].Kind != forgetKind {
		t.Errorf("jobs: %+v, %v", all, err)
	}
}

// TestPauseAndResume: a scan goes on where it stopped, and misses nothing.
func TestPauseAndResume(t *testing.T) {
	for _, how := range []string{"pause", "cancel"} {
		t.Run(how, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			grow(t, w.FS)
			held, goOn := make(chan struct{}), make(chan struct{})
			var once sync.Once
			listings := 0
			var mu sync.Mutex
			w.driver = listHook{w.FS, func(path string) {
				mu.Lock()
				listings++
				mu.Unlock()
				if path == "top/b/in" {
					once.Do(func() { close(held); <-goOn })
				}
			}}
			w.start(scansOnly)
			w.svc.Batch, w.svc.Workers = 3, 1
			id, err := w.svc.add(t.Context(), mountA+"/top", "", "")
			must(t, err)
			<-held
			scan := w.location(id).Job
			if how == "cancel" {
				must(t, w.engine.Cancel(t.Context(), scan))
			} else {
				must(t, w.engine.Pause(t.Context(), scan))
			}
			close(goOn)
			w.idle()
			shown, err := w.svc.view(t.Context(), id)
			must(t, err)
			w.sums()
			if how == "cancel" {
				if shown.State != "incomplete" || shown.Job.State != job.Cancelled {
					t.Errorf("it is shown as %s, its job %s", shown.State, shown.Job.State)
				}
				w.rescan(id)
				w.equal("top")
				return
			}
			if shown.State != "indexing" || shown.Job.State != job.Paused {
				t.Errorf("it is shown as %s, its job %s", shown.State, shown.Job.State)
			}
			// What watches has it scanned, but not against who paused it.
			must(t, w.svc.rescanAll(t.Context()))
			if open, err := w.engine.List(t.Context(), job.Filter{}); err != nil || len(open) != 1 {
				t.Errorf("%d jobs, %v", len(open), err)
			}
			must(t, w.engine.Resume(t.Context(), scan))
			w.scanned(id, job.Done)
			w.equal("top")
			mu.Lock()
			defer mu.Unlock()
			if listings < 15 { // 7 folders; the second pass is for what changed while nobody looked
				t.Errorf("%d listings: there was no second pass", listings)
			}
		})
	}
}

// stops makes the listing of one folder wait for the end of its context.
type stops struct {
	vfs.Driver
	path  string
	there chan struct{} // gets a token when it waits
	armed *atomic.Bool
}

func (d stops) List(ctx context.Context, dir string, emit func([]vfs.Entry) error) error {
	if dir == d.path && d.armed.CompareAndSwap(true, false) {
		d.there <- struct{}{}
		<-ctx.Done()
		return errs.In("list", ctx.Err())
	}
	return d.Driver.List(ctx, dir, emit)
}

// TestStoppedListingIsNotDone: a pause in the middle of a listing must not make
// a folder pass for one that is done with.
func TestStoppedListingIsNotDone(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	d := stops{w.FS, "top/b/in", make(chan struct{}, 1), new(atomic.Bool)}
	w.driver = d
	w.start(scansOnly)
	w.svc.Batch = -1 // every listing is handed over at once
	id := w.add("top")
	for i := range 10 { // what comes first, the end or the listing, is chance
		must(t, w.WriteFile("top/b/in/new", make([]byte, i)))
		d.armed.Store(true)
		must(t, w.svc.rescan(t.Context(), id))
		<-d.there
		scan := w.location(id).Job
		must(t, w.engine.Pause(t.Context(), scan))
		w.idle()
		must(t, w.engine.Resume(t.Context(), scan))
		w.scanned(id, job.Done)
		w.equal("top")
	}
}

// TestReturned: a volume that is back is looked at.
func TestReturned(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	id := w.add("top")
	must(t, w.WriteFile("top/new", nil))
	must(t, w.svc.Returned(t.Context(), "unknown"))
	must(t, w.svc.Returned(t.Context(), "b"))
	if all, err := w.engine.List(t.Context(), job.Filter{}); err != nil || len(all) != 1 {
		t.Errorf("%d jobs, %v", len(all), err)
	}
	must(t, w.svc.Returned(t.Context(), "a"))
	w.scanned(id, job.Done)
	w.equal("top")
}

// TestForgottenJob: a location whose scan never ended is incomplete, also when
// nobody remembers the scan.
func TestForgottenJob(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	id := w.add("top")
	must(t, w.svc.setLocation(t.Context(), id, func(l *catalog.Location) { l.State, l.Job = catalog.Indexing, 999 }))
	if shown, err := w.svc.view(t.Context(), id); err != nil || shown.State != "incomplete" || shown.Job != nil {
		t.Errorf("it is shown as %s with %+v, %v", shown.State, shown.Job, err)
	}
}
