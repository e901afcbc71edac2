package organize

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/hlc"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// About is what was added to a file or folder.
type About struct {
	Tags      []Applied `json:"tags" jsonschema:"tags that it has itself, by name"`
	Favourite bool      `json:"favourite,omitempty" jsonschema:"it is a favourite"`
	Rating    int       `json:"rating,omitempty" jsonschema:"one to five stars"`
	Note      string    `json:"note,omitempty" jsonschema:"the note on it, as Markdown"`
	Fields    []Valued  `json:"fields,omitempty" jsonschema:"values of custom fields, by name"`
}

// Valued is a value that a file has.
type Valued struct {
	Field FieldDef `json:"field" jsonschema:"the custom field"`
	Value string   `json:"value" jsonschema:"its value: numbers as 12.5, dates as 2024-03-01, true or false"`
	Here  bool     `json:"here,omitempty" jsonschema:"it is for this place alone, and not for all copies of the same bytes"`
}

// Applied is a tag that a file has, and why.
type Applied struct {
	Tag        Tag     `json:"tag" jsonschema:"the tag"`
	Source     string  `json:"source" jsonschema:"who applied it: user, rule or extension"`
	By         string  `json:"by,omitempty" jsonschema:"which of them"`
	Confidence float64 `json:"confidence,omitempty" jsonschema:"how sure that was, from 0 to 1; none: as sure as its user"`
	Here       bool    `json:"here,omitempty" jsonschema:"it is for this place alone, and not for all copies of the same bytes"`
	At         string  `json:"at" jsonschema:"when it was applied"`
}

// Suggestion is a tag that may fit.
type Suggestion struct {
	Tag    Tag    `json:"tag" jsonschema:"the tag"`
	Reason string `json:"reason" jsonschema:"why it may fit"`
}

// Suggestions are tags that may fit.
type Suggestions struct {
	Items []Suggestion `json:"items" jsonschema:"the likeliest first"`
}

func (s *Service) aboutOps() []op.Def {
	return []op.Def{
		op.NewQuery("organize.of", "Show what was added to a file or folder: tags and why it has them, rating, note", s.of, op.Example("stardrive organize of ~/Photos/beach.jpg")),
		op.NewQuery("tag.suggest", "Suggest tags for a file or folder", s.tagSuggest, op.Example("stardrive tag suggest ~/Photos/beach.jpg")),
	}
}

// facts calls fn with all that stands of targets. It waits for nobody who writes.
func (s *Service) facts(ctx context.Context, targets []string, fn func(k merge.Key, facts []merge.Fact)) error {
	return s.db.Read(ctx, func(tx *store.Tx) error {
		for _, target := range targets {
			all := map[merge.Key][]merge.Fact{}
			var keys []merge.Key
			err := each(tx, `SELECT field, member, actor.id, n, stamp, value FROM fact JOIN target ON target.no = fact.target JOIN actor ON actor.no = fact.actor
				WHERE target.id = ? ORDER BY field, member`, []any{target}, func(rows *sql.Rows) error {
				k := merge.Key{Target: target}
				var f merge.Fact
				var n, stamp int64
				err := rows.Scan(&k.Field, &k.Member, &f.Actor, &n, &stamp, &f.Value)
				f.N, f.Stamp = uint64(n), hlc.Stamp(stamp) //nolint:gosec // as they were written
				if all[k] == nil {
					keys = append(keys, k)
				}
				all[k] = append(all[k], f)
				return err
			})
			if err != nil {
				return err
			}
			for _, k := range keys {
				sortFacts(all[k])
				fn(k, all[k])
			}
		}
		return nil
	})
}

func (s *Service) of(ctx context.Context, in One) (out About, err error) {
	t, err := s.one(ctx, in)
	if err != nil {
		return out, err
	}
	return s.about(ctx, &t)
}

func (s *Service) about(ctx context.Context, t *thing) (out About, err error) {
	out.Tags = []Applied{}
	type given struct {
		key  merge.Key
		fact merge.Fact
	}
	var tags, values []given
	var notes []merge.Fact
	err = s.facts(ctx, s.model.targetsNow(t), func(k merge.Key, facts []merge.Fact) {
		f, _ := merge.Winner(facts)
		switch k.Field {
		case tagField:
			tags = append(tags, given{k, f})
		case valueField:
			values = append(values, given{k, f})
		case favouriteField:
			out.Favourite = true
		case ratingField:
			_, _ = fmt.Sscan(f.Value, &out.Rating) // another version's may be no number
		case noteField:
			notes = append(notes, facts...)
		}
	})
	out.Note = notesOf(notes)
	here := func(target string) bool { return strings.HasPrefix(target, entryTarget) && !s.model.turnsLater(target) }
	s.model.look(func(tr *tree) {
		for _, g := range values {
			if o := s.model.objects[g.key.Member]; o.there() {
				out.Fields = append(out.Fields, Valued{s.model.showField(o), g.fact.Value, here(g.key.Target)})
			}
		}
		for _, g := range tags {
			o := s.model.objects[g.key.Member]
			if !o.there() {
				continue
			}
			a := readApplication(g.fact.Value)
			out.Tags = append(out.Tags, Applied{
				Tag: s.model.show(tr, o), Source: a.Source, By: s.model.giver(a), Confidence: a.Confidence, At: g.fact.Stamp.Time().Format("2006-01-02T15:04:05Z07:00"),
				Here: here(g.key.Target),
			})
		}
	})
	slices.SortFunc(out.Fields, func(a, b Valued) int { return collate.Natural(a.Field.Key, b.Field.Key) })
	slices.SortFunc(out.Tags, func(a, b Applied) int { return collate.Natural(a.Tag.Name, b.Tag.Name) })
	return out, err
}

// turnsLater reports whether what was added to an entry is meant for its content. The
// caller holds the model.
func (m *model) turnsLater(target string) bool {
	f := m.files[target]
	return f != nil && slices.ContainsFunc(f.links, func(l link) bool { return l.turns })
}

// tagSuggest looks at what the folders above are called, and which tags others in the
// same folder have.
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
		counts := map[string]int{}
		for _, f := range beside {
			for _, tag := range f.tags {
				counts[tag]++
			}
		}
		var often []string
		for tag, n := range counts {
			if n > 1 || len(beside) == 1 {
				often = append(often, tag)
			}
		}
		slices.SortFunc(often, func(a, b string) int {
			if counts[a] != counts[b] {
				return counts[b] - counts[a]
			}
			return strings.Compare(a, b)
		})
		for _, tag := range often {
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
