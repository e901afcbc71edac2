package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"modernc.org/sqlite"
)

// What a connection keeps between transactions.
const (
	maxStatements = 256
	maxInserts    = 32
)

// conn is one connection with its prepared statements. It is used by one
// goroutine at a time.
type conn struct {
	sql     *sql.Conn
	stmts   map[string]*statement
	open    []*statement // may have open rows
	inserts map[string]insertStmt
	count   int
	clock   uint64
}

// statement is one prepared instance of a text. A text that is queried again
// while its rows are still being read gets another instance.
type statement struct {
	text string
	stmt *sql.Stmt
	rows *sql.Rows // of the last Query, possibly still open
	open bool      // stands in conn.open
	used uint64
	next *statement // another instance of the same text
}

var writerPragmas = []string{
	fmt.Sprintf("busy_timeout = %d", busyTimeout.Milliseconds()),
	fmt.Sprintf("page_size = %d", pageSize), // counts only before the first write to a new file
	"journal_mode = WAL",
	"synchronous = NORMAL",
	"fullfsync = ON", // where fsync alone does not reach the disk (macOS)
	"checkpoint_fullfsync = ON",
	fmt.Sprintf("wal_autocheckpoint = %d", checkpointAt),
	fmt.Sprintf("journal_size_limit = %d", logLimit),
	fmt.Sprintf("cache_size = -%d", writerCache>>10),
	"temp_store = FILE",
	"trusted_schema = OFF",
	"cell_size_check = ON",
	"foreign_keys = ON",
}

var readerPragmas = []string{
	fmt.Sprintf("busy_timeout = %d", busyTimeout.Milliseconds()),
	fmt.Sprintf("cache_size = -%d", readerCache>>10),
	"temp_store = FILE",
	"trusted_schema = OFF",
	"cell_size_check = ON",
	"query_only = ON",
}

// newPool makes a pool of at most n connections in SQLite's mode "ro" or "rw".
func newPool(path, mode string, n int) (*sql.DB, error) {
	// _defensive: no SQL may corrupt the file on purpose. _dqs=0: a misspelt
	// column is an error, not a string.
	c, err := sqlite.NewConnector(fileURI(path) + "?mode=" + mode + "&_defensive=1&_dqs=0&_error_rc=1")
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(c)
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	return pool, nil
}

// fileURI names path in SQLite's URI form; any byte may stand in it.
func fileURI(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/folder
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath()
}

func openConn(ctx context.Context, pool *sql.DB, pragmas ...string) (*conn, error) {
	s, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &conn{sql: s, stmts: map[string]*statement{}, inserts: map[string]insertStmt{}}
	for _, p := range pragmas {
		if _, err := s.ExecContext(ctx, "PRAGMA "+p); err != nil {
			c.close()
			return nil, fmt.Errorf("PRAGMA %s: %w", p, err)
		}
	}
	return c, nil
}

// idle returns a prepared statement of text that no open rows use.
func (c *conn) idle(ctx context.Context, text string) (*statement, error) {
	c.clock++
	for s := c.stmts[text]; s != nil; s = s.next {
		if !s.busy() {
			s.used = c.clock
			return s, nil
		}
	}
	stmt, err := c.sql.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s := &statement{text: text, stmt: stmt, used: c.clock, next: c.stmts[text]}
	c.stmts[text] = s
	c.count++
	return s, nil
}

// busy reports whether rows of s are still open.
func (s *statement) busy() bool {
	if s.rows == nil {
		return false
	}
	if _, err := s.rows.Columns(); err == nil { // fails once the rows are closed
		return true
	}
	s.rows = nil
	return false
}

func (c *conn) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	s, err := c.idle(ctx, text)
	if err != nil {
		return nil, err
	}
	return s.stmt.ExecContext(ctx, args...)
}

func (c *conn) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := c.idle(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := s.stmt.QueryContext(ctx, args...)
	s.rows = rows
	if !s.open {
		s.open = true
		c.open = append(c.open, s)
	}
	return rows, err
}

func (c *conn) queryRow(ctx context.Context, text string, args ...any) *sql.Row {
	s, err := c.idle(ctx, text)
	if err != nil {
		return c.sql.QueryRowContext(ctx, text, args...) // a Row that carries the error
	}
	return s.stmt.QueryRowContext(ctx, args...)
}

// tidy closes rows that a transaction left open and drops the statements not
// used for longest when there are too many. Statements are only ever closed
// here, because closing one under open rows would free what they read.
func (c *conn) tidy() {
	for _, s := range c.open {
		if s.rows != nil {
			s.rows.Close()
		}
		s.rows, s.open = nil, false
	}
	clear(c.open)
	c.open = c.open[:0]
	if c.count > maxStatements {
		c.drop(c.count - maxStatements/2)
	}
	if len(c.inserts) > maxInserts {
		_ = c.dropInserts()
	}
}

func (c *conn) drop(n int) {
	var all []*statement
	for _, s := range c.stmts {
		for ; s != nil; s = s.next {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b *statement) int { return cmp.Compare(a.used, b.used) })
	for _, s := range all[:n] {
		s.stmt.Close()
	}
	clear(c.stmts)
	for _, s := range all[n:] {
		s.next = c.stmts[s.text]
		c.stmts[s.text] = s
	}
	c.count = len(all) - n
}

func (c *conn) close() error {
	c.tidy()
	c.drop(c.count)
	_ = c.dropInserts()
	return c.sql.Close()
}
