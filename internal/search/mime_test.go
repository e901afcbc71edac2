package search

import (
	"slices"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// TestMIME: files are found by the media type that their extension promises.
func TestMIME(t *testing.T) {
	all := []string{"a.png", "b.JPG", "c.txt", "d.md", "e.mp4", "f", "image", "png.", "g.nosuchtype"}
	table := newTable(4)
	for i, name := range append(all, "folder.png") {
		kind := vfs.File
		if i == len(all) {
			kind = vfs.Folder
		}
		table.take1(&catalog.Brief{ID: ident.EntryID(i + 2), Parent: 1, Name: name, Kind: kind, State: catalog.Present})
	}
	for query, want := range map[string][]string{
		"mime:image/*": {"a.png", "b.JPG"}, "mime:image": {"a.png", "b.JPG"}, "mime:IMAGE/jpeg": {"b.JPG"}, "mime:text/plain": {"c.txt"},
		"mime:text,video/mp4": {"c.txt", "d.md", "e.mp4"}, "mime:imag": nil, "mime:image/pn": nil, "mime:image/* -mime:image/png": {"b.JPG"},
	} {
		got := find(t, table, all, query)
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s finds %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{"mime:/", "mime:/png", "mime:image/", "mime:*/*", "mime:image/p*", "mime:image,"} {
		if _, hints, _ := parse(query, noonAround, 0, false); len(hints) != 1 {
			t.Errorf("%s: %v, want a hint", query, hints)
		}
	}
}
