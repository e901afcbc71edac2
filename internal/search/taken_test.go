package search

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// album is a library with photos of three dates, a copy, one without a date, and a text.
func album(t *testing.T) *library {
	l := newTexts(t)
	folder := l.add(l.vol.Root, "photos", vfs.Folder)
	dates := map[string]time.Time{
		"b.jpg": time.Date(2024, 3, 5, 12, 0, 0, 0, time.UTC), "a.jpg": time.Date(2023, 12, 31, 23, 0, 0, 0, time.UTC), "old.jpg": time.Date(1931, 5, 1, 0, 0, 0, 0, time.UTC),
	}
	var first ident.ContentID
	for _, name := range []string{"a.jpg", "b.jpg", "old.jpg", "undated.jpg"} {
		e := l.file(folder.ID, name, "", 0)
		if at, ok := dates[name]; ok {
			l.write(func(tx *catalog.Tx) error {
				_, err := tx.Store().Exec("INSERT INTO facts (content_id, taken_ns, facts) VALUES (?, ?, '{}')", int64(e.Content), at.UnixNano())
				return err
			})
		}
		if name == "b.jpg" {
			first = e.Content
		}
	}
	l.file(l.vol.Root, "copy of b.jpg", "", first)
	l.file(l.vol.Root, "letter.txt", "dear council", 0)
	l.settle()
	return l
}

// inOrder asks page by page.
func inOrder(t *testing.T, l *library, in map[string]any, limit int) (got []string) {
	t.Helper()
	in["limit"] = limit
	for {
		hits, err := l.ask(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range hits.Items {
			got = append(got, h.Name)
		}
		if hits.Next == "" {
			return got
		}
		in["cursor"] = hits.Next
	}
}

// TestSortTaken: photos by when they were taken; what has no date comes last, either
// way round, and pages follow each other.
func TestSortTaken(t *testing.T) {
	l := album(t)
	for _, c := range []struct {
		descending bool
		want       []string
	}{
		{false, []string{"old.jpg", "a.jpg", "b.jpg", "copy of b.jpg", "undated.jpg"}},
		{true, []string{"copy of b.jpg", "b.jpg", "a.jpg", "old.jpg", "undated.jpg"}},
	} {
		for _, limit := range []int{2, 50} {
			if got := inOrder(t, l, map[string]any{"query": "kind:image", "sort": "taken", "descending": c.descending}, limit); !slices.Equal(got, c.want) {
				t.Errorf("descending %v by %d: %q, want %q", c.descending, limit, got, c.want)
			}
		}
	}
}

// TestTakenOfMany: many contents are asked for in one walk, few in pages; both tell the same.
func TestTakenOfMany(t *testing.T) {
	l := album(t)
	l.few = 30
	for _, more := range []int{20, 40} {
		l.write(func(tx *catalog.Tx) error {
			for i := range more {
				if _, err := tx.Store().Exec("INSERT OR REPLACE INTO facts (content_id, taken_ns, facts) VALUES (?, ?, '{}')", 1_000_000+i, i); err != nil {
					return err
				}
			}
			return nil
		})
		var batch catalog.Batch
		for i := range more {
			e := l.entry(l.vol.Root, fmt.Sprintf("made up %d %d.png", more, i), vfs.File)
			e.Content = ident.ContentID(1_000_000 + i)
			batch.Create = append(batch.Create, e)
		}
		l.write(func(tx *catalog.Tx) error {
			for i := range more {
				if _, err := tx.Store().Exec("INSERT OR IGNORE INTO content (id, hash, size, kind) VALUES (?, ?, 1, 'image')", 1_000_000+i, fmt.Appendf(nil, "%032d", i)); err != nil {
					return err
				}
			}
			return tx.Apply(&batch)
		})
		l.settle()
		got := inOrder(t, l, map[string]any{"query": fmt.Sprintf("made up %d", more), "sort": "taken", "descending": true}, 1000)
		if len(got) != more || got[0] != fmt.Sprintf("made up %d %d.png", more, more-1) || got[more-1] != fmt.Sprintf("made up %d 0.png", more) {
			t.Fatalf("%d of %d, from %q to %q", len(got), more, got[0], got[len(got)-1])
		}
	}
}

// TestSums: every file counts once in each sum, and each value's query finds just its files.
func TestSums(t *testing.T) {
	l := album(t)
	ask := func(in SumsIn) (out Sums) {
		b, _ := json.Marshal(in)
		answer, err := l.Ops()[1].Call(context.Background(), b)
		if err == nil {
			err = json.Unmarshal(answer, &out)
		}
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	all := ask(SumsIn{By: []SumField{SumKind, SumYear, SumTaken, SumVolume}})
	if all.Files != 6 || len(all.Sums) != 4 || all.Partial {
		t.Fatalf("%+v", all)
	}
	for _, sum := range all.Sums {
		var files, size int64
		for _, v := range sum.Values {
			files, size = files+v.Files, size+v.Bytes
			hits, err := l.ask(map[string]any{"query": "kind:file " + v.Query})
			if err != nil || int64(hits.Total) != v.Files {
				t.Errorf("%s %q: %d files, and %q finds %d (%v)", sum.By, v.Value, v.Files, v.Query, hits.Total, err)
			}
		}
		if files != all.Files || size != all.Bytes {
			t.Errorf("%s: %d files of %d, %d bytes of %d", sum.By, files, all.Files, size, all.Bytes)
		}
	}
	var months []string
	for _, v := range ask(SumsIn{Query: "kind:image", By: []SumField{SumTaken}}).Sums[0].Values {
		months = append(months, fmt.Sprintf("%s: %d", v.Value, v.Files))
	}
	if want := []string{"2024-03: 2", "2023-12: 1", "1931-05: 1", ": 1"}; !slices.Equal(months, want) {
		t.Errorf("months %q, want %q", months, want)
	}
	if none := ask(SumsIn{Query: "kind:video", By: []SumField{SumKind}}); none.Files != 0 || len(none.Sums[0].Values) != 0 {
		t.Errorf("of no film: %+v", none)
	}
}
