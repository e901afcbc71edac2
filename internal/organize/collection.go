package organize

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
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

// Collection is a collection as lists show it.
type Collection struct {
	ID          string `json:"id" jsonschema:"its id, which never changes"`
	Name        string `json:"name" jsonschema:"what it is called"`
	Query       string `json:"query,omitempty" jsonschema:"what fills it, where a search does"`
	Description string `json:"description,omitempty" jsonschema:"what it is for"`
	Colour      string `json:"colour,omitempty" jsonschema:"such as #3b82f6"`
	Icon        string `json:"icon,omitempty" jsonschema:"name of an icon, or an emoji"`
	Files       int    `json:"files" jsonschema:"how many files were put into it; 0 where a search fills it"`
}

// CollectionList are collections.
type CollectionList struct {
	Items []Collection `json:"items" jsonschema:"by name"`
}

// CreateCollectionIn is a collection to make.
type CreateCollectionIn struct {
	Name        string `json:"name" cli:"1" jsonschema:"what to call it"`
	Query       string `json:"query,omitempty" jsonschema:"a search that fills it; see docs/search.md"`
	Description string `json:"description,omitempty" jsonschema:"what it is for"`
	Colour      string `json:"colour,omitempty" jsonschema:"such as #3b82f6"`
	Icon        string `json:"icon,omitempty" jsonschema:"name of an icon, or an emoji"`
}

// EditCollectionIn changes a collection.
type EditCollectionIn struct {
	Collection  string `json:"collection" cli:"1" jsonschema:"its name or id"`
	Name        string `json:"name,omitempty" jsonschema:"what to call it from now on"`
	Query       string `json:"query,omitempty" jsonschema:"another search that fills it"`
	Description string `json:"description,omitempty" jsonschema:"what it is for"`
	Colour      string `json:"colour,omitempty" jsonschema:"such as #3b82f6"`
	Icon        string `json:"icon,omitempty" jsonschema:"name of an icon, or an emoji"`
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

// collections are those there are, by name. The caller holds the model.
func (m *model) collections() (all []*object) {
	for id, o := range m.objects {
		if strings.HasPrefix(id, collectionTarget) && o.there() {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b *object) int {
		if n := collate.Natural(a.one[nameField], b.one[nameField]); n != 0 {
			return n
		}
		return strings.Compare(a.id, b.id)
	})
	return all
}

func showCollection(o *object) Collection {
	return Collection{
		ID: strings.TrimPrefix(o.id, collectionTarget), Name: o.one[nameField], Query: o.one[queryField], Description: o.one[aboutField],
		Colour: o.one[colourField], Icon: o.one[iconField], Files: len(o.sets[itemField]),
	}
}

// collection finds a collection by name or id. The caller holds the model. Errors:
// errs.NotFound, errs.Invalid.
func (m *model) collection(name string) (*object, error) {
	if o := m.objects[collectionTarget+name]; o.there() {
		return o, nil
	}
	var found *object
	for _, o := range m.collections() {
		if collate.Fold(o.one[nameField]) != collate.Fold(name) {
			continue
		}
		if found != nil { // made at the same time on two devices
			return nil, errs.New(errs.Invalid, "several collections are named %q", name).Try("Name the one you mean by its id: stardrive collection list --json")
		}
		found = o
	}
	if found == nil {
		return nil, errs.New(errs.NotFound, "no collection is named %q", name).Try("See those there are with: stardrive collection list")
	}
	return found, nil
}

func (s *Service) collectionList(context.Context, struct{}) (out CollectionList, err error) {
	out.Items = []Collection{}
	s.model.look(func(*tree) {
		for _, o := range s.model.collections() {
			out.Items = append(out.Items, showCollection(o))
		}
	})
	return out, nil
}

func (s *Service) collectionCreate(ctx context.Context, in CreateCollectionIn) (Collection, error) {
	return s.setCollection(ctx, "Make the collection "+in.Name, "", EditCollectionIn{Name: in.Name, Query: in.Query, Description: in.Description, Colour: in.Colour, Icon: in.Icon})
}

func (s *Service) collectionEdit(ctx context.Context, in EditCollectionIn) (Collection, error) {
	return s.setCollection(ctx, "Edit the collection "+in.Collection, in.Collection, in)
}

// setCollection makes a collection, or changes the named one.
func (s *Service) setCollection(ctx context.Context, title, which string, in EditCollectionIn) (out Collection, err error) {
	if len(in.Query) > maxAbout {
		return out, errs.New(errs.Invalid, "a query has up to %d bytes", maxAbout)
	}
	if err := checkLook(in.Colour, in.Icon, in.Description); err != nil {
		return out, err
	}
	c := &plan{target: collectionTarget + newID()}
	err = s.planTag(ctx, title, func(*tree) ([]merge.Change, error) {
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
			if o, err := s.model.collection(name); !errs.Is(err, errs.NotFound) && (o == nil || o.id != c.target) {
				return nil, errs.New(errs.Conflict, "there is a collection %q already", name).Try("Choose another name.")
			}
			c.set(nameField, name)
		}
		for _, f := range [][2]string{{queryField, in.Query}, {aboutField, in.Description}, {colourField, in.Colour}, {iconField, in.Icon}} {
			if f[1] != "" {
				c.set(f[0], f[1])
			}
		}
		return c.changes, nil
	})
	if err == nil {
		s.model.look(func(*tree) { out = showCollection(s.model.objects[c.target]) })
	}
	return out, err
}

func (s *Service) collectionDelete(ctx context.Context, in CollectionIn) (out Collection, err error) {
	err = s.planTag(ctx, "Delete the collection "+in.Collection, func(*tree) ([]merge.Change, error) {
		o, err := s.model.collection(in.Collection)
		if err != nil {
			return nil, err
		}
		out = showCollection(o)
		c := &plan{target: o.id}
		c.dropAll(o)
		return c.changes, nil
	})
	return out, err
}

// item is a file in a collection.
type item struct {
	target string
	at     float64
}

// items are the files of a collection in their order.
func (o *object) items() []item {
	out := make([]item, 0, len(o.sets[itemField]))
	for target, f := range o.sets[itemField] {
		at, err := strconv.ParseFloat(f.Value, 64)
		if err != nil {
			at = 0 // another version's: it stands somewhere
		}
		out = append(out, item{target, at})
	}
	slices.SortFunc(out, func(a, b item) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return strings.Compare(a.target, b.target)
	})
	return out
}

func position(at float64) string { return strconv.FormatFloat(at, 'g', -1, 64) }

func (s *Service) collectionAdd(ctx context.Context, in CollectIn) (out Done, err error) {
	some, err := s.chosen(ctx, in.Selection)
	if err != nil {
		return out, err
	}
	var changed, same int
	id, err := s.changePlaced(ctx, fmt.Sprintf("Put %s into %s", counted(len(some)), in.Collection), func(p *page) ([]merge.Change, error) {
		var o *object
		var has map[string]merge.Fact
		last := 0.0
		s.model.look(func(*tree) {
			if o, err = s.model.collection(in.Collection); err == nil {
				has = maps.Clone(o.sets[itemField])
				if items := o.items(); len(items) > 0 {
					last = items[len(items)-1].at
				}
			}
		})
		switch {
		case err != nil:
			return nil, err
		case o.one[queryField] != "":
			return nil, errs.New(errs.Invalid, "a search fills the collection %q", o.one[nameField]).Try("Change its search with: stardrive collection edit")
		case len(has)+len(some) > maxItems:
			return nil, errs.New(errs.Invalid, "a collection holds up to %d files", maxItems).Try("Make one that a search fills.")
		}
		targets, err := p.targetsOf(s.model, some, in.Here)
		if err != nil {
			return nil, err
		}
		c := &plan{target: o.id}
		once := map[string]bool{}
		for _, target := range targets {
			if _, there := has[target]; there || once[target] {
				same++
				continue
			}
			once[target] = true
			last++
			c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: o.id, Field: itemField, Member: target}, Value: position(last)})
		}
		changed = len(c.changes)
		return c.changes, nil
	})
	return done(id, changed, same), err
}

// collected are the files of a selection that stand in a collection. The caller holds
// the model.
func (s *Service) collected(o *object, some []thing) (targets []string) {
	once := map[string]bool{}
	for i := range some {
		for _, f := range s.model.of(some[i].ID, some[i].Content) {
			if _, in := o.sets[itemField][f.target]; in && !once[f.target] {
				once[f.target] = true
				targets = append(targets, f.target)
			}
		}
	}
	return targets
}

func (s *Service) collectionRemove(ctx context.Context, in CollectIn) (out Done, err error) {
	some, err := s.chosen(ctx, in.Selection)
	if err != nil {
		return out, err
	}
	changed := 0
	id, err := s.change(ctx, fmt.Sprintf("Take %s out of %s", counted(len(some)), in.Collection), func(*page) (changes []merge.Change, err error) {
		s.model.look(func(*tree) {
			var o *object
			if o, err = s.model.collection(in.Collection); err != nil {
				return
			}
			c := &plan{target: o.id}
			for _, target := range s.collected(o, some) {
				c.drop(itemField, target)
			}
			changes, changed = c.changes, len(c.changes)
		})
		return changes, err
	})
	return done(id, changed, 0), err
}

// collectionPlace gives files places between two others. Where numbers do not leave
// room for them, all get new ones.
func (s *Service) collectionPlace(ctx context.Context, in PlaceIn) (out Done, err error) {
	some, err := s.chosen(ctx, in.Selection)
	if err != nil {
		return out, err
	}
	changed := 0
	id, err := s.change(ctx, fmt.Sprintf("Move %s in %s", counted(len(some)), in.Collection), func(*page) (changes []merge.Change, err error) {
		s.model.look(func(*tree) {
			var o *object
			if o, err = s.model.collection(in.Collection); err != nil {
				return
			}
			moved := s.collected(o, some)
			rest := slices.DeleteFunc(o.items(), func(i item) bool { return slices.Contains(moved, i.target) })
			changed = len(moved)
			changes = planPlaces(o, moved, rest, min(in.At, len(rest)))
		})
		return changes, err
	})
	return done(id, changed, 0), err
}

func planPlaces(o *object, moved []string, rest []item, at int) (changes []merge.Change) {
	set := func(target string, to float64) {
		changes = append(changes, merge.Change{Key: merge.Key{Target: o.id, Field: itemField, Member: target}, Value: position(to)})
	}
	from, to := 0.0, 0.0
	if at > 0 {
		from = rest[at-1].at
	}
	if to = from + float64(len(moved)+1); at < len(rest) {
		to = rest[at].at
		if at == 0 {
			from = to - float64(len(moved)+1)
		}
	}
	step := (to - from) / float64(len(moved)+1)
	if step > 1e-6 {
		for i, target := range moved {
			set(target, from+step*float64(i+1))
		}
		return changes
	}
	n := 0.0
	for _, part := range [][]item{rest[:at], nil, rest[at:]} {
		if part == nil {
			for _, target := range moved {
				n++
				set(target, n)
			}
		}
		for _, i := range part {
			n++
			set(i.target, n)
		}
	}
	return changes
}

func (s *Service) collectionShow(ctx context.Context, in ShowCollectionIn) (out ShownCollection, err error) {
	if err := s.ready(ctx); err != nil {
		return out, err
	}
	if in.Limit == 0 {
		in.Limit = 100
	}
	out.Items = []catalog.View{}
	var files []*file
	s.model.look(func(*tree) {
		var o *object
		if o, err = s.model.collection(in.Collection); err != nil {
			return
		}
		out.Collection = showCollection(o)
		items := o.items()
		out.Total = len(items)
		for _, i := range items[min(in.Offset, len(items)):min(in.Offset+in.Limit, len(items))] {
			if f := s.model.files[i.target]; f != nil {
				c := *f
				c.links = slices.Clone(f.links)
				files = append(files, &c)
			} else {
				out.Away++
			}
		}
	})
	if err != nil {
		return out, err
	}
	var ids []ident.EntryID
	if out.Query != "" {
		err := s.Match(ctx, out.Query, func(id ident.EntryID) bool {
			if out.Total++; out.Total > in.Offset && len(ids) < in.Limit {
				ids = append(ids, id)
			}
			return true
		})
		if err != nil {
			return out, err
		}
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		for _, f := range files {
			id, err := standsAt(r, f)
			if err != nil {
				return err
			}
			if id == 0 {
				out.Away++
			} else {
				ids = append(ids, id)
			}
		}
		out.Items, err = s.views(r, ids)
		return err
	})
	return out, err
}

// standsAt is an entry by which a file can be shown: one that is present, if any is;
// 0: it stands nowhere.
func standsAt(r *catalog.Reader, f *file) (id ident.EntryID, err error) {
	var ids []ident.EntryID
	for _, l := range f.links {
		ids = append(ids, l.entry)
	}
	es, err := r.EntriesByID(ids)
	if err != nil {
		return 0, err
	}
	for i := range es {
		if es[i].State.There() {
			return es[i].ID, nil
		}
	}
	if f.content != 0 {
		err = r.Copies(f.content, func(e *catalog.Entry) error {
			if id == 0 && e.State.There() {
				id = e.ID
			}
			return nil
		})
	}
	return id, err
}

// views shows entries in the order of ids.
func (s *Service) views(r *catalog.Reader, ids []ident.EntryID) ([]catalog.View, error) {
	out := make([]catalog.View, 0, len(ids))
	es, err := r.EntriesByID(ids)
	if err != nil {
		return out, err
	}
	vols, err := r.Volumes()
	if err != nil {
		return out, err
	}
	grounds := map[ident.VolumeID]catalog.Ground{}
	for _, v := range vols {
		grounds[v.ID] = s.Ground(v)
	}
	for i := range es {
		path, err := r.Path(&es[i])
		if err != nil {
			return out, err
		}
		out = append(out, s.Catalog.NewView(&es[i], path, grounds[es[i].Volume]))
	}
	return out, nil
}

// findCollected finds what stands in a collection; one that a search fills finds
// nothing here.
func (s *Service) findCollected(name string) (find finder, problem string) {
	s.model.look(func(*tree) {
		o, err := s.model.collection(name)
		switch {
		case err != nil:
			problem = "no collection is named " + name
		case o.one[queryField] != "":
			problem = "a search fills this collection: write that search instead, " + o.one[queryField]
		}
	})
	return func(_ context.Context, content, entry func(int64)) error {
		s.model.look(func(*tree) {
			if o, err := s.model.collection(name); err == nil {
				for target := range o.sets[itemField] {
					if f := s.model.files[target]; f != nil {
						f.found(content, entry)
					}
				}
			}
		})
		return nil
	}, problem
}
