package organize

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
)

// maxMarks is how many entries are asked for at once: a few screens of a list.
const maxMarks = 2000

// MarksIn names entries of a list.
type MarksIn struct {
	IDs []ident.EntryID `json:"ids" cli:"rest" jsonschema:"the entries, by id; up to 2000"`
}

// Marks are what a list shows of what was added to an entry.
type Marks struct {
	ID        ident.EntryID `json:"id" jsonschema:"the entry"`
	Tags      []Chip        `json:"tags,omitempty" jsonschema:"tags that it has itself, by name"`
	Favourite bool          `json:"favourite,omitempty" jsonschema:"it is a favourite"`
	Rating    int           `json:"rating,omitempty" jsonschema:"one to five stars"`
	Noted     bool          `json:"noted,omitempty" jsonschema:"there is a note on it"`
}

// Chip is a tag as a list shows it.
type Chip struct {
	ID     string `json:"id" jsonschema:"the tag's id"`
	Name   string `json:"name" jsonschema:"what it is called"`
	Colour string `json:"colour,omitempty" jsonschema:"such as #3b82f6"`
	Icon   string `json:"icon,omitempty" jsonschema:"name of an icon, or an emoji"`
}

// MarksOut is what was added to entries.
type MarksOut struct {
	Items []Marks `json:"items" jsonschema:"entries to which anything was added, in the order in which they were asked for"`
}

func (s *Service) marksOps() []op.Def {
	return []op.Def{
		op.NewQuery("organize.marks", "Show in short what was added to each of many entries, for lists", s.marks, op.Hidden(), op.Example(`stardrive op organize.marks '{"ids":["12"]}'`)),
	}
}

// marks answers from the model alone but for the contents of the entries: a list asks
// for each screen of it.
func (s *Service) marks(ctx context.Context, in MarksIn) (out MarksOut, err error) {
	out.Items = []Marks{}
	if len(in.IDs) > maxMarks {
		return out, errs.New(errs.Invalid, "%d entries at once are too many: up to %d", len(in.IDs), maxMarks)
	}
	ids := make([]int64, len(in.IDs))
	for i, id := range in.IDs {
		ids[i] = int64(id)
	}
	contents := make(map[ident.EntryID]ident.ContentID, len(ids))
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		return inChunks(ids, func(list string) error {
			return each(r.Store(), "SELECT id, coalesce(content_id, 0) FROM entry WHERE id IN (SELECT value FROM json_each(?))", []any{list}, func(rows *sql.Rows) error {
				var id, content int64
				err := rows.Scan(&id, &content)
				contents[ident.EntryID(id)] = ident.ContentID(content)
				return err
			})
		})
	})
	if err != nil {
		return out, err
	}
	s.model.look(func(*tree) {
		for _, id := range in.IDs {
			if content, known := contents[id]; known {
				if m := s.model.marksOf(id, content); len(m.Tags) > 0 || m.Favourite || m.Noted || m.Rating > 0 {
					out.Items = append(out.Items, m)
				}
			}
		}
	})
	return out, nil
}

// marksOf is what is shown of one entry. The caller holds the model.
func (m *model) marksOf(id ident.EntryID, content ident.ContentID) Marks {
	out := Marks{ID: id}
	for _, f := range m.of(id, content) {
		for _, tag := range f.tags {
			if o := m.objects[tag]; o.there() {
				out.Tags = append(out.Tags, Chip{ID: shortIDs([]string{tag})[0], Name: o.one[nameField], Colour: o.one[colourField], Icon: o.one[iconField]})
			}
		}
		out.Rating = max(out.Rating, int(f.stars))
		_, favourite := m.marked[favouriteField][f]
		_, noted := m.marked[noteField][f]
		out.Favourite, out.Noted = out.Favourite || favourite, out.Noted || noted
	}
	slices.SortFunc(out.Tags, func(a, b Chip) int { return cmp.Or(collate.Natural(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	out.Tags = slices.Compact(out.Tags) // a place and its content may have the same one
	return out
}
