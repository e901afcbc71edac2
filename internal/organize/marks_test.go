package organize

import (
	"fmt"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// TestMarksOfLists: a list is told what was added to its entries, by content and by place,
// once each and in its order; of the others it is told nothing.
func TestMarksOfLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	a, b, c := w.file(w.vol.Root, "a.pdf", 10, 6), w.file(w.vol.Root, "b.pdf", 10, 7), w.file(w.vol.Root, "c.pdf", 10, 8)
	w.hash(&a, 'A')
	w.hash(&b, 'A') // a copy
	must(w, w.tagCreate, CreateTagIn{Name: "work", Colour: "#3b82f6"})
	w.tag("work", a)
	of := func(id ident.EntryID) Selection { return Selection{IDs: []string{fmt.Sprint(id)}} }
	must(w, w.tagApply, ApplyIn{Tag: "work,urgent", Create: true, Here: true, Selection: of(a.ID)})
	must(w, w.rateSet, RateIn{Stars: 4, Selection: of(a.ID)})
	must(w, w.favouriteSet, FavouriteIn{Here: true, Selection: of(b.ID)})
	must(w, w.noteSet, SetNoteIn{One: One{ID: fmt.Sprint(b.ID)}, Text: "with Mia"})

	got := must(w, w.marks, MarksIn{IDs: []ident.EntryID{c.ID, b.ID, a.ID, 1 << 40}}).Items
	words := ""
	for _, m := range got {
		words += fmt.Sprint(m.ID == a.ID, m.Favourite, m.Rating, m.Noted)
		for _, chip := range m.Tags {
			words += " " + chip.Name + chip.Colour
		}
		words += "; "
	}
	if want := "false true 4 true work#3b82f6; true false 4 true urgent work#3b82f6; "; words != want {
		t.Errorf("%s\nwant %s", words, want)
	}
	_, err := w.marks(t.Context(), MarksIn{IDs: make([]ident.EntryID, maxMarks+1)})
	wantKind(t, err, errs.Invalid)
}
