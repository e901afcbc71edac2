package organize

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"unicode"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

// finder calls content and entry with the rows of the catalogue that something was
// added to.
type finder = func(ctx context.Context, content, entry func(int64)) error

// Find reads the value of one of the fields that searches ask what users added by:
// tag, rating, note, collection, is, or field. with the name of a custom field. It returns who finds what fits when the search is run;
// private: that is asked for by its private tag. problem tells what is wrong with the
// value; then nothing fits.
func (s *Service) Find(field, value string) (find func(ctx context.Context, content, entry func(int64)) error, private bool, problem string) {
	if key, custom := strings.CutPrefix(field, "field."); custom {
		find, problem = s.findValue(key, value)
		return find, false, problem
	}
	switch field {
	case "tag":
		return s.findTags(value)
	case "rating":
		find, problem = s.findRated(value)
	case "note":
		find = s.findNotes(collate.Fold(value))
	case "collection":
		find, problem = s.findCollected(value)
	case "is":
		find, private = s.findMarked(value)
	}
	return find, private, problem
}

// findTags finds what has one of some tags, or one below them, or one that means the
// same.
func (s *Service) findTags(value string) (find finder, private bool, problem string) {
	var names []string
	for name := range strings.SplitSeq(value, ",") {
		names = append(names, collate.Fold(strings.TrimSpace(name)))
	}
	s.model.look(func(t *tree) {
		for _, name := range names {
			some := s.model.meant(t, name)
			if len(some) == 0 && problem == "" {
				problem = "no tag is named " + name
			}
			private = private || slices.ContainsFunc(some, func(id string) bool { return typeOf(s.model.objects[id]) == Private })
		}
	})
	return func(_ context.Context, content, entry func(int64)) error {
		s.model.look(func(t *tree) {
			var tags []string
			for _, name := range names {
				tags = append(tags, s.model.meant(t, name)...)
			}
			for _, tag := range t.below(tags) {
				r := s.model.foundBy(tag)
				for n := range r.contents {
					content(n)
				}
				for n := range r.entries {
					entry(n)
				}
			}
		})
		return nil
	}, private, problem
}

// meant are the tags that a folded name in a search means: all of that name, or with a
// star at its end all whose names begin so.
func (m *model) meant(t *tree, name string) (ids []string) {
	if prefix, open := strings.CutSuffix(name, "*"); open {
		at, _ := slices.BinarySearch(t.names, prefix)
		for ; at < len(t.names) && strings.HasPrefix(t.names[at], prefix); at++ {
			ids = append(ids, t.byName[t.names[at]]...)
		}
		return ids
	}
	if o := m.objects[tagTarget+name]; o.there() {
		return []string{o.id}
	}
	return t.byName[name]
}

func (s *Service) findRated(value string) (find finder, problem string) {
	from, to, ok := numberRange(value)
	if !ok {
		return nil, "this is no rating; such as 4, >=4, <3, 2..4"
	}
	return func(_ context.Context, content, entry func(int64)) error {
		s.model.look(func(*tree) {
			for f := range s.model.marked[ratingField] {
				if n := float64(f.stars); from.below(n) && to.above(n) {
					f.found(content, entry)
				}
			}
		})
		return nil
	}, ""
}

// findNotes finds what has a note that holds a text.
func (s *Service) findNotes(folded string) finder {
	return func(ctx context.Context, content, entry func(int64)) error {
		var targets []string
		err := s.db.Read(ctx, func(tx *store.Tx) error {
			return each(tx, "SELECT target.id, value FROM fact JOIN target ON target.no = fact.target WHERE field = 'note'", nil, func(rows *sql.Rows) error {
				var target, text string
				err := rows.Scan(&target, &text)
				if strings.Contains(collate.Fold(text), folded) {
					targets = append(targets, target)
				}
				return err
			})
		})
		s.model.look(func(*tree) {
			for _, target := range targets {
				if f := s.model.files[target]; f != nil {
					f.found(content, entry)
				}
			}
		})
		return err
	}
}

// findMarked finds what a word of is: says; nil: there is no such word.
func (s *Service) findMarked(word string) (find finder, private bool) {
	switch word {
	case "favourite", "favorite":
		return s.all(favouriteField), false
	case "rated":
		return s.all(ratingField), false
	case "noted":
		return s.all(noteField), false
	case "private":
		return s.private, true
	case "tagged":
		return func(_ context.Context, content, entry func(int64)) error {
			s.model.look(func(*tree) {
				for tag, files := range s.model.byTag {
					if s.model.objects[tag].there() {
						for f := range files {
							f.found(content, entry)
						}
					}
				}
			})
			return nil
		}, false
	}
	return nil, false
}

func (s *Service) all(field string) finder {
	return func(_ context.Context, content, entry func(int64)) error {
		s.model.look(func(*tree) {
			for f := range s.model.marked[field] {
				f.found(content, entry)
			}
		})
		return nil
	}
}

// Hidden tells what searches leave out that do not ask for it: what has a private tag,
// by find, and what stands below these folders. find is nil where nothing is private.
func (s *Service) Hidden() (find func(ctx context.Context, content, entry func(int64)) error, folders []ident.EntryID) {
	s.model.look(func(t *tree) {
		for _, tag := range s.model.privateTags(t) {
			for f := range s.model.byTag[tag] {
				find = s.private
				for _, l := range f.links {
					if l.folder {
						folders = append(folders, l.entry)
					}
				}
			}
		}
	})
	return find, folders
}

// privateTags are those that are private, and what stands below them.
func (m *model) privateTags(t *tree) []string {
	var some []string
	for id, o := range m.objects {
		if strings.HasPrefix(id, tagTarget) && o.there() && typeOf(o) == Private {
			some = append(some, id)
		}
	}
	var out []string
	once := map[string]bool{}
	for _, id := range some {
		for _, below := range t.downward(id) {
			if !once[below] {
				once[below] = true
				out = append(out, below)
			}
		}
	}
	return out
}

func (s *Service) private(_ context.Context, content, entry func(int64)) error {
	s.model.look(func(t *tree) {
		for _, tag := range s.model.privateTags(t) {
			for f := range s.model.byTag[tag] {
				f.found(content, entry)
			}
		}
	})
	return nil
}

// asValue writes a name so that a query reads it as one value.
func asValue(name string) string {
	if strings.ContainsFunc(name, unicode.IsSpace) {
		return `"` + name + `"`
	}
	return name
}
