package index

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
)

// spoil makes rows wrong behind the back of what is remembered of the listings,
// as a mistake of ours would.
func (w *world) spoil(b catalog.Batch) {
	w.t.Helper()
	var folders []ident.EntryID
	for _, e := range w.rows() {
		if e.Kind == vfs.Folder {
			folders = append(folders, e.ID)
		}
	}
	err := w.cat.Write(w.t.(*testing.T).Context(), func(tx *catalog.Tx) error {
		ls, err := tx.Listings(folders)
		for _, l := range ls {
			b.Listings = append(b.Listings, *l)
		}
		if err != nil {
			return err
		}
		return tx.Apply(&b)
	})
	if err != nil {
		w.t.Fatalf("spoil: %v", err)
	}
}

func (w *world) verify(in string, want job.State) job.Snapshot {
	w.t.Helper()
	snap, err := call[job.Snapshot](w, "location.verify", in)
	if err == nil {
		snap, err = w.engine.Wait(w.t.(*testing.T).Context(), snap.ID)
	}
	if err != nil || snap.State != want {
		w.t.Fatalf("verify %s ended %s (%s), %v", in, snap.State, snap.Error, err)
	}
	return snap
}

// TestVerifyFix: rows that no scan would look at are put right, and every one is told.
func TestVerifyFix(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	w.svc.Batch = 2
	w.add("top")
	wrong := w.entry(w.id("top/a/in/1"))
	wrong.Size, wrong.Modified = 999, 5
	made := catalog.Entry{ID: w.cat.ReserveEntryIDs(1), Volume: wrong.Volume, Parent: w.id("top/b"), Name: "never\xff", Kind: vfs.File, State: catalog.Present, Size: 3}
	moved := w.entry(w.id("top/c/in/2"))
	moved.Name = "other"
	w.spoil(catalog.Batch{Update: []catalog.Entry{wrong}, Create: []catalog.Entry{made}, Move: []catalog.Entry{moved}, Absent: []ident.EntryID{w.id("top/c/in/3")}})

	w.rescan(1)
	if got := w.entry(wrong.ID); got.Size != 999 {
		t.Fatal("an ordinary scan looked: nothing is tested")
	}
	snap := w.verify(`{"location":"top","fix":true}`, job.Done)
	w.equal("top")
	if snap.Title != "Repair the index of top" || w.location(1).Job != snap.ID {
		t.Errorf("%+v", snap)
	}
	want := []string{"top/a/in/1", "top/b/never%FF", "top/c/in/3", "top/c/in/other"}
	for i := range want {
		want[i] = "sd://local/mnt/a/" + want[i] + " conflict"
	}
	told := w.warnings(snap)
	slices.Sort(told)
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	if got := w.id("top/c/in/2"); got != moved.ID {
		t.Errorf("the entry with another name was not found again: %d", got)
	}
	if snap := w.verify(`{"location":"top"}`, job.Done); snap.Warnings != 0 {
		t.Errorf("differences are left: %q", w.warnings(snap))
	}
}

// TestPromise_P8_FixAsksToo: a repair that would mark much as gone stops like a scan.
func TestPromise_P8_FixAsksToo(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	id := w.add("top")
	var b catalog.Batch
	first := w.cat.ReserveEntryIDs(150)
	for i := range 150 {
		b.Create = append(b.Create, catalog.Entry{
			ID: first + ident.EntryID(i), Volume: w.location(id).Volume, Parent: w.id("top/a"), Name: fmt.Sprint("made up ", i), Kind: vfs.File, State: catalog.Present,
		})
	}
	w.spoil(b)
	w.verify(`{"location":"top","fix":true}`, job.Failed)
	if l := w.location(id); l.State != catalog.Held || l.Missing != 150 {
		t.Errorf("%+v", l)
	}
	if w.entry(first).State != catalog.Present {
		t.Error("it was marked")
	}
	w.verify(`{"location":"top","fix":true,"accept_missing":150}`, job.Done)
	w.equal("top")
	if l := w.location(id); l.State != catalog.Ready || l.Missing != 0 || slices.ContainsFunc(b.Create, func(e catalog.Entry) bool { return w.entry(e.ID).State == catalog.Present }) {
		t.Errorf("%+v", l)
	}
}
