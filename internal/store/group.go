package store

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

const (
	groupMax  = 128                   // requests that share one commit
	groupTime = 20 * time.Millisecond // after which no further request joins
)

// group is a write transaction and the requests that share it.
type group struct {
	db      *DB
	durable bool
	running *request
	done    []*request // ran well, and wait for the commit
	after   []func()
	lost    error // why the whole transaction must go
}

// transact runs first, and what waits behind it, in one transaction.
func (db *DB) transact(first *request, more bool) {
	g := &group{db: db, durable: first.durable}
	defer g.abandon()
	start := time.Now()
	g.begin()
	for r := first; r != nil; r, more = db.queue.join(g.durable) {
		g.run(r, more || len(g.done) > 0)
		if g.lost != nil || len(g.done) >= groupMax || time.Since(start) > groupTime {
			break
		}
	}
	g.end()
}

func (g *group) exec(text string) error {
	_, err := g.db.writer.exec(context.Background(), text)
	return classify("store.write", err)
}

func (g *group) begin() {
	if dead := g.db.dead.Load(); dead != nil {
		g.lost = *dead
		return
	}
	steps := []string{"BEGIN IMMEDIATE"}
	if g.durable {
		steps = []string{"PRAGMA synchronous = FULL", "BEGIN IMMEDIATE"}
	}
	if !g.db.dirty {
		steps = append(steps, "UPDATE store_state SET clean = 0")
	}
	for _, s := range steps {
		if g.lost = g.exec(s); g.lost != nil {
			return
		}
	}
}

// run calls the fn of one request. Only among others does it need a savepoint.
func (g *group) run(r *request, shared bool) {
	if g.lost == nil && shared {
		g.lost = g.exec("SAVEPOINT request")
	}
	if g.lost != nil {
		r.finish(g.lost)
		return
	}
	err := r.ctx.Err() // it may have ended while the request waited
	tx := &Tx{conn: g.db.writer, stmt: context.WithoutCancel(r.ctx), write: true,
		ctx: context.WithValue(r.ctx, insideKey{}, g.db)}
	if err == nil {
		g.running = r
		err = call(r.fn, tx, g.db.log)
		g.running = nil
	}
	tx.over = true
	g.db.writer.tidy()
	if err = classify("store.write", err); err != nil {
		g.undo(err, shared)
		r.finish(err)
		return
	}
	if shared {
		if g.lost = g.exec("RELEASE request"); g.lost != nil {
			r.finish(g.lost)
			return
		}
	}
	g.done = append(g.done, r)
	g.after = append(g.after, tx.after...)
}

// undo takes back what the failed request did: up to its savepoint, or all. If
// SQLite has rolled back everything by itself, as on a full disk, the savepoint
// is gone, and the others of the group fail too.
func (g *group) undo(err error, shared bool) {
	if !shared {
		g.lost = err
		return
	}
	for _, text := range []string{"ROLLBACK TO request", "RELEASE request"} {
		if e := g.exec(text); e != nil {
			g.lost = errs.New(errs.KindOf(err), "another write of the same commit failed: %w", err)
			return
		}
	}
}

// end commits, or rolls back what is lost, and tells everyone.
func (g *group) end() {
	err := g.lost
	if err == nil {
		err = g.db.fault(BeforeCommit)
	}
	if err == nil {
		err = g.exec("COMMIT")
	}
	if err != nil {
		_ = g.exec("ROLLBACK") // fails where SQLite has done it already
	} else {
		g.db.dirty = true
		if err = g.db.fault(AfterCommit); err == nil {
			for _, fn := range g.after {
				hook(fn, g.db.log)
			}
		}
	}
	if g.durable {
		_ = g.exec("PRAGMA synchronous = NORMAL")
	}
	for _, r := range g.done {
		r.finish(err)
	}
}

// abandon settles the transaction when a fn has ended the writer goroutine
// itself, which a deferred function can see but not stop.
func (g *group) abandon() {
	if g.running == nil {
		return
	}
	g.db.writer.tidy()
	g.running.finish(errs.New(errs.Internal, "the write ended its goroutine"))
	g.lost = errs.New(errs.Internal, "another write of the same commit ended its goroutine")
	g.end()
}

// call runs fn and turns a panic into an error. The stack goes to the log only.
func call(fn func(*Tx) error, tx *Tx, log *slog.Logger) (err error) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("A write panicked", "panic", p, "stack", string(debug.Stack()))
			err = errs.New(errs.Internal, "a write panicked: %v", p)
		}
	}()
	return fn(tx)
}

func hook(fn func(), log *slog.Logger) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("A function after a commit panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	fn()
}
