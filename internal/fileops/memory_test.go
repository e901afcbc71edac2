//go:build linux

package fileops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// Volumes in memory are fast, know what a power cut would leave, and fail when
// they are told to.

// ticks is a clock that goes on over power cuts: no two changes have the same time.
func ticks() func() time.Time {
	var n atomic.Int64
	return func() time.Time { return time.Unix(1_700_000_000, n.Add(1)*1_000_000) }
}

// newMemoryWorld is a world whose volumes are in memory.
func newMemoryWorld(t testing.TB, a, b memfs.Options) (w *testWorld, on, other *memfs.FS) {
	t.Helper()
	on, other = memfs.NewWith(a), memfs.NewWith(b)
	w = newTestWorldAs(t, func(w *testWorld) { w.inMemoryOf(on, other) })
	return w, on, other
}

func (w *testWorld) inMemoryOf(a, b *memfs.FS) {
	w.sites.memory = map[string]*memfs.FS{"vol-a": a, "vol-b": b}
}

// outliving is a volume that is there again when its process is gone.
type outliving struct{ *memfs.FS }

func (outliving) Close() error { return nil }

// inMemory finds a path of a test; the volume is nil if that is none in memory.
func (w *testWorld) inMemory(p string) (*memfs.FS, string) {
	if rest, ok := strings.CutPrefix(p, "b:"); ok {
		return w.sites.memory["vol-b"], rest
	}
	return w.sites.memory["vol-a"], p
}

func (w *testWorld) read(p string) ([]byte, error) {
	if fs, path := w.inMemory(p); fs != nil {
		text, err := read(fs, path)
		return []byte(text), err
	}
	return os.ReadFile(w.path(p))
}

// is reports whether something stands at a path.
func (w *testWorld) is(p string) bool {
	if fs, path := w.inMemory(p); fs != nil {
		_, err := fs.Stat(context.Background(), path)
		return err == nil
	}
	_, err := os.Lstat(w.path(p))
	return err == nil
}

func (w *testWorld) remove(p string) error {
	if fs, path := w.inMemory(p); fs != nil {
		return fs.Remove(path)
	}
	return os.RemoveAll(w.path(p))
}

func (w *testWorld) symlink(target, p string) error {
	if fs, path := w.inMemory(p); fs != nil {
		return fs.Symlink(target, path)
	}
	return os.Symlink(target, w.path(p))
}

func (w *testWorld) readlink(p string) (string, error) {
	if fs, path := w.inMemory(p); fs != nil {
		return fs.Features().Readlink(context.Background(), path)
	}
	return os.Readlink(w.path(p))
}

// hardLink gives the file at from another name; both are on the first volume.
func (w *testWorld) hardLink(from, to string) error {
	if fs, path := w.inMemory(to); fs != nil {
		return fs.Link(from, path)
	}
	return os.Link(w.path(from), w.path(to))
}

// replace makes what stands at from, on the same volume, stand at to.
func (w *testWorld) replace(from, to string) error {
	if fs, path := w.inMemory(to); fs != nil {
		_, old := w.inMemory(from)
		return fs.Rename(old, path)
	}
	return os.Rename(w.path(from), w.path(to))
}

// list returns the names in a folder.
func (w *testWorld) list(p string) (names []string, err error) {
	fs, path := w.inMemory(p)
	if fs == nil {
		all, err := os.ReadDir(w.path(p))
		for _, e := range all {
			names = append(names, e.Name())
		}
		return names, err
	}
	err = fs.List(context.Background(), path, func(batch []vfs.Entry) error {
		for _, e := range batch {
			names = append(names, e.Name)
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}

// hidden are the private names in a folder.
func (w *testWorld) hidden(p string) []string {
	names, _ := w.list(p)
	return slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, ".sd-") })
}

// read returns the bytes of a file.
func read(d vfs.Driver, path string) (string, error) {
	f, err := d.Open(context.Background(), path)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(f)
	return string(b), errors.Join(err, f.Close())
}

// dumpMemory is dump of a volume in memory, with attributes.
func dumpMemory(t testing.TB, d *memfs.FS, root string, withTrash bool) string {
	t.Helper()
	var lines []string
	first := map[uint64]string{}
	err := walkMemory(d, root, func(path string, e vfs.Entry, m vfs.Meta) error {
		rel := strings.TrimPrefix(strings.TrimPrefix(path, root), "/")
		if !withTrash && strings.HasPrefix(rel, ".Trash-") {
			return errSkip
		}
		line := fmt.Sprintf("%q %s %o", rel, e.Kind, e.Mode)
		switch e.Kind {
		case vfs.File:
			text, err := read(d, path)
			if err != nil {
				return err
			}
			line += fmt.Sprintf(" %q %d", text, e.Modified)
			if one, several := first[e.Inode]; several {
				line += " = " + one
			} else if e.Links > 1 && e.Inode != 0 {
				first[e.Inode] = rel
			}
		case vfs.Symlink:
			target, err := d.Features().Readlink(context.Background(), path)
			if err != nil {
				return err
			}
			line += " → " + target
		}
		for _, name := range slices.Sorted(maps.Keys(m.Xattrs)) {
			line += fmt.Sprintf(" %s=%q", name, m.Xattrs[name])
		}
		lines = append(lines, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n") + "\n"
}

var errSkip = errors.New("not into this folder")

// walkMemory calls fn with all that stands below root, sorted.
func walkMemory(d vfs.Driver, root string, fn func(path string, e vfs.Entry, m vfs.Meta) error) error {
	ctx := context.Background()
	dir, err := d.Features().Writing.Dir(ctx, root)
	if err != nil {
		return err
	}
	defer dir.Close()
	var all []vfs.Entry
	if err := dir.List(ctx, func(batch []vfs.Entry) error { all = append(all, batch...); return nil }); err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b vfs.Entry) int { return strings.Compare(a.Name, b.Name) })
	for _, e := range all {
		m, err := dir.Meta(ctx, e.Name)
		if err != nil {
			return err
		}
		path := vfs.Join(root, e.Name)
		err = fn(path, e, m)
		if err == nil && e.Kind == vfs.Folder {
			err = walkMemory(d, path, fn)
		}
		if err != nil && !errors.Is(err, errSkip) {
			return err
		}
	}
	return nil
}

// texts are the bytes of all files on both volumes, those in the trash too.
func (w *testWorld) texts() map[string]bool {
	all := map[string]bool{}
	for _, fs := range w.sites.memory {
		_ = walkMemory(fs, "", func(path string, e vfs.Entry, _ vfs.Meta) error {
			if e.Kind == vfs.File && !strings.HasSuffix(path, ".trashinfo") {
				text, _ := read(fs, path)
				all[text] = true
			}
			return nil
		})
	}
	if w.sites.memory != nil {
		return all
	}
	for _, root := range []string{w.a, w.b} {
		_ = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && !strings.HasSuffix(path, ".trashinfo") {
				b, _ := os.ReadFile(path)
				all[string(b)] = true
			}
			return nil
		})
	}
	return all
}
