package job

import (
	"context"
	"errors"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

// settleRetry is how long to wait when the database does not take how a job
// ended, as on a full disk.
const settleRetry = time.Second

// settle stores how the session ended, and tries until it can or the engine
// stops; then the job is found running at the next start, and goes on from its
// last checkpoint.
func (s *session) settle(end error) {
	for {
		err := s.engine.db.Write(context.WithoutCancel(s.ctx), func(tx *store.Tx) error { return s.finish(tx, end) })
		if err == nil {
			return
		}
		s.engine.log.Error("Storing the end of a job failed", "job", int64(s.rec.id), "kind", s.rec.kind, "error", err)
		if errs.Is(err, errs.NotFound) || !pause(s.parent, settleRetry) {
			s.engine.forget(s)
			return
		}
	}
}

// finish decides the state that follows from how the work ended and from what
// was asked of the job meanwhile.
func (s *session) finish(tx *store.Tx, end error) error {
	r, err := load(tx, s.rec.id)
	if err != nil {
		return err
	}
	asked := r.want
	r.want = nothing
	switch {
	case end == nil:
		r.state = Done
	case s.ctx.Err() == nil || errors.As(end, new(panicked)):
		r.state, r.err, r.errKind = Failed, printable(end.Error()), errs.KindOf(end)
	case asked == wantStop:
		r.state = Cancelled
	case asked == wantPause:
		r.state = Paused
	default: // shutdown, or resumed before it had stopped
		r.state = Queued
	}
	now := s.engine.now()
	r.saved.Active = s.activeAt(now)
	if r.state.Final() {
		r.finished = now.UnixNano()
		// What was done since the last checkpoint will not be done again, so
		// its warnings are kept; else they would come twice.
		s.mu.Lock()
		warns := s.warns
		r.saved.Warnings = s.total
		s.mu.Unlock()
		if err := insertWarnings(tx, r.id, warns); err != nil {
			return err
		}
		if err := prune(tx, r.id); err != nil {
			return err
		}
	}
	if err := update(tx, r); err != nil {
		return err
	}
	tx.AfterCommit(func() { s.engine.ended(s, r) })
	return nil
}

// pause waits for d; it reports false if ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
