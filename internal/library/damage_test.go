package library

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestDamage(t *testing.T) {
	tests := []struct {
		name   string
		damage func(t *testing.T, folder string)
		kind   errs.Kind
		says   string
	}{
		{"no json", func(t *testing.T, f string) { remove(t, f, infoFile) }, errs.Invalid, "missing"},
		{"empty json", put(infoFile, ""), errs.Invalid, "damaged"},
		{"half a json", put(infoFile, `{"id":"01890000-0000-7000-8000-000000000000","na`), errs.Invalid, "damaged"},
		{"two jsons", func(t *testing.T, f string) {
			b, err := os.ReadFile(filepath.Join(f, infoFile))
			if err != nil {
				t.Fatal(err)
			}
			put(infoFile, string(b)+"{}")(t, f)
		}, errs.Invalid, "damaged"},
		{"no id", put(infoFile, `{"name":"Home","format":1}`), errs.Invalid, "names no library"},
		{"no format", put(infoFile, `{"id":"01890000-0000-7000-8000-000000000000","name":"Home"}`), errs.Invalid, "names no library"},
		{"unknown field", put(infoFile, `{"id":"01890000-0000-7000-8000-000000000000","name":"Home","format":1,"x":2}`), errs.Invalid, "damaged"},
		{"newer format", put(infoFile, `{"id":"01890000-0000-7000-8000-000000000000","name":"Home","format":2,"x":2}`), errs.Conflict, "newer Stardrive"},
		{"huge json", put(infoFile, strings.Repeat(" ", 1<<20)), errs.Invalid, "no small file"},
		{"E3 no database", func(t *testing.T, f string) { remove(t, f, databaseFile) }, errs.Invalid, "database is missing"},
		{"E3 database truncated to nothing", put(databaseFile, ""), errs.Invalid, "empty"},
		{"E3 database header zeroed", put(databaseFile, strings.Repeat("\x00", 4096)), errs.Invalid, ""},
		{"E3 database is text", put(databaseFile, strings.Repeat("hello ", 4096)), errs.Invalid, ""},
		{"E7 newer schema", pragma("user_version = 9999"), errs.Conflict, "9999"},
		{"another program's database", pragma("application_id = 77"), errs.Invalid, "not a database of Stardrive"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			m := manager(t, dir)
			l := create(t, m, "Home")
			create(t, m, "Fine")
			if err := m.Close(); err != nil {
				t.Fatal(err)
			}
			tt.damage(t, l.Path)
			before := contents(t, l.Path)
			m = manager(t, dir)
			_, err := m.Get(t.Context(), "Home")
			wantKind(t, err, tt.kind)
			if !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), dir) {
				t.Errorf("%v; remedy %q", err, errs.RemedyOf(err))
			}
			if after := contents(t, l.Path); after != before {
				t.Errorf("something was changed or repaired: %d bytes, now %d: %v", len(before), len(after), files(t, l.Path))
			}
			all := list(t, m)
			if len(all) != 2 || all[0].Name != "Fine" || all[0].State != Closed || all[1].Name != "Home" {
				t.Errorf("%+v", all)
			}
			if _, err := m.Get(t.Context(), "Fine"); err != nil {
				t.Error("one broken library breaks another:", err)
			}
			// It can be put out of the way.
			if err := m.Remove(t.Context(), "Home", false); err != nil {
				t.Error(err)
			}
		})
	}
}

func put(name, text string) func(t *testing.T, folder string) {
	return func(t *testing.T, folder string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func remove(t *testing.T, folder, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(folder, name)); err != nil {
		t.Fatal(err)
	}
}

// pragma changes the header of a database, whose numbers stand at fixed places.
func pragma(set string) func(t *testing.T, folder string) {
	return func(t *testing.T, folder string) {
		t.Helper()
		f, err := os.OpenFile(filepath.Join(folder, databaseFile), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		off, n := int64(60), byte(0)
		b := []byte{0, 0, 0x27, 0x0f} // 9999
		if strings.HasPrefix(set, "application_id") {
			off, b = 68, []byte{n, n, n, 77}
		}
		if _, err := f.WriteAt(b, off); err != nil {
			t.Fatal(err)
		}
	}
}

// contents joins all that a folder's files hold, but for the lock's and what
// SQLite leaves when it only looked.
func contents(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	for _, name := range files(t, folder) {
		if name == lockFile || strings.HasSuffix(name, "-shm") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "-wal") && len(b) == 0 {
			continue
		}
		all.WriteString(name + "\n" + string(b))
	}
	return all.String()
}

func TestACopyBesideTheOriginal(t *testing.T) {
	dir := t.TempDir()
	m := manager(t, dir)
	l := create(t, m, "Home")
	copied := filepath.Join(dir, "libraries", "Backup"+Suffix)
	if err := os.CopyFS(copied, os.DirFS(l.Path)); err != nil {
		t.Fatal(err)
	}
	all := list(t, m)
	if len(all) != 2 || all[0].State != Broken || !errs.Is(all[0].Err, errs.Conflict) || errs.RemedyOf(all[0].Err) == "" || all[1].State != Open {
		t.Fatalf("%+v", all)
	}
	_, err := m.Get(t.Context(), "Backup")
	wantKind(t, err, errs.Conflict)
	if same, err := m.Get(t.Context(), string(l.ID)); err != nil || same != l {
		t.Error(same, err)
	}
}

func TestOddFoldersAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	m := manager(t, dir)
	create(t, m, "Home")
	odd := []string{"notes.txt", ".sdlibrary", ".hidden.sdlibrary", "x.sdlibrary.bak"}
	for _, name := range odd {
		if err := os.Mkdir(filepath.Join(dir, "libraries", name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "libraries", "file.sdlibrary"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" {
		if err := os.Mkdir(filepath.Join(dir, "libraries", "\xff.sdlibrary"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range list(t, m) {
		if i.Name != "Home" && (i.State != Broken || i.Err == nil) {
			t.Errorf("%+v", i)
		}
		if slices.Contains(odd, i.Name+Suffix) {
			t.Errorf("%s is taken for a library", i.Name)
		}
	}
	if l, err := m.Get(t.Context(), ""); err != nil || l.Name != "Home" {
		t.Error(l, err)
	}
}

func TestP10LeftoversAreSweptUnlessInUse(t *testing.T) {
	dir := t.TempDir()
	m := manager(t, dir)
	libraries := filepath.Join(dir, "libraries")
	for _, name := range []string{making + "dead", destroying + "dead", making + "busy"} {
		if err := os.MkdirAll(filepath.Join(libraries, name, "sub"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	busy, err := acquire(filepath.Join(libraries, making+"busy", lockFile))
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Release()
	create(t, m, "Home")
	if got := files(t, libraries); !slices.Equal(got, []string{making + "busy", "Home.sdlibrary"}) {
		t.Error(got)
	}
}
