package job

import (
	"context"
	"database/sql"
	"errors"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

// Enqueue says how to queue a job.
type Enqueue struct {
	Key      string // of two jobs of a kind with the same key, only one is queued or running
	Lane     string // jobs of one lane run one after another; "" means no such limit
	Priority int    // higher runs earlier
	Title    string // of this job, for people: "Index Photos"; default: that of its kind
}

// Enqueue queues a job and returns its id, or that of a job of the same kind
// and key that is queued or running. args must have the type its kind was
// defined with.
func (e *Engine) Enqueue(ctx context.Context, kind string, args any, o Enqueue) (id ident.JobID, err error) {
	err = e.db.Write(ctx, func(tx *store.Tx) error {
		id, err = e.EnqueueIn(tx, kind, args, o)
		return err
	})
	return id, errs.In("job.enqueue", err)
}

// EnqueueIn is Enqueue as part of a transaction: the job exists if it commits.
func (e *Engine) EnqueueIn(tx *store.Tx, kind string, args any, o Enqueue) (ident.JobID, error) {
	d, ok := e.defs[kind]
	if !ok {
		return 0, unknownKind(kind)
	}
	b, err := d.encode(args)
	if err != nil {
		return 0, err
	}
	if o.Key != "" {
		var id ident.JobID
		err := tx.QueryRow(`SELECT id FROM job WHERE state IN ('queued', 'running') AND kind = ? AND key = ? AND want <> 'cancel'
			ORDER BY id LIMIT 1`, kind, o.Key).Scan(&id)
		if !errors.Is(err, sql.ErrNoRows) {
			return id, err
		}
	}
	r := record{kind: kind, key: o.Key, lane: o.Lane, title: printable(o.Title), priority: o.Priority, args: b, state: Queued, created: e.now().UnixNano()}
	if err := insert(tx, &r); err != nil {
		return 0, err
	}
	tx.AfterCommit(func() { e.changed(r) })
	return r.id, nil
}

// Pause stops a job at its last checkpoint until it is resumed, also across
// restarts. Pausing a paused job does nothing; one that has ended is
// errs.Conflict.
func (e *Engine) Pause(ctx context.Context, id ident.JobID) error {
	return e.ask(ctx, "job.pause", id, func(r *record) error {
		switch r.state {
		case Queued:
			r.state = Paused
		case Running:
			if r.want != wantStop {
				r.want = wantPause
			}
		case Done, Failed, Cancelled:
			return hasEnded(r)
		}
		return nil
	})
}

// Resume queues a paused job again, and takes back a pause that has not come
// into effect. Resuming a job that is not paused does nothing; one that has
// ended is errs.Conflict.
func (e *Engine) Resume(ctx context.Context, id ident.JobID) error {
	return e.ask(ctx, "job.resume", id, func(r *record) error {
		switch r.state {
		case Paused:
			r.state = Queued
		case Running:
			if r.want == wantPause {
				r.want = nothing
			}
		case Done, Failed, Cancelled:
			return hasEnded(r)
		}
		return nil
	})
}

// Cancel ends a job for good; what its checkpoints stored stays. Cancelling a
// cancelled job does nothing; one that is done or failed is errs.Conflict.
func (e *Engine) Cancel(ctx context.Context, id ident.JobID) error {
	return e.ask(ctx, "job.cancel", id, func(r *record) error {
		switch r.state {
		case Queued, Paused:
			r.state, r.finished = Cancelled, e.now().UnixNano()
		case Running:
			r.want = wantStop
		case Done, Failed:
			return hasEnded(r)
		}
		return nil
	})
}

func hasEnded(r *record) error {
	return errs.New(errs.Conflict, "job %d has ended: it is %s", r.id, r.state)
}

// ask changes a job's state at once, or notes what is wanted of the session
// that runs it, and stops the session.
func (e *Engine) ask(ctx context.Context, op string, id ident.JobID, change func(*record) error) error {
	err := e.db.Write(ctx, func(tx *store.Tx) error {
		r, err := load(tx, id)
		if err != nil {
			return err
		}
		before, asked := r.state, r.want
		if err := change(&r); err != nil || r.state == before && r.want == asked {
			return err
		}
		if r.state != before {
			return e.change(tx, r)
		}
		tx.AfterCommit(func() { e.interrupt(id) })
		_, err = tx.Exec("UPDATE job SET want = ? WHERE id = ?", string(r.want), int64(id))
		return err
	})
	return errs.In(op, err)
}

// interrupt makes the session of a job look at what is wanted of it.
func (e *Engine) interrupt(id ident.JobID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.running[id]; s != nil {
		s.stop()
	}
}

// Wait returns the job when it is done, failed or cancelled.
func (e *Engine) Wait(ctx context.Context, id ident.JobID) (Snapshot, error) {
	ended, done := e.await(id)
	defer done()
	for {
		snap, err := e.Get(ctx, id)
		if err != nil || snap.State.Final() {
			return snap, err
		}
		select {
		case <-ended:
		case <-ctx.Done():
			return snap, errs.In("job.wait", ctx.Err())
		}
	}
}
