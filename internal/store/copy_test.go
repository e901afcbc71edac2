package store

import (
	"path/filepath"
	"testing"
)

// TestCopyTo: a copy that is made while the database is open is a database of its
// own, and holds what was committed.
func TestCopyTo(t *testing.T) {
	o := Options{
		Path: filepath.Join(t.TempDir(), "a.db"), ApplicationID: 7,
		Migrations: []Migration{{Name: "t", SQL: "CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT"}},
	}
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	add := func(n int) {
		t.Helper()
		if err := db.WriteDurable(t.Context(), func(tx *Tx) error { _, err := tx.Exec("INSERT INTO t VALUES (?)", n); return err }); err != nil {
			t.Fatal(err)
		}
	}
	add(1)
	o.Path += ".copy"
	if err := db.CopyTo(t.Context(), o.Path); err != nil {
		t.Fatal(err)
	}
	add(2)
	if err := db.CopyTo(t.Context(), o.Path); err == nil {
		t.Error("a copy took the place of another")
	}
	for range readConns + 1 { // the connection that copied still refuses to write
		err := db.Read(t.Context(), func(tx *Tx) error { _, err := tx.Exec("INSERT INTO t VALUES (3)"); return err })
		if err == nil {
			t.Error("written through a reader")
		}
	}
	copied, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	var sum int
	if err := copied.Read(t.Context(), func(tx *Tx) error { return tx.QueryRow("SELECT sum(n) FROM t").Scan(&sum) }); err != nil || sum != 1 {
		t.Error(sum, err)
	}
}
