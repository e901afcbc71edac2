package store

import (
	"context"

	"github.com/stardrive/stardrive/internal/errs"
)

// CopyTo writes the whole database, as one moment had it and without gaps, to a new
// file at path, which must not exist. It holds up no writer. The file is on the disk
// when it returns only as far as SQLite sees to that: who relies on it syncs it.
func (db *DB) CopyTo(ctx context.Context, path string) error {
	c, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer func() { db.readers <- c }()
	if err := create(path); err != nil { // with no rights for others, whatever the umask
		return classify("store.copy", err)
	}
	if _, err := c.sql.ExecContext(ctx, "PRAGMA query_only = OFF"); err != nil {
		return classify("store.copy", err)
	}
	defer func() {
		if _, err := c.sql.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only = ON"); err != nil {
			db.log.Warn("A read connection stays open to writes", "error", err)
		}
	}()
	if _, err := c.sql.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return errs.New(errs.KindOf(classify("store.copy", err)), "copy the database: %w", err).At(path)
	}
	return nil
}
