package organize

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// TestUndoOfOneChange: a change is taken back by its id, whatever was changed after it, and
// what was changed again since stays.
func TestUndoOfOneChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	a, b := w.file(w.vol.Root, "a", 10, 6), w.file(w.vol.Root, "b", 10, 7)
	w.hash(&a, 'A')
	w.hash(&b, 'B')
	first := w.tag("beach", a, b)
	later := must(w, w.rateSet, RateIn{Stars: 3, Selection: sel(a)})
	must(w, w.tagDrop, DropIn{Tag: "beach", Selection: sel(b)})
	must(w, w.tagApply, ApplyIn{Tag: "beach", Selection: sel(b)})
	must(w, w.rateSet, RateIn{Stars: 5, Selection: sel(a)})
	if _, err := w.undo(t.Context(), UndoIn{ID: later.Undo}); !errs.Is(err, errs.Conflict) || errs.RemedyOf(err) == "" {
		t.Errorf("a rating that was changed again: %v", err)
	}
	must(w, w.tagDrop, DropIn{Tag: "beach", Selection: sel(b)})
	dropped := must(w, w.tagApply, ApplyIn{Tag: "beach", Selection: sel(b)})
	must(w, w.undo, UndoIn{ID: dropped.Undo})
	out := must(w, w.undo, UndoIn{ID: first.Undo})
	if got := w.has(a) + "|" + w.has(b); got != "5|" || out.Kept != 1 || out.ID != first.Undo {
		t.Errorf("%s, %+v", got, out)
	}
	must(w, w.undo, UndoIn{ID: out.Undo})
	if got := w.has(a) + "|" + w.has(b); got != "beach 5|" {
		t.Errorf("taken back, and that too: %s", got)
	}
	for _, id := range []string{"x", "-1", "0"} {
		_, err := w.undo(t.Context(), UndoIn{ID: id})
		wantKind(t, err, errs.Invalid)
	}
}

// TestUndoAfterTheFileWasRead: what was added to a file that was not read yet went to its
// content, and is taken back there; what the content had already stays.
func TestUndoAfterTheFileWasRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	old, a, b := w.file(w.vol.Root, "old", 10, 5), w.file(w.vol.Root, "a", 10, 6), w.file(w.vol.Root, "b", 10, 7)
	w.hash(&old, 'B')
	w.tag("beach", old)
	first := w.tag("beach", a, b)
	note := must(w, w.noteSet, SetNoteIn{One: one(a), Text: "mine"})
	w.hash(&a, 'A')
	w.hash(&b, 'B')
	w.eventually("they turned", func() bool { return w.finds("tag", "beach") == "c1 c2" })
	must(w, w.undo, UndoIn{ID: note.Undo})
	if out := must(w, w.undo, UndoIn{ID: first.Undo}); out.Kept != 1 {
		t.Errorf("%+v", out)
	}
	if got := w.has(a) + "|" + w.has(b) + "|" + w.has(old); got != "|beach|beach" {
		t.Error(got)
	}
}

// TestEveryChangeTellsWhatUndoesIt: so that the toast of one takes back that one.
func TestEveryChangeTellsWhatUndoesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", withGround)
	at := 0
	for what, do := range map[string]func() string{
		"tag":        func() string { return must(w, w.tagCreate, CreateTagIn{Name: "x", Aliases: []string{"y"}}).Undo },
		"collection": func() string { return must(w, w.collectionCreate, CreateCollectionIn{Name: "x"}).Undo },
		"field":      func() string { return must(w, w.fieldCreate, CreateFieldIn{Name: "x"}).Undo },
		"space":      func() string { return must(w, w.spaceCreate, CreateSpaceIn{Name: "x"}).Undo },
		"group":      func() string { return must(w, w.groupAdd, AddGroupIn{Space: "home", Name: "x", At: &at}).Undo },
		"item":       func() string { return must(w, w.itemAdd, AddItemIn{Space: "home", Kind: VolumeItem, Ref: "disk"}).Undo },
		"rule": func() string {
			return must(w, w.ruleCreate, CreateRuleIn{Name: "x", Query: "x", Tag: "new", Create: true}).Undo
		},
	} {
		before := w.dump()
		id := do()
		if out := must(w, w.undo, UndoIn{ID: id}); out.ID != id || w.dump() != before {
			t.Errorf("%s: %+v\n%s\nwant\n%s", what, out, w.dump(), before)
		}
	}
}

// TestNotesOfTwoDevices: two texts of one note are told as such, and one note.set makes
// one of them; a line of one's own between two parts is none.
func TestNotesOfTwoDevices(t *testing.T) {
	t.Parallel()
	device := func(name string, later time.Duration) func(*Options) {
		return func(o *Options) {
			withGround(o)
			o.Device, o.Now = "device-"+"x", func() time.Time { return noon.Add(later) }
			if name == "b" {
				o.Device = "device-y"
			}
		}
	}
	a, b := newWorld(t, "", device("a", 0)), newWorld(t, "", device("b", time.Hour))
	ea, eb := a.file(a.vol.Root, "f", 10, 6), b.file(b.vol.Root, "g", 10, 7)
	a.hash(&ea, 'A')
	b.hash(&eb, 'A')
	own := "above" + noteBreak + "below"
	must(a, a.noteSet, SetNoteIn{One: one(ea), Text: own})
	if n := must(a, a.noteShow, one(ea)); n.Text != own || n.Texts != nil {
		t.Errorf("%+v", n)
	}
	must(b, b.noteSet, SetNoteIn{One: one(eb), Text: "yours"})
	a.hears(b)
	b.hears(a)
	for w, e := range map[*world]One{a: one(ea), b: one(eb)} {
		n := must(w, w.noteShow, e)
		if len(n.Texts) != 2 || n.Texts[0].Text != own || n.Texts[1].Text != "yours" || n.Texts[0].Own == n.Texts[1].Own || n.Texts[1].Device != "device-y" || n.Text != own+noteBreak+"yours" {
			t.Errorf("%+v", n)
		}
		if about := must(w, w.of, e); len(about.Notes) != 2 {
			t.Errorf("%+v", about)
		}
		if list := must(w, w.noteList, ListNotesIn{}); len(list.Items) != 1 || len(list.Items[0].Texts) != 2 {
			t.Errorf("%+v", list)
		}
	}
	must(b, b.noteSet, SetNoteIn{One: one(eb), Text: own})
	a.hears(b)
	if n := must(a, a.noteShow, one(ea)); n.Text != own || n.Texts != nil {
		t.Errorf("%+v", n)
	}
}

// TestWhatIsWrittenIsRead: what is given to all copies takes the place of what one place
// had by itself.
func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	a, b := w.file(w.vol.Root, "a", 10, 6), w.file(w.vol.Root, "b", 10, 7)
	w.hash(&a, 'A')
	w.hash(&b, 'A')
	must(w, w.noteSet, SetNoteIn{One: one(a), Text: "here", Here: true})
	must(w, w.rateSet, RateIn{Stars: 5, Here: true, Selection: sel(a)})
	must(w, w.noteSet, SetNoteIn{One: one(b), Text: "all"})
	if got := w.has(a) + "|" + w.has(b); !strings.Contains(got, "here") || !strings.Contains(got, "all") {
		t.Error(got)
	}
	must(w, w.noteSet, SetNoteIn{One: one(a), Text: "one"})
	must(w, w.rateSet, RateIn{Stars: 2, Selection: sel(a)})
	if got := w.has(a) + "|" + w.has(b); got != `2 "one"|2 "one"` {
		t.Error(got)
	}
}

// TestSavedSearchesInSpaces: an item goes with its search when that is renamed, and is
// broken when it is gone, though another has its name then.
func TestSavedSearchesInSpaces(t *testing.T) {
	t.Parallel()
	saved := []Saved{{"1.a", "films", "kind:video"}, {"2.b", "songs", "kind:audio"}}
	w := newWorld(t, "", withGround, func(o *Options) {
		o.Saved = func(context.Context) ([]Saved, error) { return saved, nil }
	})
	must(w, w.spaceCreate, CreateSpaceIn{Name: "Mine"})
	must(w, w.itemAdd, AddItemIn{Space: "mine", Kind: SavedItem, Ref: "films"})
	_, err := w.itemAdd(t.Context(), AddItemIn{Space: "mine", Kind: SavedItem, Ref: "none"})
	wantKind(t, err, errs.NotFound)
	saved[0].Name = "videos"
	if got := must(w, w.spaceShow, ShowSpaceIn{"mine"}); got.lines() != "Pinned(videos)" || got.Groups[0].Items[0].Query != "kind:video" || got.Groups[0].Items[0].Ref != "videos" {
		t.Errorf("%+v", got)
	}
	saved = []Saved{{"3.c", "videos", "kind:image"}}
	if got := must(w, w.spaceShow, ShowSpaceIn{"mine"}).lines(); got != "Pinned(films!)" {
		t.Error(got)
	}
}
