package content

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// told writes groups as text: size, number of files, wasted bytes, and the copies
// in order, names of one file joined by "=", references marked by "!".
func told(groups []DuplicateGroup) string {
	var out []string
	for _, g := range groups {
		names := map[int][]string{}
		var files []int
		for _, c := range g.Copies {
			name := strings.TrimPrefix(c.OSPath, "/mnt/top/")
			if c.Reference {
				name += "!"
			}
			if names[c.File] == nil {
				files = append(files, c.File)
			}
			names[c.File] = append(names[c.File], name)
		}
		var all []string
		for _, f := range files {
			slices.Sort(names[f])
			all = append(all, strings.Join(names[f], "="))
		}
		slices.Sort(all)
		out = append(out, fmt.Sprintf("%dx%d-%d: %s", g.Files, g.Size, g.Wasted, strings.Join(all, " ")))
	}
	return strings.Join(out, "; ")
}

func (w *world) duplicated(in DuplicatesIn) string {
	w.t.Helper()
	out, err := w.duplicates(w.t.Context(), in)
	must(w.t, err)
	return told(out.Items)
}

func TestDuplicates(t *testing.T) {
	w := newWorld(t)
	if got := w.duplicated(DuplicatesIn{}); got != "" {
		t.Errorf("before anything was read: %s", got)
	}
	must(t, w.d.MkdirAll("top/keep"))
	w.record("top/keep")
	w.write(map[string]string{"top/big1": strings.Repeat("x", 100), "top/keep/big2": strings.Repeat("x", 100), "top/keep/big3": strings.Repeat("x", 100), "top/other2": "othr", "top/empty2": ""})
	w.identify("top")
	const same = "4x4-12: a b shallow/deep/d shallow/s"
	w.Match = func(_ context.Context, query string, fn func(ident.EntryID) bool) error {
		fn(w.id("top/" + query))
		return nil
	}
	for _, c := range []struct {
		in   DuplicatesIn
		want string
	}{
		{DuplicatesIn{}, "3x100-200: big1 keep/big2 keep/big3; " + same + "; 2x4-4: link=other other2"},
		{DuplicatesIn{Cursor: "200-9"}, same + "; 2x4-4: link=other other2"},
		{DuplicatesIn{Reference: []string{"/mnt/top/keep"}, Limit: 2}, "3x100-100: big1 keep/big2! keep/big3!; " + same},
		{DuplicatesIn{MinSize: 5}, "3x100-200: big1 keep/big2 keep/big3"},
		{DuplicatesIn{Query: "link"}, "2x4-4: link=other other2"},
		{DuplicatesIn{Query: "shallow/deep/d", Reference: []string{"/mnt/top/shallow/deep"}}, "4x4-12: a b shallow/deep/d! shallow/s"},
	} {
		if got := w.duplicated(c.in); got != c.want {
			t.Errorf("%+v:\n%s\nnot\n%s", c.in, got, c.want)
		}
	}
	sum, err := w.duplicatesSummary(t.Context(), DuplicatesIn{})
	must(t, err)
	if sum != (DuplicatesSummary{Groups: 3, Files: 6, Wasted: 216, Identified: 12, AllFiles: 13}) {
		t.Errorf("%+v", sum)
	}
	// All that is in a reference folder alone is no duplicate to get rid of.
	if got := w.duplicated(DuplicatesIn{Reference: []string{"/mnt/top"}}); got != "" {
		t.Errorf("wholly in the reference: %s", got)
	}
	// Two names of one file are never two copies (B9), and of what changed nothing
	// is claimed until it was read again.
	must(t, w.d.Remove("top/other2"))
	must(t, w.d.Link("top/big1", "top/big4"))
	must(t, w.d.Chmod("top/a", 0o600))
	w.record("top/big1", "top/big4", "top/a")
	must(t, w.d.WriteFile("top/keep/big3", []byte(strings.Repeat("y", 100))))
	w.record("top/keep/big3")
	if got := w.duplicated(DuplicatesIn{MinSize: 5}); got != "" {
		t.Errorf("claimed of what changed: %s", got)
	}
	w.identify("top")
	if got := w.duplicated(DuplicatesIn{MinSize: 5}); got != "2x100-100: big1=big4 keep/big2" {
		t.Errorf("after it was read again: %s", got)
	}

	for _, in := range []DuplicatesIn{{Cursor: "1"}, {Cursor: "1-2-3"}, {Cursor: "x-y"}, {Cursor: "01-2"}, {Reference: []string{"/mnt/top/a"}}} {
		if _, err := w.duplicates(t.Context(), in); !errs.Is(err, errs.Invalid) {
			t.Errorf("%+v: %v", in, err)
		}
	}
	if _, err := w.duplicates(t.Context(), DuplicatesIn{Reference: []string{"/mnt/top/none"}}); !errs.Is(err, errs.NotFound) {
		t.Error(err)
	}
	w.Match = nil
	if _, err := w.duplicates(t.Context(), DuplicatesIn{Query: "x"}); !errs.Is(err, errs.Unsupported) {
		t.Error(err)
	}
}

// TestLargest: whatever comes in whatever order, page by page all of it comes out
// once, sorted.
func TestLargest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		bytes := rapid.SliceOfN(rapid.Int64Range(0, 9), 0, 400).Draw(rt, "bytes")
		limit := rapid.IntRange(1, 50).Draw(rt, "limit")
		var all, got []place
		for i, b := range bytes {
			all = append(all, place{b, ident.ContentID(i + 1)})
		}
		for after, more := (*place)(nil), true; more; {
			l := largest{limit: limit, after: after}
			for _, p := range all {
				if l.wants(p) {
					l.keep(p)
				}
			}
			var page []place
			page, more = l.list()
			got = append(got, page...)
			if more && len(page) != limit {
				rt.Fatalf("%d of %d, and there is more", len(page), limit)
			}
			if more {
				var err error
				if after, err = parsePlace(page[len(page)-1].String()); err != nil {
					rt.Fatal(err)
				}
			}
		}
		slices.SortFunc(all, place.compare)
		if !slices.Equal(got, all) {
			rt.Errorf("%v, not %v", got, all)
		}
	})
}
