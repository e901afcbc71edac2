package store

import (
	"context"
	"os"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

const (
	curbEvery   = time.Second
	curbBackOff = time.Minute // after readers have kept the log from starting over
)

// checkpoint moves the write-ahead log into the database. "PASSIVE" waits for
// nobody, "RESTART" and "TRUNCATE" wait for readers up to the busy timeout.
func (db *DB) checkpoint(mode string) error {
	var busy, pages, moved int
	row := db.writer.queryRow(context.Background(), "PRAGMA wal_checkpoint("+mode+")")
	if err := row.Scan(&busy, &pages, &moved); err != nil {
		return classify("store.checkpoint", err)
	}
	if busy != 0 && mode != "PASSIVE" {
		return errs.New(errs.Unavailable, "a reader keeps the write-ahead log of %d pages from starting over", pages)
	}
	return nil
}

// curbLog keeps the write-ahead log from growing without end under readers
// that overlap: SQLite starts it over only at a moment when nobody reads from it.
func (db *DB) curbLog() {
	now := time.Now()
	if now.Before(db.nextCurb) {
		return
	}
	db.nextCurb = now.Add(curbEvery)
	if info, err := os.Stat(db.path + "-wal"); err != nil || info.Size() < db.options.logAlarm {
		return
	}
	if err := db.checkpoint("RESTART"); err != nil {
		db.log.Warn("The write-ahead log grows", "path", db.path, "error", err)
		db.nextCurb = now.Add(curbBackOff)
	}
}

// Shrink gives back the memory in which idle read connections keep pages: what is
// needed again comes from the system's cache. The writer does so by itself.
func (db *DB) Shrink() {
	for range readConns {
		select {
		case c := <-db.readers:
			db.shrink(c)
			db.readers <- c
		default:
			return // busy ones need it
		}
	}
}

func (db *DB) shrink(c *conn) {
	if _, err := c.exec(context.Background(), "PRAGMA shrink_memory"); err != nil {
		db.log.Warn("Memory of the database was not given back", "error", err)
	}
}
