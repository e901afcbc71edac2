package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/stardrive/stardrive/internal/errs"
)

const damagedRemedy = "Keep the library's folder as it is, and see which copies there are with: stardrive library snapshots"

// keepLocks makes SQLite's locks belong to its open files rather than to the
// process. A file manager reads every file, its own database included, and
// closing any descriptor of a file drops the process's POSIX locks on it.
// Where the system knows only those, nothing changes.
func keepLocks() { _, _ = sqlite.OFDLocking(true) }

// create makes an empty file that only the user may read, whatever the umask;
// SQLite gives its side files the same mode. An existing file is left alone.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// inspect looks at an existing database through a read-only connection, which
// changes nothing, not even by closing: a file that Open refuses stays as it
// was found. Where no log and no journal stand beside it, SQLite is told that
// nobody changes the file (who opens it holds the library's lock), so that it
// makes none either.
func inspect(ctx context.Context, path string, o Options) error {
	if alone(path) {
		return inspectMode(ctx, path, "ro&immutable=1", o)
	}
	err := inspectMode(ctx, path, "ro", o)
	if k := code(err); k == sqlite3.SQLITE_READONLY || k == sqlite3.SQLITE_CANTOPEN {
		// The process was killed while it created the file: its rollback
		// journal must be played back, and only a writer can.
		err = inspectMode(ctx, path, "rw", o)
	}
	return err
}

// alone reports that all of the database stands in its one file.
func alone(path string) bool {
	for _, side := range []string{"-wal", "-journal"} {
		if _, err := os.Lstat(path + side); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}

func inspectMode(ctx context.Context, path, mode string, o Options) error {
	pool, err := newPool(path, mode, 1)
	if err != nil {
		return err
	}
	defer pool.Close()
	c, err := openConn(ctx, pool, readerPragmas...)
	if err != nil {
		return err
	}
	defer c.close()
	var version string
	if err := c.sql.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return err
	}
	if err := safeVersion(version); err != nil {
		return err
	}
	h, err := readHeader(ctx, c)
	if err != nil {
		return err
	}
	if err := h.acceptable(o); err != nil {
		return err
	}
	if h.tables == 0 || h.clean {
		return nil
	}
	o.Log.Info("Checking the database after an unclean stop", "path", path)
	return check(ctx, c.sql)
}

// header is what a database says about itself.
type header struct {
	application int32
	version     int // of the schema: how many migrations it has seen
	tables      int
	clean       bool   // closed in good order
	schema      string // digest of the migrations it was made by; "" if it tells none
}

func readHeader(ctx context.Context, c *conn) (h header, err error) {
	var marked, told bool
	for _, q := range []struct {
		text string
		to   any
	}{
		{"PRAGMA application_id", &h.application},
		{"PRAGMA user_version", &h.version},
		{"SELECT count(*) FROM sqlite_schema", &h.tables},
		{"SELECT count(*) FROM sqlite_schema WHERE name = 'store_state'", &marked},
		{"SELECT count(*) FROM pragma_table_info('store_state') WHERE name = 'schema'", &told},
	} {
		if err := c.queryRow(ctx, q.text).Scan(q.to); err != nil {
			return h, err
		}
	}
	if marked {
		err = c.queryRow(ctx, "SELECT clean FROM store_state").Scan(&h.clean)
	}
	if told && err == nil {
		err = c.queryRow(ctx, "SELECT schema FROM store_state").Scan(&h.schema)
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return h, err
}

func (h header) acceptable(o Options) error {
	switch {
	case h.application == 0 && h.version == 0 && h.tables == 0:
		return nil // new
	case h.application != o.ApplicationID:
		return errs.New(errs.Invalid, "not a database of Stardrive: application id %#x", uint32(h.application)).
			Try("Move the file away: it belongs to another program.")
	case h.version > len(o.Migrations):
		return errs.New(errs.Conflict, "its schema is version %d, and this Stardrive knows versions up to %d",
			h.version, len(o.Migrations)).Try("Upgrade Stardrive.")
	case h.schema != digest(o.Migrations[:h.version]):
		return errs.New(errs.Conflict, "it was made by an earlier development version, whose tables were different").
			Try("Move the library's folder away and start again: a new library is made, and your folders can be added to it anew. The files in them are not touched.")
	}
	return nil
}

// Check reads the whole database, which takes seconds for a large one, and
// reports structural damage as errs.Internal. It holds up no writer.
func (db *DB) Check(ctx context.Context) error {
	c, err := db.acquire(ctx)
	if err != nil {
		return classify("store.check", err)
	}
	defer func() { db.readers <- c }()
	return classify("store.check", check(ctx, c.sql))
}

// check reads the whole database and reports structural damage.
func check(ctx context.Context, c *sql.Conn) error {
	rows, err := c.QueryContext(ctx, "PRAGMA quick_check(5)")
	if err != nil {
		return err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return err
		}
		found = append(found, s)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(found) == 1 && found[0] == "ok" {
		return nil
	}
	return errs.New(errs.Internal, "the database is damaged: %s", strings.Join(found, "; ")).Try(damagedRemedy)
}

// safeVersion refuses SQLite builds whose write-ahead log can lose or damage
// data: all before 3.51.3 (a reset of the log could race with a checkpoint),
// and 3.53.3.
func safeVersion(v string) error {
	var a, b, c int
	if _, err := fmt.Sscanf(v, "%d.%d.%d", &a, &b, &c); err != nil {
		return errs.New(errs.Unsupported, "unknown SQLite version %q", v)
	}
	n := a*1_000_000 + b*1_000 + c
	if n < 3_051_003 || n == 3_053_003 {
		return errs.New(errs.Unsupported, "SQLite %s is not safe with a write-ahead log", v).
			Try("Build Stardrive with a newer modernc.org/sqlite.")
	}
	return nil
}
