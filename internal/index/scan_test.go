package index

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// zoo fills a folder with everything that may stand in one.
func zoo(t failer, fs *memfs.FS, top string) {
	t.Helper()
	for _, dir := range []string{"plain/deeper/still", "empty", "mount/hidden below", "loop"} {
		must(t, fs.MkdirAll(vfs.Join(top, dir)))
	}
	for name, text := range map[string]string{
		"a.txt": "text", "new\nline": "x", "bad\xff\xfe": "yy", "bad\xff\xfd": "z", strings.Repeat("n", 255): "long", " ": "space", "-rf": "",
		"é": "nfc", "e\u0301": "nfd", "%_\"'*": "like", ".hidden": "h", "plain/one": "1", "plain/deeper/two": "22", "plain/deeper/still/three": "333",
		"mount/hidden below/f": "not ours",
	} {
		must(t, fs.WriteFile(vfs.Join(top, name), []byte(text)))
	}
	must(t, fs.SetMount(vfs.Join(top, "mount"), true))
	must(t, fs.Symlink("..", vfs.Join(top, "loop/up")))
	must(t, fs.Symlink("loop", vfs.Join(top, "loop/self")))
	must(t, fs.Symlink("/nowhere", vfs.Join(top, "dangling")))
	must(t, fs.Link(vfs.Join(top, "a.txt"), vfs.Join(top, "plain/hard")))
	must(t, fs.FIFO(vfs.Join(top, "fifo")))
	for kind, name := range map[vfs.Kind]string{vfs.Socket: "socket", vfs.CharDevice: "char", vfs.BlockDevice: "block", vfs.Unknown: "what"} {
		must(t, fs.Special(kind, vfs.Join(top, name)))
	}
}

func must(t failer, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// noOpen fails the test for any file that is opened.
type noOpen struct {
	vfs.Driver
	t failer
}

func (d noOpen) Open(_ context.Context, path string) (vfs.Handle, error) {
	d.t.Errorf("%q was opened", path)
	return nil, errs.New(errs.Denied, "indexing opens no files")
}

// TestPromise_P13_FirstScan: names, kinds and sizes as a naive walk has them,
// mounts and special files listed and left alone.
func TestPromise_P13_FirstScan(t *testing.T) {
	w := newWorld(t, t.TempDir())
	must(t, w.MkdirAll("home/me"))
	must(t, w.WriteFile("home/other", nil))
	zoo(t, w.FS, "home/me")
	w.driver = noOpen{w.FS, t}
	w.start(scansOnly)
	id := w.add("home/me")
	w.equal("home/me")

	l := w.location(id)
	if l.State != catalog.Ready || l.Skipped != 1 || l.Errors != 0 || l.Indexed.IsZero() {
		t.Errorf("the location is %+v", l)
	}
	for path, e := range w.known("") {
		if !within("home/me", path) {
			t.Errorf("%q is not in the location and present", path)
		}
		if within("home/me/mount", path) && path != "home/me/mount" {
			t.Errorf("%q is on another file system", path)
		}
		if e.Seq == 0 {
			t.Errorf("%q has no seq", path)
		}
	}
	for _, e := range w.rows() { // the folders above are known, and no more
		if e.State == catalog.Known && e.Name != "a" && e.Name != "home" {
			t.Errorf("%q is known", e.Name)
		}
	}
	shown, err := w.svc.view(t.Context(), id)
	if top := w.entry(l.Entry); err != nil || shown.Files != top.Totals.Files || shown.Folders != top.Totals.Folders+1 || shown.Bytes != top.Totals.Bytes || shown.State != "ready" ||
		shown.OSPath != "/mnt/a/home/me" || shown.Job == nil || shown.Job.State != job.Done || shown.Skipped != 1 {
		t.Errorf("it is shown as %+v, %v", shown, err)
	}
}

// TestFault_A8_B12_DeepAndWide: one folder of many entries, and many folders in
// one another.
func TestFault_A8_B12_DeepAndWide(t *testing.T) {
	depth, width := 2000, 5000
	if raceEnabled {
		depth, width = 200, 1000
	}
	w := newWorld(t, t.TempDir())
	path := "deep"
	must(t, w.Mkdir(path))
	for range depth {
		path += "/d"
		must(t, w.Mkdir(path))
	}
	must(t, w.WriteFile(path+"/bottom", []byte("b")))
	must(t, w.Mkdir("wide"))
	for i := range width {
		must(t, w.WriteFile(fmt.Sprintf("wide/%d", i), []byte("x")))
	}
	w.start(scansOnly)
	id := w.add("")
	w.equal("")
	before := w.cat.Reached()
	w.rescan(id)
	if n, _ := w.entryChanges(before); n != 0 {
		t.Errorf("%d entries were written though nothing changed", n)
	}
}

// TestUnchangedRescanWritesNothing: no row of an entry, and of the location only
// what tells of the scan.
func TestUnchangedRescanWritesNothing(t *testing.T) {
	w := newWorld(t, t.TempDir())
	zoo(t, w.FS, "")
	w.start(scansOnly)
	id := w.add("")
	rows, before, was := w.rows(), w.cat.Reached(), w.location(id)
	snap := w.rescan(id)
	entries, others := w.entryChanges(before)
	if entries != 0 || !slices.Equal(others, []catalog.Noun{catalog.NounLocation}) {
		t.Errorf("%d entries and %v were written", entries, others)
	}
	for id, e := range w.rows() {
		if rows[id] != e {
			t.Errorf("entry %d was %+v, and is %+v", id, rows[id], e)
		}
	}
	is := w.location(id)
	was.Indexed, was.Job = is.Indexed, is.Job
	if is != was || is.Job != snap.ID {
		t.Errorf("the location is %+v, and was %+v", is, was)
	}
	if total := w.entry(is.Entry).Totals; snap.Done != total.Files+total.Folders || snap.Total != snap.Done {
		t.Errorf("%d of %d, and there are %+v", snap.Done, snap.Total, total)
	}
}

// TestIdentity: what keeps its entry, and what gets another.
func TestIdentity(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for _, dir := range []string{"d/sub", "gone/sub", "turns"} {
		must(t, w.MkdirAll(dir))
	}
	for _, f := range []string{"same", "grows", "saved", "d/sub/f", "gone/sub/f", "gone/g", "goes", "becomes", "turns/f", "renamed"} {
		must(t, w.WriteFile(f, []byte(f)))
	}
	w.start(scansOnly)
	id := w.add("")
	before := w.known("")

	must(t, w.WriteFile("grows", []byte("more and more")))
	must(t, w.WriteFile("saved.tmp", []byte("new text")))
	must(t, w.Rename("saved.tmp", "saved"))
	must(t, w.WriteFile("created", nil))
	must(t, w.Remove("goes"))
	must(t, w.Remove("gone"))
	must(t, w.Remove("becomes"))
	must(t, w.Mkdir("becomes"))
	must(t, w.WriteFile("becomes/f", nil))
	must(t, w.Remove("turns"))
	must(t, w.WriteFile("turns", nil))
	must(t, w.Chmod("d/sub", 0o700))
	must(t, w.Rename("renamed", "d/renamed"))
	w.rescan(id)
	w.equal("")
	after := w.known("")
	for _, p := range []string{"", "same", "grows", "saved", "d", "d/sub", "d/sub/f"} {
		if before[p].ID != after[p].ID {
			t.Errorf("%q was entry %d, and is %d", p, before[p].ID, after[p].ID)
		}
	}
	if before["renamed"].ID != after["d/renamed"].ID {
		t.Errorf("what moved was entry %d, and is %d", before["renamed"].ID, after["d/renamed"].ID)
	}
	for _, p := range []string{"becomes", "turns"} {
		if before[p].ID == after[p].ID {
			t.Errorf("%q is another kind of thing, and the same entry", p)
		}
	}
	for _, p := range []string{"gone", "gone/sub", "gone/sub/f", "gone/g", "goes", "becomes", "turns", "turns/f"} {
		if e := w.entry(before[p].ID); e.State != catalog.Absent || e.Name != before[p].Name || e.Size != before[p].Size {
			t.Errorf("%q is gone, and %+v", p, e)
		}
	}

	// What comes back is what it was, with all that was below it.
	must(t, w.MkdirAll("gone/sub"))
	must(t, w.WriteFile("gone/sub/f", []byte("longer than before")))
	must(t, w.WriteFile("gone/new", nil))
	must(t, w.WriteFile("goes", nil))
	must(t, w.Remove("turns"))
	must(t, w.Mkdir("turns"))
	must(t, w.WriteFile("turns/f", nil))
	w.rescan(id)
	w.equal("")
	again := w.known("")
	for _, p := range []string{"gone", "gone/sub", "gone/sub/f", "goes", "turns", "turns/f"} {
		if before[p].ID != again[p].ID {
			t.Errorf("%q came back as entry %d, and was %d", p, again[p].ID, before[p].ID)
		}
	}
	if e := w.entry(before["gone/g"].ID); e.State != catalog.Absent {
		t.Errorf("what did not come back is %+v", e)
	}
}

// warnings are the paths a job warned of, with the kinds.
func (w *world) warnings(id job.Snapshot) (all []string) {
	w.t.Helper()
	ws, err := w.engine.Warnings(context.Background(), id.ID, 0, 1000)
	if err != nil {
		w.t.Fatalf("warnings: %v", err)
	}
	for _, x := range ws {
		all = append(all, fmt.Sprintf("%s %s", x.Path, x.Kind))
	}
	slices.Sort(all)
	return all
}

// grow makes a tree of known folders for scans that go wrong.
func grow(t failer, fs *memfs.FS) {
	t.Helper()
	for _, dir := range []string{"top/a/in", "top/b/in", "top/c/in"} {
		must(t, fs.MkdirAll(dir))
		for i := range 10 {
			must(t, fs.WriteFile(fmt.Sprintf("%s/%d", dir, i), []byte("x")))
		}
	}
}

// TestPromise_P8_UnreadableIsNotAbsent: what cannot be read stays as it was
// known, is counted, and listed in the job's warnings.
func TestPromise_P8_UnreadableIsNotAbsent(t *testing.T) {
	for name, fault := range map[string]string{
		"denied":            "list top/b error=EACCES",
		"EIO at once":       "list top/b/in error=EIO",
		"EIO in the middle": "list top/b/in after=3 error=EIO",
		"at the last":       "list top/b/in after=10 error=EIO",
		"out of handles":    "list top/b error=EMFILE",
		"too long":          "list top/b error=ENAMETOOLONG",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			grow(t, w.FS)
			w.start(scansOnly)
			id := w.add("top")
			before := w.known("top")
			must(t, w.Remove("top/a/in/1"))
			must(t, w.WriteFile("top/c/new", nil))
			faulty := faultfs.New(w.FS, faultfs.Must(fault)...)
			w.disks.change(func() { w.driver = faulty })
			snap := w.rescan(id)
			faulty.VerifyAllUsed(t)

			after := w.known("top")
			for p, e := range before {
				_, still := after[p]
				if gone := p == "top/a/in/1"; gone == still {
					t.Errorf("%q: present %v", p, still)
				}
				if still && after[p].ID != e.ID {
					t.Errorf("%q has another entry", p)
				}
			}
			if _, ok := after["top/c/new"]; !ok {
				t.Error("what is new elsewhere was not seen")
			}
			path, _, _ := strings.Cut(strings.Fields(fault)[1], " ")
			if ws := w.warnings(snap); len(ws) != 1 || !strings.HasPrefix(ws[0], "sd://local/mnt/a/"+path+" ") || snap.Warnings != 1 {
				t.Errorf("warnings: %q", ws)
			}
			if l := w.location(id); l.State != catalog.Incomplete || l.Errors != 1 {
				t.Errorf("the location is %+v", l)
			}
			w.disks.change(func() { w.driver = w.FS })
			w.rescan(id)
			w.equal("top")
			if l := w.location(id); l.State != catalog.Ready || l.Errors != 0 {
				t.Errorf("when all is well again, the location is %+v", l)
			}
		})
	}
}

// TestPromise_P8_Permissions is the same with real permission bits: a folder
// that cannot be listed, and one whose names can be listed but not examined.
func TestPromise_P8_Permissions(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	id := w.add("top")
	before := w.known("top")
	must(t, w.Chmod("top/b", 0))
	must(t, w.Chmod("top/c", 0o400))
	must(t, w.WriteFile("top/c/later", []byte("12345")))
	snap := w.rescan(id)
	after := w.known("top")
	for p, e := range before {
		got := after[p]
		if p == "top/b" || p == "top/c" || p == "top" {
			continue
		}
		if seen(got) != seen(e) || got.ID != e.ID {
			t.Errorf("%q was %+v, and is %+v", p, e, got)
		}
	}
	if e := after["top/c/later"]; e.ID == 0 || e.Kind != vfs.File || e.Size != 0 {
		t.Errorf("a name without more is %+v", e)
	}
	want := []string{"sd://local/mnt/a/top/b denied", "sd://local/mnt/a/top/c denied", "sd://local/mnt/a/top/c/in denied"}
	if ws := w.warnings(snap); !slices.Equal(ws, want) {
		t.Errorf("warnings %q, want %q", ws, want)
	}
	if l := w.location(id); l.State != catalog.Incomplete || l.Errors != 3 {
		t.Errorf("the location is %+v", l)
	}
	must(t, w.Chmod("top/b", 0o755))
	must(t, w.Chmod("top/c", 0o755))
	w.rescan(id)
	w.equal("top")
	w.sums()
}

// TestPromise_P8_LocationGone: a location that is not there is no reason to take
// anything away.
func TestPromise_P8_LocationGone(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(w *world) error
		kind   errs.Kind
	}{
		"removed":            {func(w *world) error { return w.Remove("home/top") }, errs.Unavailable},
		"its parent removed": {func(w *world) error { return w.Remove("home") }, errs.Unavailable},
		"a file": {func(w *world) error {
			must(w.t, w.Remove("home/top"))
			return w.WriteFile("home/top", nil)
		}, errs.Unavailable},
		"a symlink": {func(w *world) error {
			must(w.t, w.Rename("home/top", "home/real"))
			return w.Symlink("real", "home/top")
		}, errs.Unavailable},
		"a mount in the way": {func(w *world) error { return w.SetMount("home", true) }, errs.Unsupported},
		"not to be reached":  {func(w *world) error { return w.Chmod("home", 0) }, errs.Denied},
		"offline":            {func(w *world) error { w.disks.change(func() { w.online = false }); return nil }, errs.Unavailable},
		"another disk":       {func(w *world) error { w.disks.change(func() { w.driver = memfs.New(nil) }); return nil }, errs.Unavailable},
		"closed":             {func(w *world) error { return w.Close() }, errs.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			must(t, w.MkdirAll("home/top/in"))
			must(t, w.WriteFile("home/top/in/f", []byte("x")))
			w.start(scansOnly)
			id := w.add("home/top")
			rows, was, before := w.rows(), w.location(id), w.cat.Reached()
			must(t, tc.change(w))
			snap := w.rescanTo(id, job.Failed)
			if snap.ErrorKind != tc.kind {
				t.Errorf("it failed by %s: %s", snap.ErrorKind, snap.Error)
			}
			if n, _ := w.entryChanges(before); n != 0 {
				t.Errorf("%d entries were written", n)
			}
			for id, e := range w.rows() {
				if rows[id] != e {
					t.Errorf("entry %d was %+v, and is %+v", id, rows[id], e)
				}
			}
			is := w.location(id)
			was.Job = is.Job
			if is != was {
				t.Errorf("the location was %+v, and is %+v", was, is)
			}
		})
	}
}

// TestPromise_P8_GoneInTheMiddle: the volume goes while it is scanned. Complete
// listings count, nothing else.
func TestPromise_P8_GoneInTheMiddle(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	id := w.add("top")
	before := w.known("top")
	indexed := w.location(id).Indexed
	for _, d := range []string{"a", "b", "c"} {
		must(t, w.Remove("top/"+d+"/in/1"))
	}
	faulty := faultfs.New(w.FS, faultfs.Must("list top/*/in call=2 after=4 error=ENODEV\nlist top/*/in call=3 error=ENODEV")...)
	w.disks.change(func() { w.driver = faulty })
	snap := w.rescanTo(id, job.Failed)
	if snap.ErrorKind != errs.Unavailable {
		t.Errorf("it failed by %s: %s", snap.ErrorKind, snap.Error)
	}
	after := w.known("top")
	for p := range before {
		if _, still := after[p]; !still && filepath.Base(p) != "1" {
			t.Errorf("%q was taken away", p)
		}
	}
	if l := w.location(id); l.State != catalog.Incomplete || !l.Indexed.Equal(indexed) {
		t.Errorf("the location is %+v", l)
	}
	w.sums()
	w.disks.change(func() { w.driver = w.FS })
	w.rescan(id)
	w.equal("top")
}

// TestRootVanishesDuringTheScan: a listing that finds nothing proves nothing,
// when the location itself is no more.
func TestRootVanishesDuringTheScan(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	id := w.add("top")
	before := w.known("top")
	once := make(chan struct{}, 1)
	once <- struct{}{}
	w.disks.change(func() {
		w.driver = listHook{w.FS, func(path string) {
			if path != "top" {
				return
			}
			select {
			case <-once:
				must(t, w.Rename("top", "elsewhere"))
			default:
			}
		}}
	})
	snap := w.rescanTo(id, job.Failed)
	if snap.ErrorKind != errs.Unavailable {
		t.Errorf("it failed by %s: %s", snap.ErrorKind, snap.Error)
	}
	if after := w.known("top"); len(after) != len(before) {
		t.Errorf("%d of %d entries are left", len(after), len(before))
	}
}

// listHook calls a function before it lists a folder.
type listHook struct {
	vfs.Driver
	before func(path string)
}

func (h listHook) List(ctx context.Context, dir string, emit func([]vfs.Entry) error) error {
	h.before(dir)
	return h.Driver.List(ctx, dir, emit)
}

// twice tells every entry two times, as a folder in motion may.
type twice struct{ vfs.Driver }

func (d twice) List(ctx context.Context, dir string, emit func([]vfs.Entry) error) error {
	return d.Driver.List(ctx, dir, func(batch []vfs.Entry) error {
		return emit(append(slices.Clone(batch), batch...))
	})
}

func TestNamesToldTwice(t *testing.T) {
	w := newWorld(t, t.TempDir())
	zoo(t, w.FS, "")
	w.driver = twice{w.FS}
	w.start(scansOnly)
	id := w.add("")
	w.equal("")
	must(t, w.WriteFile("plain/new", nil))
	w.rescan(id)
	w.equal("")
}

// panics blows up in one folder.
func TestFault_F7_PanicInADriver(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	id := w.add("top")
	before := w.known("top")
	w.disks.change(func() {
		w.driver = listHook{w.FS, func(path string) {
			if path == "top/b/in" {
				panic("a mistake of ours")
			}
		}}
	})
	snap := w.rescanTo(id, job.Failed)
	if snap.ErrorKind != errs.Internal || strings.Contains(snap.Error, ".go:") {
		t.Errorf("it failed by %s: %s", snap.ErrorKind, snap.Error)
	}
	if shown, err := w.svc.view(t.Context(), id); err != nil || shown.State != "incomplete" {
		t.Errorf("it is shown as %s, %v", shown.State, err)
	}
	if after := w.known("top"); len(after) != len(before) {
		t.Errorf("%d of %d entries are left", len(after), len(before))
	}
	w.disks.change(func() { w.driver = w.FS })
	w.rescan(id)
	w.equal("top")
}
