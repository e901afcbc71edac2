package organize

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

// maxMarked is how many files a list of favourites or notes is made of.
const maxMarked = 20_000

// ListMarkedIn chooses a page of favourites.
type ListMarkedIn struct {
	Limit  int `json:"limit,omitempty" jsonschema:"how many to show; default 100" min:"0" max:"1000"`
	Offset int `json:"offset,omitempty" jsonschema:"how many of the first to leave out" min:"0" max:"1000000"`
}

// FavouriteList are favourites.
type FavouriteList struct {
	Items []catalog.View `json:"items" jsonschema:"by name; of copies of the same bytes one that is there"`
	Total int            `json:"total" jsonschema:"how many there are, those counted that stand nowhere now"`
}

// ListNotesIn chooses a page of notes.
type ListNotesIn struct {
	Match string `json:"match,omitempty" cli:"1" jsonschema:"only notes that hold this"`
	ListMarkedIn
}

// Noted is a file with its note.
type Noted struct {
	Entry catalog.View  `json:"entry" jsonschema:"the file or folder; of copies of the same bytes one that is there"`
	Text  string        `json:"text" jsonschema:"the note on it, as Markdown"`
	Texts []WrittenNote `json:"texts,omitempty" jsonschema:"where several devices wrote it at the same time: what each wrote, the oldest first. note.set makes one of them"`
}

// NoteList are notes.
type NoteList struct {
	Items []Noted `json:"items" jsonschema:"by the name of the file"`
	Total int     `json:"total" jsonschema:"how many there are, those counted that stand nowhere now"`
}

func (s *Service) markListOps() []op.Def {
	return []op.Def{
		op.NewQuery("favourite.list", "List favourites", s.favouriteList, op.Example("stardrive favourite list")),
		op.NewQuery("note.list", "List notes", s.noteList, op.Example("stardrive note list mia")),
	}
}

// standing is a file that was found again.
type standing struct {
	target string
	view   catalog.View
}

// copied are copies of files, for reading without the model. The caller holds it.
func copied(some map[*file]struct{}) (all []*file) {
	for f := range some {
		c := *f
		c.links = slices.Clone(f.links)
		all = append(all, &c)
	}
	slices.SortFunc(all, func(a, b *file) int { return strings.Compare(a.target, b.target) }) // not in the order of a map
	return all[:min(maxMarked, len(all))]
}

// standingOf finds where files stand, by name.
func (s *Service) standingOf(r *catalog.Reader, files []*file) (all []standing, err error) {
	var ids []ident.EntryID
	target := map[string]string{}
	for _, f := range files {
		id, err := standsAt(r, f)
		if err != nil {
			return nil, err
		}
		if id != 0 {
			text, _ := id.MarshalText()
			ids, target[string(text)] = append(ids, id), f.target
		}
	}
	views, err := s.views(r, ids)
	for _, v := range views {
		all = append(all, standing{target[v.ID], v})
	}
	slices.SortStableFunc(all, func(a, b standing) int {
		return cmp.Or(collate.Natural(a.view.Name, b.view.Name), strings.Compare(a.view.Path, b.view.Path))
	})
	return all, err
}

func (in *ListMarkedIn) page(all []standing) []standing {
	limit := cmp.Or(in.Limit, 100)
	return all[min(in.Offset, len(all)):min(in.Offset+limit, len(all))]
}

func (s *Service) favouriteList(ctx context.Context, in ListMarkedIn) (out FavouriteList, err error) {
	out.Items = []catalog.View{}
	if err := s.ready(ctx); err != nil {
		return out, err
	}
	var files []*file
	s.model.look(func(*tree) {
		files, out.Total = copied(s.model.marked[favouriteField]), len(s.model.marked[favouriteField])
	})
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		all, err := s.standingOf(r, files)
		for _, st := range in.page(all) {
			out.Items = append(out.Items, st.view)
		}
		return err
	})
	return out, err
}

func (s *Service) noteList(ctx context.Context, in ListNotesIn) (out NoteList, err error) {
	out.Items = []Noted{}
	if err := s.ready(ctx); err != nil {
		return out, err
	}
	var files []*file
	var targets []string
	s.model.look(func(*tree) { files = copied(s.model.marked[noteField]) })
	for _, f := range files {
		targets = append(targets, f.target)
	}
	texts, folded := map[string]Note{}, collate.Fold(in.Match)
	err = s.facts(ctx, targets, func(k merge.Key, facts []merge.Fact) {
		if text := notesOf(facts); k.Field == noteField && strings.Contains(collate.Fold(text), folded) {
			texts[k.Target] = Note{text, s.written(facts)}
		}
	})
	if err != nil {
		return out, err
	}
	out.Total = len(texts)
	files = slices.DeleteFunc(files, func(f *file) bool { _, has := texts[f.target]; return !has })
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		all, err := s.standingOf(r, files)
		for _, st := range in.page(all) {
			out.Items = append(out.Items, Noted{st.view, texts[st.target].Text, texts[st.target].Texts})
		}
		return err
	})
	return out, err
}
