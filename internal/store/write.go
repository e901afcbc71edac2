package store

import (
	"context"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// insideKey marks the contexts of write transactions, with their database.
type insideKey struct{}

// Write runs fn in a write transaction on the one writer goroutine and returns
// when it is committed, or rolled back because fn failed, in which case it
// returns fn's error. After a crash of the process a committed write is there;
// a power cut may take back the last ones, but never tears them (for more, see
// WriteDurable).
//
// Writes that wait at the same time share one commit, each behind its own
// savepoint. A fn that panics is rolled back, and its Write returns
// errs.Internal. A ctx that ends before fn has begun keeps it from running; later
// it is fn's business (tx.Context). fn must not keep tx, and must not call
// Write or Close of the same DB, which could only wait for itself: with
// tx.Context this is refused with errs.Internal.
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	return db.enqueue(&request{ctx: ctx, fn: fn})
}

// WriteDurable is Write that a power cut one instant later cannot take back.
// It costs a sync of the disk: use it for what users add.
func (db *DB) WriteDurable(ctx context.Context, fn func(tx *Tx) error) error {
	return db.enqueue(&request{ctx: ctx, fn: fn, durable: true})
}

func (db *DB) enqueue(r *request) error {
	if err := r.ctx.Err(); err != nil {
		return errs.In("store.write", err)
	}
	if r.ctx.Value(insideKey{}) == db {
		return errs.New(errs.Internal, "Write was called inside a write transaction")
	}
	if dead := db.dead.Load(); dead != nil {
		return *dead
	}
	r.done = make(chan struct{})
	if !db.queue.push(r) {
		return errClosed
	}
	select {
	case <-r.done:
	case <-r.ctx.Done():
		if db.queue.remove(r) {
			return errs.In("store.write", r.ctx.Err())
		}
		<-r.done
	}
	return r.err
}

// serve is the writer goroutine. It ends when the queue is closed and empty.
func (db *DB) serve() {
	orderly := false
	defer func() {
		if orderly {
			close(db.stopped)
		} else { // a fn ended its goroutine (runtime.Goexit), as a failing test does
			go db.serve()
		}
	}()
	idle := time.NewTimer(db.options.idle)
	defer idle.Stop()
	for {
		r, more, ended := db.queue.next()
		switch {
		case ended:
			orderly = true
			return
		case r != nil:
			db.transact(r, more)
			db.curbLog()
			idle.Reset(db.options.idle)
			continue
		}
		select {
		case <-db.queue.wake:
		case <-idle.C:
			if err := db.checkpoint("PASSIVE"); err != nil {
				db.log.Warn("Checkpoint failed", "error", err)
			}
			db.shrink(db.writer)
		}
	}
}

func (r *request) finish(err error) {
	r.err = err
	close(r.done)
}
