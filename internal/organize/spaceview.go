package organize

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// maxFill is how many items a group that fills itself shows.
const maxFill = 500

// scene is what the items of a space are shown by.
type scene struct {
	*Service
	r         *catalog.Reader
	t         *tree
	locations []catalog.Location
	volumes   []catalog.Volume
	saved     []Saved
}

func (s *Service) spaceShow(ctx context.Context, in ShowSpaceIn) (out Space, err error) {
	if err := s.ready(ctx); err != nil {
		return out, err
	}
	c := scene{Service: s}
	if c.saved, err = s.Saved(ctx); err != nil {
		return out, err
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		c.r = r
		if c.locations, err = r.Locations(); err != nil {
			return err
		}
		if c.volumes, err = r.Volumes(); err != nil {
			return err
		}
		s.model.look(func(t *tree) {
			c.t = t
			b := s.model.board()
			var o *object
			if o, err = b.space(s.model, in.Space); err == nil {
				out = b.show(o)
				out.Groups, err = c.groups(b, o)
			}
		})
		return err
	})
	return out, err
}

func (c *scene) groups(b *board, space *object) ([]SpaceGroup, error) {
	out := []SpaceGroup{}
	for _, g := range b.under[space.id] {
		v := SpaceGroup{ID: shortID(g.id), Name: g.one[nameField], Fill: Fill(g.one[fillField]), Items: []SpaceItem{}}
		var err error
		if v.Fill != "" {
			v.Items, err = c.fill(v.Fill)
		} else {
			for _, o := range b.under[g.id] {
				item, e := c.item(o)
				if e != nil {
					return nil, e
				}
				v.Items = append(v.Items, item)
			}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// item shows an item that the user put there. The caller holds the model.
func (c *scene) item(o *object) (v SpaceItem, err error) {
	kind := ItemKind(o.one[kindField])
	v = SpaceItem{Kind: kind, Name: o.one[nameField], State: "broken", Problem: "it is gone"}
	refs := slices.Sorted(maps.Keys(o.sets[refField]))
	if len(refs) > 0 {
		switch ref := refs[0]; kind {
		case TagItem:
			if t := c.model.objects[ref]; t.there() {
				v = c.tag(t)
			}
		case CollectionItem:
			if l := c.model.objects[ref]; l.there() {
				v = c.collection(l)
			}
		case SavedItem:
			if i := slices.IndexFunc(c.saved, func(v Saved) bool { return savedRef+v.ID == ref }); i >= 0 {
				v = savedItem(&c.saved[i])
			}
		case VolumeItem:
			if i := slices.IndexFunc(c.volumes, func(v catalog.Volume) bool { return v.Identity == strings.TrimPrefix(ref, volumeRef) }); i >= 0 {
				v, err = c.volume(&c.volumes[i])
			}
		case FolderItem, LocationItem, FileItem:
			v, err = c.folder(v, ref)
		}
	}
	v.ID, v.Label = shortID(o.id), o.one[labelField]
	v.Name = cmp.Or(v.Label, v.Name)
	return v, err
}

// folder shows a folder or location that was noted as a target; broken is what it is
// if it stands nowhere.
func (c *scene) folder(broken SpaceItem, ref string) (SpaceItem, error) {
	f := c.model.files[ref]
	if f == nil {
		return broken, nil
	}
	id, err := standsAt(c.r, f)
	if err != nil || id == 0 {
		return broken, err
	}
	if broken.Kind == LocationItem {
		i := slices.IndexFunc(c.locations, func(l catalog.Location) bool { return l.Entry == id })
		if i < 0 {
			broken.Problem = "the location was removed; the folder is there"
			return broken, nil
		}
		return c.location(&c.locations[i])
	}
	return c.entry(broken.Kind, id)
}

func (c *scene) tag(o *object) SpaceItem {
	query := "tag:" + asValue(o.one[nameField])
	if len(c.t.byName[collate.Fold(o.one[nameField])]) > 1 {
		query = "tag:" + shortID(o.id)
	}
	return SpaceItem{Kind: TagItem, Ref: shortID(o.id), Name: o.one[nameField], State: "ok", Query: query, Colour: o.one[colourField], Icon: o.one[iconField]}
}

func (c *scene) collection(o *object) SpaceItem {
	return SpaceItem{
		Kind: CollectionItem, Ref: shortID(o.id), Name: o.one[nameField], State: "ok", Query: o.one[queryField], Colour: o.one[colourField], Icon: o.one[iconField],
	}
}

func savedItem(v *Saved) SpaceItem {
	return SpaceItem{Kind: SavedItem, Ref: v.Name, Name: v.Name, State: "ok", Query: v.Query}
}

func (c *scene) volume(v *catalog.Volume) (SpaceItem, error) {
	out, err := c.entry(VolumeItem, v.Root)
	text, _ := v.ID.MarshalText()
	out.Ref, out.Name = string(text), v.Name
	return out, err
}

func (c *scene) location(l *catalog.Location) (SpaceItem, error) {
	out, err := c.entry(LocationItem, l.Entry)
	text, _ := l.ID.MarshalText()
	out.Ref, out.Name = string(text), l.Name
	return out, err
}

// entry shows a folder or file.
func (c *scene) entry(kind ItemKind, id ident.EntryID) (out SpaceItem, err error) {
	out = SpaceItem{Kind: kind, State: "broken", Problem: "it is gone"}
	views, err := c.views(c.r, []ident.EntryID{id})
	if err != nil || len(views) == 0 {
		return out, err
	}
	v := views[0]
	out = SpaceItem{Kind: kind, Ref: v.ID, Name: v.Name, State: "ok", Path: v.Path, Entry: v.ID}
	switch v.State {
	case "offline":
		out.State = "offline"
	case "absent":
		out.State, out.Problem = "broken", "it is not there any more"
	}
	return out, nil
}

// fill are the items of a group that fills itself. The caller holds the model.
func (c *scene) fill(with Fill) (all []SpaceItem, err error) {
	all = []SpaceItem{}
	add := func(v SpaceItem, e error) {
		if err == nil {
			err = e
		}
		all = append(all, v)
	}
	switch with {
	case FillLocations:
		for i := range c.locations[:min(maxFill, len(c.locations))] {
			add(c.location(&c.locations[i]))
		}
	case FillVolumes:
		for i := range c.volumes[:min(maxFill, len(c.volumes))] {
			add(c.volume(&c.volumes[i]))
		}
	case FillTags:
		for _, id := range c.t.roots[:min(maxFill, len(c.t.roots))] {
			add(c.tag(c.model.objects[id]), nil)
		}
	case FillCollections:
		some := c.model.those(collectionSort)
		for _, o := range some[:min(maxFill, len(some))] {
			add(c.collection(o), nil)
		}
	case FillSaved:
		for i := range c.saved[:min(maxFill, len(c.saved))] {
			add(savedItem(&c.saved[i]), nil)
		}
	case FillFavourites:
		return c.favourites()
	}
	return all, err
}

// favourites are items for what is marked so and stands somewhere, by name.
func (c *scene) favourites() ([]SpaceItem, error) {
	all := []SpaceItem{}
	some, err := c.standingOf(c.r, copied(c.model.marked[favouriteField]))
	for _, st := range some[:min(maxFill, len(some))] {
		v := st.view
		item := SpaceItem{Kind: FileItem, Ref: v.ID, Name: v.Name, State: "ok", Path: v.Path, Entry: v.ID}
		if v.Kind == vfs.Folder.String() {
			item.Kind = FolderItem
		}
		if v.State == "offline" {
			item.State = "offline"
		}
		all = append(all, item)
	}
	return all, err
}
