package browse

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// folderAt is an indexed folder that a property changes.
type folderAt struct {
	*world
	rt   *rapid.T
	disk *disk
	id   ident.EntryID
	held []catalog.Entry // what is in it
	n    int
}

// change does something to the folder, or beside it.
func (f *folderAt) change() {
	t := f.rt
	f.n++
	fresh := func(parent ident.EntryID, kind vfs.Kind) catalog.Entry {
		return catalog.Entry{
			ID: f.c.ReserveEntryIDs(1), Volume: f.disk.vol.ID, Parent: parent, Kind: kind, State: catalog.Present, Modified: rapid.Int64Range(1, 9).Draw(t, "modified"),
			Name: rapid.SampledFrom([]string{"", ".", "é", "É", "z"}).Draw(t, "prefix") + strconv.Itoa(f.n) + rapid.SampledFrom([]string{"", ".txt", ".jpg"}).Draw(t, "extension"),
		}
	}
	which := func() int { return rapid.IntRange(0, len(f.held)-1).Draw(t, "which") }
	b := &catalog.Batch{}
	switch what := rapid.SampledFrom([]string{"add", "add", "add folder", "rename", "touch", "move away", "absent", "deeper", "beside"}).Draw(t, "change"); {
	case what == "add" || len(f.held) == 0:
		e := fresh(f.id, vfs.File)
		e.Size = rapid.Int64Range(0, 5).Draw(t, "size")
		b.Create, f.held = []catalog.Entry{e}, append(f.held, e)
	case what == "add folder":
		e := fresh(f.id, vfs.Folder)
		b.Create, f.held = []catalog.Entry{e}, append(f.held, e)
	case what == "rename":
		e := &f.held[which()]
		e.Name = fresh(f.id, e.Kind).Name
		b.Move = []catalog.Entry{*e}
	case what == "touch":
		e := &f.held[which()]
		e.Modified = rapid.Int64Range(1, 9).Draw(t, "to")
		b.Update = []catalog.Entry{*e}
	case what == "move away":
		i := which()
		e := f.held[i]
		e.Parent, e.Name = f.disk.vol.Root, fmt.Sprint("away ", e.ID)
		b.Move, f.held = []catalog.Entry{e}, slices.Delete(f.held, i, i+1)
	case what == "absent":
		i := which()
		b.Absent = []ident.EntryID{f.held[i].ID}
		f.held = slices.Delete(f.held, i, i+1)
	case what == "deeper":
		i := slices.IndexFunc(f.held, func(e catalog.Entry) bool { return e.Kind == vfs.Folder })
		if i < 0 {
			return
		}
		e := fresh(f.held[i].ID, vfs.File)
		e.Size = rapid.Int64Range(0, 5).Draw(t, "size")
		b.Create = []catalog.Entry{e}
	default:
		e := fresh(f.disk.vol.Root, vfs.File)
		e.Name = fmt.Sprint("beside ", e.ID)
		b.Create = []catalog.Entry{e}
	}
	f.apply(b)
}

// listProperty runs a property on one folder after the other of one library.
func listProperty(t *testing.T, property func(f *folderAt)) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.index(d, "")
	w.many = 1
	top := 0
	rapid.Check(t, func(rt *rapid.T) {
		top++
		e := catalog.Entry{ID: w.c.ReserveEntryIDs(1), Volume: d.vol.ID, Parent: d.vol.Root, Kind: vfs.Folder, State: catalog.Present, Name: fmt.Sprint("top ", top)}
		w.apply(&catalog.Batch{Create: []catalog.Entry{e}})
		f := &folderAt{world: w, rt: rt, disk: d, id: e.ID}
		for range rapid.IntRange(0, 12).Draw(rt, "before") {
			f.change()
		}
		property(f)
	})
}

func (f *folderAt) in(o order, limit int) ListIn {
	return ListIn{ID: strconv.Itoa(int(f.id)), Sort: o.by, Descending: o.descending, Hidden: o.hidden, Limit: limit}
}

// TestKeptListsAreFresh: what a service shows that keeps sorted folders, and asks
// a memory that is behind, is what one shows that does neither.
func TestKeptListsAreFresh(t *testing.T) {
	listProperty(t, func(f *folderAt) {
		f.lists.kept, f.Names = nil, nil
		for range rapid.IntRange(1, 3).Draw(f.rt, "looks") {
			if rapid.Bool().Draw(f.rt, "learn") {
				f.learn()
			}
			for range rapid.IntRange(0, 3).Draw(f.rt, "changes") {
				f.change()
			}
			in := f.in(someOrder(f.rt), rapid.SampledFrom([]int{1, 4, 9}).Draw(f.rt, "limit"))
			plain := New(f.c, f.world)
			for {
				got, err := f.list(f.t.Context(), in)
				if err != nil {
					f.rt.Fatal(err)
				}
				want, err := plain.list(f.t.Context(), in)
				if err != nil {
					f.rt.Fatal(err)
				}
				if !slices.Equal(namesOf(got.Items), namesOf(want.Items)) || got.Total != want.Total || got.Next != want.Next {
					f.rt.Fatalf("%+v: %q of %d then %q\n     want %q of %d then %q", in, namesOf(got.Items), got.Total, got.Next, namesOf(want.Items), want.Total, want.Next)
				}
				if in.Cursor = want.Next; in.Cursor == "" {
					break
				}
			}
		}
	})
}

// TestPagesOfAChangingFolder: who pages through a folder that changes meanwhile
// sees all that stays as it is, once.
func TestPagesOfAChangingFolder(t *testing.T) {
	listProperty(t, func(f *folderAt) {
		o := someOrder(f.rt)
		o.hidden = true
		stays := map[ident.EntryID]catalog.Entry{}
		for _, e := range f.held {
			stays[e.ID] = e
		}
		seen := map[string]int{}
		in := f.in(o, rapid.IntRange(1, 4).Draw(f.rt, "limit"))
		for pages := 0; ; pages++ {
			out, err := f.list(f.t.Context(), in)
			if err != nil || pages > 200 {
				f.rt.Fatal(pages, err)
			}
			for _, v := range out.Items {
				seen[v.ID]++
			}
			if in.Cursor = out.Next; in.Cursor == "" {
				break
			}
			for range rapid.IntRange(0, 2).Draw(f.rt, "changes") {
				f.change()
			}
			if rapid.Bool().Draw(f.rt, "another window") {
				if _, err := f.list(f.t.Context(), f.in(o, 1000)); err != nil {
					f.rt.Fatal(err)
				}
			}
			for id, e := range stays {
				now := slices.IndexFunc(f.held, func(h catalog.Entry) bool { return h.ID == id })
				// A folder's size is that of what is below it, which changes too.
				if now < 0 || f.held[now].Name != e.Name || f.held[now].Modified != e.Modified || o.by == BySize && e.Kind == vfs.Folder {
					delete(stays, id)
				}
			}
		}
		for id, e := range stays {
			if n := seen[strconv.Itoa(int(id))]; n != 1 {
				f.rt.Fatalf("%+v: %q was shown %d times", o, e.Name, n)
			}
		}
	})
}

// TestListIndexed: pages, hidden entries, orders and cursors of an indexed folder.
func TestListIndexed(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	var files []string
	for i := range 30 {
		files = append(files, fmt.Sprintf("photos/img %d.jpg", i))
	}
	w.files(d, append(files, "photos/.hidden", "photos/Sub/x", "other/y")...)
	l := w.index(d, "photos")

	byPath, err := w.ls(ListIn{Path: "/mnt/disk/photos"})
	if err != nil || byPath.Live || byPath.Total != 31 || len(byPath.Items) != 31 || byPath.Next != "" {
		t.Fatalf("by path: %d of %d, live %v, %v", len(byPath.Items), byPath.Total, byPath.Live, err)
	}
	if first := byPath.Items[0]; first.Name != "Sub" || first.ID == "" || first.Files != 1 || first.Parent != strconv.Itoa(int(l.Entry)) || first.Path != "sd://local/mnt/disk/photos/Sub" {
		t.Errorf("the folder comes first: %+v", first)
	}
	if got := byPath.Items[1:4]; !slices.Equal(namesOf(got), []string{"img 0.jpg", "img 1.jpg", "img 2.jpg"}) {
		t.Errorf("in natural order: %q", namesOf(got))
	}
	id := strconv.Itoa(int(l.Entry))
	hidden, err := w.ls(ListIn{ID: id, Hidden: true, Descending: true, Sort: ByName})
	if err != nil || hidden.Total != 32 || hidden.Items[31].Name != ".hidden" || !hidden.Items[31].Hidden || hidden.Items[0].Name != "Sub" {
		t.Errorf("by id, hidden: %q, %v", namesOf(hidden.Items), err)
	}
	if hidden.Folder.ID != id || hidden.Folder.Name != "photos" || byPath.Folder.Path != hidden.Folder.Path {
		t.Errorf("the folder itself: %+v", hidden.Folder)
	}

	page, err := w.ls(ListIn{ID: id, Limit: 10})
	if err != nil || len(page.Items) != 10 || page.Next == "" || page.Total != 31 {
		t.Fatalf("a page: %d, next %q, %v", len(page.Items), page.Next, err)
	}
	if _, err := w.ls(ListIn{ID: id, Limit: 10, Cursor: page.Next, Sort: BySize}); !errs.Is(err, errs.Invalid) || errs.RemedyOf(err) == "" {
		t.Errorf("its cursor in another order: %v", err)
	}
	for _, bad := range []string{"x", "e30", "....", "5.10", page.Next[1:]} {
		if _, err := w.ls(ListIn{ID: id, Cursor: bad}); !errs.Is(err, errs.Invalid) {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
	for _, bad := range []any{
		ListIn{}, ListIn{ID: id, Path: "/mnt/disk/photos"}, ListIn{ID: "x"}, ListIn{ID: "-1"}, ListIn{ID: id, Limit: -1}, ListIn{ID: id, Limit: 10001},
		ListIn{ID: id, Sort: "colour"}, ListIn{Path: "photos"}, ListIn{Path: "sd://"}, ListIn{Path: "/mnt/disk/photos/img 0.jpg"}, map[string]any{"folder": id},
	} {
		if _, err := call[ListOut](w, "entry.list", bad); !errs.Is(err, errs.Invalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, err := w.ls(ListIn{ID: "999999"}); !errs.Is(err, errs.NotFound) {
		t.Errorf("an id that is not: %v", err)
	}
	if _, err := w.ls(ListIn{Path: "/mnt/disk/photos/no"}); !errs.Is(err, errs.NotFound) {
		t.Errorf("a path that is not: %v", err)
	}
}

// TestFewListsAreKept: looking at many folders does not keep them all.
func TestFewListsAreKept(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.files(d, "top/a", "top/b")
	w.index(d, "top")
	for _, by := range (Sort("")).Enum() {
		for _, o := range []order{{hidden: true}, {descending: true}, {hidden: true, descending: true}, {}} {
			if out, err := w.ls(ListIn{Path: "/mnt/disk/top", Sort: Sort(by), Hidden: o.hidden, Descending: o.descending}); err != nil || out.Total != 2 {
				t.Fatal(out.Total, err)
			}
		}
	}
	if n := len(w.lists.kept); n != keptLists {
		t.Errorf("%d lists are kept", n)
	}
	if last := w.lists.kept[keptLists-1].order; last != (order{by: ByKind}) {
		t.Errorf("the newest is %+v", last)
	}
}

// TestListGone: a folder that is known to be gone cannot be listed, by id; by
// path there is nothing.
func TestListGone(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.files(d, "top/gone/x")
	w.index(d, "top")
	out, err := w.ls(ListIn{Path: "/mnt/disk/top"})
	if err != nil {
		t.Fatal(err)
	}
	var id ident.EntryID
	if err := id.UnmarshalText([]byte(out.Items[0].ID)); err != nil {
		t.Fatal(err)
	}
	w.apply(&catalog.Batch{Absent: []ident.EntryID{id}})
	for _, p := range []string{"top/gone/x", "top/gone"} {
		if err := d.Remove(p); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.ls(ListIn{ID: out.Items[0].ID}); !errs.Is(err, errs.NotFound) {
		t.Errorf("by id: %v", err)
	}
	if _, err := w.ls(ListIn{Path: "/mnt/disk/top/gone"}); !errs.Is(err, errs.NotFound) {
		t.Errorf("by path: %v", err)
	}
	if info, err := w.show(Which{ID: out.Items[0].ID}); err != nil || info.State != "absent" || info.Name != "gone" {
		t.Errorf("what it was: %+v, %v", info.View, err)
	}
}

// TestListLarge pages through 10,000 entries, first from the database, then from
// names that know them.
func TestListLarge(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.files(d, "big/")
	l := w.index(d, "big")
	n := 10_000
	if raceEnabled {
		n = 2_000
	}
	first := w.c.ReserveEntryIDs(n)
	b := &catalog.Batch{}
	for i := range n {
		b.Create = append(b.Create, catalog.Entry{
			ID: first + ident.EntryID(i), Volume: d.vol.ID, Parent: l.Entry, Kind: vfs.File, State: catalog.Present, Name: fmt.Sprintf("file %d", (i*7919)%n),
		})
	}
	w.apply(b)
	for _, asks := range []bool{false, true} {
		w.lists.kept, w.Names = nil, nil
		var m *memory
		if asks {
			m = w.learn()
		}
		in, next := ListIn{ID: strconv.Itoa(int(l.Entry)), Limit: n / 3}, 0
		for {
			out, err := w.list(t.Context(), in)
			if err != nil || out.Total != n {
				t.Fatal(out.Total, err)
			}
			for _, v := range out.Items {
				if want := fmt.Sprint("file ", next); v.Name != want {
					t.Fatalf("%q where %q should be", v.Name, want)
				}
				next++
			}
			if in.Cursor = out.Next; in.Cursor == "" {
				break
			}
		}
		if next != n || asks && m.asked == 0 {
			t.Errorf("%d entries shown, names asked: %v", next, asks)
		}
	}
}
