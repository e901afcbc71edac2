package organize

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// lines is a space in one line: groups with their items.
func (s Space) lines() string {
	var all []string
	for _, g := range s.Groups {
		var items []string
		for _, i := range g.Items {
			name := i.Name
			if i.State != "ok" {
				name += "!"
			}
			items = append(items, name)
		}
		all = append(all, g.Name+"("+strings.Join(items, " ")+")")
	}
	return strings.Join(all, " ")
}

// TestSpaces: the default space is there unasked, is stored when it is changed, and
// comes back as it was made; groups and items stand in the order that they are given,
// and what is gone is shown as such.
func TestSpaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", withGround)
	dir := w.file(w.vol.Root, "work", 0, 6)
	w.tag("paper", dir)
	must(w, w.collectionCreate, CreateCollectionIn{Name: "best"})
	show := func(space, want string) Space {
		t.Helper()
		v := must(w, w.spaceShow, ShowSpaceIn{space})
		if got := v.lines(); got != want {
			t.Errorf("%s is %s\nwant %s", space, got, want)
		}
		return v
	}
	const made = "Locations() Saved searches() Tags(paper) Collections(best) Favourites() Volumes(Disk)"
	if v := show("", made); !v.Default || v.Stored || v.ID != "default" {
		t.Errorf("%+v", v)
	}
	add := func(space string, kind ItemKind, ref string, at int) {
		t.Helper()
		must(w, w.itemAdd, AddItemIn{Space: space, Kind: kind, Ref: ref, At: &at})
	}
	add("home", FolderItem, "work", 0)
	show("default", "Pinned(work) "+made)
	must(w, w.undo, UndoIn{})
	show("default", made)
	must(w, w.groupPlace, PlaceGroupIn{Group: "defaulttags", At: 0})
	show("default", "Tags(paper) Locations() Saved searches() Collections(best) Favourites() Volumes(Disk)")
	must(w, w.spaceCreate, CreateSpaceIn{Name: "Mine", Copy: "home", Look: Look{Icon: "x"}})
	must(w, w.spaceDelete, SpaceIn{"default"})
	show("default", made)
	for _, g := range must(w, w.spaceShow, ShowSpaceIn{"mine"}).Groups {
		must(w, w.groupRemove, GroupIn{g.ID})
	}
	add("mine", TagItem, "paper", 0)
	add("mine", CollectionItem, "best", 0)
	add("mine", VolumeItem, "disk", 2)
	add("mine", FolderItem, "work", 1)
	v := show("mine", "Pinned(best work paper Disk)")
	must(w, w.itemEdit, EditItemIn{Item: v.Groups[0].Items[1].ID, Label: "Work"})
	must(w, w.itemPlace, PlaceItemIn{Item: v.Groups[0].Items[1].ID, At: 9})
	must(w, w.groupAdd, AddGroupIn{Space: "mine", Name: "More"})
	more := must(w, w.spaceShow, ShowSpaceIn{"mine"}).Groups[1].ID
	must(w, w.itemPlace, PlaceItemIn{Item: v.Groups[0].Items[2].ID, Group: more})
	show("mine", "Pinned(best Disk Work) More(paper)")
	must(w, w.tagDelete, TagIn{"paper"})
	w.apply(&catalog.Batch{Absent: []ident.EntryID{dir.ID}})
	show("mine", "Pinned(best Disk Work!) More(paper!)")
	w.restart()
	must(w, w.itemRemove, ItemIn{v.Groups[0].Items[2].ID})
	show("mine", "Pinned(best Disk Work!) More()")
	must(w, w.spacePlace, PlaceSpaceIn{Space: "mine", At: 0})
	if l := must(w, w.spaceList, struct{}{}).Items; len(l) != 2 || l[0].Name != "Mine" || l[0].Icon != "x" {
		t.Errorf("%+v", l)
	}
}

func TestSpacesRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", withGround)
	_, err := w.spaceDelete(t.Context(), SpaceIn{"default"})
	wantKind(t, err, errs.Conflict)
	_, err = w.spaceCreate(t.Context(), CreateSpaceIn{Name: "HOME"})
	wantKind(t, err, errs.Conflict)
	_, err = w.spaceShow(t.Context(), ShowSpaceIn{"none"})
	wantKind(t, err, errs.NotFound)
	_, err = w.itemAdd(t.Context(), AddItemIn{Space: "home", Kind: TagItem, Ref: "none"})
	wantKind(t, err, errs.NotFound)
	_, err = w.itemAdd(t.Context(), AddItemIn{Space: "home", Kind: VolumeItem, Ref: "disk", Group: "defaulttags"})
	wantKind(t, err, errs.Invalid)
	_, err = w.groupEdit(t.Context(), EditGroupIn{Group: "none", Name: "x"})
	wantKind(t, err, errs.NotFound)
	must(w, w.itemAdd, AddItemIn{Space: "home", Kind: VolumeItem, Ref: "disk"})
	_, err = w.itemAdd(t.Context(), AddItemIn{Space: "home", Kind: VolumeItem, Ref: "disk"})
	wantKind(t, err, errs.Conflict)
}

// TestKeysOfOrder: between any two keys there is always another, however often.
func TestKeysOfOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var keys []string
		for range rapid.IntRange(1, 60).Draw(rt, "n") {
			at := rapid.IntRange(0, len(keys)).Draw(rt, "at")
			before, after := "", ""
			if at > 0 {
				before = keys[at-1]
			}
			if at < len(keys) {
				after = keys[at]
			}
			key := between(before, after)
			if key <= before || after != "" && key >= after || strings.HasSuffix(key, "0") {
				rt.Fatalf("%q stands between %q and %q", key, before, after)
			}
			keys = append(keys[:at], append([]string{key}, keys[at:]...)...)
		}
	})
	key := ""
	for range 1000 {
		key = between(key, "")
	}
	if len(key) > 20 {
		t.Error(len(key))
	}
	var same []*object
	for i := range 3 { // made at the same time
		same = append(same, &object{id: fmt.Sprint("i:", i), one: map[string]string{atField: "5"}})
	}
	if got := place(&object{id: "i:x", one: map[string]string{}}, same, 1); len(got) != 4 || got[1].Target != "i:x" || got[0].Value >= got[1].Value || got[2].Value <= got[1].Value {
		t.Error(got)
	}
}
