package search

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/search/fulltext"
	"github.com/stardrive/stardrive/internal/vfs"
)

// library is a shelf with texts.
type library struct {
	*shelf
	contents int
}

func newTexts(t testing.TB) *library {
	t.Helper()
	s := newShelf(t)
	x, err := fulltext.New(fulltext.Options{
		Path: filepath.Join(s.dir, "text.db"), Folder: filepath.Join(s.dir, "texts"), Vectors: filepath.Join(s.dir, "meaning.vec"), Meaning: embed.Static(),
		Patience: time.Minute, FindTime: time.Minute, // the machine may be busy
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Texts = x
	s.Entry = func(_ context.Context, path string) (id ident.EntryID, err error) {
		err = s.Catalog.Read(context.Background(), func(r *catalog.Reader) error {
			e, err := r.Lookup(s.vol.Root, strings.TrimPrefix(path, "/mnt/disk/"))
			id = e.ID
			return err
		})
		return id, err
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = x.Serve(ctx) }()
	t.Cleanup(func() { stop(); <-ended; x.Close() })
	s.serve()
	return &library{shelf: s}
}

// write adds a file with a text, as a copy of a content or with one of its own.
func (l *library) file(parent ident.EntryID, name, text string, same ident.ContentID) catalog.Entry {
	l.t.Helper()
	e := l.entry(parent, name, vfs.File)
	if !strings.Contains(name, "empty") {
		e.Size = 10
	}
	l.apply(&catalog.Batch{Create: []catalog.Entry{e}})
	l.write(func(tx *catalog.Tx) (err error) {
		if same == 0 {
			l.contents++
			h := catalog.Hash{byte(l.contents), byte(l.contents >> 8), 1}
			if same, err = tx.PutContent(catalog.Content{Hash: h, Size: int64(l.contents), Kind: "document"}); err != nil {
				return err
			}
		}
		_, err = tx.Identify(e.ID, vfs.Entry{Name: e.Name, Kind: e.Kind, Size: e.Size, Modified: e.Modified}, same, noon.UnixNano())
		e.Content = same
		return err
	})
	if text != "" {
		of, err := l.contentOf(context.Background(), e.ID)
		if err == nil {
			err = l.Texts.Put(context.Background(), []fulltext.Document{{ID: of.ID, Hash: of.Hash, Body: text, Place: name}})
		}
		if err != nil {
			l.t.Fatal(err)
		}
	}
	return e
}

// settle waits until all that was written is found, by its meaning too.
func (l *library) settle() {
	l.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		st := l.stands.Load()
		if st.table == nil || !st.whole {
			continue
		}
		st.table.mu.RLock()
		seq := st.table.seq
		st.table.mu.RUnlock()
		if seq >= l.Catalog.Reached() && l.Texts.Meanings(context.Background()) == 0 {
			return
		}
	}
	l.t.Fatal("it does not settle")
}

func textNames(hits []TextHit) []string {
	names := []string{}
	for _, h := range hits {
		names = append(names, h.Name)
	}
	slices.Sort(names)
	return names
}

// reads asks a query, and checks what is found in texts.
func (l *library) reads(query string, want ...string) Hits {
	l.t.Helper()
	hits, err := l.ask(map[string]any{"query": query})
	if err != nil {
		l.t.Fatal(err)
	}
	if got := textNames(hits.Texts); !slices.Equal(got, append([]string{}, want...)) || hits.TextsTotal != len(want) || hits.Partial {
		l.t.Errorf("%q finds %q in texts, %d in all, partial %v; want %q", query, got, hits.TextsTotal, hits.Partial, want)
	}
	return hits
}

// TestGroups: names and texts are answered apart, each with what the query asks of
// it, and filters hold for both.
func TestGroups(t *testing.T) {
	l := newTexts(t)
	docs := l.add(l.vol.Root, "docs", vfs.Folder)
	old := l.add(l.vol.Root, "old", vfs.Folder)
	report := l.file(docs.ID, "report.pdf", "The harbour budget was approved in spring.", 0)
	l.file(old.ID, "report (copy).pdf", "", report.Content)
	l.file(docs.ID, "harbour.txt", "Nothing about money, a draft.", 0)
	l.file(docs.ID, "notes.md", "The budget of the harbour, a draft: budgets are large.", 0)
	l.file(old.ID, "sailing.txt", "Boats left the harbour at dawn.", 0)
	l.add(docs.ID, "harbour.jpg", vfs.File)
	l.settle()

	hits := l.reads("harbour", "notes.md", "report.pdf", "sailing.txt")
	if got := namesOf(hits); !slices.Equal(got, []string{"harbour.jpg", "harbour.txt"}) {
		t.Errorf("names: %q", got)
	}
	for _, h := range hits.Texts {
		if h.Name == "report.pdf" && (h.Copies != 2 || h.Content != report.Content || h.Snippets[0].Text != "The harbour budget was approved in spring." || !slices.Equal(h.Snippets[0].Marks, [][2]int{{4, 11}})) {
			t.Errorf("%+v", h)
		}
	}
	l.reads("harbour budget", "notes.md", "report.pdf")
	l.reads(`"harbour budget"`, "report.pdf")
	l.reads("harbour -draft", "report.pdf", "sailing.txt")
	l.reads("harbour -kind:document", "notes.md", "sailing.txt")
	l.reads("harbour ext:pdf", "report.pdf")
	l.reads("harbour name:sail", "sailing.txt")
	l.reads("approved OR dawn", "report.pdf", "sailing.txt")
	l.reads("(approved OR dawn) -ext:txt", "report.pdf")
	l.reads("approved OR dawn ext:txt", "report.pdf", "sailing.txt")
	l.reads("approved OR dawn ext:pdf", "report.pdf")
	l.reads("dawn OR kind:image", "sailing.txt")
	l.reads("budge", "notes.md", "report.pdf")
	l.reads("budge ")
	l.reads(`"budge"`)
	l.reads("name:harbour")
	l.reads("*.pdf approved", "report.pdf")
	l.reads("docs/ budget", "notes.md", "report.pdf")
	// Of two copies, the one that fits is shown.
	hits = l.reads("old/ budget", "report (copy).pdf")
	if hits.Texts[0].Copies != 2 {
		t.Errorf("%d copies", hits.Texts[0].Copies)
	}
	hits = l.reads("content:harbour", "notes.md", "report.pdf", "sailing.txt")
	if len(hits.Items) != 0 || hits.Total != 0 {
		t.Errorf("content: finds names: %+v", hits.Items)
	}
	// Beside an alternative that is no text, names are asked, too.
	hits, err := l.ask(map[string]any{"query": "content:harbour OR name:notes", "sort": "name"})
	if err != nil || len(hits.Items) == 0 {
		t.Errorf("%+v, %v", hits.Items, err)
	}
	if hits, err = l.ask(map[string]any{"query": "content:harbour OR content:draft"}); err != nil || len(hits.Items) > 0 {
		t.Errorf("content: finds names: %+v, %v", hits.Items, err)
	}
	// Asked for names, content: is a filter of them.
	hits, err = l.ask(map[string]any{"query": "content:harbour", "groups": []string{"names"}, "sort": "name"})
	if err != nil || !slices.Equal(namesOf(hits), []string{"notes.md", "report (copy).pdf", "report.pdf", "sailing.txt"}) || hits.Texts != nil {
		t.Errorf("%q (%v)", namesOf(hits), err)
	}
	var matched int
	if err := l.Match(t.Context(), "content:harbour -content:draft", func(ident.EntryID) bool { matched++; return true }); err != nil || matched != 3 {
		t.Errorf("%d match (%v)", matched, err)
	}
	if hits, err := l.ask(map[string]any{"query": "harbour", "sort": "size"}); err != nil || hits.Texts != nil || hits.Similar != nil {
		t.Errorf("in another order than relevance: %+v (%v)", hits.Texts, err)
	}
	if hits, err := l.ask(map[string]any{"query": "harbour", "limit": 1, "offset": 1}); err != nil || len(hits.Texts) != 1 || hits.TextsTotal != 3 {
		t.Errorf("the second page: %+v (%v)", hits.Texts, err)
	}
}

// TestTextsFollowFiles: what was renamed is found under its new name alone, and
// what went leaves no trace in texts.
func TestTextsFollowFiles(t *testing.T) {
	l := newTexts(t)
	one := l.file(l.vol.Root, "before.txt", "the one and only sentence", 0)
	copied := l.file(l.vol.Root, "copy.txt", "", one.Content)
	l.settle()
	one.Name = "after.txt"
	l.apply(&catalog.Batch{Move: []catalog.Entry{one}})
	l.apply(&catalog.Batch{Absent: []ident.EntryID{copied.ID}})
	l.settle()
	if hits := l.reads("sentence", "after.txt"); hits.Texts[0].Copies != 1 {
		t.Errorf("%d copies", hits.Texts[0].Copies)
	}
	l.reads("before")
	l.TextsDue = func(context.Context) bool { return true }
	if hits, err := l.ask(map[string]any{"query": "sentence"}); err != nil || len(hits.Texts) != 1 || !hits.Partial {
		t.Errorf("while texts are read: %+v (%v)", hits, err)
	}
	l.TextsDue = nil
	l.apply(&catalog.Batch{Absent: []ident.EntryID{one.ID}})
	l.settle()
	l.reads("sentence")
	if hits, err := l.ask(map[string]any{"query": "similar:\"one sentence\""}); err != nil || len(hits.Similar) != 0 {
		t.Errorf("what is gone is similar: %+v (%v)", hits.Similar, err)
	}
}

// TestTextsLikeAnOracle: queries with filters find in texts what a plain look at
// all files finds.
func TestTextsLikeAnOracle(t *testing.T) {
	l := newTexts(t)
	words := []string{"red", "green", "blue", "it's", "100%", "a_b", "🙂", "北京", "שלום"}
	folder := l.add(l.vol.Root, "folder", vfs.Folder)
	type doc struct {
		entry catalog.Entry
		words []string
	}
	var docs []doc
	for i := range 40 {
		d := doc{}
		for j, w := range words {
			if (i*7+j*i)%3 == 0 {
				d.words = append(d.words, w)
			}
		}
		parent := l.vol.Root
		if i%2 == 0 {
			parent = folder.ID
		}
		d.entry = l.file(parent, fmt.Sprintf("file%d.%s", i, []string{"txt", "pdf", "go"}[i%3]), strings.Join(d.words, " , ")+" ", 0)
		docs = append(docs, d)
	}
	l.settle()
	type wish struct {
		text string
		fits func(d doc) bool
		word bool
	}
	wishes := []wish{
		{"ext:pdf", func(d doc) bool { return strings.HasSuffix(d.entry.Name, ".pdf") }, false},
		{"-ext:go", func(d doc) bool { return !strings.HasSuffix(d.entry.Name, ".go") }, false},
		{"folder/", func(d doc) bool { return d.entry.Parent == folder.ID }, false},
		{"name:1", func(d doc) bool { return strings.Contains(d.entry.Name, "1") }, false},
	}
	for _, w := range words {
		if w == "🙂" { // it is no word
			continue
		}
		has := func(d doc) bool { return slices.Contains(d.words, w) }
		wishes = append(wishes, wish{w, has, true}, wish{`"` + w + `"`, has, true}, wish{"-" + w, func(d doc) bool { return !has(d) }, false}, wish{"content:" + w, has, true})
	}
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfN(rapid.SampledFrom(wishes), 1, 4).Draw(t, "wishes")
		or := rapid.Bool().Draw(t, "or")
		var texts []string
		for _, w := range some {
			texts = append(texts, w.text)
		}
		want := []string{}
		for _, d := range docs {
			fits, word := !or, false
			for _, w := range some {
				if or {
					fits = fits || w.word && w.fits(d)
				} else {
					fits, word = fits && w.fits(d), word || w.word
				}
			}
			if fits && (or || word) {
				want = append(want, d.entry.Name)
			}
		}
		slices.Sort(want)
		query := strings.Join(texts, map[bool]string{true: " OR ", false: " "}[or])
		hits, err := l.ask(map[string]any{"query": query + " ", "groups": []string{"texts"}})
		if err != nil || !slices.Equal(textNames(hits.Texts), want) || hits.Partial || hits.TextsTotal != len(want) {
			t.Fatalf("%q finds %q (%v, partial %v), want %q", query, textNames(hits.Texts), err, hits.Partial, want)
		}
	})
}

// TestSimilar: what is about the same is found without its words, filters hold,
// and nothing that words found is told twice.
func TestSimilar(t *testing.T) {
	l := newTexts(t)
	dog := l.file(l.vol.Root, "a.txt", "My dog is a puppy that likes to bark at cats.", 0)
	l.file(l.vol.Root, "b.txt", "Kittens and hounds are pets; animals at home.", 0)
	l.file(l.vol.Root, "c.txt", "The quarterly tax return of the company is due.", 0)
	l.file(l.vol.Root, "copy of a.txt", "", dog.Content)
	l.settle()
	hits, err := l.ask(map[string]any{"query": "dog"})
	if err != nil || !slices.Equal(textNames(hits.Texts), []string{"a.txt"}) || !slices.Equal(textNames(hits.Similar), []string{"b.txt"}) {
		t.Errorf("texts %q, similar %q (%v)", textNames(hits.Texts), textNames(hits.Similar), err)
	}
	for query, want := range map[string][]string{
		"similar:dog":             {"a.txt", "b.txt"},
		"similar:dog name:b":      {"b.txt"},
		"similar:/mnt/disk/a.txt": {"b.txt"},
		"similar:dog -kittens":    {"a.txt"},
		"similar:/mnt/disk/nope":  {},
	} {
		hits, err := l.ask(map[string]any{"query": query})
		if err != nil || !slices.Equal(textNames(hits.Similar), want) || len(hits.Items)+len(hits.Texts) != 0 {
			t.Errorf("%q: %q (%v)", query, textNames(hits.Similar), err)
		}
	}
	if hits, err := l.ask(map[string]any{"query": "IMG_2034 77"}); err != nil || len(hits.Similar) != 0 {
		t.Errorf("numbers mean %q (%v)", textNames(hits.Similar), err)
	}
	out, err := l.similar(t.Context(), SimilarIn{Path: "/mnt/disk/a.txt"})
	if err != nil || !slices.Equal(textNames(out.Items), []string{"b.txt"}) || len(out.Items[0].Snippets) != 1 {
		t.Errorf("%+v (%v)", out, err)
	}
	if out, err = l.similar(t.Context(), SimilarIn{ID: dog.ID, Query: "ext:pdf"}); err != nil || len(out.Items) != 0 {
		t.Errorf("%+v (%v)", out, err)
	}
	if _, err = l.similar(t.Context(), SimilarIn{}); !errs.Is(err, errs.Invalid) {
		t.Error(err)
	}
}

// TestWithoutTexts: while texts cannot be asked, names are found, and the answer
// says that it may not be all.
func TestWithoutTexts(t *testing.T) {
	s := newShelf(t)
	s.add(s.vol.Root, "harbour.jpg", vfs.File)
	s.serve()
	s.finds("harbour", "harbour.jpg")
	x, err := fulltext.New(fulltext.Options{Path: filepath.Join(s.dir, "text.db"), Folder: filepath.Join(s.dir, "texts")})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	s.Texts = x // which nobody serves
	hits, err := s.ask(map[string]any{"query": "harbour"})
	if err != nil || !slices.Equal(namesOf(hits), []string{"harbour.jpg"}) || !hits.Partial {
		t.Errorf("%+v (%v)", hits, err)
	}
	if hits, err = s.ask(map[string]any{"query": "content:harbour", "groups": []string{"names"}}); err != nil || !hits.Partial || len(hits.Items) != 0 {
		t.Errorf("%+v (%v)", hits, err)
	}
}

// TestTextPages: pages of texts follow each other, whatever comes and goes between
// them, and hold nothing twice.
func TestTextPages(t *testing.T) {
	l := newTexts(t)
	var files []catalog.Entry
	for i := range 12 {
		files = append(files, l.file(l.vol.Root, fmt.Sprintf("f%02d.txt", i), strings.Repeat("lantern ", i+1)+strings.Repeat("other ", 20), 0))
	}
	l.settle()
	page := func(cursor string) Hits {
		t.Helper()
		hits, err := l.ask(map[string]any{"query": "lantern", "limit": 5, "cursor": cursor})
		if err != nil {
			t.Fatal(err)
		}
		return hits
	}
	first := page("")
	seen := map[string]int{}
	note := func(h Hits) {
		for _, one := range h.Texts {
			seen[one.Name]++
		}
	}
	note(first)
	if len(first.Texts) != 5 || first.TextsNext == "" {
		t.Fatalf("%d and %q", len(first.Texts), first.TextsNext)
	}
	// One that is better than all comes, and the one goes where the page ended.
	l.file(l.vol.Root, "best.txt", strings.Repeat("lantern ", 40), 0)
	last := first.Texts[4]
	for _, f := range files {
		if f.Name == last.Name {
			l.apply(&catalog.Batch{Absent: []ident.EntryID{f.ID}})
		}
	}
	l.settle()
	rest := 0
	for next := first.TextsNext; next != ""; {
		h := page(next)
		if len(h.Items) > 0 || h.Similar != nil {
			t.Errorf("other groups again: %+v", h)
		}
		note(h)
		next = h.TextsNext
		if rest++; rest > 5 {
			t.Fatal("the pages do not end")
		}
	}
	for _, f := range files {
		if n := seen[f.Name]; n != 1 {
			t.Errorf("%s %d times", f.Name, n)
		}
	}
	if _, err := l.ask(map[string]any{"query": "other", "cursor": first.TextsNext}); !errs.Is(err, errs.Invalid) {
		t.Errorf("the cursor of another search: %v", err)
	}
}
