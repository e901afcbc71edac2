package library

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

func TestMain(m *testing.M) {
	if os.Getenv(holdEnv) != "" {
		hold()
		return
	}
	goleak.VerifyTestMain(m)
}

var now = time.Date(2026, 11, 23, 4, 5, 6, 0, time.UTC)

// memory is a Memory that a test can look into.
type memory struct {
	id     ident.LibraryID
	writes int
}

func (m *memory) LastLibrary() ident.LibraryID { return m.id }
func (m *memory) SetLastLibrary(id ident.LibraryID) error {
	m.id, m.writes = id, m.writes+1
	return nil
}

// runtimes count what is attached.
type runtimes struct {
	mu     sync.Mutex
	open   map[string]int
	refuse error
}

type attached struct {
	r    *runtimes
	name string
}

func (r *runtimes) attach(_ context.Context, l *Library) (io.Closer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuse != nil {
		return nil, r.refuse
	}
	if r.open == nil {
		r.open = map[string]int{}
	}
	r.open[l.Name]++
	return attached{r, l.Name}, nil
}

func (a attached) Close() error {
	a.r.mu.Lock()
	defer a.r.mu.Unlock()
	a.r.open[a.name]--
	return nil
}

func manager(t *testing.T, dir string, change ...func(*Options)) *Manager {
	t.Helper()
	o := Options{Dir: dir, Now: func() time.Time { return now }}
	for _, f := range change {
		f(&o)
	}
	m := NewManager(o)
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func create(t *testing.T, m *Manager, name string) *Library {
	t.Helper()
	l, err := m.Create(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func list(t *testing.T, m *Manager) []Info {
	t.Helper()
	all, err := m.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func wantKind(t *testing.T, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Fatalf("got %v (%s), want %s", err, errs.KindOf(err), kind)
	}
	if e := (*errs.Error)(nil); !errors.As(err, &e) || e.Op == "" {
		t.Fatalf("%v is no *errs.Error of an operation", err)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	es, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range es {
		names = append(names, e.Name())
	}
	return names
}

func write(t *testing.T, l *Library, key string) {
	t.Helper()
	err := l.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO meta (key, value) VALUES (?, 'x')", key)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func has(t *testing.T, l *Library, key string) bool {
	t.Helper()
	var n int
	err := l.DB.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow("SELECT count(*) FROM meta WHERE key = ?", key).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n == 1
}

func TestCreateCloseOpen(t *testing.T) {
	dir, rs := t.TempDir(), &runtimes{}
	m := manager(t, dir, func(o *Options) { o.Attach = rs.attach })
	l := create(t, m, "Photos & more")
	if l.Name != "Photos & more" || l.Path != filepath.Join(dir, "libraries", "Photos & more.sdlibrary") || !l.Created.Equal(now) || l.ID == "" {
		t.Fatalf("%+v", l)
	}
	write(t, l, "kept")
	if same, err := m.Get(t.Context(), "Photos & more"); err != nil || same != l {
		t.Error(same, err)
	}
	if same, err := m.Get(t.Context(), string(l.ID)); err != nil || same != l {
		t.Error(same, err)
	}
	if same, err := m.Get(t.Context(), "PHOTOS & MORE"); err != nil || same != l {
		t.Error(same, err)
	}
	if rs.open["Photos & more"] != 1 {
		t.Error(rs.open)
	}
	if got := files(t, filepath.Join(dir, "libraries")); !slices.Equal(got, []string{"Photos & more.sdlibrary"}) {
		t.Error(got)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if rs.open["Photos & more"] != 0 {
		t.Error("the runtime was not closed")
	}
	if got := files(t, l.Path); !slices.Equal(got, []string{"library.db", "library.json", "lock"}) {
		t.Error("a closed library holds", got)
	}
	_, err := m.Get(t.Context(), "")
	wantKind(t, err, errs.Unavailable)

	m = manager(t, dir)
	again, err := m.Get(t.Context(), "")
	if err != nil || again.ID != l.ID || !again.Created.Equal(now) || !has(t, again, "kept") {
		t.Fatal(again, err)
	}
}

func TestNames(t *testing.T) {
	for _, bad := range []string{"", " ", " a", "a ", "a/b", `a\b`, "a:b", "a*", "a?", `a"`, "a<", "a>", "a|", ".a", "a.", "..", "-a",
		"a\x00", "a\nb", "a\u202eb", "\xff", strings.Repeat("x", 101), "CON", "nul.txt", "com1", "LPT³", "x.sdlibrary", "X.SDLibrary",
		"01890000-0000-7000-8000-000000000000"} {
		if _, err := checkName(bad); !errs.Is(err, errs.Invalid) || errs.RemedyOf(err) == "" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"Home", "a", "Größe 2", "日本", "a.b", "company", "com10", "console", "a-b_c (1)", strings.Repeat("x", 100), "👪"} {
		if got, err := checkName(good); err != nil || got != good {
			t.Errorf("%q: %q, %v", good, got, err)
		}
	}
	if got, err := checkName("e\u0301t"); err != nil || got != "ét" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTakenNames(t *testing.T) {
	m := manager(t, t.TempDir())
	create(t, m, "Straße")
	for _, name := range []string{"Straße", "STRASSE", "straße", "Stra\u00dfe"} {
		_, err := m.Create(t.Context(), name)
		wantKind(t, err, errs.Conflict)
	}
	create(t, m, "Other")
	_, err := m.Rename(t.Context(), "Other", "strasse")
	wantKind(t, err, errs.Conflict)
	if all := list(t, m); len(all) != 2 || all[0].Name != "Other" || all[0].State != Open {
		t.Errorf("%+v", all)
	}
	_, err = m.Create(t.Context(), "a/b")
	wantKind(t, err, errs.Invalid)
}

func TestDefault(t *testing.T) {
	dir, mem := t.TempDir(), &memory{}
	remembering := func(o *Options) { o.Memory = mem }
	m := manager(t, dir, remembering)
	home, err := m.Get(t.Context(), "")
	if err != nil || home.Name != DefaultName || mem.id != home.ID {
		t.Fatal(home, err)
	}
	for range 3 {
		if l, err := m.Get(t.Context(), ""); err != nil || l != home {
			t.Fatal(l, err)
		}
	}
	if mem.writes != 1 {
		t.Errorf("wrote %d times", mem.writes)
	}
	work := create(t, m, "Work") // used last now
	if l, err := m.Get(t.Context(), ""); err != nil || l != work {
		t.Fatal(l, err)
	}
	if l, err := m.Get(t.Context(), "home"); err != nil || l != home {
		t.Fatal(l, err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m = manager(t, dir, remembering)
	if l, err := m.Get(t.Context(), ""); err != nil || l.ID != home.ID {
		t.Fatal(l, err)
	}
	if all := list(t, m); !all[0].Default || all[1].Default {
		t.Errorf("%+v", all)
	}
	// Forgotten: with several, nobody guesses.
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	mem.id = "gone"
	m = manager(t, dir, remembering)
	_, err = m.Get(t.Context(), "")
	wantKind(t, err, errs.Invalid)
	if !strings.Contains(err.Error(), "Home, Work") || errs.RemedyOf(err) == "" {
		t.Error(err)
	}
	if err := m.Remove(t.Context(), "Work", false); err != nil {
		t.Fatal(err)
	}
	if l, err := m.Get(t.Context(), ""); err != nil || l.ID != home.ID {
		t.Fatal("the only one is the default", l, err)
	}
	_, err = m.Get(t.Context(), "Work")
	wantKind(t, err, errs.NotFound)
}

func TestHomeIsNeverMadeBesideABrokenLibrary(t *testing.T) {
	dir := t.TempDir()
	m := manager(t, dir)
	l := create(t, m, "Precious")
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(l.Path, infoFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	m = manager(t, dir)
	_, err := m.Get(t.Context(), "")
	wantKind(t, err, errs.Invalid)
	if got := files(t, filepath.Join(dir, "libraries")); len(got) != 1 {
		t.Error(got)
	}
}

func TestRename(t *testing.T) {
	dir, rs := t.TempDir(), &runtimes{}
	m := manager(t, dir, func(o *Options) { o.Attach = rs.attach })
	old := create(t, m, "Old")
	write(t, old, "kept")
	i, err := m.Rename(t.Context(), "", "New")
	if err != nil || i.Name != "New" || i.ID != old.ID || i.State != Open {
		t.Fatal(i, err)
	}
	if rs.open["Old"] != 0 || rs.open["New"] != 1 {
		t.Error(rs.open)
	}
	l, err := m.Get(t.Context(), "New")
	if err != nil || l == old || !has(t, l, "kept") {
		t.Fatal(l, err)
	}
	if s, err := load(l.Path); err != nil || s.Name != "New" || !s.Created.Equal(now) {
		t.Error(s, err)
	}
	_, err = m.Get(t.Context(), "Old")
	wantKind(t, err, errs.NotFound)
	// To another case, to itself, to nonsense.
	if i, err := m.Rename(t.Context(), "New", "NEW"); err != nil || i.Name != "NEW" {
		t.Error(i, err)
	}
	if i, err := m.Rename(t.Context(), "NEW", "NEW"); err != nil || i.Name != "NEW" {
		t.Error(i, err)
	}
	_, err = m.Rename(t.Context(), "NEW", "a/b")
	wantKind(t, err, errs.Invalid)
	_, err = m.Rename(t.Context(), "none", "x")
	wantKind(t, err, errs.NotFound)
	// A closed one stays closed.
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m = manager(t, dir)
	if i, err := m.Rename(t.Context(), "NEW", "Closed"); err != nil || i.State != Closed || len(m.Opened()) != 0 {
		t.Error(i, err)
	}
	if l, err := m.Get(t.Context(), "Closed"); err != nil || !has(t, l, "kept") {
		t.Error(l, err)
	}
}

func TestP10FolderRenamedAndThenTheProcessDied(t *testing.T) {
	dir := t.TempDir()
	m := manager(t, dir)
	l := create(t, m, "Old")
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(l.Path, filepath.Join(dir, "libraries", "New"+Suffix)); err != nil {
		t.Fatal(err)
	}
	m = manager(t, dir)
	got, err := m.Get(t.Context(), "New")
	if err != nil || got.ID != l.ID {
		t.Fatal(got, err)
	}
	if s, err := load(got.Path); err != nil || s.Name != "New" {
		t.Error(s, err)
	}
}

func TestRemove(t *testing.T) {
	dir := t.TempDir()
	m := manager(t, dir)
	a := create(t, m, "A")
	write(t, a, "kept")
	if err := m.Remove(t.Context(), "A", false); err != nil {
		t.Fatal(err)
	}
	again := create(t, m, "A")
	if err := m.Remove(t.Context(), string(again.ID), false); err != nil {
		t.Fatal("in the same second:", err)
	}
	if got := files(t, filepath.Join(dir, "trash")); !slices.Equal(got, []string{"A-20261123T040506Z-2.sdlibrary", "A-20261123T040506Z.sdlibrary"}) {
		t.Error(got)
	}
	// Moved back, it is a library.
	if err := os.Rename(filepath.Join(dir, "trash", "A-20261123T040506Z.sdlibrary"), filepath.Join(dir, "libraries", "Back.sdlibrary")); err != nil {
		t.Fatal(err)
	}
	back, err := m.Get(t.Context(), "Back")
	if err != nil || back.ID != a.ID || !has(t, back, "kept") {
		t.Fatal(back, err)
	}
	if err := m.Remove(t.Context(), "Back", true); err != nil {
		t.Fatal(err)
	}
	if got := files(t, filepath.Join(dir, "libraries")); len(got) != 0 {
		t.Error(got)
	}
	for _, ref := range []string{"none", ""} {
		if err := m.Remove(t.Context(), ref, true); err == nil {
			t.Errorf("removed %q", ref)
		}
	}
}

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

func TestAttachFails(t *testing.T) {
	dir, rs := t.TempDir(), &runtimes{refuse: errs.New(errs.Unavailable, "no workers").Try("Wait.")}
	m := manager(t, dir, func(o *Options) { o.Attach = rs.attach })
	_, err := m.Create(t.Context(), "Home")
	wantKind(t, err, errs.Unavailable)
	if errs.RemedyOf(err) != "Wait." || len(m.Opened()) != 0 {
		t.Error(err)
	}
	rs.refuse = nil
	if l, err := m.Get(t.Context(), ""); err != nil || l.Name != "Home" {
		t.Fatal("nothing may stay locked:", l, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	rs := &runtimes{}
	m := manager(t, t.TempDir(), func(o *Options) { o.Attach = rs.attach })
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := m.Get(t.Context(), ""); err != nil {
				t.Error(err)
			}
			if _, err := m.List(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := m.Create(t.Context(), "Work"); err != nil && !errs.Is(err, errs.Conflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(m.Opened()) > 2 || rs.open["Work"] != 1 {
		t.Error(m.Opened(), rs.open)
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	m := manager(t, t.TempDir())
	end, err := m.begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = m.Get(ctx, "")
	wantKind(t, err, errs.Cancelled)
	_, err = m.Create(ctx, "x")
	wantKind(t, err, errs.Cancelled)
	_, err = m.Rename(ctx, "x", "y")
	wantKind(t, err, errs.Cancelled)
	wantKind(t, m.Remove(ctx, "x", false), errs.Cancelled)
	_, err = m.List(ctx)
	wantKind(t, err, errs.Cancelled)
}
