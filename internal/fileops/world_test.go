//go:build linux

package fileops

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/driver/local"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// TestMain has random programs run a few times only, unless more are asked for
// with -rapid.checks.
func TestMain(m *testing.M) {
	asked := false
	flag.Parse()
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		_ = flag.Set("rapid.checks", strconv.Itoa(30/thin)) // the flag is rapid's
	}
	goleak.VerifyTestMain(m)
}

// soak is how many cases of tests there are that could go on for ever; 0: few.
var soak, _ = strconv.Atoi(os.Getenv("SOAK_PLANS"))

// sites are the volumes of a test: folders of the real file system, each taken
// for a volume of its own.
type sites struct {
	roots  map[string]string    // identity → folder
	memory map[string]*memfs.FS // or in memory; the roots are names only, then
	wrap   func(vfs.Driver) vfs.Driver

	mu      sync.Mutex
	drivers map[string]vfs.Driver
}

func (s *sites) driver(identity string) (vfs.Driver, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.drivers[identity]; d != nil {
		return d, nil
	}
	root, ok := s.roots[identity]
	if !ok {
		return nil, errs.New(errs.Unavailable, "offline")
	}
	var d vfs.Driver
	var err error
	if fs := s.memory[identity]; fs != nil {
		d = outliving{fs}
	} else if d, err = local.New(root, local.Options{}); err != nil {
		return nil, err
	}
	s.drivers[identity] = d
	if s.wrap != nil {
		s.drivers[identity] = s.wrap(d)
	}
	return s.drivers[identity], nil
}

func (s *sites) Resolve(_ context.Context, path string, follow bool) (catalog.Place, error) {
	if rest, ok := strings.CutPrefix(path, "sd://local"); ok {
		path = rest
	}
	for id, root := range s.roots {
		if path == root || strings.HasPrefix(path, root+"/") {
			if follow && s.memory == nil {
				if real, err := filepath.EvalSymlinks(path); err == nil {
					path = real
				}
			}
			d, err := s.driver(id)
			return catalog.Place{Identity: id, Path: strings.Trim(strings.TrimPrefix(path, root), "/"), Driver: d}, err
		}
	}
	return catalog.Place{}, errs.New(errs.NotFound, "on no volume").At(path)
}

func (s *sites) Site(_ context.Context, identity string) (Site, error) {
	d, err := s.driver(identity)
	if err != nil {
		return Site{}, err
	}
	root, uid := s.roots[identity], os.Getuid()
	if s.memory != nil {
		uid = 0
	}
	return Site{Driver: d, Ground: catalog.Ground{Name: identity, Mount: root, Online: true}, Trash: trash.Volume{Mount: root, UID: uid}}, nil
}

// deeds is a catalogue that only listens.
type deeds struct {
	mu   sync.Mutex
	told []catalog.Deed
}

func (k *deeds) Take(_ context.Context, ds []catalog.Deed) (func(*store.Tx) error, error) {
	return func(*store.Tx) error {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.told = append(k.told, ds...)
		return nil
	}, nil
}

func (k *deeds) Look(context.Context, []catalog.Spot) error { return nil }

// testWorld is a library with two volumes.
type testWorld struct {
	t     testing.TB
	a, b  string // folders
	data  string
	sites *sites
	known *deeds
	*Service
	plans *action.Service
	jobs  *job.Engine
	db    *store.DB
	stop  func()
	fault func(store.Moment) error
	tune  func(*Service) // before anything is run
}

func newTestWorld(t testing.TB) *testWorld { return newTestWorldAs(t, func(*testWorld) {}) }

// newTestWorldAs is a world that was set up otherwise before it began.
func newTestWorldAs(t testing.TB, set func(w *testWorld)) *testWorld {
	t.Helper()
	dir, err := os.MkdirTemp(fastDir(), "fileops")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w := emptyWorld(t, dir)
	set(w)
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

// emptyWorld is one in which nothing runs yet.
func emptyWorld(t testing.TB, dir string) *testWorld {
	t.Helper()
	w := &testWorld{t: t, a: filepath.Join(dir, "a"), b: filepath.Join(dir, "b"), data: filepath.Join(dir, "data"), known: &deeds{}}
	for _, d := range []string{w.a, w.b, w.data} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	w.sites = &sites{roots: map[string]string{"vol-a": w.a, "vol-b": w.b}, drivers: map[string]vfs.Driver{}}
	if _, err := os.Stat(w.library()); err == nil {
		return w // that of a process that died
	}
	empty, err := emptyLibrary()
	if err == nil {
		err = os.WriteFile(w.library(), empty, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// emptyLibrary is a database with the schema and nothing else: making it takes
// longer than most tests.
var emptyLibrary = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp(fastDir(), "fileops")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "library.db")
	db, err := store.Open(context.Background(), store.Options{Path: path, ApplicationID: 1, Migrations: schema.Migrations()})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func (w *testWorld) library() string { return filepath.Join(w.data, "library.db") }

func (w *testWorld) start() {
	w.t.Helper()
	db, err := store.Open(context.Background(), store.Options{Path: w.library(), ApplicationID: 1, Migrations: schema.Migrations(), Fault: w.fault})
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := catalog.Open(context.Background(), db, event.NewBus())
	if err != nil {
		w.t.Fatal(err)
	}
	w.db = db
	w.Service = New(Options{Catalog: c, Volumes: w.sites, Known: w.known})
	if w.tune != nil {
		w.tune(w.Service)
	}
	w.plans = action.New(action.Options{DB: db, Kinds: w.Kinds()})
	w.Service.Start(w.plans)
	w.jobs = job.NewEngine(db, w.plans.JobDefs(), job.Options{})
	if err := w.plans.Start(context.Background(), w.jobs); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = w.jobs.Serve(ctx) }) // a test may kill its database
	w.stop = sync.OnceFunc(func() {
		cancel()
		serving.Wait()
		_ = db.Close() // likewise
		for id, d := range w.sites.drivers {
			_ = d.Close()
			delete(w.sites.drivers, id)
		}
	})
}

// restart is a new process on what is left.
func (w *testWorld) restart() {
	w.stop()
	w.start()
}

func (w *testWorld) path(p string) string {
	if rest, ok := strings.CutPrefix(p, "b:"); ok {
		return filepath.Join(w.b, rest)
	}
	return filepath.Join(w.a, p)
}

// write makes a file with its folders; its time is made of its text.
func (w *testWorld) write(p, text string) {
	w.t.Helper()
	full := w.path(p)
	at := time.Unix(1_600_000_000+int64(len(text))*1000, int64(len(p))*1001)
	if fs, path := w.inMemory(p); fs != nil {
		folder, _ := vfs.Split(path)
		if err := errors.Join(fs.MkdirAll(folder), fs.WriteFile(path, []byte(text)), fs.Chmod(path, 0o640), fs.SetModified(path, at)); err != nil {
			w.t.Fatal(err)
		}
		return
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(text), 0o640), os.Chtimes(full, at, at)); err != nil {
		w.t.Fatal(err)
	}
}

// tree tells all that stands on both volumes, but for the trash.
func (w *testWorld) tree() string { return w.dump(false) }

func (w *testWorld) dump(withTrash bool) string {
	side := func(p string) string {
		if fs, _ := w.inMemory(p); fs != nil {
			return dumpMemory(w.t, fs, "", withTrash)
		}
		return dump(w.t, w.path(p), withTrash)
	}
	return side("") + "--\n" + side("b:")
}

// dump tells what stands in a folder: paths, kinds, modes, bytes, times of files,
// targets of symlinks, and which files are one.
func dump(t testing.TB, root string, withTrash bool) string {
	t.Helper()
	var lines []string
	first := map[uint64]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if !withTrash && strings.HasPrefix(rel, ".Trash-") {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%q %v", rel, info.Mode())
		switch {
		case info.Mode().IsRegular():
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			line += fmt.Sprintf(" %q %d", b, info.ModTime().UnixNano())
			if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Nlink > 1 {
				if one, several := first[st.Ino]; several {
					line += " = " + one
				} else {
					first[st.Ino] = rel
				}
			}
		case info.Mode()&fs.ModeSymlink != 0:
			target, _ := os.Readlink(path)
			line += fmt.Sprintf(" → %s %d", target, info.ModTime().UnixNano())
		}
		lines = append(lines, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n") + "\n"
}

func (w *testWorld) propose(name string, args any) (action.Plan, error) {
	return w.plans.Propose(context.Background(), action.Request{Action: name, Args: args}, action.User)
}

func (w *testWorld) plan(name string, args any) action.Plan {
	w.t.Helper()
	p, err := w.propose(name, args)
	if err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	return p
}

// do commits a plan, which must end in the state.
func (w *testWorld) do(p action.Plan, want action.State) action.Plan {
	w.t.Helper()
	p = w.end(p)
	if p.State != want {
		w.t.Fatalf("%q is %s (%s), want %s\n%s", p.Title, p.State, p.Error, want, w.failures(p.ID))
	}
	return p
}

func (w *testWorld) end(p action.Plan) action.Plan {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := w.plans.Commit(ctx, p.ID, p.Confirm); err != nil {
		w.t.Fatalf("commit %q: %v", p.Title, err)
	}
	p, err := w.plans.Wait(ctx, p.ID)
	if err != nil || ctx.Err() != nil {
		w.t.Fatalf("%+v, %v", p, err)
	}
	return p
}

func (w *testWorld) undo(p action.Plan, want action.State) action.Plan {
	w.t.Helper()
	u, err := w.plans.Undo(context.Background(), p.ID, action.User)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.do(u, want)
}

func (w *testWorld) failures(id ident.PlanID) string {
	var text string
	err := w.db.Read(context.Background(), func(tx *store.Tx) error {
		rows, err := tx.Query("SELECT path, kind, message FROM plan_failure WHERE plan_id = ? ORDER BY n", int64(id))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var path, kind, message string
			if err := rows.Scan(&path, &kind, &message); err != nil {
				return err
			}
			text += fmt.Sprintln(path, kind, message)
		}
		return rows.Err()
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

func (w *testWorld) src(paths ...string) (all []string) {
	for _, p := range paths {
		all = append(all, w.path(p))
	}
	return all
}

func (w *testWorld) has(p, text string) {
	w.t.Helper()
	b, err := w.read(p)
	if err != nil || string(b) != text {
		w.t.Errorf("%s holds %q (%v), want %q", p, b, err, text)
	}
}

func (w *testWorld) hasNot(p string) {
	w.t.Helper()
	if w.is(p) {
		w.t.Errorf("%s is there", p)
	}
}

// clean demands that nothing of ours was left.
func (w *testWorld) clean() {
	w.t.Helper()
	for _, line := range strings.Split(w.dump(true), "\n") {
		if strings.Contains(line, ".sd-") {
			w.t.Errorf("left: %s", line)
		}
	}
}

// fastDir is memory, where there is such a folder: these tests sync a lot.
func fastDir() string {
	if is, err := os.Stat("/dev/shm"); err == nil && is.IsDir() {
		return "/dev/shm"
	}
	return ""
}
