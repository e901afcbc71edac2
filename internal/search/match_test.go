package search

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// TestFoundByName: names of all sorts (promise P6) are found by what people type.
func TestFoundByName(t *testing.T) {
	long := strings.Repeat("x", 255)
	all := []string{
		"report.final.pdf", "report-final.pdf", "it's here.txt", "Album (2024)", "100%.csv", "snake_case.go", "*.star", `say "hi".md`, `back\slash`,
		"🙂 smile.png", "שלום עולם.txt", "line\nbreak", "caf\xe9.txt", "Straße", "résumé.doc", "re\u0301sume\u0301.odt", long, " lead and trail ", "\u3000wide", "中文文件.txt", "a", "\u202egnp.exe", "\xfe\xfe",
	}
	table := fill(all...)
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"report.final", []string{"report.final.pdf"}},
		{"report-final", []string{"report-final.pdf"}},
		{"FINAL report", []string{"report.final.pdf", "report-final.pdf"}},
		{"it's", []string{"it's here.txt"}},
		{"(2024)", []string{"Album (2024)"}},
		{"%", []string{"100%.csv"}},
		{"snake_c", []string{"snake_case.go"}},
		{"_", []string{"snake_case.go"}},
		{`"*"`, []string{"*.star"}},
		{"[*]*", []string{"*.star"}},
		{`"hi"`, []string{`say "hi".md`}},
		{`\`, []string{`back\slash`}},
		{"🙂", []string{"🙂 smile.png"}},
		{"עולם", []string{"שלום עולם.txt"}},
		{"line break", []string{"line\nbreak"}},
		{"line\nbreak", []string{"line\nbreak"}},
		{"caf\ufffd", []string{"caf\xe9.txt"}},
		{"caf\xe9", []string{"caf\xe9.txt"}},
		{"\ufffd", []string{"\xfe\xfe", "caf\xe9.txt"}},
		{"STRASSE", []string{"Straße"}},
		{"resume", []string{"résumé.doc", "re\u0301sume\u0301.odt"}},
		{"résumé", []string{"résumé.doc", "re\u0301sume\u0301.odt"}},
		{long, []string{long}},
		{long + "x", nil},
		{strings.Repeat("x", 100_000), nil},
		{"trail lead", []string{" lead and trail "}},
		{"wide", []string{"\u3000wide"}},
		{"文件", []string{"中文文件.txt"}},
		{"gnp", []string{"\u202egnp.exe"}},
		{"no such name", nil},
		{"", nil},
		{" \t\n\u00a0\u3000", nil},
		{"\x00", nil},
	} {
		if got := find(t, table, all, c.query); !slices.Equal(got, c.want) {
			t.Errorf("%.40q finds %.300q, want %.300q", c.query, got, c.want)
		}
	}
}

func TestRanking(t *testing.T) {
	all := []string{"xinbox", "the inbox", "inbox of mine", "inbox.mbox", "inbox", "inbox.tar.gz", "mail_inbox", "2inbox", "Inbox "}
	want := []string{"inbox", "inbox.mbox", "Inbox ", "inbox.tar.gz", "inbox of mine", "the inbox", "mail_inbox", "xinbox", "2inbox"}
	if got := find(t, fill(all...), all, "inbox"); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestWorth: among hits that fit alike, new and short ones come first, high in
// the tree and what people make; and no worth is a step of match.
func TestWorth(t *testing.T) {
	q := ask("x", 0)
	at := func(age time.Duration) int64 { return q.now - int64(age) }
	for _, c := range []struct {
		why           string
		better, worse float64
	}{
		{"newer", q.worth(10, at(time.Hour), 0), q.worth(10, at(48*time.Hour), 0)},
		{"shorter", q.worth(10, at(0), 0), q.worth(11, at(0), 0)},
		{"much newer, longer", q.worth(30, at(0), 0), q.worth(10, at(3000*24*time.Hour), 0)},
		{"before 1970", q.worth(10, -1, 0), q.worth(10, math.MinInt64/4, 0)},
		{"any", q.worth(255, math.MinInt64, 0), -0.001},
		{"step of match", 1, q.worth(0, math.MaxInt64, 1) + shallow(0)},
		{"higher in the tree", shallow(1), shallow(2)},
		{"folders", kindWorth(vfs.Folder, filekind.Other, false), kindWorth(vfs.File, filekind.Image, false)},
		{"photos", kindWorth(vfs.File, filekind.Image, false), kindWorth(vfs.File, filekind.Code, false)},
		{"code", kindWorth(vfs.File, filekind.Code, false), kindWorth(vfs.File, filekind.Other, false)},
		{"what is not hidden", kindWorth(vfs.File, filekind.Other, false), kindWorth(vfs.Folder, filekind.Other, true)},
	} {
		if !(c.better > c.worse) {
			t.Errorf("%s: %v is not more than %v", c.why, c.better, c.worse)
		}
	}
	if a, b := q.worth(10, at(-time.Hour), 0), q.worth(10, at(0), 0); a != b {
		t.Errorf("a time in the future is worth %v, now %v", a, b)
	}
}

// TestBestOfMany: the best hits are the same ones, whatever the limit.
func TestBestOfMany(t *testing.T) {
	table, model := newTable(128), map[ident.EntryID]catalog.Brief{}
	r := rand.New(rand.NewPCG(5, 6))
	for id := ident.EntryID(2); id < 3000; id++ {
		e := madeUp(r, id)
		model[id] = e
		table.take1(&e)
	}
	for _, text := range []string{"e", "an", "photo", "1", ".go", "over", "summer r", "2024"} {
		q := ask(text, 0)
		want := lookAtAll(model, q)
		for _, limit := range []int{1, 2, 10, 100, 5000} {
			got, total, err := table.hits(q, limit)
			if best := want[:min(limit, len(want))]; err != nil || total != len(want) || !slices.Equal(got, best) {
				t.Fatalf("%q, best %d of %d (%v):\n got %v\nwant %v", text, limit, total, err, got, best)
			}
		}
	}
}

// TestOrderHoldsFromPageToPage: a page asked for a minute later goes on where the
// one before ended.
func TestOrderHoldsFromPageToPage(t *testing.T) {
	table := newTable(64)
	for i := range 500 {
		table.take1(&catalog.Brief{
			ID: ident.EntryID(i + 2), Parent: 1, Name: strings.Repeat("ab", 1+i%7), State: catalog.Present,
			Modified: noon.Add(-time.Duration(i*i) * time.Second).UnixNano(),
		})
	}
	now := noon
	var paged []shown
	typed := func(now time.Time) *query {
		a := noonAround
		a.now = now
		q, _, _ := parse("b", a, 0, false)
		return q
	}
	for offset := 0; ; offset += 7 {
		hits, total, err := table.hits(typed(now), offset+7)
		if err != nil || total != 500 {
			t.Fatal(total, err)
		}
		if offset >= len(hits) {
			break
		}
		paged = append(paged, hits[offset:]...)
		now = now.Add(20 * time.Second)
	}
	all, _, err := table.hits(typed(noon), 1000)
	if err != nil || !slices.Equal(paged, all) {
		t.Errorf("%d hits in pages are not the %d hits at once (%v)", len(paged), len(all), err)
	}
}

// TestBelow: only what is below the folder is found, also where the folders
// between are known alone, and also where they stand in a circle for a moment.
func TestBelow(t *testing.T) {
	table := newTable(2)
	for _, e := range []catalog.Brief{
		{ID: 1, Parent: 0, Name: "volume", State: catalog.Known},
		{ID: 2, Parent: 1, Name: "home", State: catalog.Known},
		{ID: 3, Parent: 2, Name: "x photos", State: catalog.Present}, // a location
		{ID: 4, Parent: 3, Name: "x beach", State: catalog.Present},
		{ID: 5, Parent: 4, Name: "x.jpg", State: catalog.Present},
		{ID: 6, Parent: 1, Name: "x other", State: catalog.Present},
		{ID: 7, Parent: 8, Name: "x circle a", State: catalog.Present},
		{ID: 8, Parent: 7, Name: "x circle b", State: catalog.Present},
		{ID: 9, Parent: 99, Name: "x of a folder not heard of yet", State: catalog.Present},
		{ID: 10, Parent: 0, Name: "x root of a location that is a volume", State: catalog.Present},
		{ID: 11, Parent: 10, Name: "x in it", State: catalog.Present},
	} {
		table.take1(&e)
	}
	for in, want := range map[ident.EntryID][]ident.EntryID{
		0: {3, 4, 5, 6, 7, 8, 9, 11}, 1: {3, 4, 5, 6}, 2: {3, 4, 5}, 3: {4, 5}, 4: {5}, 5: nil, 7: {7, 8}, 10: {11}, 99: {9}, 1000: nil,
	} {
		hits, total, err := table.hits(ask("x", in), 100)
		var got []ident.EntryID
		for _, h := range hits {
			got = append(got, h.id)
		}
		slices.Sort(got)
		if err != nil || total != len(got) || !slices.Equal(got, want) {
			t.Errorf("in %d: found %v, want %v (%v)", in, got, want, err)
		}
	}
	table.take1(&catalog.Brief{ID: 2, Parent: 1, Name: "home", State: catalog.Absent})
	if _, total, _ := table.hits(ask("x", 1), 0); total != 1 {
		t.Errorf("below a folder that is gone, %d hits", total-1)
	}
}

func TestSearchStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := fill("a", "b", "c").search(ctx, ask("a", 0), 10, func(found) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("a search that nobody waits for: %v", err)
	}
}

// TestPlanes: no name that holds a word is missing in the word's bitmaps, and
// those of a single letter tell it all.
func TestPlanes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := newGrowing(64)
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return collate.Fold(names(t, "name")) }), 1, 64).Draw(t, "names")
		for i, n := range all {
			g.add(&row{id: ident.EntryID(i + 1), listed: true, folded: n, raw: n})
		}
		text := rapid.OneOf(rapid.SampledFrom([]string{"a", "b", "1", "z", "é", "中"}), rapid.Custom(func(t *rapid.T) string { return collate.Fold(names(t, "text")) })).Draw(t, "text")
		planes, exact := planesOf([]byte(text))
		rows := slices.Clone(g.plane(listedPlane))
		g.narrow(planes, rows)
		for i, n := range all {
			holds := strings.Contains(n, text)
			if holds && !rows.has(i) || exact && !holds && rows.has(i) {
				t.Fatalf("%q holds %q: %v, its bit: %v (exact: %v)", n, text, holds, rows.has(i), exact)
			}
		}
	})
}
