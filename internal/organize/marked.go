package organize

import (
	"context"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/organize/marks"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Marked is an entry, and what users added to it as other programs can know it.
type Marked struct {
	Entry ident.EntryID
	At    catalog.Spot
	Kind  vfs.Kind
	Marks marks.Marks
}

// Marked returns what users added to what is selected, with all that nothing was added
// to. Private tags are left out: they are for nobody else. Errors: errs.Invalid,
// errs.NotFound.
func (s *Service) Marked(ctx context.Context, in Selection) ([]Marked, error) {
	some, err := s.chosen(ctx, in)
	if err != nil {
		return nil, err
	}
	out := make([]Marked, len(some))
	noted := make([]bool, len(some))
	s.model.look(func(t *tree) {
		private := map[string]bool{}
		for _, id := range s.model.privateTags(t) {
			private[id] = true
		}
		for i := range some {
			m := &out[i]
			m.Entry, m.At, m.Kind = some[i].ID, catalog.Spot{Volume: some[i].volume, Path: some[i].path}, some[i].Kind
			for _, f := range s.model.of(some[i].ID, some[i].Content) {
				_, has := s.model.marked[noteField][f]
				noted[i] = noted[i] || has
				m.Marks.Stars = max(m.Marks.Stars, int(f.stars))
				for _, id := range f.tags {
					if o := s.model.objects[id]; o.there() && !private[id] {
						m.Marks.Tags = append(m.Marks.Tags, s.model.way(t, id))
					}
				}
			}
		}
	})
	for i := range some {
		if noted[i] {
			note, err := s.noteOn(ctx, &some[i])
			if err != nil {
				return nil, err
			}
			out[i].Marks.Comment = note.Text
		}
	}
	return out, nil
}

// way is a tag with what stands above it, by the first parent of each.
func (m *model) way(t *tree, id string) (way marks.Tag) {
	for id != "" {
		way = append(marks.Tag{m.objects[id].one[nameField]}, way...)
		up := t.parents[id]
		if id = ""; len(up) > 0 {
			id = up[0]
		}
	}
	return way
}

// Adopt adds what files say of themselves, where nothing of the kind was added yet: tags,
// which are made where there is none of the name, a rating, a note. What users added stays.
func (s *Service) Adopt(ctx context.Context, all []Marked) (Done, error) {
	var ids Selection
	says := map[ident.EntryID]*marks.Marks{}
	for i := range all {
		id, _ := all[i].Entry.MarshalText()
		ids.IDs = append(ids.IDs, string(id))
		says[all[i].Entry] = &all[i].Marks
	}
	if len(all) == 0 {
		return Done{}, nil
	}
	some, err := s.chosen(ctx, ids)
	if err != nil {
		return Done{}, err
	}
	var a *adopting
	id, err := s.changePlaced(ctx, "Take over what "+counted(len(some))+" said", func(p *page) ([]merge.Change, error) {
		a = &adopting{s: s, p: p, made: map[string]string{}}
		err := a.all(some, says)
		return a.changes, err
	})
	if err != nil {
		return Done{}, err
	}
	return done(id, a.changed, a.same), nil
}

// adopting plans what files say.
type adopting struct {
	s             *Service
	p             *page
	made          map[string]string // tags that are new, by folded name
	changes       []merge.Change
	changed, same int
}

func (a *adopting) all(some []thing, says map[ident.EntryID]*marks.Marks) error {
	targets, err := a.p.targetsOf(a.s.model, some, false)
	if err != nil {
		return err
	}
	for i := range some {
		before := len(a.changes)
		if err := a.one(targets[i], &some[i], says[some[i].ID]); err != nil {
			return err
		}
		if len(a.changes) > before {
			a.changed++
		} else {
			a.same++
		}
	}
	return nil
}

func (a *adopting) one(target string, t *thing, m *marks.Marks) error {
	for _, way := range m.Tags {
		tag, err := a.tag(way)
		if err != nil {
			return err
		}
		if tag == "" {
			continue
		}
		if err := a.put(merge.Key{Target: target, Field: tagField, Member: tag}, ""); err != nil {
			return err
		}
	}
	if m.Stars > 0 {
		if err := a.put(merge.Key{Target: target, Field: ratingField}, string(rune('0'+m.Stars))); err != nil {
			return err
		}
	}
	if m.Comment == "" || len(m.Comment) > maxNote || strings.ContainsRune(m.Comment, 0) {
		return nil
	}
	return a.put(merge.Key{Target: target, Field: noteField}, m.Comment)
}

// put adds a fact where there is none.
func (a *adopting) put(k merge.Key, value string) error {
	facts, err := a.p.standing(k)
	if err == nil && len(facts) == 0 {
		a.changes = append(a.changes, merge.Change{Key: k, Value: value})
	}
	return err
}

// tag finds or makes the tag that a way means; "": none can be of that name.
func (a *adopting) tag(way marks.Tag) (id string, err error) {
	a.s.model.look(func(t *tree) {
		for i, name := range way {
			if name, err = checkName("the name of a tag", name, maxName); err != nil {
				id, err = "", nil // a name that no tag can have: what else the file says is good
				return
			}
			folded := collate.Fold(name)
			next := a.made[folded]
			if ids := t.byName[folded]; next == "" && len(ids) > 0 {
				next = ids[0]
			}
			if next == "" {
				c := &plan{target: tagTarget + newID()}
				if err = a.s.planCreate(t, c, &CreateTagIn{Name: name}); err != nil {
					return
				}
				if i > 0 {
					c.add(parentField, id)
				}
				next = c.target
				a.made[folded], a.changes = next, append(a.changes, c.changes...)
			}
			id = next
		}
		if o := a.s.model.objects[id]; o != nil && typeOf(o) == Organisational {
			id = ""
		}
	})
	if errs.Is(err, errs.Conflict) {
		return "", nil
	}
	return id, err
}
