package index

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/index/portable"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/job/jobtest"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// job runs an operation that answers with a job, to its end.
func (w *world) job(name string, in any, want job.State) job.Snapshot {
	w.t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	snap, err := call[job.Snapshot](w, name, string(b))
	if err == nil {
		snap, err = w.engine.Wait(context.Background(), snap.ID)
	}
	if err != nil || snap.State != want {
		w.t.Fatalf("%s %s ended %s (%s), %v; want %s", name, b, snap.State, snap.Error, err, want)
	}
	return snap
}

// exportedWorld is a world with a location that has seen something, and its export.
func exportedWorld(t *testing.T) (*world, string) {
	t.Helper()
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	must(t, w.WriteFile("top/a/no\xfftext", []byte("x")))
	must(t, w.Symlink("nowhere", "top/a/link"))
	must(t, w.FIFO("top/c/pipe"))
	must(t, w.Link("top/a/in/2", "top/b/hard"))
	must(t, w.MkdirAll("top/gone/below"))
	must(t, w.WriteFile("top/gone/below/f", nil))
	w.start(scansOnly)
	id := w.add("top")
	w.set(id, `"schedule":"6h","priority":"low"`)
	must(t, w.Remove("top/gone"))
	must(t, w.Remove("top/a/in/1"))
	w.rescan(id)
	file := filepath.Join(t.TempDir(), "top.stardrive")
	w.job("location.export", ExportIn{Location: "top", File: file}, job.Done)
	left, err := os.ReadDir(filepath.Dir(file))
	must(t, err)
	if len(left) != 1 {
		t.Fatalf("beside the file lies %v", left)
	}
	return w, file
}

// other is another library on the same machine.
func (w *world) other(t *testing.T) *world {
	t.Helper()
	o := newWorld(t, t.TempDir())
	o.disks, o.disk, o.watch.disks = w.disks, w.disk, w.disks
	o.start(scansOnly)
	return o
}

// bare is what an export carries of the rows below a folder: all but the ids.
func (w *world) bare() map[string]int {
	w.t.Helper()
	rows, out := w.rows(), map[string]int{}
	for _, e := range rows {
		path, up := e.Name, e
		for up.Parent != 0 {
			up = rows[up.Parent]
			path = up.Name + "/" + path
		}
		out[fmt.Sprintf("%s %s state %d totals %v", path, seen(e), e.State, e.Totals)]++
	}
	return out
}

// TestExportAndImport: another library knows just what the first one knew, and
// a scan of the same disk finds nothing new.
func TestExportAndImport(t *testing.T) {
	w, file := exportedWorld(t)
	for _, online := range []bool{true, false} {
		o := w.other(t)
		o.svc.Batch = 3
		w.disks.change(func() { w.disk.online = online })
		o.job("location.import", ImportIn{File: file}, job.Done)
		o.idle()
		l := o.info(1)
		if !maps.Equal(o.bare(), w.bare()) {
			t.Errorf("the libraries differ:\n%v\n%v", w.bare(), o.bare())
		}
		if l.Name != "top" || l.Policy.Schedule != "6h" || l.Policy.Priority != low || l.State != map[bool]string{true: "ready", false: "offline"}[online] {
			t.Errorf("online %v: %+v", online, l)
		}
		if was := w.location(1).Indexed; l.LastIndexed != was && !online {
			t.Errorf("it was indexed %v, is %v", was, l.LastIndexed)
		}
		before := o.rows()
		w.disks.change(func() { w.disk.online = true })
		o.rescan(1)
		o.equal("top")
		for id, e := range o.rows() {
			if b := before[id]; b != e {
				t.Errorf("the scan changed %+v\n to %+v", b, e)
			}
		}
		o.stop()
	}
}

// TestImportKeepsWhatIsThere: entries that the library has stay what they are.
func TestImportKeepsWhatIsThere(t *testing.T) {
	w, file := exportedWorld(t)
	o := w.other(t)
	o.add("top/a")
	must(t, w.Remove("top/a/in/2"))
	must(t, w.MkdirAll("top/a/in/2/folder")) // another kind of thing than the file says
	o.rescan(1)
	before := o.ids()
	o.job("location.import", ImportIn{File: file, Name: "All"}, job.Done)
	o.idle()
	after := o.ids()
	for path, id := range before {
		if after[path] != id {
			t.Errorf("%q was entry %d, is %d", path, id, after[path])
		}
	}
	o.rescan(2)
	o.equal("top")

	reached := o.cat.Reached()
	for in, kind := range map[string]errs.Kind{"": errs.Conflict, "ALL": errs.Conflict} { // the same folder again; a name that is taken
		if snap := o.job("location.import", ImportIn{File: file, Name: in}, job.Failed); snap.ErrorKind != kind {
			t.Errorf("again as %q: %s (%s)", in, snap.Error, snap.ErrorKind)
		}
	}
	if o.cat.Reached() != reached {
		t.Error("what was refused left something behind")
	}
	second := o.add("top/b")
	must(t, o.svc.remove(t.Context(), 2))
	o.idle()
	o.set(second, `"name":"top"`)
	o.job("location.import", ImportIn{File: file}, job.Done)
	if l := o.info(4); l.Name != "top 2" {
		t.Errorf("it is called %q", l.Name)
	}
}

// quiet is a job.Run of which only the progress is seen.
type quiet func()

func (quiet) JobID() ident.JobID      { return 1 }
func (quiet) Warn(string, error)      {}
func (q quiet) Progress(job.Progress) { q() }

// TestHalfAnImportLeavesNothing: wherever it is cut off, and whatever is wrong with
// the file, nothing of it stays.
func TestHalfAnImportLeavesNothing(t *testing.T) {
	w, file := exportedWorld(t)
	o := w.other(t)
	o.svc.Batch = 2
	tries := 0
	attempt := func(file string, stopAt int) error {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		steps := 0
		run := quiet(func() {
			if steps++; steps == stopAt {
				cancel()
			}
		})
		return o.svc.importFile(ctx, run, importArgs{File: file}, false, func(_ bool, _ job.Progress, work func(*store.Tx) error) error {
			return o.db.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
				if err := work(tx); err != nil || stopAt > 0 {
					tries = max(tries, steps)
					return errs.New(errs.Unavailable, "the process died: %w", err)
				}
				return nil
			})
		})
	}
	reached, rows := o.cat.Reached(), len(o.rows())
	nothing := func(what string) {
		t.Helper()
		if o.cat.Reached() != reached || len(o.rows()) != rows || len(o.mustLocations()) != 0 {
			t.Fatalf("%s left something behind", what)
		}
	}
	for stop := 1 << 30; stop > 0; stop = min(stop, tries+1) - 1 {
		if err := attempt(file, stop); err == nil {
			t.Fatalf("stopped at %d: it was done", stop)
		}
		nothing(fmt.Sprint("a stop at ", stop))
	}
	if tries < 5 {
		t.Fatalf("there were %d places to stop at", tries)
	}
	whole, err := os.ReadFile(file)
	must(t, err)
	bad := filepath.Join(t.TempDir(), "bad")
	for name, b := range map[string][]byte{
		"empty": {}, "cut": whole[:len(whole)-20], "half": whole[:len(whole)/2], "followed": append(whole[:len(whole):len(whole)], 1), "text": []byte("hello"),
	} {
		must(t, os.WriteFile(bad, b, 0o600))
		if err := attempt(bad, 0); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		nothing(name)
	}
	if _, err := call[job.Snapshot](o, "location.import", `{"file":"/dev/null"}`); !errs.Is(err, errs.Invalid) {
		t.Errorf("a device: %v", err)
	}
	if err := attempt(file, 0); err != nil {
		t.Fatal(err)
	}
}

func (w *world) mustLocations() []catalog.Location {
	w.t.Helper()
	var ls []catalog.Location
	w.read(func(r *catalog.Reader) (err error) { ls, err = r.Locations(); return err })
	return ls
}

// TestExportReplacesNothing that it was not told to, and no more than a file.
func TestExportReplacesNothing(t *testing.T) {
	w, file := exportedWorld(t)
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine")
	must(t, os.WriteFile(mine, []byte("my only copy"), 0o600))
	for in, kind := range map[ExportIn]errs.Kind{
		{Location: "top", File: mine}:                                           errs.Conflict,
		{Location: "top", File: dir, Replace: true}:                             errs.Conflict,
		{Location: "top", File: "here"}:                                         errs.Invalid,
		{Location: "top", File: "sd://elsewhere/x"}:                             errs.Invalid,
		{Location: "none", File: filepath.Join(dir, "x")}:                       errs.NotFound,
		{Location: "top", File: "/a\x00b"}:                                      errs.Invalid,
		{Location: "top", File: strings.Replace(mine, "mine", "mine/below", 1)}: errs.Invalid,
	} {
		b, err := json.Marshal(in)
		must(t, err)
		_, err = call[job.Snapshot](w, "location.export", string(b))
		if err == nil || !errs.Is(err, kind) && !strings.HasSuffix(in.File, "below") {
			t.Errorf("%s: %v, want %s", b, err, kind)
		}
	}
	snap := w.job("location.export", ExportIn{Location: "top", File: filepath.Join(dir, "no/such/folder")}, job.Failed)
	if snap.ErrorKind != errs.NotFound {
		t.Errorf("no folder: %s", snap.Error)
	}
	// The file came after the question.
	args := exportArgs{1, mine, false, filepath.Join(dir, "temp")}
	if err := w.svc.export(t.Context(), quiet(func() {}), args, false, nil); !errs.Is(err, errs.Conflict) {
		t.Errorf("%v", err)
	}
	if b, err := os.ReadFile(mine); err != nil || string(b) != "my only copy" {
		t.Fatalf("%q, %v", b, err)
	}
	w.job("location.export", ExportIn{Location: "top", File: mine, Replace: true}, job.Done)
	a, errA := os.ReadFile(mine)
	b, errB := os.ReadFile(file)
	if errA != nil || errB != nil || string(a) != string(b) {
		t.Errorf("two exports of the same differ: %v, %v", errA, errB)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}

// TestPromise_P10_ImportIsCutOffEverywhere: killed at any write, it does all or
// nothing, and goes on to the same end.
func TestPromise_P10_ImportIsCutOffEverywhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "top.stardrive")
	f, err := os.Create(file)
	must(t, err)
	w, err := portable.NewWriter(f, portable.Header{
		Volume:   portable.Volume{Identity: "a", Name: "Disk A"},
		Location: portable.Location{Name: "top", Mode: "shallow", State: "ready"},
		Path:     []portable.Entry{{Kind: vfs.Folder}, {Name: "top", Kind: vfs.Folder}},
	})
	must(t, err)
	must(t, w.Folder())
	for _, name := range []string{"a", "b", "c"} {
		must(t, w.Add(portable.Entry{Name: name, Kind: vfs.Folder}))
	}
	for range 3 {
		must(t, w.Folder())
		for i := range 4 {
			must(t, w.Add(portable.Entry{Name: fmt.Sprint(i), Kind: vfs.File, Size: int64(i)}))
		}
	}
	must(t, w.Close())
	must(t, f.Close())
	jobtest.KillEverywhere(t, func(t *testing.T) jobtest.Scenario {
		s := newScene(t)
		s.disk.online = false // no scan follows, which would need an engine
		return jobtest.Scenario{
			Migrations: schema.Migrations(), Kind: importKind, Args: importArgs{File: file}, Defs: s.defs, State: state,
		}
	})
}
