//go:build !linux

package watch

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// TestRealSystem has this machine tell of real folders. The order in which it
// tells is its own affair, and it may tell more than happened.
func TestRealSystem(t *testing.T) {
	h := newHeard()
	n, err := New(h.told())
	if err != nil {
		t.Skipf("this system tells nothing: %v", err)
	}
	defer func() { must(t, n.Close()) }()
	top, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	path := func(name string) string { return filepath.Join(top, filepath.FromSlash(name)) }
	must(t, os.MkdirAll(path("a/b/c"), 0o700), os.Mkdir(path("d"), 0o700), os.WriteFile(path("file"), nil, 0o600))
	if n.How(top) == byNothing {
		t.Skipf("folders of %s cannot be told apart for good", top)
	}
	add := func(name string, id ident.EntryID) {
		t.Helper()
		_, err := n.Add(path(name), id)
		must(t, err)
	}
	told := func(what string, id ident.EntryID, fn func() error) {
		t.Helper()
		h.take()
		must(t, fn())
		h.until(t, what, func() bool { return slices.Contains(h.changed, id) })
	}
	write := func(name string) func() error {
		return func() error { return os.WriteFile(path(name), []byte("text"), 0o600) }
	}
	add("", 1)
	add("a", 2)
	add("a/b/c", 3)
	add("d", 4)
	for _, name := range []string{"file", "none"} {
		if added, err := n.Add(path(name), 9); added || !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: %v, %v", name, added, err)
		}
	}
	told("a file in the root", 1, write("f"))
	told("a file deep in it", 3, write("a/b/c/ü 漢😀"))
	told("a file is written", 3, write("a/b/c/ü 漢😀"))
	told("a file is removed", 3, func() error { return os.Remove(path("a/b/c/ü 漢😀")) })
	told("a file moves", 4, func() error { return os.Rename(path("f"), path("d/f")) })
	told("a folder is renamed", 2, func() error { return os.Rename(path("a/b"), path("a/z")) })
	told("in what was renamed", 3, write("a/z/c/f"))
	told("a folder moves", 4, func() error { return os.Rename(path("a/z"), path("d/z")) })
	told("in what moved", 3, write("d/z/c/g"))
	n.Remove(3)
	if _, d, _ := h.take(); !slices.Equal(d, ids{3}) {
		t.Errorf("removed: dropped %v", d)
	}
	told("a folder is removed", 4, func() error { return os.RemoveAll(path("d/z")) })

	must(t, os.Rename(top, top+"-moved")) // nothing is told of it by its path any more
	h.until(t, "the tree moved away", func() bool {
		_ = os.WriteFile(filepath.Join(top+"-moved", "a", "f"), nil, 0o600)
		return len(h.dropped) == 3
	})
	must(t, os.Rename(top+"-moved", top))
	add("", 1)
	add("d", 4)
	told("when it is back", 4, write("d/back"))
}
