package store

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
)

func TestIdleCheckpoint(t *testing.T) {
	o := testOptions(t)
	o.idle = 20 * time.Millisecond
	db := openTest(t, o)
	size := func() int64 {
		info, err := os.Stat(o.Path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before := size()
	if err := db.Write(t.Context(), insert(strings.Repeat("x", 100_000))); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); size() == before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the log was not moved into the database")
		}
	}
}

// TestFault_E8_LogIsCurbed: a log over its limit starts over as soon as no
// reader is in the way, and is complained about while one is.
func TestFault_E8_LogIsCurbed(t *testing.T) {
	o := testOptions(t)
	o.logAlarm = 1
	var log bytes.Buffer // read only between writes
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	db := openTest(t, o)
	grow := func() (pages int) {
		err := db.Write(t.Context(), func(tx *Tx) error {
			if _, err := tx.Exec("PRAGMA busy_timeout = 1"); err != nil {
				return err
			}
			db.nextCurb = time.Time{}
			_, err := tx.Exec("INSERT INTO log (text) VALUES (hex(randomblob(50000)))")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Write(t.Context(), func(*Tx) error { // after the curb, on the same goroutine
			info, err := os.Stat(o.Path + "-wal")
			pages = int(info.Size() / pageSize)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return pages
	}
	first := grow()
	for range 5 {
		if now := grow(); now > 2*first+2 {
			t.Errorf("the log grew from %d to %d pages", first, now)
		}
	}
	err := db.Read(t.Context(), func(tx *Tx) error {
		if err := tx.QueryRow("SELECT count(*) FROM log").Scan(new(int)); err != nil {
			return err
		}
		grow()
		grow()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "The write-ahead log grows") {
		t.Error("nothing was logged while a reader kept the log from starting over")
	}
}

// TestShrink: connections that gave their memory back read as before, and a
// closed database has none to give.
func TestShrink(t *testing.T) {
	db := openTest(t, testOptions(t))
	if err := db.Write(t.Context(), insert("kept")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		db.Shrink()
		n := 0
		if err := db.Read(t.Context(), func(tx *Tx) error { return tx.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&n) }); err != nil || n == 0 {
			t.Fatal(n, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db.Shrink()
}
