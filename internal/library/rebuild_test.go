package library

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

// TestPromise_P22_Rebuild: a library whose database is gone, empty or damaged is not opened
// by itself, and gets a new one on request; what users added stays, and the old is put aside.
func TestPromise_P22_Rebuild(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"gone": os.Remove, "empty": func(path string) error { return os.Truncate(path, 0) },
		"damaged": func(path string) error { return os.WriteFile(path, make([]byte, 1<<16), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			m := NewManager(Options{Dir: t.TempDir()})
			l, err := m.Create(t.Context(), "Home")
			if err != nil {
				t.Fatal(err)
			}
			folder, id := l.Path, l.ID
			if _, err := m.Rebuild(t.Context(), "Home", false); !errs.Is(err, errs.Conflict) || errs.RemedyOf(err) == "" {
				t.Fatalf("a sound one: %v", err)
			}
			if m.open[id] == nil {
				t.Fatal("it was not opened again")
			}
			if _, err := m.Rebuild(t.Context(), "nobody", false); !errs.Is(err, errs.NotFound) {
				t.Fatal(err)
			}
			if err := m.Close(); err != nil {
				t.Fatal(err)
			}
			for _, file := range []string{"user.db", "user.db.1", "names.index"} {
				if err := os.WriteFile(filepath.Join(folder, file), []byte(file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := harm(filepath.Join(folder, databaseFile)); err != nil {
				t.Fatal(err)
			}
			m = NewManager(Options{Dir: filepath.Dir(filepath.Dir(folder))})
			if _, err := m.Get(t.Context(), "Home"); err == nil {
				t.Fatal("opened as it is")
			}
			l, err = m.Rebuild(t.Context(), "Home", false)
			if err != nil || l.ID != id || l.DB == nil {
				t.Fatal(l, err)
			}
			if b, err := os.ReadFile(filepath.Join(folder, "user.db")); string(b) != "user.db" {
				t.Error(string(b), err)
			}
			if _, err := os.Stat(filepath.Join(folder, "replaced", "names.index")); err != nil {
				t.Error(err)
			}
			if _, err := m.Rebuild(t.Context(), "Home", true); err != nil {
				t.Error("forced:", err)
			}
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRebuildTakesNothingForDamaged: a database of a newer Stardrive, and one that cannot
// be looked at now, is not put aside.
func TestRebuildTakesNothingForDamaged(t *testing.T) {
	m := NewManager(Options{Dir: t.TempDir()})
	l, err := m.Create(t.Context(), "Home")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(l.Path, databaseFile)
	err = l.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec("PRAGMA user_version = 100000")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	was, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Rebuild(t.Context(), "Home", false); !errs.Is(err, errs.Conflict) {
		t.Errorf("of a newer one: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Rebuild(ended, "Home", false); err == nil {
		t.Error("it was made though nobody waits")
	}
	if is, err := os.Stat(path); err != nil || !os.SameFile(was, is) {
		t.Errorf("it was put aside: %v", err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}
