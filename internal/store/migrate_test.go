package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

// schemaOf returns the version and everything the schema holds.
func schemaOf(t *testing.T, db *DB) (version int, things []string) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *Tx) error {
		if err := tx.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		rows, err := tx.Query("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name <> 'store_state' ORDER BY name")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			things = append(things, s)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return version, things
}

// TestFault_E1_MigrationFailsAtEachStatement: after a migration that broke off
// at any statement, the version and the schema are those before it, rows and
// all, and the next attempt finishes it.
func TestFault_E1_MigrationFailsAtEachStatement(t *testing.T) {
	second := []string{
		"ALTER TABLE item ADD COLUMN size INTEGER NOT NULL DEFAULT 0",
		"CREATE TABLE extra (id INTEGER PRIMARY KEY, item_id INTEGER NOT NULL) STRICT",
		"INSERT INTO extra (item_id) SELECT id FROM item",
		"CREATE INDEX extra_item ON extra (item_id)",
		"UPDATE item SET size = 5",
		"DROP TABLE log",
	}
	good := append(slices.Clone(testSchema), Migration{"second", strings.Join(second, ";\n")})
	for broken := range len(second) + 1 {
		t.Run(fmt.Sprint(broken), func(t *testing.T) {
			o := testOptions(t)
			db := openTest(t, o)
			if err := db.Write(t.Context(), insert("kept")); err != nil {
				t.Fatal(err)
			}
			_, before := schemaOf(t, db)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			text := strings.Join(slices.Insert(slices.Clone(second), broken, "INSERT INTO nowhere VALUES (1)"), ";\n")
			bad := o
			bad.Migrations = append(slices.Clone(testSchema), Migration{"second", text})
			if _, err := Open(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "migration 2 (second)") {
				t.Fatalf("got %v", err)
			}
			db = openTest(t, o)
			version, after := schemaOf(t, db)
			if version != 1 || !slices.Equal(before, after) {
				t.Errorf("version %d with schema\n%s\nwas\n%s", version, strings.Join(after, "\n"), strings.Join(before, "\n"))
			}
			if got := names(t, db); !slices.Equal(got, []string{"kept"}) {
				t.Errorf("rows %q", got)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			o.Migrations = good
			db = openTest(t, o)
			fresh := testOptions(t)
			fresh.Migrations = good
			v1, migrated := schemaOf(t, db)
			v2, made := schemaOf(t, openTest(t, fresh))
			if v1 != 2 || v2 != 2 || !slices.Equal(migrated, made) {
				t.Errorf("migrated %d %q\nfresh    %d %q", v1, migrated, v2, made)
			}
		})
	}
}

func TestFailedFirstMigrationLeavesAnEmptyDatabase(t *testing.T) {
	o := testOptions(t)
	bad := o
	bad.Migrations = []Migration{{"first", "CREATE TABLE a (x INTEGER); nonsense"}}
	if _, err := Open(t.Context(), bad); err == nil {
		t.Fatal("opened")
	}
	if v, _ := schemaOf(t, openTest(t, o)); v != 1 {
		t.Errorf("version %d", v)
	}
}

func TestMigrationMustNotCommit(t *testing.T) {
	o := testOptions(t)
	o.Migrations = []Migration{{"first", "CREATE TABLE a (x INTEGER); COMMIT"}}
	if _, err := Open(t.Context(), o); err == nil {
		t.Error("a migration that commits went through")
	} else if errs.KindOf(err) != errs.Internal {
		t.Errorf("got %v", err)
	}
}
