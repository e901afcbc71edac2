package index

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
)

// set changes a location by its operation.
func (w *world) set(id ident.LocationID, fields string) Location {
	w.t.Helper()
	l, err := call[Location](w, "location.set", fmt.Sprintf(`{"location":"%d",%s}`, id, fields))
	if err != nil {
		w.t.Fatalf("location.set %s: %v", fields, err)
	}
	return l
}

func (w *world) info(id ident.LocationID) Location {
	w.t.Helper()
	l, err := w.svc.view(context.Background(), id)
	if err != nil {
		w.t.Fatalf("view: %v", err)
	}
	return l
}

func (w *world) restart() {
	w.t.Helper()
	w.stop()
	w.start(watching)
	w.until("start-up is over", w.clock.ticks)
}

// scans holds how many scans there ever were against what is expected.
func (w *world) scans(want int, when string) {
	w.t.Helper()
	if got := w.jobs(); got != want {
		w.t.Errorf("%s: %d scans, want %d", when, got, want)
	}
}

// grown is a world with a location of seven folders, of which so many are watched.
func grown(t *testing.T, watched int) (*world, ident.LocationID) {
	t.Helper()
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.watch.limit = watched
	w.start(watching)
	id := w.add("top")
	w.calm()
	return w, id
}

// TestFault_E13_ScannedAgain: what is past the watch limit is seen within the interval.
func TestFault_E13_ScannedAgain(t *testing.T) {
	w, id := grown(t, 3)
	before := w.jobs()
	must(t, w.WriteFile("top/c/in/new", nil))
	w.pass(14 * time.Minute)
	w.scans(before, "too early")
	w.pass(time.Minute)
	w.scans(before+1, "after 15 minutes")
	w.equal("top")
	if c := w.info(id).Watch; c.RescanEvery != 15*60 || c.Watched != 3 {
		t.Errorf("coverage %+v", c)
	}
}

// TestWatchedIsNotTakenOnTrustForEver: a hint that never came costs a day at most.
func TestWatchedIsNotTakenOnTrustForEver(t *testing.T) {
	w, id := grown(t, 100)
	before := w.jobs()
	must(t, w.WriteFile("top/c/in/new", nil))
	w.pass(23 * time.Hour)
	w.scans(before, "too early")
	w.pass(time.Hour)
	w.scans(before+1, "after a day")
	w.equal("top")
	if c := w.info(id).Watch; c.RescanEvery != 24*60*60 || c.Share != 1 || fmt.Sprint(c.How) != "[inotify]" {
		t.Errorf("coverage %+v", c)
	}
}

// TestSchedule: the interval of the policy, counted from the end of the last scan.
func TestSchedule(t *testing.T) {
	w, id := grown(t, 100)
	w.set(id, `"schedule":"6h"`)
	w.pass(5 * time.Hour)
	w.rescan(id)
	w.calm() // who serves may have queued one more, for the same word
	before := w.jobs()
	w.pass(5 * time.Hour)
	w.scans(before, "too early")
	w.pass(time.Hour)
	w.scans(before+1, "after six hours")
}

// TestScheduleLeavesAlone: an offline volume, a scan that is paused, one that
// failed a moment ago, and a clock that jumps.
func TestScheduleLeavesAlone(t *testing.T) {
	w, id := grown(t, 3)
	before := w.jobs()
	w.disks.change(func() { w.disk.online = false })
	w.pass(time.Hour)
	w.scans(before, "offline")
	w.disks.change(func() { w.disk.online = true })

	must(t, w.Rename("top", "away"))
	w.pass(time.Hour)
	w.scans(before+1, "its folder is gone")
	w.pass(14 * time.Minute)
	w.scans(before+1, "it failed less than an interval ago")
	must(t, w.Rename("away", "top"))
	w.pass(time.Minute)
	w.scans(before+2, "after the interval")
	w.equal("top")

	h := newHold("top/a")
	w.disks.change(func() { w.driver = listHook{w.FS, h.before} })
	must(t, w.svc.rescan(t.Context(), id))
	<-h.there
	l := w.location(id)
	must(t, w.engine.Pause(t.Context(), l.Job))
	close(h.goOn)
	w.until("it is paused", func() bool {
		snap, err := w.engine.Get(t.Context(), l.Job)
		return err == nil && snap.State == job.Paused
	})
	w.pass(time.Hour)
	w.scans(before+3, "paused")
	must(t, w.engine.Resume(t.Context(), l.Job))
	w.scanned(id, job.Done)

	w.pass(time.Hour)
	w.scans(before+4, "an hour")
	w.clock.turn(-100 * time.Hour)
	w.svc.schedule.look()
	w.until("a clock that was set back does not put it off", func() bool { return w.jobs() == before+5 })
	w.calm()
	w.svc.schedule.look()
	w.pass(time.Minute)
	w.scans(before+5, "and is scanned no more than once for it")
}

// TestHeldWaitsForAWord: what is held is looked at once a day, not all the time.
func TestHeldWaitsForAWord(t *testing.T) {
	w, id := grown(t, 1)
	for i := range 150 {
		must(t, w.WriteFile(fmt.Sprintf("top/c/in/many%d", i), nil))
	}
	w.rescan(id)
	must(t, w.Rename("top/c", "c"))
	w.rescanTo(id, job.Failed)
	if l := w.location(id); l.State != catalog.Held {
		t.Fatalf("it is %s", l.State)
	}
	before := w.jobs()
	w.pass(time.Hour)
	w.scans(before, "an hour")
	w.pass(23 * time.Hour)
	w.scans(before+1, "a day")
}

// TestManual: scanned when asked, and by nothing else.
func TestManual(t *testing.T) {
	w, id := grown(t, 3)
	w.set(id, `"schedule":"manual"`)
	before := w.jobs()
	w.pass(1000 * time.Hour)
	must(t, w.svc.Returned(t.Context(), "a"))
	w.svc.watcher.lost()
	w.calm()
	w.scans(before, "time, a volume that returns, lost hints")
	w.restart()
	w.calm()
	w.scans(before, "start-up")
	must(t, w.WriteFile("top/new", nil))
	w.rescan(id)
	w.equal("top")
	w.scans(before+1, "asked")
	if c := w.info(id).Watch; c.RescanEvery != 0 {
		t.Errorf("coverage %+v", c)
	}
	w.set(id, `"schedule":"auto"`) // what was missed meanwhile is made up for
	must(t, w.svc.Returned(t.Context(), "a"))
	w.calm()
	w.scans(before+2, "not manual any more")
}

// TestOnBattery: no scan starts but what is asked for, and the one that waits
// comes with the mains.
func TestOnBattery(t *testing.T) {
	w, id := grown(t, 3)
	w.set(id, `"on_battery":"pause"`)
	w.drain.Store(true)
	before := w.jobs()
	w.restart()
	w.pass(100 * time.Hour)
	w.scans(before, "on battery")
	must(t, w.WriteFile("top/new", nil))
	w.rescan(id)
	w.scans(before+1, "asked for")
	must(t, w.svc.Returned(t.Context(), "a"))
	w.calm()
	w.scans(before+1, "it waits")
	w.drain.Store(false)
	w.pass(time.Minute)
	w.scans(before+2, "on mains again")
	w.drain.Store(true)
	w.set(id, `"on_battery":"run"`)
	w.pass(time.Hour)
	w.scans(before+3, "it need not wait")
	w.equal("top")
}

// TestUnwatched: with the watch off, folders are not watched and do not count;
// what another location wants watched stays so.
func TestUnwatched(t *testing.T) {
	w, top := grown(t, 100)
	inner := w.add("top/a")
	w.calm()
	w.coverage(top, 7, 7)
	w.coverage(inner, 2, 2)
	l := w.set(top, `"watch":"off"`)
	w.calm()
	if c := w.info(top).Watch; l.Policy.Watch != off || c.Folders != 0 || c.Watched != 0 || c.How != nil || c.RescanEvery != 15*60 {
		t.Errorf("policy %+v, coverage %+v", l.Policy, c)
	}
	w.coverage(inner, 2, 2)
	if n := w.watch.count(); n != 2 {
		t.Errorf("%d folders are watched, want 2", n)
	}
	must(t, w.WriteFile("top/b/new", nil))
	w.rescan(top)
	w.calm()
	w.restart()
	w.calm()
	if n := w.watch.count(); n != 2 {
		t.Errorf("%d folders are watched after a restart, want 2", n)
	}
	w.set(inner, `"watch":"off"`)
	w.calm()
	if n := w.watch.count(); n != 0 {
		t.Errorf("%d folders are watched, want none", n)
	}
	w.set(top, `"watch":"on"`)
	w.calm()
	w.coverage(top, 7, 7)
	w.set(top, `"watch":"on"`) // again: nothing to do
	w.equal("top")
}

// TestStartUpBeginsWithWhatChangedLast, and leaves low priorities to the end.
func TestStartUpBeginsWithWhatChangedLast(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for _, d := range []string{"one", "two", "three", "four"} {
		must(t, w.MkdirAll(d))
	}
	w.start(watching)
	one, two, three, four := w.add("one"), w.add("two"), w.add("three"), w.add("four")
	must(t, w.WriteFile("two/new", nil))
	w.rescan(two)
	must(t, w.WriteFile("one/new", nil))
	w.rescan(one)
	must(t, w.WriteFile("four/new", nil))
	w.rescan(four)
	w.set(four, `"priority":"low"`)
	w.calm()
	last := w.jobs()
	w.restart()
	w.calm()
	started := map[int64]ident.LocationID{}
	for _, id := range []ident.LocationID{one, two, three, four} {
		snap, err := w.engine.Get(context.Background(), w.location(id).Job)
		must(t, err)
		started[snap.Started.UnixNano()] = id
	}
	var order []ident.LocationID
	for len(started) > 0 {
		first := int64(0)
		for at := range started {
			if first == 0 || at < first {
				first = at
			}
		}
		order = append(order, started[first])
		delete(started, first)
	}
	if want := []ident.LocationID{one, two, three, four}; fmt.Sprint(order) != fmt.Sprint(want) || w.jobs() != last+4 {
		t.Errorf("order %v, want %v", order, want)
	}
}

func TestWorkers(t *testing.T) {
	w, id := grown(t, 100)
	ask := func() int {
		l, v, err := w.svc.location(t.Context(), id)
		must(t, err)
		return w.svc.workers(l, v)
	}
	if n := ask(); n != 2 {
		t.Errorf("%d where the volume does not say, want 2", n)
	}
	w.disks.change(func() { w.disk.workers = 16 })
	if n := ask(); n != 16 {
		t.Errorf("%d where the volume bears 16", n)
	}
	w.set(id, `"priority":"low"`)
	if n := ask(); n != 1 {
		t.Errorf("%d with low priority, want 1", n)
	}
	w.rescan(id)
	w.equal("top")
}

func TestPolicyRefusesWhatItCannotBe(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"1m": time.Minute, "15m": 15 * time.Minute, "6h": 6 * time.Hour, "2d": 48 * time.Hour, "daily": 24 * time.Hour, "manual": 0,
		"auto": 15 * time.Minute, "": 15 * time.Minute, "366d": 366 * 24 * time.Hour, "0d": -1, "0m": -1, "59s": -1, "1": -1, "m": -1, "-5m": -1,
		"5 m": -1, "367d": -1, "1.5h": -1, "99999999999999999999d": -1, "4294967295d": -1, "weekly": -1, "5M": -1, "+5m": -1,
	} {
		p := Policy{Schedule: s}
		switch err := p.check(); {
		case want < 0 && !errs.Is(err, errs.Invalid):
			t.Errorf("%q: %v", s, err)
		case want >= 0 && (err != nil || p.interval(false) != want):
			t.Errorf("%q: %v, %v", s, p.interval(false), err)
		}
	}
}

func TestSetRenames(t *testing.T) {
	w, id := grown(t, 100)
	other := w.add("top/a")
	w.set(other, `"name":"Other"`)
	if l := w.set(id, `"name":"Holidays","mode":"content"`); l.Name != "Holidays" || l.Mode != "content" || l.Policy.Schedule != auto {
		t.Errorf("%+v", l)
	}
	if l := w.set(id, `"name":"HOLIDAYS","priority":"low"`); l.Name != "HOLIDAYS" || l.Mode != "content" || l.Policy.Priority != low {
		t.Errorf("%+v", l)
	}
	for in, kind := range map[string]errs.Kind{
		`{"location":"Holidays","name":"x"}`:             errs.NotFound,
		`{"location":"HOLIDAYS","name":"oTHER"}`:         errs.Conflict,
		`{"location":"HOLIDAYS","schedule":"sometimes"}`: errs.Invalid,
		`{"location":"HOLIDAYS","watch":"maybe"}`:        errs.Invalid,
		`{"location":"HOLIDAYS","on_battery":"off"}`:     errs.Invalid,
	} {
		if _, err := call[Location](w, "location.set", in); !errs.Is(err, kind) {
			t.Errorf("%s: %v, want %s", in, err, kind)
		}
	}
	if snap := w.rescan(id); snap.Title != "Index HOLIDAYS" {
		t.Errorf("the scan is called %q", snap.Title)
	}
}

// TestSettingsOfALaterVersion stop the scan: without them it might index what
// nobody wants indexed, or hold back what is awaited.
func TestSettingsOfALaterVersion(t *testing.T) {
	w, id := grown(t, 100)
	must(t, w.svc.setLocation(t.Context(), id, func(l *catalog.Location) { l.Settings = `{"rules":{"next":0,"rules":null},"mood":"blue"}` }))
	if _, err := call[Location](w, "location.set", fmt.Sprintf(`{"location":"%d","watch":"off"}`, id)); !errs.Is(err, errs.Unsupported) {
		t.Errorf("location.set: %v", err)
	}
	if l := w.info(id); l.Policy.Watch != "on" {
		t.Errorf("it cannot be shown: %+v", l)
	}
}
