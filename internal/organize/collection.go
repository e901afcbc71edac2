package organize

import (
	"context"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

const (
	collectionTarget = "l:"

	queryField = "query" // of a collection that a search fills
	itemField  = "item"  // a set of files, with their positions
)

// maxItems is how many files one collection holds at most.
const maxItems = 100_000

// Look is what else is told of a collection or the like.
type Look struct {
	Description string `json:"description,omitempty" jsonschema:"what it is for"`
	Colour      string `json:"colour,omitempty" jsonschema:"such as #3b82f6"`
	Icon        string `json:"icon,omitempty" jsonschema:"name of an icon, or an emoji"`
}

func lookOf(o *object) Look {
	return Look{Description: o.one[aboutField], Colour: o.one[colourField], Icon: o.one[iconField]}
}

// check makes sure that a look can be kept. Errors: errs.Invalid.
func (l Look) check() error { return checkLook(l.Colour, l.Icon, l.Description) }

// fields are what is to be set of a look that is given.
func (l Look) fields() [][2]string {
	return [][2]string{{aboutField, l.Description}, {colourField, l.Colour}, {iconField, l.Icon}}
}

// Collection is a collection as lists show it.
type Collection struct {
	ID    string `json:"id" jsonschema:"its id, which never changes"`
	Name  string `json:"name" jsonschema:"what it is called"`
	Query string `json:"query,omitempty" jsonschema:"what fills it, where a search does"`
	Look
	Files int    `json:"files" jsonschema:"how many files were put into it; 0 where a search fills it"`
	Undo  string `json:"undo,omitempty" jsonschema:"of a change: what to give organize.undo to take it back"`
}

// CollectionList are collections.
type CollectionList struct {
	Items []Collection `json:"items" jsonschema:"by name"`
}

// CreateCollectionIn is a collection to make.
type CreateCollectionIn struct {
	Name  string `json:"name" cli:"1" jsonschema:"what to call it"`
	Query string `json:"query,omitempty" jsonschema:"a search that fills it; see docs/search.md"`
	Look
}

// EditCollectionIn changes a collection.
type EditCollectionIn struct {
	Collection string `json:"collection" cli:"1" jsonschema:"its name or id"`
	Name       string `json:"name,omitempty" jsonschema:"what to call it from now on"`
	Query      string `json:"query,omitempty" jsonschema:"another search that fills it"`
	Look
}

// CollectionIn names a collection.
type CollectionIn struct {
	Collection string `json:"collection" cli:"1" jsonschema:"its name or id"`
}

// ShowCollectionIn names a collection, and a page of it.
type ShowCollectionIn struct {
	Collection string `json:"collection" cli:"1" jsonschema:"its name or id"`
	Limit      int    `json:"limit,omitempty" jsonschema:"how many files to show; default 100" min:"0" max:"1000"`
	Offset     int    `json:"offset,omitempty" jsonschema:"how many of the first to leave out" min:"0" max:"1000000"`
}

// ShownCollection is a collection with a page of its files.
type ShownCollection struct {
	Collection
	Items []catalog.View `json:"items" jsonschema:"files in their order; of copies of the same bytes one that is there"`
	Total int            `json:"total" jsonschema:"how many there are, those counted that stand nowhere now"`
	Away  int            `json:"away,omitempty" jsonschema:"how many of this page stand nowhere now"`
}

// CollectIn puts files into a collection, or takes them out.
type CollectIn struct {
	Collection string `json:"collection" cli:"1" jsonschema:"its name or id"`
	Here       bool   `json:"here,omitempty" jsonschema:"these places, and not whichever copies there are of the same bytes"`
	Selection
}

// PlaceIn moves files within a collection.
type PlaceIn struct {
	Collection string `json:"collection" cli:"1" jsonschema:"its name or id"`
	At         int    `json:"at" cli:"2" jsonschema:"how many files are to stand before them" min:"0" max:"1000000"`
	Selection
}

func (s *Service) collectionOps() []op.Def {
	return []op.Def{
		op.NewQuery("collection.list", "List collections", s.collectionList, op.Example("stardrive collection list")),
		op.NewQuery("collection.show", "Show the files of a collection", s.collectionShow, op.Example("stardrive collection show 'summer 2024'")),
		op.NewCommand("collection.create", "Make a collection, of files that are put into it or that a search finds", s.collectionCreate,
			op.Example("stardrive collection create 'best of' --query 'kind:image rating:5'")),
		op.NewCommand("collection.edit", "Rename a collection, or change what else is known of it", s.collectionEdit, op.Example("stardrive collection edit 'best of' --name best")),
		op.NewCommand("collection.delete", "Delete a collection; the files in it stay", s.collectionDelete, op.Example("stardrive collection delete best")),
		op.NewCommand("collection.add", "Put files at the end of a collection", s.collectionAdd, op.Example("stardrive collection add 'summer 2024' ~/Photos/beach.jpg")),
		op.NewCommand("collection.remove", "Take files out of a collection; they stay", s.collectionRemove, op.Example("stardrive collection remove 'summer 2024' ~/Photos/beach.jpg")),
		op.NewCommand("collection.place", "Give files another place in the order of a collection", s.collectionPlace, op.Example("stardrive collection place 'summer 2024' 0 ~/Photos/beach.jpg")),
	}
}

func showCollection(o *object) Collection {
	return Collection{
		ID: strings.TrimPrefix(o.id, collectionTarget), Name: o.one[nameField], Query: o.one[queryField], Look: lookOf(o),
		Files: len(o.sets[itemField]),
	}
}

// collection finds a collection by name or id. The caller holds the model. Errors:
// errs.NotFound, errs.Invalid.
func (m *model) collection(name string) (*object, error) { return m.that(collectionSort, name) }

func (s *Service) collectionList(context.Context, struct{}) (out CollectionList, err error) {
	out.Items = []Collection{}
	s.model.look(func(*tree) {
		for _, o := range s.model.those(collectionSort) {
			out.Items = append(out.Items, showCollection(o))
		}
	})
	return out, nil
}

func (s *Service) collectionCreate(ctx context.Context, in CreateCollectionIn) (Collection, error) {
	return s.setCollection(ctx, "Make the collection "+in.Name, "", EditCollectionIn{Name: in.Name, Query: in.Query, Look: in.Look})
}

func (s *Service) collectionEdit(ctx context.Context, in EditCollectionIn) (Collection, error) {
	return s.setCollection(ctx, "Edit the collection "+in.Collection, in.Collection, in)
}

// setCollection makes a collection, or changes the named one.
func (s *Service) setCollection(ctx context.Context, title, which string, in EditCollectionIn) (out Collection, err error) {
	if len(in.Query) > maxAbout {
		return out, errs.New(errs.Invalid, "a query has up to %d bytes", maxAbout)
	}
	if err := in.check(); err != nil {
		return out, err
	}
	c := &plan{target: collectionTarget + newID()}
	undo, err := s.planTag(ctx, title, func(*tree) ([]merge.Change, error) {
		if which == "" {
			c.set(isField, "collection")
		} else {
			o, err := s.model.collection(which)
			if err != nil {
				return nil, err
			}
			if c.target = o.id; in.Query != "" && len(o.sets[itemField]) > 0 {
				return nil, errs.New(errs.Invalid, "files were put into %q, so no search can fill it", o.one[nameField]).Try("Make another collection.")
			}
		}
		if in.Name != "" || which == "" {
			name, err := checkName("the name of a collection", in.Name, maxName)
			if err != nil {
				return nil, err
			}
			if err := s.model.freeAmong(collectionSort, name, c.target); err != nil {
				return nil, err
			}
			c.set(nameField, name)
		}
		for _, f := range append(in.fields(), [2]string{queryField, in.Query}) {
			if f[1] != "" {
				c.set(f[0], f[1])
			}
		}
		return c.changes, nil
	})
	if err == nil {
		s.model.look(func(*tree) { out = showCollection(s.model.objects[c.target]) })
	}
	out.Undo = undo
	return out, err
}

func (s *Service) collectionDelete(ctx context.Context, in CollectionIn) (out Collection, err error) {
	undo, err := s.planTag(ctx, "Delete the collection "+in.Collection, func(*tree) ([]merge.Change, error) {
		o, err := s.model.collection(in.Collection)
		if err != nil {
			return nil, err
		}
		out = showCollection(o)
		c := &plan{target: o.id}
		c.dropAll(o)
		return c.changes, nil
	})
	out.Undo = undo
	return out, err
}
