package organize

import (
	"context"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/vfs"
)

// How refs of items begin that are no targets.
const (
	volumeRef = "volume:" // and the identity
	savedRef  = "saved:"  // and the id
)

// shownThing is what an item is to show: a folder, or a ref that is known.
type shownThing struct {
	ref    string
	name   string
	folder []thing // one, in place of ref
}

// itemAdd puts something into a space.
func (s *Service) itemAdd(ctx context.Context, in AddItemIn) (out Space, err error) {
	what, err := s.thingToShow(ctx, in.Kind, in.Ref)
	if err != nil {
		return out, err
	}
	target := ""
	id, err := s.changePlaced(ctx, "Add "+plainTitle(what.name)+" to a space", func(p *page) (changes []merge.Change, err error) {
		if len(what.folder) > 0 { // it is followed where it goes
			targets, err := p.targetsOf(s.model, what.folder, true)
			if err != nil {
				return nil, err
			}
			what.ref = targets[0]
		}
		s.model.look(func(*tree) {
			b := s.model.board()
			var space *object
			if space, err = b.space(s.model, in.Space); err == nil {
				target = space.id
				changes, err = b.planItem(space, &in, what)
			}
		})
		return changes, err
	})
	if err != nil {
		return out, err
	}
	out, err = s.spaceShow(ctx, ShowSpaceIn{shortID(target)})
	out.Undo = undoText(id)
	return out, err
}

// planItem plans an item of a space.
func (b *board) planItem(space *object, in *AddItemIn, what shownThing) (changes []merge.Change, err error) {
	changes = b.store(space)
	group := b.ownGroup(space)
	switch {
	case in.Group != "":
		if group, err = b.taking(in.Group); err == nil && b.spaceOf(group) != space {
			err = errs.New(errs.Invalid, "the group is in another space")
		}
	case group == nil:
		var made []merge.Change
		first := 0
		group, made, err = b.planGroup(space, "Pinned", "", &first)
		changes = append(changes, made...)
	default:
		group, err = b.taking(shortID(group.id))
	}
	if err == nil && in.Label != "" {
		in.Label, err = spaceTitle("the name of an item", in.Label)
	}
	if err != nil {
		return nil, err
	}
	for _, other := range b.under[group.id] {
		if _, there := other.sets[refField][what.ref]; there && other.one[kindField] == string(in.Kind) {
			return nil, errs.New(errs.Conflict, "it is in this group already")
		}
	}
	o := &object{id: itemTarget + newID()}
	c := &plan{target: o.id}
	c.set(isField, "item")
	c.set(inField, group.id)
	c.set(kindField, string(in.Kind))
	c.set(nameField, what.name)
	if in.Label != "" {
		c.set(labelField, in.Label)
	}
	c.add(refField, what.ref)
	return append(append(changes, c.changes...), place(o, b.under[group.id], orAll(in.At, b.under[group.id]))...), nil
}

// thingToShow finds what an item is to show. Errors: errs.NotFound, errs.Invalid.
func (s *Service) thingToShow(ctx context.Context, kind ItemKind, ref string) (what shownThing, err error) {
	switch kind {
	case TagItem:
		s.model.look(func(t *tree) {
			var o *object
			if o, err = s.model.find(t, ref); err == nil {
				what = shownThing{ref: o.id, name: o.one[nameField]}
			}
		})
	case CollectionItem:
		s.model.look(func(*tree) {
			var o *object
			if o, err = s.model.collection(ref); err == nil {
				what = shownThing{ref: o.id, name: o.one[nameField]}
			}
		})
	case SavedItem:
		var all []Saved
		if all, err = s.Saved(ctx); err == nil {
			i := slices.IndexFunc(all, func(v Saved) bool { return v.Name == ref || v.ID == ref })
			if i < 0 {
				return what, errs.New(errs.NotFound, "no saved search is named %q", ref).Try("See those there are with: stardrive saved list")
			}
			what = shownThing{ref: savedRef + all[i].ID, name: all[i].Name}
		}
	case VolumeItem, LocationItem:
		return s.placeToShow(ctx, kind, ref)
	case FolderItem:
		in := Selection{Paths: []string{ref}}
		if id := new(ident.EntryID); !strings.ContainsAny(ref, "/\\~") && id.UnmarshalText([]byte(ref)) == nil {
			in = Selection{IDs: []string{ref}}
		}
		if what.folder, err = s.chosen(ctx, in); err == nil {
			if len(what.folder) != 1 || what.folder[0].Kind != vfs.Folder {
				return what, errs.New(errs.Invalid, "this is no folder").At(ref)
			}
			_, base := vfs.Split(what.folder[0].path)
			what.name = catalog.PlainName(base)
			if base == "" {
				what.name = ref
			}
		}
	case FileItem:
		err = errs.New(errs.Invalid, "files stand among favourites, and folders in a space").Try("stardrive favourite set FILE")
	}
	return what, err
}

// placeToShow finds a volume or location by name or id.
func (s *Service) placeToShow(ctx context.Context, kind ItemKind, ref string) (what shownThing, err error) {
	if err := s.ready(ctx); err != nil {
		return what, err
	}
	is := func(id interface{ MarshalText() ([]byte, error) }, name string) bool {
		text, _ := id.MarshalText()
		return string(text) == ref || collate.Fold(name) == collate.Fold(ref)
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		vols, err := r.Volumes()
		if err != nil {
			return err
		}
		for _, v := range vols {
			if kind == VolumeItem && (is(v.ID, v.Name) || v.Identity == ref) {
				what = shownThing{ref: volumeRef + v.Identity, name: v.Name}
				return nil
			}
		}
		locations, err := r.Locations()
		if err != nil {
			return err
		}
		for _, l := range locations {
			if kind == LocationItem && is(l.ID, l.Name) {
				what.name = l.Name
				what.folder, err = things(r, []ident.EntryID{l.Entry})
				return err
			}
		}
		return errs.New(errs.NotFound, "no %s is named %q", kind, ref).Try("See those there are with: stardrive " + string(kind) + " list")
	})
	return what, err
}
