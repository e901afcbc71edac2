package search

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// TestCursors: page by page comes what one large page holds, in every order, also
// while entries come and go between the pages.
func TestCursors(t *testing.T) {
	s := newShelf(t)
	batch := &catalog.Batch{}
	for i := range 24 {
		e := s.entry(s.vol.Root, fmt.Sprintf("beach %d.%s", i%12, []string{"jpg", "txt", "pdf"}[i%3]), vfs.File)
		e.Name = fmt.Sprintf("%s%d", e.Name, i/12)
		e.Size, e.Modified = int64(i%7), e.Modified-int64(i%5)*1e15
		batch.Create = append(batch.Create, e)
	}
	for _, name := range []string{"meadow", "meadov", "meadows", "meodow"} {
		batch.Create = append(batch.Create, s.entry(s.vol.Root, name, vfs.File))
	}
	s.apply(batch)
	s.serve()
	s.finds("meadows", "meadows", "meadow")
	for query, limit := range map[string]int{"beach": 7, "meadow": 1} {
		for _, sort := range []Sort{"", ByName, BySize, ByModified, ByKind} {
			for _, descending := range []bool{false, true} {
				if descending && sort == "" {
					continue
				}
				in := map[string]any{"query": query, "sort": sort, "descending": descending}
				if sort == "" {
					delete(in, "sort")
				}
				whole, err := s.ask(in)
				if err != nil || whole.Next != "" || whole.Seq == 0 {
					t.Fatalf("%+v, next %q, seq %d (%v)", in, whole.Next, whole.Seq, err)
				}
				var got, want []string
				for _, h := range whole.Items {
					want = append(want, h.ID)
				}
				in["limit"] = limit
				for pages := 0; ; pages++ {
					page, err := s.ask(in)
					if err != nil || page.Total != whole.Total || page.Fuzzy != whole.Fuzzy || pages > 40 {
						t.Fatalf("%+v: %d of %d (%v)", in, page.Total, whole.Total, err)
					}
					for _, h := range page.Items {
						got = append(got, h.ID)
					}
					if page.Next == "" {
						break
					}
					in["cursor"] = page.Next
				}
				if !slices.Equal(got, want) {
					t.Errorf("%+v: pages hold %v, want %v", in, got, want)
				}
			}
		}
	}
	first, err := s.ask(map[string]any{"query": "beach", "sort": "name", "limit": 5})
	if err != nil {
		t.Fatal(err)
	}
	last := first.Items[4]
	for _, e := range batch.Create { // what the cursor marks goes, and something comes before it
		if fmt.Sprint(e.ID) == last.ID {
			e.Name = "beach"
			s.apply(&catalog.Batch{Move: []catalog.Entry{e}})
		}
	}
	s.finds("name:beach kind:file size:0..9 -ext:jpg0 -ext:jpg1 -ext:txt0 -ext:txt1 -ext:pdf0 -ext:pdf1", "beach")
	second, err := s.ask(map[string]any{"query": "beach", "sort": "name", "limit": 5, "cursor": first.Next})
	if err != nil || len(second.Items) != 5 {
		t.Fatal(second, err)
	}
	for _, h := range second.Items {
		if slices.ContainsFunc(first.Items, func(f Hit) bool { return f.ID == h.ID }) {
			t.Errorf("%s is on both pages", h.Name)
		}
	}
	for _, cursor := range []string{"nonsense", "!", first.Next} {
		if _, err := s.ask(map[string]any{"query": "other", "cursor": cursor}); !errs.Is(err, errs.Invalid) {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
}
