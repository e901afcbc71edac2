package index

import (
	"context"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// twoDisks is a world with the location top on one disk, and far on another.
type twoDisks struct {
	*world
	b *disk
}

func newTwoDisks(t *testing.T) *twoDisks {
	w := &twoDisks{world: newWorld(t, t.TempDir())}
	w.b = w.disks.all["b"]
	w.do(w.MkdirAll("top/d/sub"), w.WriteFile("top/d/1", []byte("1")), w.WriteFile("top/d/sub/2", []byte("22")), w.WriteFile("top/d/gone", []byte("g")), w.b.MkdirAll("far"))
	w.start(scansOnly)
	id := w.add("top")
	w.do(w.Remove("top/d/gone")) // an entry that is known and not there
	w.rescan(id)
	idB, err := w.svc.add(t.Context(), mountB+"/far", "", "")
	w.do(err)
	w.scanned(idB, job.Done)
	return w
}

// tell takes over deeds given as "disk:path", "" for nowhere.
func (w *twoDisks) tell(deeds ...[2]string) {
	w.t.Helper()
	at := func(s string) catalog.Spot {
		if s == "" {
			return catalog.Spot{}
		}
		return catalog.Spot{Volume: s[:1], Path: s[2:]}
	}
	var all []catalog.Deed
	for _, d := range deeds {
		deed := catalog.Deed{From: at(d[0]), To: at(d[1])}
		if deed.To.Volume != "" {
			is, err := w.disks.all[deed.To.Volume].FS.Stat(context.Background(), deed.To.Path)
			w.do(err)
			deed.Is = is
		}
		all = append(all, deed)
	}
	write, err := w.svc.Take(context.Background(), all)
	w.do(err)
	w.do(w.db.Write(context.Background(), func(tx *store.Tx) error { return write(tx) }))
}

// at returns what the catalogue has at a path of a disk.
func (w *twoDisks) at(disk, path string) (e catalog.Entry) {
	w.t.Helper()
	w.read(func(r *catalog.Reader) error {
		v, err := r.VolumeByIdentity(disk)
		if err == nil {
			e, err = r.Lookup(v.Root, path)
		}
		w.do(err)
		return nil
	})
	return e
}

func (w *twoDisks) copies() {
	w.t.Helper()
	w.do(w.b.MkdirAll("far/d/sub"), w.b.WriteFile("far/d/1", []byte("1")), w.b.WriteFile("far/d/sub/2", []byte("22")))
}

func (w *twoDisks) removeAll(from *disk, top string) {
	w.t.Helper()
	for _, name := range []string{"/d/sub/2", "/d/sub", "/d/1", "/d"} {
		w.do(from.Remove(top + name))
	}
}

// A folder that is moved to another volume, and its move taken back, stays the entry
// it was, as files do: what the user added to it goes with it.
func TestPromise_P5_AFolderKeepsItsIDAcrossVolumes(t *testing.T) {
	w := newTwoDisks(t)
	names := []string{"/d", "/d/1", "/d/sub", "/d/sub/2"}
	was := map[string]ident.EntryID{}
	for _, name := range names {
		was[name] = w.at("a", "top"+name).ID
	}
	stay := func(disk, top string) {
		t.Helper()
		for _, name := range names {
			e := w.at(disk, top+name)
			if e.ID != was[name] || e.State != catalog.Present {
				t.Errorf("on %s %s is entry %d, state %d, and was %d", disk, name, e.ID, e.State, was[name])
			}
			if e.Volume != w.at(disk, top).Volume {
				t.Errorf("on %s %s is of volume %d", disk, name, e.Volume)
			}
			is, err := w.disks.all[disk].FS.Stat(t.Context(), top+name)
			if err != nil || is.Kind != vfs.Folder && e.Inode != is.Inode {
				t.Errorf("%+v, %v", is, err)
			}
		}
		if all := w.at(disk, top).Totals; all.Files != 2 || all.Folders != 2 {
			t.Errorf("on %s there are %+v", disk, all)
		}
		w.sums()
	}
	w.copies()
	w.tell([2]string{"", "b:far/d"}, [2]string{"", "b:far/d/sub"})
	w.removeAll(w.disk, "top")
	w.tell([2]string{"a:top/d/1", "b:far/d/1"}, [2]string{"a:top/d/sub/2", "b:far/d/sub/2"}, [2]string{"a:top/d/sub", "b:far/d/sub"}, [2]string{"a:top/d", "b:far/d"})
	stay("b", "far")
	if gone := w.at("a", "top"); gone.Totals.Files+gone.Totals.Folders != 0 {
		t.Errorf("where it was there are %+v", gone.Totals)
	}

	// Taken back: the copies are made first, and then what was copied goes as a whole.
	w.do(w.MkdirAll("top/d/sub"), w.WriteFile("top/d/1", []byte("1")), w.WriteFile("top/d/sub/2", []byte("22")))
	w.tell([2]string{"b:far/d", "a:top/d"}, [2]string{"b:far/d/sub", "a:top/d/sub"}, [2]string{"b:far/d/1", "a:top/d/1"}, [2]string{"b:far/d/sub/2", "a:top/d/sub/2"})
	stay("a", "top")
	w.removeAll(w.b, "far")
	w.tell([2]string{"b:far/d", ""})
	stay("a", "top")
	w.equal("top")
	if gone := w.at("b", "far"); gone.Totals.Files+gone.Totals.Folders != 0 {
		t.Errorf("where it was there are %+v", gone.Totals)
	}
}

// What is not moved stays in the folder that stays.
func TestPromise_P5_HalfAMoveAcrossVolumes(t *testing.T) {
	w := newTwoDisks(t)
	d, two := w.at("a", "top/d").ID, w.at("a", "top/d/sub/2").ID
	w.copies()
	w.tell([2]string{"", "b:far/d"}, [2]string{"", "b:far/d/sub"})
	w.do(w.Remove("top/d/1"))
	w.tell([2]string{"a:top/d/1", "b:far/d/1"})
	if w.at("a", "top/d").ID != d || w.at("a", "top/d/sub/2").ID != two {
		t.Error("what stayed is another entry")
	}
	w.sums()
}
