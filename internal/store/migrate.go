package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

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
		if err := step(ctx, c, o, n+1); err != nil {
			return errs.New(errs.KindOf(classify("", err)), "migration %d (%s): %w", n+1, m.Name, classify("", err))
		}
		o.Log.Info("Migrated the database", "path", o.Path, "version", n+1, "name", m.Name)
	}
	return nil
}

func step(ctx context.Context, c *conn, o Options, version int) (err error) {
	run := func(text string, args ...any) {
		if err == nil {
			_, err = c.sql.ExecContext(ctx, text, args...)
		}
	}
	run("BEGIN IMMEDIATE")
	if err != nil {
		return err
	}
	run("CREATE TABLE IF NOT EXISTS store_state (id INTEGER PRIMARY KEY CHECK (id = 1), clean INTEGER NOT NULL, schema TEXT NOT NULL) STRICT")
	run("INSERT INTO store_state (id, clean, schema) VALUES (1, 0, ?1) ON CONFLICT DO UPDATE SET clean = 0, schema = ?1", digest(o.Migrations[:version]))
	run(o.Migrations[version-1].SQL)
	run(fmt.Sprintf("PRAGMA application_id = %d", o.ApplicationID))
	run(fmt.Sprintf("PRAGMA user_version = %d", version))
	run("COMMIT")
	if err != nil {
		// The migration's context may be what ended it, so not with ctx.
		_, _ = c.sql.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	}
	return err
}

// digest tells schemas apart that bear the same version number. Until the first
// release the schema is edited in place, and a library of last week would open
// and then fail in the middle of a query. From the release on, when migrations
// never change again, digest, the column schema and the check in acceptable can go.
func digest(ms []Migration) string {
	h := sha256.New()
	for _, m := range ms {
		for line := range strings.Lines(m.SQL) {
			code, _, _ := strings.Cut(line, "--") // other comments make no other tables
			for _, word := range strings.Fields(code) {
				fmt.Fprintf(h, "%s ", word)
			}
		}
		fmt.Fprintln(h)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
