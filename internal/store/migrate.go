package store

import (
	"context"
	"fmt"

	"github.com/stardrive/stardrive/internal/errs"
)

// migrate brings the schema to the last version, one transaction a step: the
// version number, the mark of the application and the schema change together
// or not at all.
func migrate(ctx context.Context, c *conn, o Options) error {
	h, err := readHeader(ctx, c)
	if err != nil {
		return err
	}
	if err := h.acceptable(o); err != nil { // again: it may have changed since inspect
		return err
	}
	for n := h.version; n < len(o.Migrations); n++ {
		m := o.Migrations[n]
		if err := step(ctx, c, o.ApplicationID, n+1, m); err != nil {
			return errs.New(errs.KindOf(classify("", err)), "migration %d (%s): %w", n+1, m.Name, classify("", err))
		}
		o.Log.Info("Migrated the database", "path", o.Path, "version", n+1, "name", m.Name)
	}
	return nil
}

func step(ctx context.Context, c *conn, application int32, version int, m Migration) (err error) {
	run := func(text string) {
		if err == nil {
			_, err = c.sql.ExecContext(ctx, text)
		}
	}
	run("BEGIN IMMEDIATE")
	if err != nil {
		return err
	}
	run("CREATE TABLE IF NOT EXISTS store_state (id INTEGER PRIMARY KEY CHECK (id = 1), clean INTEGER NOT NULL) STRICT")
	run("INSERT INTO store_state (id, clean) VALUES (1, 0) ON CONFLICT DO UPDATE SET clean = 0")
	run(m.SQL)
	run(fmt.Sprintf("PRAGMA application_id = %d", application))
	run(fmt.Sprintf("PRAGMA user_version = %d", version))
	run("COMMIT")
	if err != nil {
		// The migration's context may be what ended it, so not with ctx.
		_, _ = c.sql.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	}
	return err
}
