// Package store keeps one SQLite database behind one writer and a pool of
// readers. It owns how bytes get to the disk: page size, journal, durability,
// migrations, checkpoints, what happens after a crash. It knows no domain word
// and no table but its own store_state.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// Options tells Open which database to open. The zero values of Log and
// ReadLimit are usable.
type Options struct {
	Path          string      // the folder must exist; the file is created with mode 0600
	ApplicationID int32       // stands in the file's header; a file with another one is refused
	Migrations    []Migration // all of them, in order; the n-th leads to version n
	Log           *slog.Logger
	ReadLimit     time.Duration // the longest one Read may take; default 5 minutes

	// Fault lets a test kill the database at a commit; see [Moment]. It runs on
	// the writer goroutine.
	Fault func(Moment) error

	// Replaced by tests.
	network  func(folder string) string // names the network file system a folder is on, or ""
	free     func(folder string) (bytes int64, known bool)
	idle     time.Duration // without a write, after which the log is checkpointed
	logAlarm int64         // bytes of log that stop the writer until the log can start over
}

// Migration is one step forward of a schema. SQL may hold several statements
// and must not begin or end transactions.
type Migration struct{ Name, SQL string }

// DB is an open database. All methods are safe for concurrent use.
type DB struct {
	log     *slog.Logger
	path    string
	options Options

	queue   *queue
	readers chan *conn
	closing chan struct{} // closed when Close begins
	stopped chan struct{} // closed when the writer goroutine has ended
	pools   []*sql.DB
	dead    atomic.Pointer[error] // why everything fails, after a Fault

	// Used by the writer goroutine alone.
	writer   *conn
	dirty    bool // the file is marked as in use
	nextCurb time.Time
}

const (
	readConns    = 4
	writerCache  = 12 << 20 // bytes of pages
	readerCache  = 2 << 20
	pageSize     = 16 << 10 // halves the time of index-heavy loads against 4 KiB
	checkpointAt = 8000     // pages of write-ahead log before a commit also checkpoints
	logLimit     = 64 << 20 // the write-ahead log shrinks to this after a checkpoint
	busyTimeout  = 5 * time.Second
	readLimit    = 5 * time.Minute
	idleTime     = 2 * time.Second
	logAlarm     = 256 << 20
)

// Open opens the database at o.Path, creates it if it does not exist, and
// brings its schema up to date. It refuses, and leaves untouched:
//
//   - a newer schema than o.Migrations knows: errs.Conflict;
//   - a file that is no database, or another program's: errs.Invalid;
//   - a network file system, where SQLite's write-ahead log is not safe: errs.Unsupported;
//   - a file that is damaged, which is looked for after an unclean stop: errs.Internal.
//
// The caller must Close the result.
func Open(ctx context.Context, o Options) (*DB, error) {
	db, err := open(ctx, o)
	if err != nil {
		return nil, locate("store.open", err, o.Path)
	}
	return db, nil
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.network == nil {
		o.network = networkFS
	}
	if o.free == nil {
		o.free = freeSpace
	}
	o.ReadLimit = cmp.Or(o.ReadLimit, readLimit)
	o.idle = cmp.Or(o.idle, idleTime)
	o.logAlarm = cmp.Or(o.logAlarm, logAlarm)
	return o
}

func open(ctx context.Context, o Options) (*DB, error) {
	o = o.withDefaults()
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, errs.New(errs.Invalid, "%w", err)
	}
	if fs := o.network(filepath.Dir(path)); fs != "" {
		return nil, errs.New(errs.Unsupported, "a library cannot live on a network file system (%s)", fs).
			Try("Choose a folder on a disk of this machine.")
	}
	keepLocks()
	if err := create(path); err != nil {
		return nil, err
	}
	if err := inspect(ctx, path, o); err != nil {
		return nil, err
	}
	db := &DB{
		log: o.Log, path: path, options: o, queue: newQueue(),
		readers: make(chan *conn, readConns), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	if err := db.connect(ctx, path, o); err != nil {
		_ = db.disconnect() // err says more
		return nil, err
	}
	go db.serve()
	return db, nil
}

// connect opens the writer, migrates, and then opens the readers, so that no
// reader ever sees an old schema.
func (db *DB) connect(ctx context.Context, path string, o Options) error {
	pool, err := newPool(path, "rw", 1)
	if err != nil {
		return err
	}
	db.pools = append(db.pools, pool)
	if db.writer, err = openConn(ctx, pool, writerPragmas...); err != nil {
		return err
	}
	if err := migrate(ctx, db.writer, o); err != nil {
		return err
	}
	h, err := readHeader(ctx, db.writer)
	if err != nil {
		return err
	}
	db.dirty = !h.clean
	if pool, err = newPool(path, "ro", readConns); err != nil {
		return err
	}
	db.pools = append(db.pools, pool)
	for range readConns {
		c, err := openConn(ctx, pool, readerPragmas...)
		if err != nil {
			return err
		}
		db.readers <- c
	}
	return nil
}

// Close finishes the writes that are waiting, refuses new ones, waits for the
// readers, moves the write-ahead log into the database and marks it clean.
// Closing twice is allowed.
func (db *DB) Close() error {
	if !db.queue.close() {
		<-db.stopped
		return nil
	}
	close(db.closing)
	<-db.stopped
	for range readConns {
		c := <-db.readers
		if err := c.close(); err != nil {
			db.log.Warn("Closing a read connection failed", "error", err)
		}
	}
	err := db.settle()
	if e := db.disconnect(); err == nil {
		err = e
	}
	return classify("store.close", err)
}

// settle leaves a database that needs no recovery and no check.
func (db *DB) settle() error {
	if db.dead.Load() != nil {
		return nil // the dead do not tidy up
	}
	if db.dirty {
		if _, err := db.writer.exec(context.Background(), "UPDATE store_state SET clean = 1"); err != nil {
			return err
		}
		db.dirty = false
	}
	return db.checkpoint("TRUNCATE")
}

func (db *DB) disconnect() (err error) {
	if db.writer != nil {
		err = db.writer.close()
	}
	for _, p := range db.pools {
		if e := p.Close(); err == nil {
			err = e
		}
	}
	return err
}
