package store

import (
	"context"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const appID = 0x53446c62

var testSchema = []Migration{{Name: "first", SQL: `
	CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
	CREATE TABLE log (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;`}}

func testOptions(t testing.TB) Options {
	return Options{Path: filepath.Join(t.TempDir(), "test.db"), ApplicationID: appID, Migrations: testSchema}
}

func openTest(t testing.TB, o Options) *DB {
	t.Helper()
	db, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func insert(name string) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Exec("INSERT INTO item (name) VALUES (?)", name)
		return err
	}
}

func names(t testing.TB, db *DB) (out []string) {
	t.Helper()
	err := db.Read(context.Background(), func(tx *Tx) error {
		rows, err := tx.Query("SELECT name FROM item ORDER BY id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWriteThenRead(t *testing.T) {
	o := testOptions(t)
	db := openTest(t, o)
	if err := db.Write(t.Context(), insert("a")); err != nil {
		t.Fatal(err)
	}
	if got := names(t, db); len(got) != 1 || got[0] != "a" {
		t.Fatalf("got %q", got)
	}
}
