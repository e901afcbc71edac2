package organize

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

func withGround(o *Options) {
	o.Ground = func(v catalog.Volume) catalog.Ground {
		return catalog.Ground{ID: v.ID, Name: v.Name, Mount: "/mnt", Online: true}
	}
}

func (w *world) order(collection string) string {
	w.t.Helper()
	var all []string
	for _, v := range must(w, w.collectionShow, ShowCollectionIn{Collection: collection}).Items {
		all = append(all, v.Name)
	}
	return strings.Join(all, "")
}

// TestCollections: files stand in the order that the user gives them, over many moves
// and restarts, and go along with their contents.
func TestCollections(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", withGround)
	var es []catalog.Entry
	for i := range 5 {
		es = append(es, w.file(w.vol.Root, string(rune('a'+i)), int64(i+1), uint64(10+i))) //nolint:gosec // small
	}
	must(w, w.collectionCreate, CreateCollectionIn{Name: "Best of", Look: Look{Colour: "#ffffff"}})
	if d := must(w, w.collectionAdd, CollectIn{Collection: "best OF", Selection: sel(es...)}); d.Changed != 5 {
		t.Error(d)
	}
	if d := must(w, w.collectionAdd, CollectIn{Collection: "best of", Selection: sel(es[0])}); d.Changed != 0 || d.Same != 1 {
		t.Error(d)
	}
	place := func(at int, want string, e ...catalog.Entry) {
		t.Helper()
		must(w, w.collectionPlace, PlaceIn{Collection: "best of", At: at, Selection: sel(e...)})
		if got := w.order("best of"); got != want {
			t.Errorf("the order is %s, want %s", got, want)
		}
	}
	place(0, "eabcd", es[4])
	place(99, "ebcda", es[0])
	place(2, "ebdac", es[3], es[0])
	for i := range 60 { // between the same two, again and again
		a, b := es[3], es[0]
		want := "ebdac"
		if i%2 == 0 {
			a, b, want = b, a, "ebadc"
		}
		must(w, w.collectionPlace, PlaceIn{Collection: "best of", At: 2, Selection: sel(b)})
		place(2, want, a)
		if t.Failed() {
			break
		}
	}
	w.hash(&es[1], 'B')
	w.eventually("by its content", func() bool {
		return w.finds("collection", "best of") == fmt.Sprintf("%d %d %d %d c1", es[0].ID, es[2].ID, es[3].ID, es[4].ID)
	})
	w.apply(&catalog.Batch{Absent: []ident.EntryID{es[4].ID}})
	w.restart()
	if out := must(w, w.collectionShow, ShowCollectionIn{Collection: "best of"}); out.Away != 1 || out.Total != 5 || w.order("best of") != "bdac" {
		t.Error(out.Away, out.Total, w.order("best of"))
	}
	must(w, w.collectionRemove, CollectIn{Collection: "best of", Selection: sel(es[1])})
	must(w, w.undo, UndoIn{})
	before := w.dump()
	must(w, w.collectionDelete, CollectionIn{"best of"})
	if n := len(must(w, w.collectionList, struct{}{}).Items); n != 0 {
		t.Error(n)
	}
	must(w, w.undo, UndoIn{})
	if got := w.dump(); got != before {
		t.Errorf("%s\nwant\n%s", got, before)
	}
}

// TestSmartCollections: a search fills them, and nothing else.
func TestSmartCollections(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", withGround)
	a, b := w.file(w.vol.Root, "a", 1, 6), w.file(w.vol.Root, "b", 1, 7)
	w.ids = []ident.EntryID{a.ID, b.ID}
	must(w, w.collectionCreate, CreateCollectionIn{Name: "all", Query: "kind:file"})
	if out := must(w, w.collectionShow, ShowCollectionIn{Collection: "all", Limit: 1, Offset: 1}); out.Total != 2 || len(out.Items) != 1 || out.Items[0].Name != "b" {
		t.Errorf("%+v", out)
	}
	_, err := w.collectionAdd(t.Context(), CollectIn{Collection: "all", Selection: sel(a)})
	wantKind(t, err, errs.Invalid)
	_, err = w.collectionCreate(t.Context(), CreateCollectionIn{Name: "ALL"})
	wantKind(t, err, errs.Conflict)
	_, err = w.collectionCreate(t.Context(), CreateCollectionIn{Name: "a/b"})
	wantKind(t, err, errs.Invalid)
	_, err = w.collectionShow(t.Context(), ShowCollectionIn{Collection: "none"})
	wantKind(t, err, errs.NotFound)
	if got := w.finds("collection", "all") + w.finds("collection", "none"); got != "problemproblem" {
		t.Error(got)
	}
	must(w, w.collectionEdit, EditCollectionIn{Collection: "all", Name: "everything", Query: "x"})
	if c := must(w, w.collectionList, struct{}{}).Items[0]; c.Name != "everything" || c.Query != "x" {
		t.Errorf("%+v", c)
	}
}
