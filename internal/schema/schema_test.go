package schema_test

import (
	"path/filepath"
	"testing"

	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
)

func TestMigrationsBuildADatabase(t *testing.T) {
	o := store.Options{
		Path:          filepath.Join(t.TempDir(), "library.db"),
		ApplicationID: schema.ApplicationID,
		Migrations:    schema.Migrations(),
	}
	for range 2 { // new, then existing
		db, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Read(t.Context(), func(tx *store.Tx) error {
			var version, jobs int
			if err := tx.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
				return err
			}
			if version != len(o.Migrations) {
				t.Errorf("version %d, want %d", version, len(o.Migrations))
			}
			return tx.QueryRow("SELECT count(*) FROM job").Scan(&jobs)
		})
		if err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
