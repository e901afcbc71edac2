package store

import (
	"context"

	"github.com/stardrive/stardrive/internal/errs"
)

// Read runs fn in a read transaction: all its queries see one snapshot, which
// writes going on meanwhile neither change nor wait for. A Read that finds all
// connections taken waits. Queries are interrupted when ctx ends or when the
// read limit is over, because an endless reader would keep the write-ahead log
// from ever starting over. fn must not keep tx.
func (db *DB) Read(ctx context.Context, fn func(tx *Tx) error) error {
	c, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeoutCause(ctx, db.options.ReadLimit,
		errs.New(errs.Unavailable, "a read took longer than %v", db.options.ReadLimit))
	tx := &Tx{conn: c, ctx: limited, stmt: limited}
	defer func() { // also when fn panics
		tx.over = true
		c.tidy()
		_, err := c.exec(context.Background(), "ROLLBACK")
		if err != nil {
			db.log.Warn("Ending a read transaction failed", "error", err)
		}
		cancel()
		db.readers <- c
	}()
	if _, err := c.exec(context.WithoutCancel(ctx), "BEGIN"); err != nil {
		return classify("store.read", err)
	}
	err = fn(tx)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return context.Cause(limited)
	}
	return classify("store.read", err)
}

func (db *DB) acquire(ctx context.Context) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, errs.In("store.read", err)
	}
	if dead := db.dead.Load(); dead != nil {
		return nil, *dead
	}
	select {
	case <-db.closing:
		return nil, errClosed
	default:
	}
	select {
	case c := <-db.readers:
		return c, nil
	case <-db.closing:
		return nil, errClosed
	case <-ctx.Done():
		return nil, errs.In("store.read", ctx.Err())
	}
}
