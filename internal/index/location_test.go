package index

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
)

// nest makes folders for locations in one another.
func nest(t failer, w *world) {
	t.Helper()
	must(t, w.MkdirAll("out/mid/in/deep"))
	for _, f := range []string{"f", "out/f", "out/mid/f", "out/mid/in/f", "out/mid/in/deep/f"} {
		must(t, w.WriteFile(f, []byte(f)))
	}
}

// ids are the entries by path.
func (w *world) ids() map[string]ident.EntryID {
	w.t.Helper()
	ids := map[string]ident.EntryID{}
	for p, e := range w.known("") {
		ids[p] = e.ID
	}
	return ids
}

// kept checks that what was known in and below a folder has the same entries.
func (w *world) kept(before map[string]ident.EntryID, folder string) {
	w.t.Helper()
	after := w.ids()
	for p, id := range before {
		if within(folder, p) && after[p] != id {
			w.t.Errorf("%q was entry %d, and is %d", p, id, after[p])
		}
	}
}

func (w *world) remove(id ident.LocationID) {
	w.t.Helper()
	if err := w.svc.remove(context.Background(), id); err != nil {
		w.t.Fatalf("remove: %v", err)
	}
	w.idle()
}

func TestNestedLocations(t *testing.T) {
	const inner, outer = "out/mid/in", "out"
	for _, tc := range []struct{ first, second, remove, stays string }{
		{inner, outer, inner, outer},
		{inner, outer, outer, inner},
		{outer, inner, inner, outer},
		{outer, inner, outer, inner},
	} {
		t.Run(fmt.Sprintf("%s then %s without %s", tc.first, tc.second, tc.remove), func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			nest(t, w)
			w.start(scansOnly)
			locations := map[string]ident.LocationID{tc.first: w.add(tc.first)}
			first := w.ids()
			locations[tc.second] = w.add(tc.second)
			w.kept(first, tc.first)
			w.equal(outer)
			both := w.ids()
			for _, id := range locations { // each scan of its own changes nothing
				w.rescan(id)
			}
			w.kept(both, "")
			w.equal(outer)

			w.remove(locations[tc.remove])
			w.kept(both, tc.stays)
			w.equal(tc.stays)
			if got := w.known(""); len(got) != len(w.naive(tc.stays)) {
				t.Errorf("%d entries are present, %d belong to the location", len(got), len(w.naive(tc.stays)))
			}
			w.sums()
			w.remove(locations[tc.stays])
			if rows := w.rows(); len(rows) != 1 {
				t.Errorf("with no location, %d rows are left: %+v", len(rows), rows)
			}
		})
	}
}

// TestSiblingsShareFolders: removing one location leaves another's alone.
func TestSiblingsShareFolders(t *testing.T) {
	w := newWorld(t, t.TempDir())
	nest(t, w)
	must(t, w.MkdirAll("out/mid2/x"))
	w.start(scansOnly)
	one, two := w.add("out/mid"), w.add("out/mid2")
	before := w.ids()
	w.remove(one)
	w.kept(before, "out/mid2")
	w.equal("out/mid2")
	again := w.add("out/mid")
	w.equal("out/mid")
	if again == one {
		t.Errorf("location %d came back", one)
	}
	w.remove(two)
	w.equal("out/mid")
}

// TestOuterSawInnerGone: a location comes back below folders that another
// location has seen gone.
func TestOuterSawInnerGone(t *testing.T) {
	w := newWorld(t, t.TempDir())
	nest(t, w)
	w.start(scansOnly)
	outer, inner := w.add("out"), w.add("out/mid/in")
	before := w.ids()
	must(t, w.Rename("out/mid", "aside"))
	w.rescan(outer)
	w.equal("out")
	w.rescanTo(inner, job.Failed)
	must(t, w.Rename("aside", "out/mid"))
	w.rescan(inner)
	w.equal("out/mid/in")
	w.kept(before, "out/mid/in")
	w.sums()
	w.rescan(outer)
	w.equal("out")
	w.kept(before, "")

	// The inner one becomes a file, and a folder again.
	must(t, w.Remove("out/mid"))
	must(t, w.WriteFile("out/mid", nil))
	w.rescan(outer)
	w.equal("out")
	must(t, w.Remove("out/mid"))
	must(t, w.MkdirAll("out/mid/in"))
	w.rescan(inner)
	w.equal("out/mid/in")
	w.sums()
	w.rescan(outer)
	w.equal("out")
	if got := w.location(inner).Entry; got != before["out/mid/in"] || w.entry(got).State != catalog.Present {
		t.Errorf("the inner location's entry is %+v", w.entry(got))
	}
}

// TestAddInsideARunningScan: the scan of the outer location has not come to the
// inner folder, which becomes a location meanwhile.
func TestAddInsideARunningScan(t *testing.T) {
	w := newWorld(t, t.TempDir())
	nest(t, w)
	listing, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.driver = listHook{w.FS, func(path string) {
		if path == "out" {
			once.Do(func() { close(listing); <-goOn })
		}
	}}
	w.start(scansOnly)
	outer, err := w.svc.add(t.Context(), mountA+"/out", "", "")
	must(t, err)
	<-listing
	// A folder beside it needs not wait.
	must(t, w.MkdirAll("beside/b"))
	beside, err := w.svc.add(t.Context(), mountA+"/beside/b", "", "")
	must(t, err)
	added := make(chan ident.LocationID, 1)
	go func() {
		inner, err := w.svc.add(context.Background(), mountA+"/out/mid/in", "", "")
		if err != nil {
			t.Error(err)
		}
		added <- inner
	}()
	close(goOn)
	inner := <-added
	for _, id := range []ident.LocationID{outer, inner, beside} {
		w.scanned(id, job.Done)
	}
	w.equal("out")
	w.equal("beside/b")
}

func TestAddRefuses(t *testing.T) {
	w := newWorld(t, t.TempDir())
	nest(t, w)
	must(t, w.Symlink("out", "link"))
	must(t, w.MkdirAll("mount"))
	must(t, w.SetMount("mount", true))
	w.start(scansOnly)
	w.add("out")
	before := w.cat.Reached()
	for _, tc := range []struct {
		in   string
		kind errs.Kind
	}{
		{`{"path":"/mnt/a/out"}`, errs.Conflict},
		{`{"path":"/mnt/a/out/mid","name":"OUT"}`, errs.Conflict},
		{`{"path":"/mnt/a/f"}`, errs.Invalid},
		{`{"path":"/mnt/a/link"}`, errs.Invalid},
		{`{"path":"/mnt/a/mount/in"}`, errs.Unsupported},
		{`{"path":"/mnt/a/none"}`, errs.NotFound},
		{`{"path":"/elsewhere"}`, errs.NotFound},
		{`{"path":"/mnt/a/out/mid","mode":"thorough"}`, errs.Invalid},
	} {
		if _, err := call[Location](w, "location.add", tc.in); !errs.Is(err, tc.kind) {
			t.Errorf("%s: %v", tc.in, err)
		}
	}
	if _, err := w.svc.add(t.Context(), mountA+"/out/mid", "", "thorough"); !errs.Is(err, errs.Invalid) {
		t.Errorf("an unknown mode: %v", err)
	}
	w.disks.change(func() { w.online = false })
	if _, err := call[Location](w, "location.add", `{"path":"/mnt/a/out/mid"}`); !errs.Is(err, errs.Unavailable) {
		t.Errorf("offline: %v", err)
	}
	if w.cat.Reached() != before {
		t.Error("something was written all the same")
	}
	if open, err := w.engine.List(t.Context(), job.Filter{}); err != nil || len(open) != 1 {
		t.Errorf("%d jobs, %v", len(open), err)
	}
}

func TestNamesOfLocations(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for _, dir := range []string{"x/Photos", "y/photos", "z/Photos", "b/bad\xff", "c/named", "d"} {
		must(t, w.MkdirAll(dir))
	}
	w.start(scansOnly)
	for _, tc := range []struct{ path, name, want string }{
		{"/mnt/a/x/Photos", "", "Photos"}, {"/mnt/a/y/photos", "", "photos 2"}, {"/mnt/a/z/Photos", "", "Photos 3"},
		{"/mnt/a/b/bad\xff", "", "bad\uFFFD"}, {"/mnt/a/c/named", "My things", "My things"}, {"/mnt/a", "", "Disk A"},
	} {
		id, err := w.svc.add(t.Context(), tc.path, tc.name, "")
		must(t, err)
		if got := w.location(id).Name; got != tc.want {
			t.Errorf("%q is named %q, want %q", tc.path, got, tc.want)
		}
	}
	d, err := w.svc.add(t.Context(), "/mnt/a/d", "1", "") // as the id of the first
	must(t, err)
	w.idle()
	for which, want := range map[string]ident.LocationID{
		"1": 1, "7": d, "Photos": 1, "photos 2": 2, "/mnt/a/z/Photos": 3, "/mnt/a/b/bad\xff": 4, "/mnt/a/c/named": 5, "/mnt/a": 6, "Disk A": 6,
	} {
		if got, err := w.svc.find(t.Context(), which); got != want || err != nil {
			t.Errorf("%q is location %d, %v, want %d", which, got, err, want)
		}
	}
	for _, which := range []string{"", "99", "photos", "/mnt/a/x", "/mnt/a/none", "/mnt/b", "/elsewhere", "-1"} {
		if got, err := w.svc.find(t.Context(), which); !errs.Is(err, errs.NotFound) {
			t.Errorf("%q is location %d, %v", which, got, err)
		}
	}
}

func TestOps(t *testing.T) {
	w := newWorld(t, t.TempDir())
	nest(t, w)
	w.start(scansOnly)
	added, err := call[Location](w, "location.add", `{"path":"/mnt/a/out","name":"Things","mode":"deep"}`)
	if err != nil || added.ID == 0 || added.Name != "Things" || added.Mode != "deep" || added.Path != "sd://local/mnt/a/out" || added.Volume != "Disk A" || added.Entry == 0 || added.Job == nil {
		t.Fatalf("%+v, %v", added, err)
	}
	w.idle()
	list, err := call[LocationList](w, "location.list", `{}`)
	if err != nil || len(list.Items) != 1 || list.Items[0].Files != 4 || list.Items[0].Folders != 4 || list.Items[0].State != "ready" {
		t.Fatalf("%+v, %v", list, err)
	}
	if got, err := call[Location](w, "location.info", `{"location":"Things"}`); err != nil || got.ID != added.ID {
		t.Errorf("%+v, %v", got, err)
	}
	again, err := call[Location](w, "location.rescan", `{"location":"Things"}`)
	if err != nil || again.Job == nil || again.Job.ID == added.Job.ID {
		t.Errorf("%+v, %v", again.Job, err)
	}
	w.idle()
	w.disks.change(func() { w.online = false })
	if got, err := call[Location](w, "location.info", `{"location":"Things"}`); err != nil || got.State != "offline" || got.OSPath != "" || got.Path != "sd://Disk A/out" && got.Path != "sd://Disk%20A/out" {
		t.Errorf("offline it is %+v, %v", got, err)
	}
	w.disks.change(func() { w.online = true })
	if got, err := call[Location](w, "location.remove", `{"location":"Things"}`); err != nil || got.ID != added.ID {
		t.Errorf("%+v, %v", got, err)
	}
	for _, name := range []string{"location.info", "location.rescan", "location.remove"} {
		if _, err := call[Location](w, name, `{"location":"Things"}`); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s of a removed location: %v", name, err)
		}
	}
	w.idle()
	if list, err := call[LocationList](w, "location.list", `{}`); err != nil || len(list.Items) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := w.svc.rescan(t.Context(), added.ID); !errs.Is(err, errs.NotFound) || len(w.svc.due.list()) != 0 || w.svc.due.is(added.ID) {
		t.Errorf("a scan of a removed location: %v", err)
	}
}

func TestSpans(t *testing.T) {
	for _, tc := range []struct {
		ids  []ident.EntryID
		want []span
	}{
		{nil, []span{}},
		{[]ident.EntryID{5}, []span{{5, 5}}},
		{[]ident.EntryID{3, 1, 2, 9, 8, 5, 2}, []span{{1, 3}, {5, 5}, {8, 9}}},
	} {
		got := spans(slices.Clone(tc.ids))
		if !slices.Equal(got, tc.want) {
			t.Errorf("%v: %v, want %v", tc.ids, got, tc.want)
		}
		back := unpack(got)
		slices.Sort(tc.ids)
		if !slices.Equal(back, slices.Compact(tc.ids)) {
			t.Errorf("%v became %v", tc.ids, back)
		}
	}
}

func TestWithin(t *testing.T) {
	for _, tc := range []struct {
		top, path string
		want      bool
	}{{"", "", true}, {"", "a", true}, {"a", "a", true}, {"a", "a/b", true}, {"a", "ab", false}, {"a/b", "a", false}, {"a", "", false}} {
		if within(tc.top, tc.path) != tc.want {
			t.Errorf("%q within %q: not %v", tc.path, tc.top, tc.want)
		}
	}
}

// noInodes is a volume without stable numbers or modes, as a cloud is.
type noInodes struct{ vfs.Driver }

func plain(e vfs.Entry) vfs.Entry {
	e.Inode, e.Mode, e.Links, e.Changed, e.Created = 0, 0, 0, 0, 0
	if e.Kind == vfs.Folder {
		e.Modified = 0
	}
	return e
}

func (d noInodes) Stat(ctx context.Context, path string) (vfs.Entry, error) {
	e, err := d.Driver.Stat(ctx, path)
	return plain(e), err
}

func (d noInodes) List(ctx context.Context, dir string, emit func([]vfs.Entry) error) error {
	return d.Driver.List(ctx, dir, func(batch []vfs.Entry) error {
		for i := range batch {
			batch[i] = plain(batch[i])
		}
		return emit(batch)
	})
}

func TestVolumeWithoutInodes(t *testing.T) {
	w := newWorld(t, t.TempDir())
	nest(t, w)
	w.driver = noInodes{w.FS}
	w.start(scansOnly)
	outer := w.add("out")
	before := w.ids()
	inner := w.add("out/mid/in")
	w.kept(before, "")
	for p, e := range w.known("out") {
		if e.State != catalog.Present {
			t.Errorf("%q is %d", p, e.State)
		}
	}
	reached := w.cat.Reached()
	w.rescan(outer)
	w.rescan(inner)
	if n, _ := w.entryChanges(reached); n != 0 {
		t.Errorf("%d entries were written though nothing changed", n)
	}
	if l := w.location(outer); l.Errors != 0 || l.State != catalog.Ready {
		t.Errorf("the location is %+v", l)
	}
	w.sums()
}

// TestWalkedBeforeToldOf: who gives memory back at the end of a walk does that before
// anybody hears of the end.
func TestWalkedBeforeToldOf(t *testing.T) {
	w := newWorld(t, t.TempDir())
	nest(t, w)
	var seen atomic.Int64
	w.tune = func(s *Service) {
		s.Walked = func(entries int64) {
			if seen.Add(entries) > entries { // a second pass
				return
			}
			var ls []catalog.Location
			err := w.cat.Read(context.Background(), func(r *catalog.Reader) (err error) { ls, err = r.Locations(); return err })
			if err != nil || len(ls) != 1 || ls[0].State == catalog.Ready {
				t.Errorf("it is told of already: %+v (%v)", ls, err)
			}
		}
	}
	w.start(scansOnly)
	if l := w.location(w.add("out")); l.State != catalog.Ready || seen.Load() < 3 {
		t.Errorf("%d entries were told of: %+v", seen.Load(), l)
	}
}
