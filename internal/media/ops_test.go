package media

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

func TestListTotalsAbout(t *testing.T) {
	w := start(t)
	w.rested()
	whole, err := w.list(t.Context(), ListIn{})
	must(t, err)
	var paged []View
	for in := (ListIn{Limit: 3}); ; {
		page, err := w.list(t.Context(), in)
		must(t, err)
		paged = append(paged, page.Items...)
		if in.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	if len(whole.Items) != 16 || len(paged) != len(whole.Items) {
		t.Fatalf("%d in pages, %d whole", len(paged), len(whole.Items))
	}
	for i := range paged {
		if paged[i] != whole.Items[i] {
			t.Errorf("%d is %+v in pages, and %+v whole", i, paged[i], whole.Items[i])
		}
	}
	text, _ := w.id("top/copy of beach.png").MarshalText()
	of, err := w.list(t.Context(), ListIn{ID: string(text)})
	must(t, err)
	if len(of.Items) != 3 || of.Items[2].Kind != Thumb256 || of.Items[2].Path != "sd://local/mnt/top/beach.png" {
		t.Errorf("of an entry: %+v", of)
	}
	for _, in := range []ListIn{{ID: "x"}, {Cursor: "x"}} {
		if _, err := w.list(t.Context(), in); !errs.Is(err, errs.Invalid) {
			t.Errorf("%+v: %v", in, err)
		}
	}
	totals, err := w.totals(t.Context(), struct{}{})
	must(t, err)
	sum := int64(0)
	for _, x := range totals.Items {
		sum += x.Count
	}
	if sum != 16 || totals.Bytes != 21 || totals.Budget != defaultBudget {
		t.Errorf("%+v", totals)
	}
	about, err := w.About(t.Context(), w.content("top/beach.png"))
	must(t, err)
	if about.Facts == nil || about.Facts.Title != "beach" || len(about.Sidecars) != 3 || !strings.HasSuffix(about.Sidecars[2].Tag, "-thumb256-1") {
		t.Errorf("%+v", about)
	}
}

func TestRebuild(t *testing.T) {
	w := start(t)
	w.rested()
	w.picture("top/beach.png", Thumb512)
	w.decoder.take()
	id, _ := w.id("top/beach.png").MarshalText()
	out, err := w.rebuild(t.Context(), RebuildIn{ID: string(id)})
	must(t, err)
	if asked := w.decoder.take(); asked != "beach.png[facts text thumb256 thumb512]" || out.Marked != 4 || len(out.Items) != 4 {
		t.Errorf("asked %s: %+v", asked, out)
	}
	if out, err = w.rebuild(t.Context(), RebuildIn{Kind: Thumb512}); err != nil || out.Marked != 1 {
		t.Errorf("%+v %v", out, err)
	}
	w.rested()
	w.picture("top/beach.png", Thumb512)
	if asked := w.decoder.take(); asked != "beach.png[thumb512]" {
		t.Errorf("asked %s", asked)
	}
	w.Entry = func(_ context.Context, path string) (ident.EntryID, error) { return w.id(path), nil }
	if out, err = w.rebuild(t.Context(), RebuildIn{Path: "top/letter.txt"}); err != nil || out.Marked != 2 || out.Items[0].Name != "letter.txt" {
		t.Errorf("%+v %v", out, err)
	}
	for _, in := range []RebuildIn{{}, {ID: string(id), Failed: true}, {ID: "x"}, {ID: "1", Path: "top"}} {
		if _, err := w.rebuild(t.Context(), in); !errs.Is(err, errs.Invalid) {
			t.Errorf("%+v: %v", in, err)
		}
	}
	id, _ = w.id("top/program.exe").MarshalText()
	if _, err := w.rebuild(t.Context(), RebuildIn{ID: string(id)}); !errs.Is(err, errs.Unsupported) {
		t.Error(err)
	}
}

func TestWanted(t *testing.T) {
	for _, x := range []struct{ kind, want string }{
		{"image", "facts text thumb256 thumb512 thumb1024"},
		{"video", "facts text thumb256 thumb512 thumb1024 strip"},
		{"code", "facts text"},
		{"link", "facts text"},
		{"font", "facts thumb256 thumb512 thumb1024"},
		{"key", ""},
		{"executable", ""},
		{"other", ""},
		{"nonsense", ""},
	} {
		var got []string
		for _, k := range wanted(x.kind) {
			got = append(got, string(k))
		}
		if strings.Join(got, " ") != x.want {
			t.Errorf("of %s: %v", x.kind, got)
		}
	}
	for k := range sorts {
		if !strings.Contains(strings.Join(Kind("").Enum(), " "), string(k)) {
			t.Errorf("%s is not listed", k)
		}
	}
}

func TestPictureNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := name{version: rapid.IntRange(0, 99).Draw(t, "version"), mime: rapid.SampledFrom([]string{"image/png", "image/jpeg"}).Draw(t, "mime"),
			kind: rapid.SampledFrom([]Kind{Thumb256, Thumb512, Thumb1024, Strip}).Draw(t, "kind")}
		copy(n.hash[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash"))
		file := n.file()
		if got, ok := parseName(file[6:]); !ok || got != n {
			t.Errorf("%+v became %s and %+v, %t", n, file, got, ok)
		}
	})
	for _, bad := range []string{"", "x", "00-thumb256.1.jpg", strings.Repeat("0", 64) + "-facts.1.jpg", strings.Repeat("0", 64) + "-thumb256.1.svg", strings.Repeat("0", 64) + "-thumb256.1.jpg.123.tmp"} {
		if n, ok := parseName(bad); ok {
			t.Errorf("%q is taken for %+v", bad, n)
		}
	}
}

func TestFactsOutlastTheTable(t *testing.T) {
	w := start(t)
	w.rested()
	nan := 0.0
	nan /= nan
	for _, f := range []*Facts{{Latitude: &nan}, {Caption: strings.Repeat("x", maxFacts)}} {
		if _, err := encodeFacts(f); !errs.Is(err, errs.Invalid) {
			t.Errorf("%v", err)
		}
	}
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		lat := -33.9
		f := &Facts{Latitude: &lat, Duration: 1.5, Author: "Ä. Öz", Pages: 3, Perceptual: "fedcba9876543210"}
		text, err := encodeFacts(f)
		if err != nil {
			return err
		}
		if err := putFacts(tx, 99, f, text); err != nil {
			return err
		}
		back, err := factsOf(&tx.Reader, 99)
		if err != nil || back == nil || *back.Latitude != lat || back.Duration != 1.5 || !back.Taken.IsZero() {
			t.Errorf("%+v %v", back, err)
		}
		var artist string
		var ms, taken, looks *int64
		err = tx.Store().QueryRow("SELECT artist, duration_ms, taken_ns, perceptual FROM facts WHERE content_id = 99").Scan(&artist, &ms, &taken, &looks)
		if artist != "a. oz" || ms == nil || *ms != 1500 || taken != nil || looks == nil || *looks != -0x123456789abcdf0 {
			t.Errorf("%s %v %v", artist, ms, taken)
		}
		return err
	}))
}

// TestQuarantineHasOneRowAFile, with its name and path, and what failed for one reason
// together.
func TestQuarantineHasOneRowAFile(t *testing.T) {
	w := start(t)
	w.rested()
	w.picture("top/bad.jpg", Thumb1024)
	var all []string
	for cursor := ""; ; {
		out, err := w.failed(t.Context(), FailedIn{Cursor: cursor, Limit: 1})
		must(t, err)
		for _, q := range out.Items {
			all = append(all, fmt.Sprintf("%s %s %v", q.OSPath, q.Name, q.Failed))
		}
		if cursor = out.Next; cursor == "" {
			break
		}
	}
	slices.Sort(all)
	const want = "/mnt/top/bad.jpg bad.jpg [{[facts text thumb256 thumb1024] there is no end to it}]\n" +
		"/mnt/top/bomb.pdf bomb.pdf [{[facts text thumb256] it brought the worker down}]\n" +
		"/mnt/top/strange.png strange.png [{[thumb256] the picture made of it is none}]"
	if got := strings.Join(all, "\n"); got != want {
		t.Errorf("%s", got)
	}
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		return tx.Apply(&catalog.Batch{Absent: []ident.EntryID{w.id("top/bomb.pdf")}})
	}))
	if out, err := w.failed(t.Context(), FailedIn{}); err != nil || len(out.Items) != 2 || out.Next != "" {
		t.Errorf("of a file that is gone: %+v, %v", out, err)
	}
	if _, err := w.failed(t.Context(), FailedIn{Cursor: "x"}); !errs.Is(err, errs.Invalid) {
		t.Error(err)
	}
}

// TestBlurs: of many files at once, those that have colours, copies too, and no others.
func TestBlurs(t *testing.T) {
	w := start(t)
	w.rested()
	photo, copied, text := w.id("top/beach.png"), w.id("top/copy of beach.png"), w.id("top/letter.txt")
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		_, err := tx.Store().Exec(`INSERT INTO facts (content_id, facts) VALUES (?, '{"blurhash":"LKO2"}') ON CONFLICT (content_id) DO UPDATE SET facts = excluded.facts`, int64(w.content("top/beach.png")))
		return err
	}))
	out, err := w.blurs(t.Context(), BlursIn{IDs: []ident.EntryID{photo, copied, text, 1 << 40}})
	must(t, err)
	slices.SortFunc(out.Items, func(a, b Blur) int { return int(a.ID - b.ID) })
	if want := []Blur{{min(photo, copied), "LKO2"}, {max(photo, copied), "LKO2"}}; !slices.Equal(out.Items, want) {
		t.Errorf("%+v, want %+v", out.Items, want)
	}
	if _, err := w.blurs(t.Context(), BlursIn{IDs: make([]ident.EntryID, maxBlurs+1)}); !errs.Is(err, errs.Invalid) {
		t.Errorf("too many: %v", err)
	}
}
