package organize

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/hlc"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/store"
)

// About is what was added to a file or folder.
type About struct {
	Tags      []Applied     `json:"tags" jsonschema:"tags that it has itself, by name"`
	Favourite bool          `json:"favourite,omitempty" jsonschema:"it is a favourite"`
	Rating    int           `json:"rating,omitempty" jsonschema:"one to five stars"`
	Note      string        `json:"note,omitempty" jsonschema:"the note on it, as Markdown"`
	Notes     []WrittenNote `json:"notes,omitempty" jsonschema:"where several devices wrote the note at the same time: what each wrote. note.set makes one of them"`
	Fields    []Valued      `json:"fields,omitempty" jsonschema:"values of custom fields, by name"`
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
			notes, out.Notes = append(notes, facts...), append(out.Notes, s.written(facts)...)
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
