package organize

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Suggestion is a tag that may fit.
type Suggestion struct {
	Tag    Tag    `json:"tag" jsonschema:"the tag"`
	Reason string `json:"reason" jsonschema:"why it may fit"`
}

// Suggestions are tags that may fit.
type Suggestions struct {
	Items []Suggestion `json:"items" jsonschema:"the likeliest first"`
}

// tagSuggest looks at which tags files have that are about the same, and others in the
// same folder, and at what the folders above are called.
func (s *Service) tagSuggest(ctx context.Context, in One) (out Suggestions, err error) {
	out.Items = []Suggestion{}
	t, err := s.one(ctx, in)
	if err != nil {
		return out, err
	}
	beside, err := s.beside(ctx, &t)
	if err != nil {
		return out, err
	}
	alike := s.alike(ctx, &t)
	has := map[string]bool{}
	s.model.look(func(tr *tree) {
		for _, f := range s.model.of(t.ID, t.Content) {
			for _, tag := range f.tags {
				has[tag] = true
			}
		}
		suggest := func(id, reason string) {
			if o := s.model.objects[id]; o.there() && !has[id] && typeOf(o) != Organisational {
				has[id] = true
				out.Items = append(out.Items, Suggestion{s.model.show(tr, o), reason})
			}
		}
		tags, counts := often(alike)
		for _, tag := range tags {
			suggest(tag, fmt.Sprintf("%d of the files that are about the same have it", counts[tag]))
		}
		tags, counts = often(beside)
		for _, tag := range tags {
			suggest(tag, fmt.Sprintf("%d of the files beside it have it", counts[tag]))
		}
		dir, _ := vfs.Split(t.path)
		parts := strings.Split(dir, "/")
		slices.Reverse(parts)
		for _, part := range parts {
			for _, id := range tr.byName[collate.Fold(part)] {
				suggest(id, fmt.Sprintf("it stands in a folder %q", strings.ToValidUTF8(part, "\uFFFD")))
			}
		}
	})
	return out, nil
}

// often are the tags that more than one of some files have, or the only one there is,
// the most frequent first, and how many have them.
func often(files []*file) (tags []string, counts map[string]int) {
	counts = map[string]int{}
	for _, f := range files {
		for _, tag := range f.tags {
			counts[tag]++
		}
	}
	for tag, n := range counts {
		if n > 1 || len(files) == 1 {
			tags = append(tags, tag)
		}
	}
	slices.SortFunc(tags, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b)) })
	return tags, counts
}

// maxAlike is how many files that are about the same are looked at.
const maxAlike = 30

// alike returns what is known of files that are about the same; nothing where nobody
// can tell.
func (s *Service) alike(ctx context.Context, t *thing) (out []*file) {
	if s.Similar == nil || t.Content == 0 {
		return nil
	}
	ids, err := s.Similar(ctx, t.ID, maxAlike)
	if err != nil {
		return nil // a suggestion less
	}
	var es []catalog.Entry
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		es, err = r.EntriesByID(ids)
		return err
	})
	if err != nil {
		return nil
	}
	s.model.look(func(*tree) {
		for i := range es {
			out = append(out, s.model.of(es[i].ID, es[i].Content)...)
		}
	})
	return out
}

// maxBeside is how many files of the same folder are looked at.
const maxBeside = 2000

// beside returns what is known of the files in the same folder.
func (s *Service) beside(ctx context.Context, t *thing) (out []*file, err error) {
	type pair struct{ entry, content int64 }
	var some []pair
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		return each(r.Store(), "SELECT id, coalesce(content_id, 0) FROM entry WHERE parent_id = ? AND state = 1 AND id <> ? LIMIT ?",
			[]any{int64(t.Parent), int64(t.ID), maxBeside}, func(rows *sql.Rows) error {
				var p pair
				err := rows.Scan(&p.entry, &p.content)
				some = append(some, p)
				return err
			})
	})
	s.model.look(func(*tree) {
		for _, p := range some {
			out = append(out, s.model.of(ident.EntryID(p.entry), ident.ContentID(p.content))...)
		}
	})
	return out, err
}
