package search

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// TestSetIsASet: a set holds what was added, and no more.
func TestSetIsASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Int64Range(0, 200), rapid.Int64Range(setPage-2, 3*setPage))
		var s set
		model := map[int64]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				n := number.Draw(t, "n")
				s.add(n)
				model[n] = true
			},
			"or": func(t *rapid.T) {
				var o set
				for _, n := range rapid.SliceOfN(number, 0, 20).Draw(t, "others") {
					o.add(n)
					model[n] = true
				}
				s.or(&o)
			},
			"": func(t *rapid.T) {
				var got, want []int64
				s.each(func(n int64) bool { got = append(got, n); return true })
				for n := range model {
					want = append(want, n)
				}
				slices.Sort(want)
				if !slices.Equal(got, want) || s.count != len(want) {
					t.Fatalf("it holds %d, want %d", got, want)
				}
				if n := number.Draw(t, "asked for"); s.has(n) != model[n] {
					t.Fatalf("%d: %v", n, s.has(n))
				}
			},
		})
	})
	var s set
	for _, n := range []int64{-1, -1 << 63, maxSet, 1<<63 - 1} {
		if s.add(n); s.has(n) || s.count != 0 {
			t.Errorf("%d is in it", n)
		}
	}
}

// TestMatch: all that fits is told, in the order of ids, until enough is enough.
func TestMatch(t *testing.T) {
	s := newShelf(t)
	s.perSeg = 16
	folder := s.add(s.vol.Root, "Photos", vfs.Folder)
	var want []ident.EntryID
	batch := &catalog.Batch{}
	for i := range 50 {
		e := s.entry(folder.ID, "beach"+string(rune('a'+i%26))+string(rune('a'+i/26))+".jpg", vfs.File)
		if batch.Create = append(batch.Create, e); i != 7 {
			want = append(want, e.ID)
		}
	}
	s.apply(batch)
	s.serve()
	s.finds("photos", "Photos")
	var got []ident.EntryID
	tell := func(id ident.EntryID) bool { got = append(got, id); return len(got) < 50 }
	if err := s.Match(t.Context(), "beach kind:image -beachha", tell); err != nil || !slices.Equal(got, want) {
		t.Errorf("%d (%v), want %d", got, err, want)
	}
	got = got[:0]
	if err := s.Match(t.Context(), "beach", func(id ident.EntryID) bool { got = append(got, id); return len(got) < 3 }); err != nil || len(got) != 3 {
		t.Errorf("told of %d (%v) after it was enough", len(got), err)
	}
	got = got[:0]
	if err := s.Match(t.Context(), "", tell); err != nil || len(got) != 0 {
		t.Errorf("no query fits %d (%v)", len(got), err)
	}
	if err := s.Match(t.Context(), "size:none", tell); !errs.Is(err, errs.Invalid) || errs.RemedyOf(err) == "" {
		t.Errorf("what cannot be read: %v", err)
	}
}
