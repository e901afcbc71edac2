package organize

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

func (w *world) names(tags []Tag) string {
	var all []string
	for _, t := range tags {
		all = append(all, strings.Repeat(".", t.Depth)+t.Name)
	}
	return strings.Join(all, " ")
}

// TestTags: made, found by prefix and alias, below one another, moved, merged, split
// and deleted; and each of it undone, after which all is as it was.
func TestTags(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	a, b := w.file(w.vol.Root, "a.pdf", 10, 6), w.file(w.vol.Root, "b.pdf", 10, 7)
	w.hash(&a, 'A')
	w.hash(&b, 'B')
	must(w, w.tagCreate, CreateTagIn{Name: "Work", Aliases: []string{"job"}, Colour: "#3b82f6"})
	must(w, w.tagCreate, CreateTagIn{Name: "invoices", Parents: []string{"work"}})
	must(w, w.tagCreate, CreateTagIn{Name: "private things", Parents: []string{"work", "invoices"}})
	must(w, w.tagCreate, CreateTagIn{Name: "Phoenix", Namespace: "city"})
	must(w, w.tagCreate, CreateTagIn{Name: "Phoenix", Namespace: "bird"})
	w.tag("invoices", a)
	w.tag("work", b)
	if got := w.names(must(w, w.tagTree, TreeIn{}).Items); got != "Phoenix Phoenix Work .invoices ..private things .private things" {
		t.Error(got)
	}
	for prefix, want := range map[string]string{"jo": "Work", "W": "Work", "pho": "Phoenix Phoenix", "bird/p": "Phoenix", "x": ""} {
		if got := w.names(must(w, w.tagComplete, CompleteTagIn{Prefix: prefix}).Items); got != want {
			t.Errorf("%q goes on with %q", prefix, got)
		}
	}
	finds := func(want map[string]string) {
		t.Helper()
		for tag, found := range want {
			if got := w.finds("tag", tag); got != found {
				t.Errorf("tag:%s finds %q, want %q", tag, got, found)
			}
		}
	}
	finds(map[string]string{"job": "c1 c2", "invoices": "c1", "inv*": "c1", "none": "problem", "work,none": "problem", "bird/phoenix": ""})
	_, err := w.tagShow(t.Context(), TagIn{"phoenix"})
	wantKind(t, err, errs.Invalid)
	_, err = w.tagMove(t.Context(), MoveTagIn{Tag: "work", To: "private things"})
	wantKind(t, err, errs.Invalid)
	_, err = w.tagMove(t.Context(), MoveTagIn{Tag: "work", To: "work"})
	wantKind(t, err, errs.Invalid)

	undone := func(what string, do func()) {
		t.Helper()
		before := w.dump()
		do()
		after := w.dump()
		if before == after {
			t.Errorf("%s: nothing changed", what)
		}
		out := must(w, w.undo, UndoIn{})
		if got := w.dump(); got != before {
			t.Errorf("%s undone:\n%s\nwant\n%s", what, got, before)
		}
		must(w, w.undo, UndoIn{ID: out.Undo})
		if got := w.dump(); got != after {
			t.Errorf("%s done again:\n%s\nwant\n%s", what, got, after)
		}
	}
	undone("edit", func() {
		must(w, w.tagEdit, EditTagIn{Tag: "work", Name: "Office", Clear: []string{"colour"}, AddAliases: []string{"Work"}, AddSynonyms: []string{"city/phoenix"}})
	})
	finds(map[string]string{"office": "c1 c2", "work": "c1 c2", "city/phoenix": "c1 c2"})
	undone("move", func() { must(w, w.tagMove, MoveTagIn{Tag: "invoices"}) })
	finds(map[string]string{"office": "c2", "invoices": "c1"})
	undone("apply", func() { w.tag("urgent,new", a, b) })
	undone("split", func() { must(w, w.tagSplit, SplitIn{Tag: "urgent", To: "later", Selection: sel(b)}) })
	finds(map[string]string{"urgent": "c1", "later": "c2", "new": "c1 c2"})
	undone("merge", func() { must(w, w.tagMerge, MergeTagsIn{Into: "urgent", Tags: []string{"later", "new", "invoices"}}) })
	finds(map[string]string{"urgent": "c1 c2", "later": "c1 c2", "invoices": "c1 c2"})
	if got := w.names(must(w, w.tagTree, TreeIn{Tag: "urgent"}).Items); got != "urgent .private things" {
		t.Error(got)
	}
	undone("drop", func() { must(w, w.tagDrop, DropIn{Tag: "urgent", Selection: sel(a)}) })
	finds(map[string]string{"urgent": "c2"})
	undone("delete", func() { must(w, w.tagDelete, TagIn{"urgent"}) })
	finds(map[string]string{"urgent": "problem"})
	if got := w.has(b); got != "Office" {
		t.Error(got)
	}
	before := w.dump()
	w.restart()
	if got := w.dump(); got != before {
		t.Errorf("after a restart:\n%s\nwant\n%s", got, before)
	}
	if n := len(must(w, w.history, HistoryIn{}).Items); n < 20 {
		t.Errorf("%d changes in the history", n)
	}
	_, err = w.undo(t.Context(), UndoIn{ID: "77777"})
	wantKind(t, err, errs.NotFound)
}

// TestHostileNames: what cannot be a name is refused with a reason, and what can be is
// taken.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	e := w.file(w.vol.Root, "a", 10, 6)
	for _, bad := range []string{"", " ", "a/b", "a,b", `a"b`, "a\x00", "a\nb", "a\u202eb", "\xff", strings.Repeat("x", 201)} {
		_, err := w.tagCreate(t.Context(), CreateTagIn{Name: bad})
		wantKind(t, err, errs.Invalid)
		if _, err := w.tagCreate(t.Context(), CreateTagIn{Name: "ok", Aliases: []string{bad}}); !errs.Is(err, errs.Invalid) {
			t.Errorf("the alias %q: %v", bad, err)
		}
	}
	for _, good := range []string{"日本", "Größe", "👪", "' OR 1=1 --", "a:b", "-x", "*", strings.Repeat("x", 200)} {
		must(w, w.tagCreate, CreateTagIn{Name: good})
		must(w, w.tagShow, TagIn{good})
	}
	_, err := w.tagCreate(t.Context(), CreateTagIn{Name: "GRÖSSE"})
	wantKind(t, err, errs.Conflict)
	_, err = w.tagCreate(t.Context(), CreateTagIn{Name: "x", Parents: []string{"none"}})
	wantKind(t, err, errs.NotFound)
	_, err = w.tagCreate(t.Context(), CreateTagIn{Name: "x", Colour: "blue"})
	wantKind(t, err, errs.Invalid)
	many := make([]string, 100_000)
	for i := range many {
		many[i] = fmt.Sprint("alias ", i)
	}
	_, err = w.tagCreate(t.Context(), CreateTagIn{Name: "x", Aliases: many})
	wantKind(t, err, errs.Invalid)
	_, err = w.noteSet(t.Context(), SetNoteIn{One: one(e), Text: strings.Repeat("x", maxNote+1)})
	wantKind(t, err, errs.Invalid)
	_, err = w.noteSet(t.Context(), SetNoteIn{One: one(e), Text: "\xff"})
	wantKind(t, err, errs.Invalid)
	_, err = w.tagApply(t.Context(), ApplyIn{Tag: "none", Selection: sel(e)})
	wantKind(t, err, errs.NotFound)
	_, err = w.tagApply(t.Context(), ApplyIn{Tag: "none"})
	wantKind(t, err, errs.Invalid)
	_, err = w.tagApply(t.Context(), ApplyIn{Tag: "*", Selection: Selection{IDs: []string{"999"}}})
	wantKind(t, err, errs.NotFound)
	must(w, w.tagCreate, CreateTagIn{Name: "shelf", Type: Organisational})
	_, err = w.tagApply(t.Context(), ApplyIn{Tag: "shelf", Selection: sel(e)})
	wantKind(t, err, errs.Invalid)
	if got := w.has(e); got != "" {
		t.Error(got)
	}
}

// TestMarks: ratings, notes and favourites are set, found and taken away.
func TestMarks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	a, b := w.file(w.vol.Root, "a", 10, 6), w.file(w.vol.Root, "b", 10, 7)
	w.hash(&a, 'A')
	w.hash(&b, 'B')
	w.ids = append(w.ids, a.ID, b.ID)
	if d := must(w, w.rateSet, RateIn{Stars: 2, Selection: Selection{Query: "all"}}); d.Changed != 2 {
		t.Error(d)
	}
	must(w, w.rateSet, RateIn{Stars: 5, Selection: sel(a)})
	must(w, w.noteSet, SetNoteIn{One: one(b), Text: "Größe *zählt*"})
	must(w, w.noteSet, SetNoteIn{One: one(b), Text: "second", Append: true})
	if d := must(w, w.favouriteSet, FavouriteIn{Selection: sel(a, a)}); d.Changed != 1 || d.Same != 0 {
		t.Error(d)
	}
	for q, want := range map[string]string{"5": "c1", ">=2": "c1 c2", "<5": "c2", "2..4": "c2", ">5": "", "x": "problem", "3..": "problem", ">=2..4": "problem"} {
		if got := w.finds("rating", q); got != want {
			t.Errorf("rating:%s finds %q", q, got)
		}
	}
	for q, want := range map[string]string{"grosse": "c2", "second": "c2", "third": ""} {
		if got := w.finds("note", q); got != want {
			t.Errorf("note:%s finds %q", q, got)
		}
	}
	if got := w.finds("is", "favourite") + "|" + w.finds("is", "rated") + "|" + w.finds("is", "noted") + "|" + w.finds("is", "tagged"); got != "c1|c1 c2|c2|" {
		t.Error(got)
	}
	if got := w.has(b); got != `2 "Größe *zählt*\nsecond"` {
		t.Error(got)
	}
	must(w, w.rateSet, RateIn{Selection: sel(a)})
	must(w, w.favouriteSet, FavouriteIn{Off: true, Selection: sel(a)})
	must(w, w.noteSet, SetNoteIn{One: one(b)})
	if a, b := w.has(a), w.has(b); a != "" || b != "2" {
		t.Error(a, b)
	}
	if d := must(w, w.rateSet, RateIn{Selection: sel(a)}); d.Changed != 0 || d.Undo != "" {
		t.Error(d)
	}
}

// TestPrivate: what has a private tag, or one below it, is left out of searches that do
// not ask for it.
func TestPrivate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	a, dir := w.file(w.vol.Root, "a", 10, 6), w.file(w.vol.Root, "dir", 0, 7)
	w.hash(&a, 'A')
	if find, _ := w.Hidden(); find != nil {
		t.Error("something is hidden")
	}
	must(w, w.tagCreate, CreateTagIn{Name: "secret", Type: Private})
	must(w, w.tagCreate, CreateTagIn{Name: "diary", Parents: []string{"secret"}})
	w.tag("diary", a, dir)
	find, folders := w.Hidden()
	if find == nil || len(folders) != 1 || folders[0] != dir.ID {
		t.Fatal(folders)
	}
	if _, private, _ := w.Find("tag", "secret"); !private {
		t.Error("nobody asked for what is private")
	}
	if got := w.finds("is", "private"); got != fmt.Sprintf("%d c1", dir.ID) {
		t.Error(got)
	}
}

// TestSuggestions: tags of the files beside, and those that are called as a folder.
func TestSuggestions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	top := w.file(w.vol.Root, "Holidays", 0, 5)
	dir := w.file(top.ID, "2024", 0, 6)
	a, b, c := w.file(dir.ID, "a", 10, 7), w.file(dir.ID, "b", 10, 8), w.file(dir.ID, "c", 10, 9)
	w.tag("sea", a, b)
	w.tag("one", a)
	must(w, w.tagCreate, CreateTagIn{Name: "holidays"})
	var got []string
	for _, s := range must(w, w.tagSuggest, one(c)).Items {
		got = append(got, s.Tag.Name)
	}
	if strings.Join(got, " ") != "sea holidays" {
		t.Error(got)
	}
}
