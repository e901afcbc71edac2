package index

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if chosen := flag.Lookup("rapid.checks"); chosen != nil && chosen.Value.String() == chosen.DefValue {
		_ = chosen.Value.Set(map[bool]string{false: "300", true: "30"}[raceEnabled]) // the database is ten times slower then
	}
	goleak.VerifyTestMain(m)
}

// failer is a test, or one run of a property.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// disk is a volume of a test.
type disk struct {
	name, mount string
	*memfs.FS
	driver  vfs.Driver // FS, or something in front of it
	online  bool
	workers int // that it bears
}

// disks are the volumes of a test's machine, by identity.
type disks struct {
	mu  sync.Mutex
	all map[string]*disk
}

func (d *disks) change(fn func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fn()
}

func (d *disks) ground(identity string) catalog.Ground {
	v := d.all[identity]
	g := catalog.Ground{Name: v.name, Online: v.online}
	if v.online {
		g.Mount = v.mount
	}
	return g
}

// Resolve is part of Volumes. No path of a test goes through a symlink.
func (d *disks) Resolve(_ context.Context, path string, _ bool) (catalog.Place, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for identity, v := range d.all {
		rel, ok := strings.CutPrefix(path+"/", v.mount+"/")
		if !ok {
			continue
		}
		p := catalog.Place{Identity: identity, Name: v.name, Path: strings.TrimSuffix(rel, "/"), Ground: d.ground(identity)}
		if v.online {
			p.Driver = v.driver
		}
		return p, nil
	}
	return catalog.Place{}, errs.New(errs.NotFound, "no volume holds it").At(path)
}

// Driver is part of Volumes.
func (d *disks) Driver(_ context.Context, identity string) (vfs.Driver, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := d.all[identity]
	if v == nil || !v.online {
		return nil, errs.New(errs.Unavailable, "the volume is offline")
	}
	return v.driver, nil
}

// Ground is part of Volumes.
func (d *disks) Ground(v catalog.Volume) catalog.Ground {
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.ground(v.Identity)
	g.ID = v.ID
	return g
}

// Workers is part of Volumes.
func (d *disks) Workers(v catalog.Volume) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all[v.Identity].workers
}

// world is a machine with a library on real SQLite and the real job engine.
type world struct {
	t     failer
	path  string
	disks *disks
	*disk // the first one: /mnt/a
	watch *inotify
	clock *clock
	drain atomic.Bool    // the machine runs on battery
	tune  func(*Service) // before it runs; may be nil

	db     *store.DB
	bus    *event.Bus
	cat    *catalog.Catalog
	engine *job.Engine
	svc    *Service
	halt   []func()
	ended  atomic.Pointer[error] // a service that nobody stopped
}

const (
	mountA = "/mnt/a"
	mountB = "/mnt/b"
)

func newDisk(name, mount string) *disk {
	fs := memfs.New(nil)
	return &disk{name: name, mount: mount, FS: fs, driver: fs, online: true}
}

// newWorld returns a world whose daemon has not started.
func newWorld(t failer, folder string) *world {
	t.Helper()
	a := newDisk("Disk A", mountA)
	w := &world{t: t, path: filepath.Join(folder, "library.db"), disk: a}
	w.disks = &disks{all: map[string]*disk{"a": a, "b": newDisk("Disk B", mountB)}}
	w.clock = newClock()
	w.watch = &inotify{disks: w.disks, watched: map[ident.EntryID]inode{}}
	t.Cleanup(w.stop)
	return w
}

// mode tells how much of the daemon runs.
type daemon int

const (
	scansOnly daemon = iota // nobody watches
	watching
)

// start opens the library and starts the daemon.
func (w *world) start(d daemon) {
	w.t.Helper()
	var err error
	w.db, err = store.Open(context.Background(), store.Options{Path: w.path, ApplicationID: schema.ApplicationID, Migrations: schema.Migrations()})
	if err != nil {
		w.t.Fatalf("open: %v", err)
	}
	w.bus = event.NewBus()
	if w.cat, err = catalog.Open(context.Background(), w.db, w.bus); err != nil {
		w.t.Fatalf("open the catalogue: %v", err)
	}
	o := Options{Catalog: w.cat, Volumes: w.disks, Device: "here", Workers: 2, Clock: w.clock, OnBattery: w.drain.Load}
	if d == watching {
		o.Watch = w.watch.start
	}
	w.svc = New(o)
	if w.tune != nil {
		w.tune(w.svc)
	}
	w.engine = job.NewEngine(w.db, w.svc.JobDefs(), job.Options{})
	w.svc.Start(w.engine)
	w.serve(w.engine.Serve)
	if d == watching {
		w.serve(w.svc.Serve)
		w.until("the daemon watches", func() bool { return w.watch.running() })
	}
}

// serve runs a service until the world stops.
func (w *world) serve(fn func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		err := fn(ctx)
		if ctx.Err() == nil {
			w.ended.Store(&err)
		}
		done <- err
	}()
	w.halt = append(w.halt, func() {
		cancel()
		if err := <-done; err != nil && !errs.Is(err, errs.Cancelled) {
			w.t.Errorf("serve: %v", err)
		}
	})
}

func (w *world) stop() {
	for _, fn := range slices.Backward(w.halt) {
		fn()
	}
	w.halt = nil
	if w.db == nil {
		return
	}
	if err := w.db.Close(); err != nil {
		w.t.Errorf("close: %v", err)
	}
	w.db = nil
}

const patience = 60 * time.Second

// until waits for something to become true, without a word of when.
func (w *world) until(what string, fn func() bool) {
	w.t.Helper()
	for late := time.Now().Add(patience); !fn(); time.Sleep(2 * time.Millisecond) {
		if err := w.ended.Load(); err != nil {
			w.t.Fatalf("%s: a service ended: %v", what, *err)
		}
		if time.Now().After(late) {
			w.t.Fatalf("it never came to be: %s\n%s", what, w.doing())
		}
	}
}

// doing tells what the service is at, for whoever wonders why it does not end.
func (w *world) doing() string {
	if w.db == nil {
		return "stopped"
	}
	w.svc.watcher.mu.Lock()
	said := fmt.Sprintf("news %+v, volumes %v, seeing %v", w.svc.watcher.news, w.svc.watcher.volumes, w.svc.watcher.seeing)
	w.svc.watcher.mu.Unlock()
	open, err := w.engine.List(context.Background(), job.Filter{States: []job.State{job.Queued, job.Running, job.Paused}})
	stacks := make([]byte, 1<<20)
	return fmt.Sprintf("%s\njobs %+v (%v)\ndue %v\n%s", said, open, err, w.svc.due.list(), stacks[:runtime.Stack(stacks, true)])
}

// op calls an operation as a face does, in Go.
func call[Out any](w *world, name string, in string) (out Out, err error) {
	w.t.Helper()
	def, ok := op.NewSet(w.svc.Ops()).Lookup(name)
	if !ok {
		w.t.Fatalf("no operation %s", name)
	}
	b, err := def.Call(context.Background(), []byte(in))
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	return out, err
}

// add makes a folder of disk A a location and waits for its first scan.
func (w *world) add(folder string) ident.LocationID {
	w.t.Helper()
	id, err := w.svc.add(context.Background(), filepath.Join(mountA, folder), "", "")
	if err != nil {
		w.t.Fatalf("add %q: %v", folder, err)
	}
	w.scanned(id, job.Done)
	return id
}

// scanned waits for the location's newest scan to end in a state.
func (w *world) scanned(id ident.LocationID, want job.State) job.Snapshot {
	w.t.Helper()
	l := w.location(id)
	snap, err := w.engine.Wait(context.Background(), l.Job)
	if err != nil || snap.State != want {
		w.t.Fatalf("the scan of location %d ended %s (%s), %v; want %s", id, snap.State, snap.Error, err, want)
	}
	return snap
}

// rescan scans the location once more, to its end.
func (w *world) rescan(id ident.LocationID) job.Snapshot {
	w.t.Helper()
	return w.rescanTo(id, job.Done)
}

func (w *world) rescanTo(id ident.LocationID, want job.State) job.Snapshot {
	w.t.Helper()
	if err := w.svc.rescan(context.Background(), id); err != nil {
		w.t.Fatalf("rescan: %v", err)
	}
	return w.scanned(id, want)
}

func (w *world) location(id ident.LocationID) catalog.Location {
	w.t.Helper()
	l, _, err := w.svc.location(context.Background(), id)
	if err != nil {
		w.t.Fatalf("location %d: %v", id, err)
	}
	return l
}

func (w *world) do(errs ...error) {
	w.t.Helper()
	for _, err := range errs {
		if err != nil {
			w.t.Fatalf("%v", err)
		}
	}
}

// idle waits until no job is open.
func (w *world) idle() {
	w.t.Helper()
	w.until("all jobs have ended", func() bool {
		open, err := w.engine.List(context.Background(), job.Filter{States: []job.State{job.Queued, job.Running}})
		return err == nil && len(open) == 0
	})
}

// rows are the entries of the catalogue by id.
func (w *world) rows() map[ident.EntryID]catalog.Entry {
	w.t.Helper()
	rows := map[ident.EntryID]catalog.Entry{}
	var ids []ident.EntryID
	_, err := w.cat.Scan(context.Background(), func(b *catalog.Brief) error { ids = append(ids, b.ID); return nil })
	if err != nil {
		w.t.Fatalf("scan: %v", err)
	}
	w.read(func(r *catalog.Reader) error {
		es, err := r.EntriesByID(ids)
		for _, e := range es {
			rows[e.ID] = e
		}
		return err
	})
	return rows
}

func (w *world) read(fn func(r *catalog.Reader) error) {
	w.t.Helper()
	if err := w.cat.Read(context.Background(), fn); err != nil {
		w.t.Fatalf("read: %v", err)
	}
}

// tree is what stands below a folder, by path.
type tree map[string]catalog.Entry

// known is what the catalogue says is present in and below a folder of a volume.
// Ids, totals and the like are kept out of seen.
func (w *world) known(folder string) tree {
	w.t.Helper()
	rows := w.rows()
	paths := map[ident.EntryID]string{}
	var path func(id ident.EntryID) string
	path = func(id ident.EntryID) string {
		e := rows[id]
		if e.Parent == 0 {
			return ""
		}
		if p, ok := paths[id]; ok {
			return p
		}
		p := vfs.Join(path(e.Parent), e.Name)
		paths[id] = p
		return p
	}
	t := tree{}
	for id, e := range rows {
		if e.Parent == 0 && e.Name != "a" {
			continue // another volume
		}
		if p := path(id); e.State == catalog.Present && within(folder, p) {
			t[p] = e
		}
	}
	return t
}

// seen are the facts of an entry that a look at the disk shows.
func seen(e catalog.Entry) string {
	links := e.Links
	if e.Kind == vfs.Folder {
		links = 0
	}
	return fmt.Sprintf("%v size %d mode %o modified %d changed %d created %d inode %d links %d", e.Kind, e.Size, e.Mode, e.Modified, e.Changed, e.Created, e.Inode, links)
}

// naive is what a simple walk of disk A shows in and below a folder. It looks
// into everything but mounts.
func (w *world) naive(folder string) tree {
	w.t.Helper()
	t := tree{}
	e, err := w.FS.Stat(context.Background(), folder)
	if err != nil {
		return t
	}
	var look func(path string, v vfs.Entry)
	look = func(path string, v vfs.Entry) {
		c := catalog.Entry{Name: v.Name}
		c.Seen(v)
		t[path] = c
		if v.Kind != vfs.Folder || v.Mount {
			return
		}
		err := w.FS.List(context.Background(), path, func(batch []vfs.Entry) error {
			for _, c := range slices.Clone(batch) {
				look(vfs.Join(path, c.Name), c)
			}
			return nil
		})
		if err != nil {
			w.t.Fatalf("the oracle cannot list %q: %v", path, err)
		}
	}
	look(folder, e)
	return t
}

// equal holds the catalogue against the disk: entries, facts and totals.
func (w *world) equal(folder string) {
	w.t.Helper()
	got, want := w.known(folder), w.naive(folder)
	bad := 0
	complain := func(format string, args ...any) {
		if bad++; bad <= 10 {
			w.t.Errorf(format, args...)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(want)) {
		g, ok := got[p]
		if !ok {
			complain("%q is not in the catalogue", p)
		} else if seen(g) != seen(want[p]) {
			complain("%q:\n got %s\nwant %s", p, seen(g), seen(want[p]))
		}
	}
	for p, e := range got {
		if _, ok := want[p]; !ok {
			complain("%q (entry %d) is in the catalogue and not on the disk", p, e.ID)
		}
	}
	w.sums()
}

// sums holds the totals of all folders against a slow sum.
func (w *world) sums() {
	w.t.Helper()
	rows := w.rows()
	want := map[ident.EntryID]catalog.Totals{}
	for id, e := range rows {
		if !e.State.There() {
			continue
		}
		one := catalog.Totals{Files: 1}
		switch {
		case e.Kind == vfs.Folder && e.State == catalog.Present:
			one = catalog.Totals{Folders: 1}
		case e.Kind == vfs.Folder:
			one = catalog.Totals{}
		case e.Kind == vfs.File:
			one.Bytes = e.Size
		}
		for up := e.Parent; up != 0; up = rows[up].Parent {
			if !rows[up].State.There() {
				w.t.Errorf("entry %d %q is there, below %d, which is not", id, e.Name, up)
			}
			t := want[up]
			want[up] = catalog.Totals{Files: t.Files + one.Files, Folders: t.Folders + one.Folders, Bytes: t.Bytes + one.Bytes}
		}
	}
	for id, e := range rows {
		if e.State.There() && e.Totals != want[id] {
			w.t.Errorf("totals of %d %q: got %+v, want %+v", id, e.Name, e.Totals, want[id])
		}
	}
}

// id returns the entry at a path of disk A, whatever its state.
func (w *world) id(path string) ident.EntryID {
	w.t.Helper()
	if e, ok := w.known("")[path]; ok {
		return e.ID
	}
	w.t.Fatalf("%q is not in the catalogue", path)
	return 0
}

// entry returns a row.
func (w *world) entry(id ident.EntryID) catalog.Entry {
	w.t.Helper()
	e, ok := w.rows()[id]
	if !ok {
		w.t.Fatalf("there is no entry %d", id)
	}
	return e
}

// entryChanges counts the changes of entries after a seq, and lists the nouns of
// the others.
func (w *world) entryChanges(since int64) (entries int, others []catalog.Noun) {
	w.t.Helper()
	cs, _, err := w.cat.Changes(context.Background(), since, 100_000)
	if err != nil {
		w.t.Fatalf("changes: %v", err)
	}
	for _, c := range cs {
		if c.Noun == catalog.NounEntry {
			entries++
		} else {
			others = append(others, c.Noun)
		}
	}
	return entries, others
}
