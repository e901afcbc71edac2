package store

import (
	"context"
	"database/sql"

	"github.com/stardrive/stardrive/internal/errs"
)

// Tx is a read or write transaction. It belongs to the function it was given
// to: not to other goroutines, and not after that function has returned.
// Statements are prepared once per connection and kept by their text, so texts
// should be constant; values belong in args.
//
// Rows left open are closed at the end of the transaction. A *sql.Row must be
// scanned before the same text is queried again.
type Tx struct {
	conn  *conn
	ctx   context.Context // the caller's
	stmt  context.Context // for statements: a write is not interrupted in the middle of one
	write bool
	after []func()
	over  bool
}

// Context returns the context of the Read or Write call. Long transactions
// should look at it and return its error, which rolls them back.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Exec runs a statement that returns no rows.
func (tx *Tx) Exec(query string, args ...any) (sql.Result, error) {
	if tx.over {
		return nil, errOver
	}
	res, err := tx.conn.exec(tx.stmt, query, args...)
	return res, classify("", err)
}

// Query runs a statement that returns rows. Close them, and look at their Err.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	if tx.over {
		return nil, errOver
	}
	rows, err := tx.conn.query(tx.stmt, query, args...)
	return rows, classify("", err)
}

// QueryRow runs a statement that returns at most one row; Scan reports
// sql.ErrNoRows if there is none.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	if tx.over {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return tx.conn.sql.QueryRowContext(ctx, query) // a Row that carries the context's error
	}
	return tx.conn.queryRow(tx.stmt, query, args...)
}

// AfterCommit has fn called on the writer goroutine once the transaction is
// committed, in the order of the calls and of the commits. Write returns after
// it. fn must not block and must not write. It is never called if the
// transaction is rolled back, nor in a read transaction.
func (tx *Tx) AfterCommit(fn func()) {
	if tx.write && !tx.over {
		tx.after = append(tx.after, fn)
	}
}

var errOver = errs.New(errs.Internal, "the transaction is over")
