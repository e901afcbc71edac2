package search

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// userTags is what a user added, by field and value: entries and contents.
type userTags struct {
	entries, contents map[string][]int64
	hidden            []int64
	folders           []ident.EntryID
}

func (u *userTags) Find(field, value string) (find func(ctx context.Context, content, entry func(int64)) error, private bool, problem string) {
	key := field + ":" + value
	if field != "is" && u.entries[key] == nil && u.contents[key] == nil {
		return nil, false, "no such tag"
	}
	if field == "is" && value != "tagged" {
		return nil, false, ""
	}
	return func(_ context.Context, content, entry func(int64)) error {
		for _, n := range u.entries[key] {
			entry(n)
		}
		for _, n := range u.contents[key] {
			content(n)
		}
		return nil
	}, value == "secret", ""
}

func (u *userTags) Hidden() (find func(ctx context.Context, content, entry func(int64)) error, folders []ident.EntryID) {
	if u.hidden == nil {
		return nil, nil
	}
	return func(_ context.Context, _, entry func(int64)) error {
		for _, n := range u.hidden {
			entry(n)
		}
		return nil
	}, u.folders
}

// TestAdded: what users added to entries and to contents is found, alone and beside
// other filters, and what is private only by who asks for it.
func TestAdded(t *testing.T) {
	l := newTexts(t)
	dir := l.add(l.vol.Root, "dir", vfs.Folder)
	a := l.file(dir.ID, "a.jpg", "", 0)
	l.file(l.vol.Root, "copy of a.jpg", "", a.Content)
	b := l.file(l.vol.Root, "b.jpg", "", 0)
	l.file(l.vol.Root, "c.jpg", "", 0)
	u := &userTags{entries: map[string][]int64{"tag:one": {int64(b.ID)}, "is:tagged": {int64(b.ID)}, "tag:secret": {int64(b.ID)}}, contents: map[string][]int64{"tag:one": {int64(a.Content)}, "is:tagged": {int64(a.Content)}}}
	l.Added = u
	l.settle()
	finds := func(query string, want ...string) {
		t.Helper()
		hits, err := l.ask(map[string]any{"query": query})
		if err != nil || !slices.Equal(namesOf(hits), want) || len(hits.Hints) > 0 {
			t.Errorf("%q finds %q (%v, %+v)", query, namesOf(hits), err, hits.Hints)
		}
	}
	finds("tag:one", "a.jpg", "b.jpg", "copy of a.jpg")
	finds("tag:one copy", "copy of a.jpg")
	finds("kind:image -tag:one", "c.jpg")
	finds("is:untagged kind:file", "c.jpg")
	finds("is:tagged", "a.jpg", "b.jpg", "copy of a.jpg")
	if hits, err := l.ask(map[string]any{"query": "tag:two"}); err != nil || len(hits.Hints) != 1 {
		t.Errorf("%+v (%v)", hits, err)
	}
	u.hidden, u.folders = []int64{int64(b.ID), int64(dir.ID)}, []ident.EntryID{dir.ID}
	finds("jpg", "c.jpg", "copy of a.jpg")
	finds("tag:one", "copy of a.jpg")
	finds("tag:secret", "b.jpg")
	finds("jpg -tag:secret", "c.jpg", "copy of a.jpg")
	finds("dir")
}

func (u *userTags) Complete(field, folded string) []string {
	if field == "field" {
		return []string{"State"}
	}
	return []string{field + " " + folded}
}

func (u *userTags) EachTag(fn func(tag string, contents, entries iter.Seq[int64])) {
	for _, key := range []string{"tag:one", "tag:secret"} {
		fn(strings.TrimPrefix(key, "tag:"), slices.Values(u.contents[key]), slices.Values(u.entries[key]))
	}
}

// TestAskedOfAdded: custom fields are read, completed and told of; hits are counted by
// their tags; who follows a rule finds what is private, too.
func TestAskedOfAdded(t *testing.T) {
	l := newTexts(t)
	a := l.file(l.vol.Root, "a.jpg", "", 0)
	b := l.file(l.vol.Root, "b.jpg", "", 0)
	l.Added = &userTags{
		entries:  map[string][]int64{"field.state:>=3": {int64(b.ID)}, "tag:one": {int64(b.ID), int64(a.ID)}, "tag:secret": {int64(b.ID)}},
		contents: map[string][]int64{"tag:one": {int64(a.Content)}}, hidden: []int64{int64(b.ID)},
	}
	l.settle()
	count := func(match func(context.Context, string, func(ident.EntryID) bool) error, query string) (n int) {
		t.Helper()
		if err := match(t.Context(), query, func(ident.EntryID) bool { n++; return true }); err != nil {
			t.Errorf("%q: %v", query, err)
		}
		return n
	}
	if n, all := count(l.Match, "FIELD.State:>=3"), count(l.MatchAll, "field.state:>=3"); n != 0 || all != 1 {
		t.Error(n, all)
	}
	asked, err := l.Asks(t.Context(), "jpg (tag:one OR -tag:secret) field.state:>=3")
	if want := [][2]string{{"tag", "one"}, {"tag", "secret"}, {"field.state", ">=3"}}; err != nil || !slices.Equal(asked, want) {
		t.Error(asked, err)
	}
	if _, err := l.Asks(t.Context(), "tag:none"); !errs.Is(err, errs.Invalid) {
		t.Error(err)
	}
	hits, err := l.ask(map[string]any{"query": "kind:image tag:secret", "facets": []string{"tag"}})
	if err != nil || len(hits.Facets) != 1 || fmt.Sprint(hits.Facets[0].Values) != "[{one tag:one 1} {secret tag:secret 1}]" {
		t.Errorf("%+v (%v)", hits.Facets, err)
	}
	for query, want := range map[string]string{"x field.s": "field.State:", "tag:wo": `tag:"tag wo"`, "Field.State:dr": `field.state:"field.state dr"`} {
		got, err := l.complete(t.Context(), CompleteIn{Query: query})
		if err != nil || len(got.Items) == 0 || got.Items[0].Text != want {
			t.Errorf("%q goes on as %+v (%v), want %s", query, got.Items, err, want)
		}
	}
}
