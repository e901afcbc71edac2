//go:build linux

package fileops

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// index has the library know all that stands on volume a, and what the files hold.
func (w *testWorld) index() (ids map[string]ident.EntryID) { return w.indexOn("vol-a", "") }

// indexOn is index of a volume, whose paths begin so.
func (w *testWorld) indexOn(volume, begin string) (ids map[string]ident.EntryID) {
	w.t.Helper()
	ctx := context.Background()
	d, err := w.sites.driver(volume)
	if err != nil {
		w.t.Fatal(err)
	}
	ids = map[string]ident.EntryID{}
	err = w.catalog.Write(ctx, func(tx *catalog.Tx) error {
		v, err := tx.PutVolume(catalog.Volume{Identity: volume, Name: volume, Facts: []byte("{}"), Online: true})
		if err != nil {
			return err
		}
		root, err := d.Stat(ctx, "")
		if err != nil {
			return err
		}
		top, err := tx.Entry(v.Root)
		if err != nil {
			return err
		}
		top.State = catalog.Present
		top.Seen(root)
		if err := tx.Apply(&catalog.Batch{Update: []catalog.Entry{top}}); err != nil {
			return err
		}
		if _, err := tx.AddLocation(catalog.Location{Volume: v.ID, Entry: v.Root, Name: "all of " + volume, State: catalog.Ready, Indexed: time.Now()}); err != nil {
			return err
		}
		dirs := map[string]ident.EntryID{"": v.Root}
		stack := []string{""}
		for len(stack) > 0 {
			dir := stack[0]
			stack = stack[1:]
			err := d.List(ctx, dir, func(batch []vfs.Entry) error {
				for _, is := range batch {
					e := catalog.Entry{ID: w.catalog.ReserveEntryIDs(1), Volume: v.ID, Parent: dirs[dir], Name: is.Name, State: catalog.Present}
					e.Seen(is)
					if err := tx.Apply(&catalog.Batch{Create: []catalog.Entry{e}}); err != nil {
						return err
					}
					path := vfs.Join(dir, is.Name)
					ids[path] = e.ID
					if is.Kind == vfs.Folder {
						dirs[path] = e.ID
						stack = append(stack, path)
						continue
					}
					b, err := w.read(begin + path)
					if err != nil {
						return err
					}
					c, err := tx.PutContent(catalog.Content{Hash: blake3.Sum256(b), Size: int64(len(b)), Kind: "other"})
					if err != nil {
						return err
					}
					if _, err := tx.Identify(e.ID, is, c, time.Now().UnixNano()); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return ids
}

func inode(t *testing.T, path string) uint64 {
	t.Helper()
	var st syscall.Stat_t
	if err := syscall.Stat(path, &st); err != nil {
		t.Fatal(err)
	}
	return st.Ino
}

func TestFault_C23_DuplicatesGiveWay(t *testing.T) {
	for _, how := range []DedupeHow{DedupeHard, DedupeTrash} {
		t.Run(string(how), func(t *testing.T) {
			w := newTestWorld(t)
			w.write("keep/a", "the same")
			w.write("x/copy 1", "the same")
			w.write("x/copy 2", "the same")
			w.write("x/other", "another")
			if err := os.Link(w.path("x/copy 1"), w.path("x/name")); err != nil {
				t.Fatal(err)
			}
			w.index()
			before := w.tree()
			p := w.plan("files.dedupe", DedupeIn{How: how, Reference: w.src("keep")})
			if p.Items != 3 {
				t.Errorf("%d items", p.Items)
			}
			p = w.do(p, action.Done)
			w.has("keep/a", "the same")
			w.has("x/other", "another")
			if how == DedupeHard {
				w.has("x/copy 2", "the same")
				if inode(t, w.path("x/copy 2")) != inode(t, w.path("keep/a")) {
					t.Error("the copy is no name of the file that is kept")
				}
			} else {
				w.hasNot("x/copy 1")
				w.hasNot("x/copy 2")
			}
			w.undo(p, action.Done)
			if got := w.tree(); got != before {
				t.Errorf("after undo\n%s\nbefore\n%s", got, before)
			}
			w.clean()
		})
	}
}

// Bytes are compared right before: neither size nor times nor what the library
// says is taken for proof.
func TestFault_C23_BytesAreComparedBefore(t *testing.T) {
	w := newTestWorld(t)
	w.write("a", "the same")
	w.write("b", "the same")
	w.index()
	p := w.plan("files.dedupe", DedupeIn{How: DedupeTrash})
	info, err := os.Stat(w.path("a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} { // whichever is kept
		if err := os.WriteFile(w.path(name), []byte("not same"[:8-len(name)]+name), 0o640); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(w.path(name), info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	p = w.end(p)
	if p.State != action.Failed || !strings.Contains(w.failures(p.ID), "conflict") {
		t.Errorf("%s\n%s", p.State, w.failures(p.ID))
	}
	w.has("a", "not sama")
	w.Service.MoreVolumes = func(context.Context) []string { return []string{"vol-a"} }
	if list, err := w.trashList(t.Context(), TrashListIn{}); err != nil || list.Total != 0 {
		t.Errorf("left in the trash: %+v, %v", list, err)
	}
}

// Of each content one file stays, whatever is asked for.
func TestPromise_P7_TheLastCopyStays(t *testing.T) {
	w := newTestWorld(t)
	w.write("a", "the same")
	w.write("b", "the same")
	ids := w.index()
	p := w.plan("files.dedupe", DedupeIn{How: DedupeTrash, IDs: []ident.EntryID{ids["a"], ids["b"]}})
	w.do(p, action.Done)
	left := 0
	for _, name := range []string{"a", "b"} {
		if _, err := os.Stat(w.path(name)); err == nil {
			left++
		}
	}
	if left != 1 {
		t.Errorf("%d files are left", left)
	}
	_, err := w.propose("files.dedupe", DedupeIn{How: DedupeTrash, Reference: []string{w.a}})
	wantKind(t, err, errs.NotFound)
}

func TestPromise_P7_DestroyingTheLastCopyWantsItsPhrase(t *testing.T) {
	w := newTestWorld(t)
	w.write("a", "the same")
	w.write("b", "the same")
	w.write("alone", "alone")
	w.index()
	for _, c := range []struct {
		names  []string
		phrase string
	}{
		{[]string{"a"}, ""},
		{[]string{"alone"}, "delete 1 file"},
		{[]string{"a", "b"}, "delete 2 files"},
	} {
		if p := w.plan("files.destroy", DestroyIn{Sources: w.src(c.names...)}); p.Confirm != c.phrase {
			t.Errorf("%q: phrase %q, want %q", c.names, p.Confirm, c.phrase)
		}
	}
}

func TestPromise_P8_MassDeleteWantsItsPhrase(t *testing.T) {
	w := newTestWorld(t)
	for _, dir := range []string{"few", "many"} {
		for i := range map[string]int{"few": 40, "many": 130}[dir] {
			w.write(dir+"/"+strings.Repeat("x", i+1), "")
		}
	}
	w.index()
	if p := w.plan("files.trash", TrashIn{Sources: w.src("few")}); p.Confirm != "" {
		t.Errorf("phrase for few: %q", p.Confirm)
	}
	p := w.plan("files.trash", TrashIn{Sources: w.src("many")})
	if p.Confirm != "delete 130 files" {
		t.Errorf("phrase for many: %q", p.Confirm)
	}
	_, err := w.plans.Commit(t.Context(), p.ID, "")
	wantKind(t, err, errs.ApprovalNeeded)
}

// The file that is to stay is looked at again when both are compared: if it is
// another by then, or gone, the duplicate stays.
func TestFault_C23_TheKeeperIsLookedAtAfterwards(t *testing.T) {
	for name, harm := range map[string]func(w *testWorld){
		"changed":  func(w *testWorld) { _ = os.WriteFile(w.path("a"), []byte("not that"), 0o640) },
		"gone":     func(w *testWorld) { _ = os.Remove(w.path("a")) },
		"replaced": func(w *testWorld) { w.write("n", "else"); _ = os.Rename(w.path("n"), w.path("a")) },
	} {
		for _, how := range []DedupeHow{DedupeTrash, DedupeHard} {
			t.Run(name+" "+string(how), func(t *testing.T) {
				w := newTestWorld(t)
				w.write("a", "the same")
				w.write("longer/b", "the same")
				w.index()
				w.yield = func(point string) {
					if point == "compared" {
						harm(w)
					}
				}
				w.do(w.plan("files.dedupe", DedupeIn{How: how, Keep: KeepShortest}), action.Failed)
				w.has("longer/b", "the same")
				w.clean()
			})
		}
	}
}

// What is named to stay stays, and all else of its content gives way, whichever rule says otherwise.
func TestDedupeStay(t *testing.T) {
	w := newTestWorld(t)
	for _, name := range []string{"a", "bb", "ccc", "dddd"} {
		w.write(name, "the same")
	}
	ids := w.index()
	p := w.plan("files.dedupe", DedupeIn{How: DedupeTrash, Keep: KeepShortest, Stay: []ident.EntryID{ids["ccc"], ids["dddd"]}})
	w.do(p, action.Done)
	for name, stays := range map[string]bool{"a": false, "bb": false, "ccc": true, "dddd": true} {
		if _, err := os.Stat(w.path(name)); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
}
