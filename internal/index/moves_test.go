package index

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
)

// byInode returns the ids of what is known in a folder, by the numbers of the
// things, of which none has two names.
func (w *world) byInode(folder string) map[uint64]ident.EntryID {
	ids := map[uint64]ident.EntryID{}
	for _, e := range w.known(folder) {
		if e.Kind == vfs.Folder || e.Links == 1 {
			ids[e.Inode] = e.ID
		}
	}
	return ids
}

// TestPromise_P13_IdentityFollowsMoves: whatever is renamed, moved or swapped
// between two looks keeps its id, whoever looks, and in whatever order.
func TestPromise_P13_IdentityFollowsMoves(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		own, err := os.MkdirTemp(dir, "run")
		must(rt, err)
		w := newWorld(rt, own)
		for _, d := range []string{"top/a/x", "top/a/y", "top/b/x", "top/c", "other/d"} {
			must(rt, w.MkdirAll(d))
			for i := range 3 {
				f := fmt.Sprintf("%s/%d", d, i)
				must(rt, w.WriteFile(f, make([]byte, i)))
				must(rt, w.SetCreated(f, time.Unix(1, 0))) // old enough to be nobody's new version
			}
		}
		live := rapid.Bool().Draw(rt, "watched")
		w.start(map[bool]daemon{true: watching, false: scansOnly}[live])
		w.svc.Batch = rapid.SampledFrom([]int{-1, 3, 100}).Draw(rt, "batch")
		if live {
			w.svc.watcher.settle = time.Millisecond
		}
		look := func() { w.calm() }
		if live { // from one location to another
			w.add("top")
			w.add("other")
			w.calm()
		} else {
			whole := w.add("")
			look = func() { w.rescan(whole) }
		}
		for range rapid.IntRange(1, 4).Draw(rt, "looks") {
			before := w.byInode("")
			for range rapid.IntRange(1, 6).Draw(rt, "moves") {
				shuffle(rt, w)
				if live { // what is seen by halves is nobody's to know
					w.calm()
				}
			}
			look()
			w.sums()
			w.equal("top")
			w.equal("other")
			for inode, id := range w.byInode("") {
				if was, ok := before[inode]; ok && was != id {
					e := w.entry(id)
					rt.Errorf("%s %q, number %d, was entry %d and is %d", e.Kind, e.Name, inode, was, id)
				}
			}
		}
	})
}

// shuffle renames, moves or swaps something, if that can be done.
func shuffle(t *rapid.T, w *world) {
	all := w.all("")
	var paths, dirs []string
	for p, e := range all {
		if p == "" || p == "top" || p == "other" {
			continue
		}
		paths = append(paths, p)
		if e.Kind == vfs.Folder {
			dirs = append(dirs, p)
		}
	}
	if len(paths) == 0 {
		return
	}
	pick := func(from []string, what string) string {
		return rapid.SampledFrom(slices.Sorted(slices.Values(from))).Draw(t, what)
	}
	from := pick(paths, "from")
	dir, _ := vfs.Split(from)
	switch rapid.SampledFrom([]string{"rename", "move", "move", "swap", "new above"}).Draw(t, "move") {
	case "rename":
		free(w, from, dir+"/"+rapid.StringMatching(`[p-s]`).Draw(t, "name"))
	case "move":
		if len(dirs) > 0 {
			_, name := vfs.Split(from)
			free(w, from, pick(append(dirs, "top", "other"), "to")+"/"+name)
		}
	case "swap":
		to := pick(paths, "with")
		if within(from, to) || within(to, from) {
			return
		}
		w.touch(func() error {
			must(t, w.Rename(from, "between"))
			must(t, w.Rename(to, from))
			return w.Rename("between", to)
		}, from, to)
	case "new above": // a new folder takes it
		above := from + "+"
		if _, taken := all[above]; !taken {
			w.touch(func() error { must(t, w.Mkdir(above)); return w.Rename(from, above+"/in") }, from, above, above+"/in")
		}
	}
}

// free moves from to a name that nothing bears.
func free(w *world, from, to string) {
	if _, taken := w.all("")[to]; taken {
		return
	}
	w.touch(func() error { _ = w.Rename(from, to); return nil }, from, to)
}

// TestPromise_P13_Wrapped: a folder that was put into another, which took its
// name, is itself, deeper down, with all that is in it.
func TestPromise_P13_Wrapped(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for _, f := range []string{"photos/beach", "photos/2024/lake", "q/aside"} {
		dir, _ := vfs.Split(f)
		must(t, w.MkdirAll(dir))
		must(t, w.WriteFile(f, []byte(f)))
	}
	w.start(scansOnly)
	id := w.add("")
	before := w.byInode("")
	must(t, w.Mkdir("between"))
	must(t, w.Rename("q", "between/q"))
	must(t, w.Rename("photos", "between/q/photos"))
	must(t, w.Rename("between", "photos"))
	w.rescan(id)
	w.sums()
	w.equal("")
	after := w.byInode("")
	for inode, id := range before {
		if e := w.entry(id); after[inode] != id {
			t.Errorf("%q was entry %d and is %d", e.Name, id, after[inode])
		}
	}
}

// TestWhatIsNoMove: one more name, a backup, a file saved by rename.
func TestWhatIsNoMove(t *testing.T) {
	w := newWorld(t, t.TempDir())
	must(t, w.MkdirAll("a"))
	must(t, w.MkdirAll("b"))
	for _, f := range []string{"linked", "kept", "saved", "old", "taken"} {
		must(t, w.WriteFile("a/"+f, []byte(f)))
	}
	must(t, w.SetCreated("a/old", time.Unix(1000, 0)))
	w.start(scansOnly)
	id := w.add("")
	before := w.known("")
	must(t, w.Link("a/linked", "b/linked"))
	must(t, w.Rename("a/kept", "a/kept~"))
	must(t, w.WriteFile("a/kept", []byte("kept, in new words")))
	must(t, w.WriteFile("a/.saved.tmp", []byte("saved, in new words")))
	w.rescan(id) // in the middle of saving
	must(t, w.Rename("a/.saved.tmp", "a/saved"))
	must(t, w.Rename("a/old", "a/taken"))
	w.rescan(id)
	w.equal("")
	after := w.known("")
	for from, to := range map[string]string{"a/linked": "a/linked", "a/kept": "a/kept", "a/saved": "a/saved", "a/old": "a/taken"} {
		if before[from].ID != after[to].ID {
			t.Errorf("%q was entry %d, and %q is %d", from, before[from].ID, to, after[to].ID)
		}
	}
	if after["b/linked"].ID == after["a/linked"].ID {
		t.Error("two names are one entry")
	}
	if e := w.entry(before["a/taken"].ID); e.State != catalog.Absent {
		t.Errorf("what was overwritten is %+v", e)
	}
}

// TestGoneAndBackElsewhere: what was absent for a while is still itself.
func TestGoneAndBackElsewhere(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	id := w.add("top")
	before := w.known("top")
	must(t, w.Rename("top/a", "aside"))
	w.rescan(id)
	w.equal("top")
	must(t, w.Rename("aside", "top/b/a2"))
	w.rescan(id)
	w.equal("top")
	after := w.known("top")
	for from, e := range before {
		if !within("top/a", from) {
			continue
		}
		to := "top/b/a2" + from[len("top/a"):]
		if after[to].ID != e.ID {
			t.Errorf("%q was entry %d, and %q is %d", from, e.ID, to, after[to].ID)
		}
	}
}

// TestPromise_P8_Brake: too much that is gone at once is held, told, and goes
// only when the user names the number.
func TestPromise_P8_Brake(t *testing.T) {
	for _, live := range []bool{false, true} {
		t.Run(fmt.Sprintf("watched=%v", live), func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			for d := range 4 {
				for f := range 60 {
					must(t, w.MkdirAll(fmt.Sprintf("top/%d", d)))
					must(t, w.WriteFile(fmt.Sprintf("top/%d/%d", d, f), nil))
				}
			}
			w.start(map[bool]daemon{true: watching, false: scansOnly}[live])
			id := w.add("top")
			ids := w.known("top")
			all := func() error { must(t, w.Remove("top/0")); return w.Remove("top/1") }
			if live {
				w.calm()
				w.touch(all, "top/0", "top/1")
				w.until("the location is held", func() bool { return w.location(id).State == catalog.Held })
				w.calm()
			} else {
				must(t, all())
			}
			snap := w.rescanTo(id, job.Failed)
			l := w.location(id)
			if l.State != catalog.Held || l.Missing != 122 || snap.Warnings != 2 {
				t.Errorf("the location is %+v, after %+v", l, snap)
			}
			if got := w.known("top"); len(got) != len(ids) {
				t.Errorf("%d entries are left of %d", len(got), len(ids))
			}
			// A number that is too low is no consent.
			_, err := call[Location](w, "location.rescan", fmt.Sprintf(`{"location":"%d","accept_missing":121}`, id))
			must(t, err)
			w.scanned(id, job.Failed)
			// Nor is one that was given before.
			w.rescanTo(id, job.Failed)
			must(t, w.MkdirAll("top/0"))
			for f := range 60 {
				must(t, w.WriteFile(fmt.Sprintf("top/0/%d", f), nil))
			}
			w.rescan(id) // 61 may go without a word
			w.equal("top")
			if l := w.location(id); l.State != catalog.Ready || l.Missing != 0 {
				t.Errorf("the location is %+v", l)
			}
			must(t, w.Remove("top/0"))
			must(t, w.Remove("top/2"))
			w.rescanTo(id, job.Failed)
			_, err = call[Location](w, "location.rescan", fmt.Sprintf(`{"location":"%d","accept_missing":122}`, id))
			must(t, err)
			w.scanned(id, job.Done)
			w.equal("top")
		})
	}
}

// TestPromise_P8_StrangeFolder: where another folder stands in the place of the
// location, nothing is taken for gone, however little there was.
func TestPromise_P8_StrangeFolder(t *testing.T) {
	for _, d := range []daemon{scansOnly, watching} {
		strangeFolder(t, d)
	}
}

func strangeFolder(t *testing.T, d daemon) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(d)
	id := w.add("top")
	if d == watching {
		w.calm()
	}
	w.touch(func() error { must(t, w.Rename("top", "aside")); return w.Mkdir("top") }, "top")
	if d == watching {
		w.svc.watcher.changed(w.location(id).Entry) // whatever tells
		w.calm()
	}
	w.rescanTo(id, job.Failed)
	if l := w.location(id); l.State != catalog.Held || l.Missing == 0 {
		t.Errorf("the location is %+v", l)
	}
	w.stop()
	w.start(scansOnly)
	w.rescanTo(id, job.Failed) // it is as strange as before
	for p, e := range w.known("top") {
		if e.State != catalog.Present {
			t.Errorf("%q is %+v", p, e)
		}
	}
	must(t, w.Remove("top"))
	must(t, w.Rename("aside", "top"))
	w.rescan(id)
	w.equal("top")
}

// numberless is a volume whose inode numbers do not last.
type numberless struct{ vfs.Driver }

func (d numberless) Features() vfs.Features {
	f := d.Driver.Features()
	f.StableInodes = false
	return f
}

// TestFault_B19_NoStableNumbers: where things cannot be known by numbers, those
// that look the same elsewhere are the same, unless two do.
func TestFault_B19_NoStableNumbers(t *testing.T) {
	for _, live := range []bool{false, true} {
		t.Run(fmt.Sprintf("watched=%v", live), func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			w.driver = numberless{w.FS}
			for _, f := range []string{"top/a/one", "top/a/two", "top/b/in/three", "top/b/in/deep/four", "top/c/twin"} {
				dir, _ := vfs.Split(f)
				must(t, w.MkdirAll(dir))
				must(t, w.WriteFile(f, []byte(f)))
			}
			must(t, w.MkdirAll("top/empty"))
			w.start(map[bool]daemon{true: watching, false: scansOnly}[live])
			id := w.add("top")
			if live {
				w.calm()
			}
			before := w.known("top")
			change := func() error {
				must(t, w.Rename("top/a/one", "top/c/one"))
				must(t, w.Rename("top/b", "top/a/b2"))
				must(t, w.WriteFile("top/a/b2/in/deep/new", []byte("new")))
				return w.Rename("top/empty", "top/empty2")
			}
			if live {
				w.touch(change, "top/a/one", "top/c/one", "top/b", "top/a/b2", "top/a/b2/in/deep/new", "top/empty", "top/empty2")
				w.calm()
			} else {
				must(t, change())
				w.rescan(id)
			}
			after := w.known("top")
			if got, want := slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(w.all("top"))); !slices.Equal(got, want) {
				t.Errorf("known are %q, want %q", got, want)
			}
			for from, to := range map[string]string{"top/a/one": "top/c/one", "top/a/two": "top/a/two", "top/b/in/three": "top/a/b2/in/three",
				"top/b": "top/a/b2", "top/b/in/deep": "top/a/b2/in/deep", "top/b/in/deep/four": "top/a/b2/in/deep/four"} {
				if before[from].ID != after[to].ID {
					t.Errorf("%q was entry %d, and %q is %d", from, before[from].ID, to, after[to].ID)
				}
			}
			w.sums()
		})
	}
}
