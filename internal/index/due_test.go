package index

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// TestRemovedWhileAllAreScanned: a location that goes while all of them are
// queued ends nothing, and the others are scanned.
func TestRemovedWhileAllAreScanned(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	inner, top := w.add("top/b"), w.add("top")
	before := w.location(top).Job
	must(t, w.svc.rescanWhere(t.Context(), func(v catalog.Volume) bool { // all that is read from now on is from before
		must(t, w.svc.remove(t.Context(), inner))
		return true
	}))
	if owed := w.svc.due.list(); len(owed) != 0 || w.svc.due.is(inner) {
		t.Errorf("scans of %v are owed", owed)
	}
	if w.location(top).Job == before {
		t.Error("the other location is not scanned")
	}
	w.scanned(top, job.Done)
}

// visits holds listings of folders: one of each name at a time.
type visits struct {
	hold chan *hold
	fail atomic.Bool // what is held fails
	vfs.Driver
}

func (v *visits) List(ctx context.Context, dir string, emit func([]vfs.Entry) error) error {
	select {
	case h := <-v.hold:
		if h.path != dir {
			v.hold <- h
			break
		}
		h.before(dir)
		if v.fail.Swap(false) {
			return errs.New(errs.Unavailable, "it went away").At(dir)
		}
	default:
	}
	return v.Driver.List(ctx, dir, emit)
}

// next has the next listing of a folder wait.
func (v *visits) next(dir string) *hold {
	h := newHold(dir)
	v.hold <- h
	return h
}

// visited is a world with a location, whose listings can be held.
func visited(t *testing.T, d daemon) (*world, *visits, ident.LocationID) {
	t.Helper()
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	v := &visits{hold: make(chan *hold, 1), Driver: w.FS}
	w.driver = v
	w.start(d)
	w.svc.Workers = 1
	id := w.add("top")
	w.calm()
	return w, v, id
}

// TestVolumeReturnsWhileAScanFails: the scan that fails does not speak for the
// time after.
func TestVolumeReturnsWhileAScanFails(t *testing.T) {
	w, v, id := visited(t, watching)
	v.fail.Store(true)
	h := v.next("top/b")
	must(t, w.svc.rescan(t.Context(), id))
	<-h.there
	failing := w.location(id).Job
	must(t, w.WriteFile("top/late", nil))
	must(t, w.svc.Returned(t.Context(), "a"))
	close(h.goOn)
	if snap, err := w.engine.Wait(t.Context(), failing); err != nil || snap.State != job.Failed {
		t.Fatalf("the scan is %+v, %v", snap, err)
	}
	w.calm()
	w.equal("top")
	if l := w.location(id); l.State != catalog.Ready {
		t.Errorf("the location is %+v", l)
	}
}

// inSecondPass has a scan held where it begins its second pass, or in it.
func inSecondPass(t *testing.T, w *world, v *visits, id ident.LocationID, at string) *hold {
	t.Helper()
	first := v.next("top/b")
	must(t, w.svc.rescan(t.Context(), id))
	<-first.there
	must(t, w.WriteFile("top/early", nil))
	w.svc.due.add(id)
	second := v.next(at)
	close(first.goOn)
	<-second.there
	return second
}

// TestRescanWhileAScanEnds: who asks for a scan while one runs that looks no
// more, at all or at what it has passed, waits for another.
func TestRescanWhileAScanEnds(t *testing.T) {
	w, v, id := visited(t, scansOnly)
	h := inSecondPass(t, w, v, id, "top/b")
	runs := w.location(id).Job
	must(t, w.WriteFile("top/late", nil))
	must(t, w.svc.rescan(t.Context(), id))
	queued := w.location(id).Job
	must(t, w.svc.rescan(t.Context(), id))
	if again := w.location(id).Job; queued == runs || again != queued {
		t.Errorf("job %d runs, and those who ask wait for %d and %d", runs, queued, again)
	}
	close(h.goOn)
	w.scanned(id, job.Done)
	w.equal("top")
}

// TestRemoveWhileAnotherScanWaits: neither goes on.
func TestRemoveWhileAnotherScanWaits(t *testing.T) {
	w, v, id := visited(t, scansOnly)
	h := inSecondPass(t, w, v, id, "top/b")
	runs := w.location(id).Job
	must(t, w.svc.rescan(t.Context(), id))
	queued := w.location(id).Job
	must(t, w.svc.remove(t.Context(), id))
	close(h.goOn)
	for _, scan := range []ident.JobID{runs, queued} {
		if snap, err := w.engine.Wait(t.Context(), scan); err != nil || snap.State != job.Cancelled {
			t.Errorf("job %d is %+v, %v", scan, snap, err)
		}
	}
	w.idle()
	if n := len(w.known("top")); n != 0 {
		t.Errorf("%d entries are left", n)
	}
}

// TestPauseWhereASecondPassBegins: what goes on is that pass, and not the end of
// the first.
func TestPauseWhereASecondPassBegins(t *testing.T) {
	w, v, id := visited(t, scansOnly)
	h := inSecondPass(t, w, v, id, "top")
	scan := w.location(id).Job
	must(t, w.engine.Pause(t.Context(), scan))
	close(h.goOn)
	w.until("the scan is paused", func() bool {
		snap, err := w.engine.Get(t.Context(), scan)
		return err == nil && snap.State == job.Paused
	})
	must(t, w.engine.Resume(t.Context(), scan))
	w.scanned(id, job.Done)
	w.equal("top")
}

// lateStop is a context that ends when something has come to be.
type lateStop struct {
	context.Context
	when func() bool
}

func (c lateStop) Err() error {
	if c.when() {
		return context.Canceled
	}
	return nil
}

// TestStopAfterTheEnd: a scan that was stopped when it had asked for the last
// time what is due does not go on, so what became due meanwhile is another's.
func TestStopAfterTheEnd(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	id := w.add("top")
	stop := lateStop{t.Context(), func() bool {
		over := w.svc.due.isPast(id, 99)
		if over {
			w.svc.due.add(id)
		}
		return over
	}}
	must(t, w.svc.scan(stop, numbered(99), scanArgs{Location: id}, scanCursor{}, func(_ scanCursor, _ job.Progress, work func(*store.Tx) error) error {
		return w.db.Write(t.Context(), work)
	}))
	if w.svc.due.owes(id) == 0 {
		t.Error("no scan is owed")
	}
}

// numbered is a run of nothing but a number.
type numbered ident.JobID

func (n numbered) JobID() ident.JobID  { return ident.JobID(n) }
func (numbered) Warn(string, error)    {}
func (numbered) Progress(job.Progress) {}

// TestOwedSince: a scan that comes pays no debt that was made after it began.
func TestOwedSince(t *testing.T) {
	d := newDue()
	d.add(1)
	owed := d.owes(1)
	d.begins(1, 7)
	d.passes(1)
	d.ends(1, false, false)
	d.add(1)
	d.comes(1, owed) // who queued the scan comes to say so
	if len(d.list()) != 1 {
		t.Error("the later debt is forgotten")
	}
}
