package job

import (
	"cmp"
	"time"

	"github.com/stardrive/stardrive/internal/ident"
)

// What is told of jobs. Changes of state are told after their commit, on the
// writer's goroutine, so in the order in which they happened; progress is told
// by Serve, and never after the session's end.

// begun registers a session before any later write can ask something of it.
func (e *Engine) begun(s *session) {
	e.mu.Lock()
	e.running[s.rec.id] = s
	e.mu.Unlock()
	e.notify(e.snapshot(s.record(), s))
}

// ended tells how a session ended.
func (e *Engine) ended(s *session, r record) {
	e.forget(s)
	e.changed(r)
}

// forget takes s off the running jobs; it tells nothing from now on.
func (e *Engine) forget(s *session) {
	s.telling.Lock()
	s.over = true
	s.telling.Unlock()
	e.mu.Lock()
	if e.running[s.rec.id] == s {
		delete(e.running, s.rec.id)
	}
	delete(e.dirty, s)
	e.mu.Unlock()
	e.nudge()
}

// changed tells of a job that no session runs.
func (e *Engine) changed(r record) {
	e.notify(e.snapshot(r, nil))
	if r.state.Final() {
		e.release(r.id)
	}
	e.nudge()
}

func (e *Engine) nudge() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// touch notes that s has something new to show.
func (e *Engine) touch(s *session) {
	e.mu.Lock()
	e.dirty[s] = true
	e.mu.Unlock()
	select {
	case e.touched <- struct{}{}:
	default:
	}
}

// showTouched tells of the progress since the last time.
func (e *Engine) showTouched() {
	e.mu.Lock()
	dirty := e.dirty
	e.dirty = map[*session]bool{}
	e.mu.Unlock()
	for s := range dirty {
		s.telling.Lock()
		if !s.over {
			e.notify(e.snapshot(s.record(), s))
		}
		s.telling.Unlock()
	}
}

// snapshot shows r, with what its session knows beyond it.
func (e *Engine) snapshot(r record, s *session) Snapshot {
	title := cmp.Or(r.title, e.defs[r.kind].Title, r.kind)
	snap := Snapshot{
		ID: r.id, Kind: r.kind, Title: title, State: r.state, Step: r.step,
		Done: r.saved.Done, Total: r.saved.Total, Bytes: r.saved.Bytes, Current: r.saved.Current, Warnings: r.saved.Warnings,
		Error: r.err, ErrorKind: r.errKind, Seconds: time.Duration(r.saved.Active).Seconds(),
		Created: unixTime(r.created), Started: unixTime(r.started), Finished: unixTime(r.finished),
	}
	if s == nil {
		snap.Rate = perSecond(r.saved.Done, time.Duration(r.saved.Active))
		return snap
	}
	now := e.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	snap.Step = s.rec.step
	snap.Done, snap.Total, snap.Bytes, snap.Current = s.live.Done, s.live.Total, s.live.Bytes, printable(s.live.Current)
	snap.Warnings, snap.Rate = s.total, s.meter.rate()
	snap.Seconds = time.Duration(s.activeAt(now)).Seconds()
	if snap.ETA = s.live.Left.Seconds(); snap.ETA > 0 {
		return snap
	}
	if left := snap.Total - snap.Done; left > 0 && snap.Rate > 0 {
		snap.ETA = float64(left) / snap.Rate
	}
	return snap
}

// waiter lets callers of Wait know when a job has ended.
type waiter struct {
	ended chan struct{}
	users int
}

// await returns a channel that is closed when the job ends, and a function to
// call when nobody listens any more.
func (e *Engine) await(id ident.JobID) (<-chan struct{}, func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	w := e.waiting[id]
	if w == nil {
		w = &waiter{ended: make(chan struct{})}
		e.waiting[id] = w
	}
	w.users++
	return w.ended, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if w.users--; w.users == 0 && e.waiting[id] == w {
			delete(e.waiting, id)
		}
	}
}

// release wakes those who wait for the job.
func (e *Engine) release(id ident.JobID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if w := e.waiting[id]; w != nil {
		close(w.ended)
		delete(e.waiting, id)
	}
}
