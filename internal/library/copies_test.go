package library

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

// kept is a library of which two copies are kept: of when it had one key, and two. It
// has three, and files beside it.
func kept(t *testing.T, change ...func(*Options)) (dir string, m *Manager, l *Library) {
	t.Helper()
	dir = t.TempDir()
	m = manager(t, dir, change...)
	l = create(t, m, "Home")
	for _, key := range []string{"one", "two"} {
		write(t, l, key)
		if err := m.Snapshot(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	write(t, l, "three")
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"user.db", "user.db.1", "names.index", "text.db"} {
		put(name, name)(t, l.Path)
	}
	return dir, manager(t, dir, change...), l
}

func keys(t *testing.T, l *Library) (all string) {
	t.Helper()
	for _, key := range []string{"one", "two", "three"} {
		if has(t, l, key) {
			all += key + " "
		}
	}
	return all
}

// TestPromise_P14_RestoreFromASnapshot: whatever became of the database, the newest copy
// that is sound takes its place; what users added and the copies stay, the rest is put
// aside.
func TestPromise_P14_RestoreFromASnapshot(t *testing.T) {
	tests := []struct {
		name   string
		damage func(t *testing.T, folder string)
		want   string
	}{
		{"E3 gone", func(t *testing.T, f string) { remove(t, f, databaseFile) }, "one two "},
		{"E3 truncated to nothing", put(databaseFile, ""), "one two "},
		{"E3 header zeroed", put(databaseFile, strings.Repeat("\x00", 4096)), "one two "},
		{"E3 cut in half", func(t *testing.T, f string) {
			if err := os.Truncate(filepath.Join(f, databaseFile), 40<<10); err != nil {
				t.Fatal(err)
			}
		}, "one two "},
		{"E4 a log of another", func(t *testing.T, f string) {
			put(databaseFile, strings.Repeat("x", 1<<15))(t, f)
			put(databaseFile+"-wal", strings.Repeat("y", 1<<15))(t, f)
		}, "one two "},
		{"the newest copy is damaged too", func(t *testing.T, f string) {
			remove(t, f, databaseFile)
			put(databaseFile+".1", strings.Repeat("z", 1<<15))(t, f)
		}, "one "},
		{"the newest copy is empty", func(t *testing.T, f string) {
			remove(t, f, databaseFile)
			put(databaseFile+".1", "")(t, f)
		}, "one "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			told := 0
			_, m, l := kept(t, func(o *Options) {
				o.Restored = func(context.Context, *store.DB) error { told++; return nil }
			})
			tt.damage(t, l.Path)
			_, err := m.Get(t.Context(), "Home")
			if err == nil {
				t.Fatal("it was opened as it is")
			}
			if err != nil && !strings.Contains(errs.RemedyOf(err), "library restore") {
				t.Errorf("%v; remedy %q", err, errs.RemedyOf(err))
			}
			again, err := m.Restore(t.Context(), "Home", 0, "", false)
			if err != nil {
				t.Fatal(err)
			}
			if got := keys(t, again); got != tt.want || again.ID != l.ID || told != 1 {
				t.Errorf("it has %q; told %d times", got, told)
			}
			got := files(t, l.Path)
			for _, name := range []string{"user.db", "user.db.1", "library.db.1", "library.db.2", infoFile} {
				if !slices.Contains(got, name) {
					t.Errorf("%s is gone: %v", name, got)
				}
			}
			aside := files(t, filepath.Join(l.Path, "replaced"))
			if slices.Contains(got, "names.index") || !slices.Contains(aside, "names.index") || !slices.Contains(aside, "text.db") {
				t.Errorf("in its folder %v; put aside %v", got, aside)
			}
		})
	}
}

// TestRestoreOfASoundLibrary: it is refused, and the library goes on, unless forced; what
// was is put aside.
func TestRestoreOfASoundLibrary(t *testing.T) {
	_, m, l := kept(t)
	if _, err := m.Get(t.Context(), "Home"); err != nil {
		t.Fatal(err)
	}
	_, err := m.Restore(t.Context(), "Home", 0, "", false)
	wantKind(t, err, errs.Conflict)
	_, err = m.Restore(t.Context(), "Home", 3, "", true)
	wantKind(t, err, errs.NotFound)
	_, err = m.Restore(t.Context(), "nobody", 0, "", false)
	wantKind(t, err, errs.NotFound)
	if m.open[l.ID] == nil || keys(t, m.open[l.ID]) != "one two three " {
		t.Fatal("it does not go on")
	}
	if slices.Contains(files(t, l.Path), "replaced") {
		t.Error("something was put aside")
	}
	again, err := m.Restore(t.Context(), "Home", 2, "", true)
	if err != nil || keys(t, again) != "one " {
		t.Fatal(again, err)
	}
	if aside := files(t, filepath.Join(l.Path, "replaced")); !slices.Contains(aside, databaseFile) {
		t.Error(aside)
	}
}

// TestRestoreThatFails: where no copy is sound, nothing is touched.
func TestRestoreThatFails(t *testing.T) {
	no := errors.New("no")
	fails := false
	_, m, l := kept(t, func(o *Options) {
		o.Restored = func(context.Context, *store.DB) error {
			if fails {
				return no
			}
			return nil
		}
	})
	put(databaseFile, "damaged")(t, l.Path)
	for n := 1; n <= 2; n++ {
		sound, err := os.ReadFile(filepath.Join(l.Path, store.CopyPath(databaseFile, n)))
		if err != nil {
			t.Fatal(err)
		}
		put(store.CopyPath(databaseFile, n), strings.Repeat("z", 1<<15))(t, l.Path)
		defer put(store.CopyPath(databaseFile, n), string(sound))(t, l.Path)
	}
	before := contents(t, l.Path)
	if _, err := m.Restore(t.Context(), "Home", 0, "", false); errs.RemedyOf(err) == "" {
		t.Error(err)
	}
	if contents(t, l.Path) != before {
		t.Error("something was changed:", files(t, l.Path))
	}
	fails = true
	if _, err := m.Restore(t.Context(), "Home", 0, "", false); err == nil {
		t.Error("it was restored")
	}
}

// TestKeeper: a copy a day, when nothing is at work, and after three days anyway.
func TestKeeper(t *testing.T) {
	_, m, _ := kept(t)
	l, err := m.Get(t.Context(), "Home")
	if err != nil {
		t.Fatal(err)
	}
	at, busy := time.Now(), true
	k := &Keeper{Library: l, Quiet: func(context.Context) (bool, error) { return !busy, nil }, Now: func() time.Time { return at }}
	for _, tt := range []struct {
		after time.Duration
		busy  bool
		made  bool
	}{{time.Hour, false, false}, {25 * time.Hour, true, false}, {25 * time.Hour, false, true}, {73 * time.Hour, true, true}, {-time.Hour, true, true}} {
		at, busy = time.Now().Add(tt.after), tt.busy
		if made, err := k.due(t.Context()); err != nil || made != tt.made {
			t.Errorf("after %v, busy %t: %t, %v", tt.after, tt.busy, made, err)
		}
	}
	for n := 1; n <= store.Copies; n++ {
		if err := os.Remove(store.CopyPath(filepath.Join(l.Path, databaseFile), n)); err != nil {
			t.Fatal(err)
		}
	}
	if made, err := k.due(t.Context()); err != nil || !made {
		t.Error("the first copy waits:", made, err)
	}
}
