package organize

import (
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

const all = `beach favourite 4 "with Mia"`

// add adds one of everything to a file.
func (w *world) add(e catalog.Entry) {
	w.t.Helper()
	w.tag("beach", e)
	must(w, w.favouriteSet, FavouriteIn{Selection: sel(e)})
	must(w, w.rateSet, RateIn{Stars: 4, Selection: sel(e)})
	must(w, w.noteSet, SetNoteIn{One: one(e), Text: "with Mia"})
	if got := w.has(e); got != all {
		w.t.Fatalf("just added: %s", got)
	}
}

// TestPromise_P5_FollowsFiles: what was added follows a file through renames and
// moves, while this runs and while it does not, and all copies of the same bytes.
func TestPromise_P5_FollowsFiles(t *testing.T) {
	t.Parallel()
	for _, hashed := range []bool{false, true} {
		w := newWorld(t, "")
		dir := w.file(w.vol.Root, "dir", 0, 5)
		e := w.file(w.vol.Root, "a.jpg", 10, 6)
		if hashed {
			w.hash(&e, 'A')
		}
		w.add(e)

		e.Name, e.Parent = "b.jpg", dir.ID
		w.apply(&catalog.Batch{Move: []catalog.Entry{e}})
		if got := w.has(e); got != all {
			t.Errorf("after a move: %s", got)
		}
		w.restart(func() {
			e.Name = "c.jpg"
			w.apply(&catalog.Batch{Move: []catalog.Entry{e}})
		})
		if got := w.has(e); got != all {
			t.Errorf("after a move while nothing ran: %s", got)
		}

		other := w.file(w.vol.Root, "other.jpg", 10, 7)
		w.hash(&other, 'B')
		w.hash(&e, 'A')
		copied := w.file(w.vol.Root, "copy.jpg", 10, 8)
		w.hash(&copied, 'A')
		w.eventually("the copy has all", func() bool { return w.has(copied) == all && w.has(e) == all })
		if got := w.has(other); got != "" {
			t.Errorf("another file has %s", got)
		}
		w.apply(&catalog.Batch{Absent: []ident.EntryID{e.ID}})
		w.restart()
		if got := w.has(copied); got != all {
			t.Errorf("the copy has after a restart: %s", got)
		}
		e.State = catalog.Present
		w.apply(&catalog.Batch{Update: []catalog.Entry{e}})
		if got := w.has(e); got != all {
			t.Errorf("after it was gone and came back: %s", got)
		}
	}
}

// TestHereIsThisPlace: what is for one place stays there, and does not go with copies;
// it follows the file when that moves.
func TestHereIsThisPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	e, c := w.file(w.vol.Root, "a.jpg", 10, 6), w.file(w.vol.Root, "copy.jpg", 10, 7)
	w.hash(&e, 'A')
	w.hash(&c, 'A')
	must(w, w.tagApply, ApplyIn{Tag: "original", Create: true, Here: true, Selection: sel(e)})
	e.Name = "b.jpg"
	w.apply(&catalog.Batch{Move: []catalog.Entry{e}})
	w.restart()
	if a, b := w.has(e), w.has(c); a != "original" || b != "" {
		t.Errorf("the place has %q, its copy %q", a, b)
	}
	if about := must(w, w.of, one(e)); !about.Tags[0].Here || about.Tags[0].Source != "user" {
		t.Errorf("%+v", about.Tags)
	}
}

// TestEmptyFilesHaveNothingInCommon: a content without a byte stands for no file.
func TestEmptyFilesHaveNothingInCommon(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	a, b := w.file(w.vol.Root, "a", 10, 6), w.file(w.vol.Root, "b", 10, 7)
	for _, e := range []*catalog.Entry{&a, &b} {
		w.edit(e, 0)
		w.hash(e, 'E')
	}
	w.tag("x", a)
	w.eventually("tagged", func() bool { return w.has(a) == "x" })
	if got := w.has(b); got != "" {
		t.Errorf("another empty file has %s", got)
	}
}

// TestPromise_P5_FollowsEdits: an edited file keeps what was added to it, before its
// new bytes are read and after.
func TestPromise_P5_FollowsEdits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	e := w.file(w.vol.Root, "a.jpg", 10, 6)
	kept := w.file(w.vol.Root, "copy.jpg", 10, 7)
	w.hash(&e, 'A')
	w.hash(&kept, 'A')
	w.add(e)
	w.edit(&e, 11)
	w.eventually("the edited file has all", func() bool { return w.has(e) == all })
	w.hash(&e, 'B')
	w.eventually("it has, read again", func() bool { return w.has(e) == all && w.finds("tag", "beach") == "c1 c2" })
	if got := w.has(kept); got != all {
		t.Errorf("the copy that was not edited has %s", got)
	}
	again := w.file(w.vol.Root, "copy of b.jpg", 11, 8)
	w.hash(&again, 'B')
	if got := w.has(again); got != all {
		t.Errorf("a copy of the edited file has %s", got)
	}
}

// TestPromise_P22_SurvivesTheIndex: the catalogue is lost and made anew, and gives the
// same numbers to other files: everything is tied by content, by what files are on
// their volume, and by path and size, and to no other file.
func TestPromise_P22_SurvivesTheIndex(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	dir := w.file(w.vol.Root, "dir", 0, 5)
	content := w.file(dir.ID, "content.jpg", 10, 11)
	w.hash(&content, 'A')
	identity := w.file(dir.ID, "identity.jpg", 20, 12)
	path := w.file(dir.ID, "path.jpg", 30, 13)
	lost := w.file(dir.ID, "lost.jpg", 40, 14)
	for _, e := range []catalog.Entry{content, identity, path, lost, dir} {
		w.add(e)
	}
	w.stop()

	n := newWorld(t, w.user) // other files have the numbers now
	for i := range 3 {
		e := n.file(n.vol.Root, string(rune('p'+i)), 10*int64(i+1), uint64(100+i)) //nolint:gosec // small
		if got := n.has(e); got != "" {
			t.Errorf("entry %d of another catalogue has %s", e.ID, got)
		}
	}
	newDir := n.file(n.vol.Root, "dir", 0, 5)
	elsewhere := n.file(n.vol.Root, "another name.jpg", 20, 12)
	samePath := n.file(newDir.ID, "path.jpg", 30, 99)
	another := n.file(newDir.ID, "lost.jpg", 41, 98)
	moved := n.file(n.vol.Root, "moved.jpg", 10, 97) // by its bytes alone
	n.hash(&moved, 'A')
	for name, e := range map[string]catalog.Entry{"folder": newDir, "identity": elsewhere, "path": samePath, "content": moved} {
		n.eventually("what is known by "+name, func() bool { return n.has(e) == all })
	}
	if got := n.has(another); got != "" {
		t.Errorf("another file of the name has %s", got)
	}
	n.restart()
	for name, e := range map[string]catalog.Entry{"folder": newDir, "identity": elsewhere, "path": samePath, "content": moved} {
		if got := n.has(e); got != all {
			t.Errorf("%s after another start: %s", name, got)
		}
	}
	if got := n.has(another); got != "" {
		t.Errorf("after another start another file of the name has %s", got)
	}
}

// TestPromise_P22_BeforeTheyAreRead: after the loss of the catalogue what was added to
// contents is there before they are read again, where the file is the same.
func TestPromise_P22_BeforeTheyAreRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	e := w.file(w.vol.Root, "a.jpg", 10, 11)
	w.hash(&e, 'A')
	w.add(e)
	w.stop()
	n := newWorld(t, w.user)
	e = n.file(n.vol.Root, "renamed.jpg", 10, 11)
	n.eventually("unread", func() bool { return n.has(e) == all })
	n.hash(&e, 'A')
	n.eventually("read", func() bool { return n.has(e) == all && n.finds("tag", "beach") == "c1" })
}
