package browse

import (
	"context"
	"encoding/json"
	"flag"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/sdpath"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); raceEnabled && checks.Value.String() == checks.DefValue {
		_ = checks.Value.Set("20")
	}
	goleak.VerifyTestMain(m)
}

// disk is a volume of the test's machine.
type disk struct {
	*memfs.FS
	identity, name, mount string
	offline               bool
	hung                  bool           // mounted, but it does not answer
	vol                   catalog.Volume // its row, once it is in the library
}

// world is a library and a machine with a few volumes in memory.
type world struct {
	*Service
	t     testing.TB
	c     *catalog.Catalog
	disks []*disk
	stats int // how often the machine was asked where a path stands
}

func newWorld(t testing.TB) *world {
	t.Helper()
	db, err := store.Open(context.Background(), store.Options{
		Path: filepath.Join(t.TempDir(), "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := catalog.Open(context.Background(), db, event.NewBus())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, c: c}
	w.Service = New(c, w)
	return w
}

// mount adds a volume to the machine, not to the library.
func (w *world) mount(name, point string) *disk {
	d := &disk{FS: memfs.New(nil), identity: "uuid:" + name, name: name, mount: point}
	w.disks = append(w.disks, d)
	return d
}

// know adds the volume to the library.
func (w *world) know(d *disk) *disk {
	w.t.Helper()
	w.write(func(tx *catalog.Tx) (err error) {
		d.vol, err = tx.PutVolume(catalog.Volume{Device: "here", Identity: d.identity, Name: d.name, Facts: json.RawMessage("{}"), Online: true})
		return err
	})
	return d
}

func (w *world) write(fn func(tx *catalog.Tx) error) {
	w.t.Helper()
	if err := w.c.Write(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) apply(b *catalog.Batch) {
	w.t.Helper()
	w.write(func(tx *catalog.Tx) error { return tx.Apply(b) })
}

// Ground is asked for by the service.
func (w *world) Ground(v catalog.Volume) catalog.Ground {
	g := catalog.Ground{ID: v.ID, Name: v.Name}
	for _, d := range w.disks {
		if d.identity == v.Identity && !d.offline {
			g.Mount, g.Online = d.mount, true
		}
	}
	return g
}

// Driver is asked for by the service.
func (w *world) Driver(_ context.Context, identity string) (vfs.Driver, error) {
	for _, d := range w.disks {
		if d.identity == identity && !d.offline {
			return d, nil
		}
	}
	return nil, errs.New(errs.Unavailable, "this volume is offline").At(identity)
}

// Resolve is asked for by the service. Of symlinks it follows absolute ones at
// the end only.
func (w *world) Resolve(ctx context.Context, path string, follow bool) (catalog.Place, error) {
	w.stats++
	if strings.HasPrefix(path, sdpath.Scheme) {
		sp, err := sdpath.Parse(path)
		if err != nil {
			return catalog.Place{}, err
		}
		for _, d := range w.disks {
			if d.name == sp.Authority {
				return w.place(d, sp.Rel), nil
			}
		}
		if path, err = sp.OSPath(); err != nil {
			return catalog.Place{}, err
		}
	}
	if !filepath.IsAbs(path) {
		return catalog.Place{}, errs.New(errs.Invalid, "not an absolute path").At(path)
	}
	var best *disk
	for _, d := range w.disks {
		if _, err := sdpath.FromOS(d.mount, path); err == nil && (best == nil || len(d.mount) > len(best.mount)) {
			best = d
		}
	}
	if best == nil {
		return catalog.Place{}, errs.New(errs.Unsupported, "no file system is mounted there").At(path)
	}
	if best.hung {
		return catalog.Place{}, errs.New(errs.Unavailable, "the volume does not answer").At(path)
	}
	rel, err := sdpath.FromOS(best.mount, path)
	if err != nil {
		return catalog.Place{}, err
	}
	if e, err := best.Stat(ctx, rel); follow && err == nil && e.Kind == vfs.Symlink {
		target, err := best.Features().Readlink(ctx, rel)
		if err != nil {
			return catalog.Place{}, err
		}
		return w.Resolve(ctx, target, true)
	}
	return w.place(best, rel), nil
}

func (w *world) place(d *disk, rel string) catalog.Place {
	p := catalog.Place{Identity: d.identity, Name: d.name, Path: rel, Ground: catalog.Ground{Name: d.name}}
	if !d.offline {
		p.Driver, p.Ground.Mount, p.Ground.Online = d, d.mount, true
	}
	return p
}

// locate makes a folder of a known disk a location that was never scanned: the
// folders above it are known, and it is present.
func (w *world) locate(d *disk, path string) catalog.Location {
	w.t.Helper()
	at := d.vol.Root
	if path != "" {
		names := strings.Split(path, "/")
		for i, name := range names {
			e := w.see(d, at, strings.Join(names[:i+1], "/"))
			if i < len(names)-1 {
				e.State = catalog.Known
			}
			err := w.c.Read(context.Background(), func(r *catalog.Reader) error {
				old, err := r.Child(at, name)
				if err == nil {
					e.ID, e.Totals = old.ID, old.Totals
				}
				return err
			})
			switch {
			case errs.Is(err, errs.NotFound):
				w.apply(&catalog.Batch{Create: []catalog.Entry{e}})
			case e.State == catalog.Present:
				w.apply(&catalog.Batch{Update: []catalog.Entry{e}})
			}
			at = e.ID
		}
	}
	var l catalog.Location
	w.write(func(tx *catalog.Tx) (err error) {
		l, err = tx.AddLocation(catalog.Location{Volume: d.vol.ID, Entry: at, Name: d.name + path, Mode: "shallow", State: catalog.Pending})
		return err
	})
	return l
}

// see makes an entry of what stands at path, not stored yet.
func (w *world) see(d *disk, parent ident.EntryID, path string) catalog.Entry {
	w.t.Helper()
	v, err := d.Stat(context.Background(), path)
	if err != nil {
		w.t.Fatal(err)
	}
	e := catalog.Entry{ID: w.c.ReserveEntryIDs(1), Volume: d.vol.ID, Parent: parent, Name: v.Name, State: catalog.Present}
	e.Seen(v)
	return e
}

// index makes a folder a location and takes over all that is below it.
func (w *world) index(d *disk, path string) catalog.Location {
	w.t.Helper()
	l := w.locate(d, path)
	b := &catalog.Batch{}
	w.collect(d, l.Entry, path, b)
	w.apply(b)
	l.State, l.Indexed = catalog.Ready, time.Now()
	w.write(func(tx *catalog.Tx) error { return tx.SetLocation(l) })
	return l
}

func (w *world) collect(d *disk, parent ident.EntryID, path string, b *catalog.Batch) {
	w.t.Helper()
	var found []vfs.Entry
	err := d.List(context.Background(), path, func(batch []vfs.Entry) error { found = append(found, batch...); return nil })
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range found {
		e := catalog.Entry{ID: w.c.ReserveEntryIDs(1), Volume: d.vol.ID, Parent: parent, Name: v.Name, State: catalog.Present}
		e.Seen(v)
		b.Create = append(b.Create, e)
		if v.Kind == vfs.Folder && !v.Mount {
			w.collect(d, e.ID, vfs.Join(path, v.Name), b)
		}
	}
}

// call calls an operation as a client does.
func call[Out any](w *world, name string, in any) (out Out, err error) {
	w.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, def := range w.Ops() {
		if def.Name == name {
			b, err := def.Call(context.Background(), body)
			if err == nil {
				err = json.Unmarshal(b, &out)
			}
			return out, err
		}
	}
	w.t.Fatal("no operation ", name)
	return out, nil
}

func (w *world) ls(in ListIn) (ListOut, error) {
	w.t.Helper()
	return call[ListOut](w, "entry.list", in)
}

func (w *world) show(in Which) (Info, error) { return w.Info(w.t.Context(), in) }

// files writes files, and the folders they need.
func (w *world) files(d *disk, paths ...string) {
	w.t.Helper()
	for _, p := range paths {
		dir, name := vfs.Split(p)
		if err := d.MkdirAll(dir); err != nil {
			w.t.Fatal(err)
		}
		if name == "" {
			continue
		}
		if err := d.WriteFile(p, []byte(p)); err != nil {
			w.t.Fatal(err)
		}
	}
}

func namesOf(views []catalog.View) []string {
	names := []string{}
	for _, v := range views {
		names = append(names, v.Name)
	}
	return names
}
