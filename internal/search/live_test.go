package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// TestLive: a folder that is not indexed is searched on its disk, by the same
// language, and nothing else is found meanwhile.
func TestLive(t *testing.T) {
	s := newShelf(t)
	s.add(s.vol.Root, "beach indexed.jpg", vfs.File)
	fs := memfs.New(nil)
	half := "stick/" + vfs.PrivateName() // what is half written is not found
	for _, path := range []string{"stick", "stick/Photos", "stick/Photos/2024", "elsewhere", half} {
		if err := fs.Mkdir(path); err != nil {
			t.Fatal(err)
		}
	}
	for i, path := range []string{"stick/beach.jpg", "stick/Photos/Beach day.PNG", "stick/Photos/2024/beech.txt", "stick/Photos/2024/caf\xe9.mp3", "stick/.hidden beach", "elsewhere/beach.jpg", half + "/beach.jpg"} {
		if err := fs.WriteFile(path, []byte(strings.Repeat("x", i))); err != nil {
			t.Fatal(err)
		}
	}
	s.Folder = func(_ context.Context, path string) (ident.EntryID, error) {
		return 0, errs.New(errs.Unsupported, "this folder is not indexed").At(path)
	}
	s.Resolve = func(_ context.Context, path string, _ bool) (catalog.Place, error) {
		rel, ok := strings.CutPrefix(path, "/mnt/")
		if !ok {
			return catalog.Place{}, errs.New(errs.NotFound, "no such folder").At(path)
		}
		if rel == "gone" {
			return catalog.Place{}, nil
		}
		return catalog.Place{Path: rel, Driver: fs, Ground: catalog.Ground{ID: 9, Name: "Stick", Mount: "/mnt", Online: true}}, nil
	}
	s.serve()
	s.finds("indexed", "beach indexed.jpg")
	for _, c := range []struct {
		query, in string
		want      []string
	}{
		{"beach", "/mnt/stick", []string{".hidden beach", "Beach day.PNG", "beach.jpg", "beech.txt"}}, // the last but for a slip
		{"in:/mnt/stick beach -ext:txt", "", []string{".hidden beach", "Beach day.PNG", "beach.jpg"}},
		{"beach kind:image in:/mnt/stick", "", []string{"Beach day.PNG", "beach.jpg"}},
		{"beach -is:hidden -ext:png -ext:txt in:/mnt/stick", "", []string{"beach.jpg"}},
		{"beach in:/mnt/stick/Photos", "", []string{"Beach day.PNG", "beech.txt"}},
		{"photos/2024 kind:file", "/mnt/stick", []string{"beech.txt", "caf\ufffd.mp3"}},
		{"photos/2024/ kind:file", "/mnt/stick/Photos/2024", []string{"beech.txt", "caf\ufffd.mp3"}},
		{"size:>3 kind:file", "/mnt/stick", []string{".hidden beach"}},
		{"kind:folder", "/mnt/stick", []string{"2024", "Photos"}},
		{"stick", "/mnt/stick", []string{}},
		{"is:offline OR volume:disk", "/mnt/stick", []string{}},
	} {
		in := map[string]any{"query": c.query}
		if c.in != "" {
			in["in"] = c.in
		}
		hits, err := s.ask(in)
		if err != nil || !slices.Equal(namesOf(hits), c.want) || !hits.Live || hits.Partial || hits.Total != len(c.want) {
			t.Errorf("%q in %q finds %q, live %v, partial %v (%v), want %q", c.query, c.in, namesOf(hits), hits.Live, hits.Partial, err, c.want)
		}
	}
	hits, err := s.ask(map[string]any{"query": "beach day", "in": "/mnt/stick", "facets": []string{"kind"}})
	if err != nil || hits.Items[0].Path != "sd://local/mnt/stick/Photos/Beach day.PNG" || hits.Items[0].ID != "" || hits.Items[0].Size != 1 || len(hits.Facets[0].Values) != 1 {
		t.Errorf("%+v (%v)", hits, err)
	}
	if _, err := s.ask(map[string]any{"query": "x", "in": "/mnt/gone"}); !errs.Is(err, errs.Unavailable) {
		t.Errorf("a volume that is not there: %v", err)
	}
	for query, want := range map[string]string{
		"x in:/mnt/stick/nowhere": "nothing below", "x in:/mnt/gone": "offline", "beach content:sea in:/mnt/stick": "index it", "is:duplicate in:/mnt/stick": "index it",
		"in:/mnt/stick -taken:2024 beach.jpg": "index it",
	} {
		hits, err := s.ask(map[string]any{"query": query})
		if err != nil || len(hits.Hints) != 1 || !strings.Contains(hits.Hints[0].Text, want) || hits.Total > 1 {
			t.Errorf("%q: %d found, hints %+v (%v), want %q", query, hits.Total, hits.Hints, err, want)
		}
	}
	if _, err := s.ask(map[string]any{"query": "x", "in": "/mnt/stick/nowhere"}); !errs.Is(err, errs.NotFound) {
		t.Errorf("a folder that is not there: %v", err)
	}
	// Beside others, such a folder cannot be searched, and all of the library is not meant.
	for _, query := range []string{"in:/mnt/stick OR beach", "-in:/mnt/stick beach"} {
		if hits, err := s.ask(map[string]any{"query": query}); err != nil || hits.Live || len(hits.Hints) != 1 {
			t.Errorf("%q: live %v, hints %+v (%v)", query, hits.Live, hits.Hints, err)
		}
	}
	if err := s.Match(t.Context(), "in:/mnt/stick", func(ident.EntryID) bool { return true }); !errs.Is(err, errs.Invalid) {
		t.Errorf("match: %v", err)
	}
}

// TestLiveIsBounded: of a folder with very much in it, a part is searched.
func TestLiveIsBounded(t *testing.T) {
	d := &disk{whole: true, at: catalog.Place{Driver: endless{}}}
	d.seen = make([]seen, maxLive-3)
	if err := d.list(t.Context(), -1); err != nil || len(d.seen) != maxLive || d.whole {
		t.Errorf("%d entries, whole %v (%v)", len(d.seen), d.whole, err)
	}
}

// endless is a volume whose root has no end.
type endless struct{ vfs.Driver }

func (endless) List(_ context.Context, _ string, emit func([]vfs.Entry) error) error {
	for i := 0; ; i++ {
		if err := emit([]vfs.Entry{{Name: fmt.Sprint(i), Kind: vfs.File}}); err != nil {
			return err
		}
	}
}
