package index

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
)

// TestVerify: every difference is told once, and nothing is changed.
func TestVerify(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	w.svc.Batch = 2
	id := w.add("top")
	verify := func(want job.State) job.Snapshot {
		t.Helper()
		snap, err := call[job.Snapshot](w, "location.verify", `{"location":"top"}`)
		must(t, err)
		snap, err = w.engine.Wait(t.Context(), snap.ID)
		if err != nil || snap.State != want {
			t.Fatalf("it ended %s (%s), %v", snap.State, snap.Error, err)
		}
		return snap
	}
	if snap := verify(job.Done); snap.Warnings != 0 || snap.Done != 36 || snap.Total != 36 {
		t.Errorf("with no difference it ended %+v", snap)
	}
	must(t, w.MkdirAll("top/new/below"))
	must(t, w.WriteFile("top/new/below/f", nil))
	must(t, w.Remove("top/a/in/1"))
	must(t, w.Remove("top/b"))
	must(t, w.WriteFile("top/c/in/2", []byte("longer")))
	rows, before := w.rows(), w.cat.Reached()
	snap := verify(job.Done)
	ws, err := w.engine.Warnings(t.Context(), snap.ID, 0, 100)
	must(t, err)
	told := map[string]string{}
	for _, x := range ws {
		path := strings.TrimPrefix(x.Path, "sd://local/mnt/a/")
		if told[path] != "" {
			t.Errorf("%q was told twice", path)
		}
		told[path] = x.Message
	}
	want := map[string]string{
		"top":        "is otherwise on the disk than in the index",
		"top/new":    "is on the disk and not in the index",
		"top/a/in":   "is otherwise on the disk than in the index",
		"top/a/in/1": "is in the index and not on the disk",
		"top/b":      "is in the index and not on the disk",
		"top/c/in/2": "is otherwise on the disk than in the index",
	}
	if !maps.Equal(told, want) {
		t.Errorf("got %q, want %q", told, want)
	}
	if w.cat.Reached() != before || !maps.Equal(w.rows(), rows) {
		t.Error("verifying changed the catalogue")
	}
	if w.location(id).State != "ready" {
		t.Errorf("the location is %+v", w.location(id))
	}
	faulty := faultfs.New(w.FS, faultfs.Must("list top/c error=EACCES")...)
	w.disks.change(func() { w.driver = faulty })
	if ws := w.warnings(verify(job.Done)); !slices.Contains(ws, "sd://local/mnt/a/top/c denied") {
		t.Errorf("warnings %q", ws)
	}
	w.disks.change(func() { w.driver = w.FS })
	must(t, w.Rename("top", "elsewhere"))
	if snap := verify(job.Failed); snap.ErrorKind != errs.Unavailable {
		t.Errorf("where there is nothing, it failed by %s", snap.ErrorKind)
	}
}
