package library

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

// TestPromise_P14_Backup: a backup of a library in use is a library: it can be put among
// the libraries of another data folder, and its database be taken for a damaged one.
func TestPromise_P14_Backup(t *testing.T) {
	var fails error
	told := 0
	_, m, _ := kept(t, func(o *Options) {
		o.Backup = func(_ context.Context, _ *Library, folder string) error {
			if fails != nil {
				return fails
			}
			return os.WriteFile(filepath.Join(folder, "user.db"), []byte("added"), 0o600)
		}
		o.Restored = func(context.Context, *store.DB) error { told++; return nil }
	})
	l, err := m.Get(t.Context(), "Home")
	if err != nil {
		t.Fatal(err)
	}
	usb := t.TempDir()
	path, err := m.Backup(t.Context(), l, usb)
	if err != nil {
		t.Fatal(err)
	}
	if got := files(t, path); !slices.Equal(got, []string{"library.db", "library.json", "user.db"}) || filepath.Base(path) != "Home-20261123T040506Z.sdlibrary" || told != 1 {
		t.Errorf("%s holds %v; told %d times", path, got, told)
	}
	write(t, l, "later")

	_, err = m.Backup(t.Context(), l, usb) // of the same second
	wantKind(t, err, errs.Conflict)
	_, err = m.Backup(t.Context(), l, "usb")
	wantKind(t, err, errs.Invalid)
	_, err = m.Backup(t.Context(), l, filepath.Join(l.Path, "..", "."))
	wantKind(t, err, errs.Invalid)
	_, err = m.Backup(t.Context(), l, l.Path)
	wantKind(t, err, errs.Invalid)
	_, err = m.Backup(t.Context(), l, filepath.Join(usb, "nowhere"))
	wantKind(t, err, errs.NotFound)
	fails = errors.New("no")
	other := t.TempDir()
	if _, err = m.Backup(t.Context(), l, other); err == nil {
		t.Error("it failed, and did not tell")
	}
	if left := append(files(t, other), files(t, usb)...); len(left) != 1 {
		t.Error("left behind:", left)
	}

	another := t.TempDir()
	if err := os.CopyFS(filepath.Join(another, "libraries", "Home"+Suffix), os.DirFS(path)); err != nil {
		t.Fatal(err)
	}
	n := manager(t, another)
	moved, err := n.Get(t.Context(), "")
	if err != nil || moved.ID != l.ID || moved.Name != "Home" || keys(t, moved) != "one two three " || has(t, moved, "later") {
		t.Fatal(moved, err)
	}
	if _, err := m.Restore(t.Context(), "Home", 0, path, false); !errs.Is(err, errs.Conflict) {
		t.Error("a sound one was replaced:", err)
	}
	back, err := m.Restore(t.Context(), "Home", 0, path, true)
	if err != nil || keys(t, back) != "one two three " || has(t, back, "later") {
		t.Fatal(back, err)
	}
	stranger := create(t, m, "Stranger")
	_, err = m.Restore(t.Context(), stranger.Name, 0, path, true)
	wantKind(t, err, errs.Conflict)
}
