package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stardrive/stardrive/internal/durable"
)

func TestCreateNeverReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := durable.Create(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := durable.Create(path, []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("want ErrExist, got %v", err)
	}
	mustHold(t, path, "first")
}

func TestReplaceIsPrivateAndLeavesNoLitter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := durable.Folder(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "config.json")
	for _, s := range []string{"one", "two"} {
		if err := durable.Replace(path, []byte(s)); err != nil {
			t.Fatal(err)
		}
		mustHold(t, path, s)
	}
	fi, err := os.Stat(path)
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Fatal(fi.Mode(), err)
	}
	if ds, _ := os.ReadDir(dir); len(ds) != 1 {
		t.Fatalf("litter: %v", ds)
	}
}

func mustHold(t *testing.T, path, want string) {
	t.Helper()
	if b, err := os.ReadFile(path); err != nil || string(b) != want {
		t.Fatalf("%q, %v", b, err)
	}
}
