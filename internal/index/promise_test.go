package index_test

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/index"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/job/jobtest"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

const identity = "uuid:test"

// machine is a computer with one volume.
type machine struct {
	mu     sync.Mutex
	driver vfs.Driver // nil: offline
}

func (m *machine) Resolve(_ context.Context, path string, _ bool) (catalog.Place, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return catalog.Place{Identity: identity, Name: "Disk", Facts: []byte(`{}`), Path: strings.TrimPrefix(path, "/"), Driver: m.driver, Ground: m.ground(0)}, nil
}

func (m *machine) Driver(context.Context, string) (vfs.Driver, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.driver == nil {
		return nil, errs.New(errs.Unavailable, "offline")
	}
	return m.driver, nil
}

func (m *machine) Ground(v catalog.Volume) catalog.Ground {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ground(v.ID)
}

func (m *machine) ground(id ident.VolumeID) catalog.Ground {
	if m.driver == nil {
		return catalog.Ground{ID: id, Name: "Disk"}
	}
	return catalog.Ground{ID: id, Name: "Disk", Mount: "/", Online: true}
}

func (m *machine) plug(d vfs.Driver) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.driver = d
}

// hints is a Notifier that tells what a test wants it to tell.
type hints struct {
	mu       sync.Mutex
	folders  map[ident.EntryID]bool
	changed  func(ident.EntryID)
	overflow func()
}

func (h *hints) Add(_ string, folder ident.EntryID) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := h.folders[folder]
	h.folders[folder] = true
	return !known, nil
}

func (h *hints) Close() error { return nil }

// rig is a running index of one library.
type rig struct {
	t       testing.TB
	fs      *memfs.FS
	machine *machine
	db      *store.DB
	catalog *catalog.Catalog
	service *index.Service
	jobs    *job.Engine
	hints   *hints
}

func newService(t testing.TB, db *store.DB, m *machine, h *hints) (*catalog.Catalog, *index.Service) {
	t.Helper()
	c, err := catalog.Open(context.Background(), db, event.NewBus())
	if err != nil {
		t.Fatal(err)
	}
	return c, index.New(index.Options{Catalog: c, Volumes: m, Device: "dev", Workers: 2, Batch: 3, Watch: func(changed func(ident.EntryID), overflow func()) (index.Notifier, error) {
		h.changed, h.overflow = changed, overflow
		return h, nil
	}})
}

// start opens a library on a new memory volume and serves it until the test ends.
func start(t testing.TB) *rig {
	t.Helper()
	r := &rig{t: t, fs: newFS(), machine: &machine{}}
	r.machine.plug(r.fs)
	dir, err := filepath.Abs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r.db, err = store.Open(context.Background(), store.Options{Path: filepath.Join(dir, "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	r.hints = &hints{folders: map[ident.EntryID]bool{}}
	r.catalog, r.service = newService(t, r.db, r.machine, r.hints)
	r.jobs = job.NewEngine(r.db, r.service.JobDefs(), job.Options{})
	r.service.Start(r.jobs)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = r.jobs.Serve(ctx) })
	running.Go(func() { _ = r.service.Serve(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		if err := r.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// newFS is a volume whose clock goes on a nanosecond at each look.
func newFS() *memfs.FS {
	var mu sync.Mutex
	now := time.Unix(1_700_000_000, 0)
	return memfs.New(func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(1)
		return now
	})
}

func (r *rig) call(name string, in string) ([]byte, error) {
	r.t.Helper()
	d, ok := op.NewSet(r.service.Ops()).Lookup(name)
	if !ok {
		r.t.Fatal("no operation ", name)
	}
	return d.Call(context.Background(), []byte(in))
}

// scan adds or rescans the location at path and waits for its scan.
func (r *rig) scan(path string) index.Location {
	r.t.Helper()
	name := strings.TrimPrefix(strings.ReplaceAll(path, "/", "-"), "-")
	_, err := r.call("location.rescan", fmt.Sprintf(`{"location":%q}`, name))
	if errs.Is(err, errs.NotFound) {
		_, err = r.call("location.add", fmt.Sprintf(`{"path":%q,"name":%q}`, path, name))
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return r.settled(path)
}

// settled waits for the newest scan of the location and returns it as it is then.
func (r *rig) settled(path string) index.Location {
	r.t.Helper()
	l := r.location(path)
	if _, err := r.jobs.Wait(context.Background(), l.Job.ID); err != nil {
		r.t.Fatal(err)
	}
	return r.location(path)
}

func (r *rig) location(path string) index.Location {
	r.t.Helper()
	ls, err := r.service.Locations(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, l := range ls {
		if l.OSPath == path || l.Path == "sd://local"+path || l.Path == "sd://Disk"+path {
			return l
		}
	}
	r.t.Fatalf("no location %s in %+v", path, ls)
	return index.Location{}
}

// must fails the test on the first error.
func must(t testing.TB, errors ...error) {
	t.Helper()
	for _, err := range errors {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// line is what the catalogue or the disk says of one entry.
func line(path string, kind vfs.Kind, size, modified int64) string {
	return fmt.Sprintf("%q %v %d %d", path, kind, size, modified)
}

// indexed is what the catalogue holds at and below a folder, with ids if wanted.
func indexed(t testing.TB, c *catalog.Catalog, ids bool) []string {
	t.Helper()
	return indexedBelow(t, c, ids, "")
}

// indexedBelow is what it holds in one folder of the volume's root, itself included.
func indexedBelow(t testing.TB, c *catalog.Catalog, ids bool, top string) []string {
	t.Helper()
	var out []string
	err := c.Read(context.Background(), func(r *catalog.Reader) error {
		var down func(e *catalog.Entry, path string) (catalog.Totals, error)
		down = func(e *catalog.Entry, path string) (sum catalog.Totals, err error) {
			var children []catalog.Entry
			if err := r.Children(e.ID, func(c *catalog.Entry) error { children = append(children, *c); return nil }); err != nil {
				return sum, err
			}
			for i := range children {
				c := &children[i]
				at := vfs.Join(path, c.Name)
				if path == "" && top != "" && c.Name != top {
					continue
				}
				s := line(at, c.Kind, c.Size, c.Modified)
				if ids {
					s += fmt.Sprint(" ", c.ID)
				}
				if c.State == catalog.Present {
					out = append(out, s)
				}
				below, err := down(c, at)
				if err != nil {
					return sum, err
				}
				if below != c.Totals {
					t.Errorf("%s: totals %+v, in it are %+v", at, c.Totals, below)
				}
				sum.Files, sum.Folders, sum.Bytes = sum.Files+below.Files, sum.Folders+below.Folders, sum.Bytes+below.Bytes
				switch {
				case c.State != catalog.Present:
				case c.Kind == vfs.Folder:
					sum.Folders++
				case c.Kind == vfs.File:
					sum.Files, sum.Bytes = sum.Files+1, sum.Bytes+c.Size
				default:
					sum.Files++
				}
			}
			return sum, nil
		}
		vs, err := r.Volumes()
		if err != nil || len(vs) == 0 {
			return err
		}
		root, err := r.Entry(vs[0].Root)
		if err != nil {
			return err
		}
		_, err = down(&root, "")
		return err
	})
	must(t, err)
	slices.Sort(out)
	return out
}

// onDisk is the same by a naive walk.
func onDisk(t testing.TB, d vfs.Driver, top string) []string {
	t.Helper()
	var out []string
	var down func(path string)
	down = func(path string) {
		var children []vfs.Entry
		err := d.List(context.Background(), path, func(batch []vfs.Entry) error { children = append(children, batch...); return nil })
		must(t, err)
		for _, c := range children {
			at := vfs.Join(path, c.Name)
			out = append(out, line(at, c.Kind, c.Size, c.Modified))
			if c.Kind == vfs.Folder && !c.Mount {
				down(at)
			}
		}
	}
	e, err := d.Stat(context.Background(), top)
	must(t, err)
	out = append(out, line(top, e.Kind, e.Size, e.Modified))
	down(top)
	slices.Sort(out)
	return out
}

func equal(t testing.TB, got, want []string) {
	t.Helper()
	for _, s := range got {
		if _, ok := slices.BinarySearch(want, s); !ok {
			t.Errorf("only in the catalogue: %s", s)
		}
	}
	for _, s := range want {
		if _, ok := slices.BinarySearch(got, s); !ok {
			t.Errorf("only on the disk: %s", s)
		}
	}
}

func plant(t testing.TB, fs *memfs.FS) {
	t.Helper()
	must(t, fs.MkdirAll("home/photos/2024"), fs.MkdirAll("home/empty"), fs.MkdirAll("other"),
		fs.WriteFile("home/a.txt", []byte("hello")), fs.WriteFile("home/photos/x.jpg", make([]byte, 1000)),
		fs.WriteFile("home/photos/2024/new\nline", nil), fs.WriteFile("home/photos/2024/bad\xff", []byte("1")),
		fs.WriteFile("home/photos/2024/bad\xfe", []byte("22")), fs.WriteFile("home/"+strings.Repeat("n", 255), nil),
		fs.Symlink("../..", "home/photos/up"), fs.Symlink("self", "home/self"), fs.FIFO("home/pipe"), fs.WriteFile("other/not.mine", nil))
}

func TestScanEqualsTheDisk(t *testing.T) {
	r := start(t)
	plant(t, r.fs)
	l := r.scan("/home")
	equal(t, indexed(t, r.catalog, false), onDisk(t, r.fs, "home"))
	if l.State != "ready" || l.Files != 9 || l.Folders != 4 || l.Errors != 0 || l.Watch.Share != 1 {
		t.Errorf("%+v", l)
	}
}

func TestUnchangedRescanWritesNoEntry(t *testing.T) {
	r := start(t)
	plant(t, r.fs)
	r.scan("/home")
	before := r.catalog.Reached()
	r.scan("/home")
	changes, _, err := r.catalog.Changes(t.Context(), before, 100)
	must(t, err)
	for _, c := range changes {
		if c.Noun == catalog.NounEntry {
			t.Errorf("%+v %+v", c, c.Entry)
		}
	}
}

func TestRescanSeesEveryChangeAndKeepsIDs(t *testing.T) {
	r := start(t)
	plant(t, r.fs)
	r.scan("/home")
	id := r.id("home/a.txt")
	must(t, r.fs.WriteFile("home/a.txt", []byte("longer than before")), r.fs.Remove("home/self"), r.fs.Mkdir("home/self"),
		r.fs.WriteFile("home/self/inside", nil), r.fs.Chmod("home/photos", 0o700), r.fs.Remove("home/pipe"))
	r.scan("/home")
	equal(t, indexed(t, r.catalog, false), onDisk(t, r.fs, "home"))
	if got := r.id("home/a.txt"); got != id {
		t.Errorf("an edit made entry %d of %d", got, id)
	}
	must(t, r.fs.Remove("home/a.txt"))
	r.scan("/home")
	must(t, r.fs.WriteFile("home/a.txt", []byte("back")))
	r.scan("/home")
	if got := r.id("home/a.txt"); got != id {
		t.Errorf("what came back is entry %d, it was %d", got, id)
	}
	equal(t, indexed(t, r.catalog, false), onDisk(t, r.fs, "home"))
}

func (r *rig) id(path string) (id ident.EntryID) {
	r.t.Helper()
	must(r.t, r.catalog.Read(context.Background(), func(c *catalog.Reader) error {
		v, err := c.VolumeByIdentity(identity)
		if err != nil {
			return err
		}
		e, err := c.Lookup(v.Root, path)
		id = e.ID
		return err
	}))
	return id
}

// TestPromise_P8_WhatCannotBeSeenIsNotGone: a folder or volume that cannot be
// read, whole or in part, makes nothing absent.
func TestPromise_P8_WhatCannotBeSeenIsNotGone(t *testing.T) {
	for name, fault := range map[string]func(r *rig){
		"B15 permission lost":    func(r *rig) { must(r.t, r.fs.Chmod("home/photos", 0)) },
		"listing fails at once":  func(r *rig) { r.machine.plug(faultfs.New(r.fs, faultfs.Must("list home/photos error=EIO")...)) },
		"listing fails half way": func(r *rig) { r.machine.plug(faultfs.New(r.fs, faultfs.Must("list home/photos after=1 error=EIO")...)) },
		"volume dies in the middle": func(r *rig) {
			r.machine.plug(faultfs.New(r.fs, faultfs.Must("list home/photos after=1 error=unavailable")...))
		},
		"D1 volume unplugged":          func(r *rig) { r.machine.plug(nil) },
		"location's folder is missing": func(r *rig) { must(r.t, r.fs.Rename("home", "elsewhere")) },
		"empty disk at the same place": func(r *rig) { r.machine.plug(newFS()) },
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t)
			plant(t, r.fs)
			r.scan("/home")
			before := indexed(t, r.catalog, true)
			fault(r)
			r.scan("/home")
			after := indexed(t, r.catalog, true)
			if name == "B15 permission lost" { // the mode itself is a change that was seen, and no part of the line
				if l := r.location("/home"); l.State != "incomplete" || l.Errors != 1 {
					t.Errorf("%+v", l)
				}
			}
			equal(t, after, before)
		})
	}
}

func TestMountsAreListedNotEntered(t *testing.T) {
	r := start(t)
	plant(t, r.fs)
	must(t, r.fs.SetMount("home/photos", true))
	if l := r.scan("/home"); l.Skipped != 1 || l.Errors != 0 || l.Folders != 3 {
		t.Errorf("%+v", l)
	}
	equal(t, indexed(t, r.catalog, false), onDisk(t, r.fs, "home"))
}

func TestNestedLocations(t *testing.T) {
	for _, order := range [][]string{{"/home", "/home/photos"}, {"/home/photos", "/home"}} {
		t.Run(strings.Join(order, " then "), func(t *testing.T) {
			r := start(t)
			plant(t, r.fs)
			r.scan(order[0])
			r.scan(order[1])
			equal(t, indexed(t, r.catalog, false), onDisk(t, r.fs, "home"))
			inner := r.id("home/photos/x.jpg")
			r.remove("/home")
			equal(t, indexed(t, r.catalog, false), onDisk(t, r.fs, "home/photos"))
			if got := r.id("home/photos/x.jpg"); got != inner {
				t.Errorf("entry %d became %d", inner, got)
			}
			r.remove("/home/photos")
			equal(t, indexed(t, r.catalog, false), nil)
		})
	}
}

// remove removes a location and waits until its entries are gone.
func (r *rig) remove(path string) {
	r.t.Helper()
	_, err := r.call("location.remove", fmt.Sprintf(`{"location":%q}`, path))
	must(r.t, err)
	open, err := r.jobs.List(context.Background(), job.Filter{})
	must(r.t, err)
	for _, j := range open {
		_, err := r.jobs.Wait(context.Background(), j.ID)
		must(r.t, err)
	}
}

func TestPromise_P9_ScanSurvivesAnyCut(t *testing.T) {
	jobtest.KillEverywhere(t, func(t *testing.T) jobtest.Scenario {
		fs := newFS()
		plant(t, fs)
		m := &machine{driver: fs}
		return jobtest.Scenario{
			Migrations: schema.Migrations(), Kind: "index.scan", Args: index.ScanArgs(1),
			Prepare: func(ctx context.Context, db *store.DB) error {
				c, _ := newService(t, db, m, &hints{folders: map[ident.EntryID]bool{}})
				return addLocation(ctx, c)
			},
			Defs: func(t *testing.T, db *store.DB) []job.Def {
				_, s := newService(t, db, m, &hints{folders: map[ident.EntryID]bool{}})
				return s.JobDefs()
			},
			State: func(ctx context.Context, db *store.DB) (string, error) {
				c, err := catalog.Open(ctx, db, event.NewBus())
				if err != nil {
					return "", err
				}
				return strings.Join(indexed(t, c, false), "\n"), nil
			},
		}
	})
}

// addLocation puts /home into the catalogue without queueing a scan.
func addLocation(ctx context.Context, c *catalog.Catalog) error {
	return c.Write(ctx, func(tx *catalog.Tx) error {
		v, err := tx.PutVolume(catalog.Volume{Identity: identity, Name: "Disk", Facts: []byte(`{}`), Online: true})
		if err != nil {
			return err
		}
		home := catalog.Entry{ID: c.ReserveEntryIDs(1), Volume: v.ID, Parent: v.Root, Name: "home", Kind: vfs.Folder, State: catalog.Present}
		if err := tx.Apply(&catalog.Batch{Create: []catalog.Entry{home}}); err != nil {
			return err
		}
		_, err = tx.AddLocation(catalog.Location{Volume: v.ID, Entry: home.ID, Name: "home", Mode: "shallow", State: catalog.Pending})
		return err
	})
}

// TestPromise_P13_IndexEqualsDisk runs random programs on a volume while the
// hints of its changes come late, twice or never. After a scan the catalogue is
// what a naive walk sees.
func TestPromise_P13_IndexEqualsDisk(t *testing.T) {
	r := start(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		top := fmt.Sprintf("home%d", n)
		must(t, r.fs.Mkdir(top))
		r.scan("/" + top)
		names := []string{"a", "b", "C", "d\xff"}
		path := func(label string) string {
			p := top
			for range rapid.IntRange(1, 3).Draw(rt, label+" depth") {
				p = vfs.Join(p, rapid.SampledFrom(names).Draw(rt, label))
			}
			return p
		}
		for range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			for range rapid.IntRange(1, 12).Draw(rt, "steps") {
				at := path("at")
				// Whatever the volume refuses is no change.
				switch rapid.IntRange(0, 5).Draw(rt, "step") {
				case 0:
					_ = r.fs.MkdirAll(at)
				case 1:
					_ = r.fs.WriteFile(at, make([]byte, rapid.IntRange(0, 9).Draw(rt, "size")))
				case 2:
					_ = r.fs.Remove(at)
				case 3:
					_ = r.fs.Rename(at, path("to"))
				case 4:
					_ = r.fs.Symlink("a", at)
				case 5:
					_ = r.fs.SetModified(at, time.Unix(rapid.Int64Range(0, 99).Draw(rt, "time"), 0))
				}
				if rapid.Bool().Draw(rt, "hint") {
					r.hint(at)
				}
			}
			r.scan("/" + top)
			got := indexedBelow(t, r.catalog, false, top)
			equal(t, got, onDisk(t, r.fs, top))
			if t.Failed() {
				rt.FailNow()
			}
		}
	})
}

// hint tells that something changed in the folder of path, if that is watched.
func (r *rig) hint(path string) {
	dir, _ := vfs.Split(path)
	_ = r.catalog.Read(context.Background(), func(c *catalog.Reader) error {
		v, err := c.VolumeByIdentity(identity)
		if err != nil {
			return err
		}
		e, err := c.Lookup(v.Root, dir)
		if err == nil {
			r.hints.changed(e.ID)
		}
		return err
	})
}

func TestHintsAreFollowed(t *testing.T) {
	r := start(t)
	plant(t, r.fs)
	r.scan("/home")
	must(t, r.fs.MkdirAll("home/fresh/deep"), r.fs.WriteFile("home/fresh/deep/file", []byte("x")), r.fs.Remove("home/a.txt"))
	r.hint("home/fresh")
	r.until(func() bool { return slices.Equal(indexed(t, r.catalog, false), onDisk(t, r.fs, "home")) })
	must(t, r.fs.WriteFile("home/fresh/deep/late", nil))
	if deep := r.id("home/fresh/deep"); !r.watched(deep) {
		t.Error("a new folder is not watched")
	}
	r.hints.overflow()
	r.until(func() bool { return slices.Equal(indexed(t, r.catalog, false), onDisk(t, r.fs, "home")) })
}

func (r *rig) watched(id ident.EntryID) bool {
	r.hints.mu.Lock()
	defer r.hints.mu.Unlock()
	return r.hints.folders[id]
}

// until waits for something that other goroutines bring about.
func (r *rig) until(done func() bool) {
	r.t.Helper()
	for range 2000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.t.Fatal("it does not come about")
}

func TestVerifyTellsAndChangesNothing(t *testing.T) {
	r := start(t)
	plant(t, r.fs)
	r.scan("/home")
	must(t, r.fs.MkdirAll("home/new/below"), r.fs.Remove("home/pipe"), r.fs.WriteFile("home/a.txt", []byte("other")))
	before := r.catalog.Reached()
	_, err := r.call("location.verify", `{"location":"home"}`)
	must(t, err)
	jobs, err := r.jobs.List(t.Context(), job.Filter{Kind: "index.verify"})
	must(t, err)
	end, err := r.jobs.Wait(t.Context(), jobs[0].ID)
	must(t, err)
	ws, err := r.jobs.Warnings(t.Context(), end.ID, 0, 100)
	must(t, err)
	told := map[string]string{}
	for _, w := range ws {
		told[w.Path] = w.Message
	}
	for path, what := range map[string]string{"new": "not in the index", "pipe": "not on the disk", "a.txt": "otherwise", "": "otherwise"} {
		if at := strings.TrimSuffix("sd://local/home/"+path, "/"); !strings.Contains(told[at], what) {
			t.Errorf("%s: %q", at, told[at])
		}
	}
	if len(told) != 4 || r.catalog.Reached() != before {
		t.Errorf("%q, catalogue at %d and then %d", told, before, r.catalog.Reached())
	}
}

func TestLocationsByNameIDAndPath(t *testing.T) {
	r := start(t)
	plant(t, r.fs)
	l := r.scan("/home")
	id, _ := l.ID.MarshalText()
	for _, which := range []string{"home", string(id), "/home"} {
		if _, err := r.call("location.info", fmt.Sprintf(`{"location":%q}`, which)); err != nil {
			t.Errorf("%s: %v", which, err)
		}
	}
	for in, want := range map[string]errs.Kind{
		`{"path":"/home"}`:                      errs.Conflict,
		`{"path":"/other","name":"HOME"}`:       errs.Conflict,
		`{"path":"/home/a.txt"}`:                errs.Invalid,
		`{"path":"/nowhere"}`:                   errs.NotFound,
		`{"path":"/other","mode":"bottomless"}`: errs.Invalid,
	} {
		if _, err := r.call("location.add", in); cmp.Compare(errs.KindOf(err), want) != 0 {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
	}
	if _, err := r.call("location.info", `{"location":"nothing"}`); !errs.Is(err, errs.NotFound) || errs.RemedyOf(err) == "" {
		t.Error(err)
	}
}
