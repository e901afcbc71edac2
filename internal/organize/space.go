package organize

import (
	"context"

	"github.com/stardrive/stardrive/internal/op"
)

const (
	spaceTarget = "s:"
	groupTarget = "g:"
	itemTarget  = "i:"

	inField   = "in"   // of a group its space, of an item its group
	fillField = "fill" // of a group that fills itself: with what
	kindField = "kind" // of an item
	refField  = "ref"  // likewise: a set of one, what it shows
	atField   = "at"   // of spaces, groups and items: a key of their order

	// defaultID is the space that is there without being stored.
	defaultID = "default"
)

// Limits of spaces.
const (
	maxSpaces     = 100
	maxGroups     = 100  // of one space
	maxSpaceItems = 1000 // of one group
)

// ItemKind is what an item of a space shows.
type ItemKind string

// The kinds of items.
const (
	LocationItem   ItemKind = "location"
	VolumeItem     ItemKind = "volume"
	FolderItem     ItemKind = "folder"
	TagItem        ItemKind = "tag"
	CollectionItem ItemKind = "collection"
	SavedItem      ItemKind = "saved"
	FileItem       ItemKind = "file" // among favourites alone
)

// Enum lists the kinds, for schemas.
func (ItemKind) Enum() []string {
	return []string{string(LocationItem), string(VolumeItem), string(FolderItem), string(TagItem), string(CollectionItem), string(SavedItem), string(FileItem)}
}

// TypeName is what clients call the type.
func (ItemKind) TypeName() string { return "SpaceItemKind" }

// Fill is what a group fills itself with.
type Fill string

// What groups fill themselves with.
const (
	FillLocations   Fill = "locations"
	FillVolumes     Fill = "volumes"
	FillFavourites  Fill = "favourites"
	FillTags        Fill = "tags"
	FillCollections Fill = "collections"
	FillSaved       Fill = "saved"
)

// Enum lists them, for schemas.
func (Fill) Enum() []string {
	return []string{string(FillLocations), string(FillVolumes), string(FillFavourites), string(FillTags), string(FillCollections), string(FillSaved)}
}

// TypeName is what clients call the type.
func (Fill) TypeName() string { return "SpaceFill" }

// SpaceItem is a line of a space.
type SpaceItem struct {
	ID      string   `json:"id,omitempty" jsonschema:"its id; none in a group that fills itself"`
	Kind    ItemKind `json:"kind" jsonschema:"what it shows"`
	Ref     string   `json:"ref" jsonschema:"which: id of a location, volume, tag, collection or entry, or name of a saved search; empty where it is gone"`
	Name    string   `json:"name" jsonschema:"what to write"`
	Label   string   `json:"label,omitempty" jsonschema:"what the user calls it here"`
	State   string   `json:"state" jsonschema:"ok, offline, or broken: what it shows is gone"`
	Problem string   `json:"problem,omitempty" jsonschema:"why it is broken"`
	Path    string   `json:"path,omitempty" jsonschema:"the SdPath of a location, volume, folder or file"`
	Entry   string   `json:"entry,omitempty" jsonschema:"the entry of a location, volume, folder or file"`
	Query   string   `json:"query,omitempty" jsonschema:"what to search for, of a tag, a saved search or a collection that a search fills"`
	Colour  string   `json:"colour,omitempty" jsonschema:"such as #3b82f6"`
	Icon    string   `json:"icon,omitempty" jsonschema:"name of an icon, or an emoji"`
}

// SpaceGroup is a part of a space with a title.
type SpaceGroup struct {
	ID    string      `json:"id" jsonschema:"its id, which never changes"`
	Name  string      `json:"name" jsonschema:"its title"`
	Fill  Fill        `json:"fill,omitempty" jsonschema:"what it fills itself with; none: with what is put into it"`
	Items []SpaceItem `json:"items" jsonschema:"in their order"`
}

// Space is a sidebar.
type Space struct {
	ID   string `json:"id" jsonschema:"its id, which never changes"`
	Name string `json:"name" jsonschema:"what it is called"`
	Look
	Default bool         `json:"default,omitempty" jsonschema:"the one that is always there"`
	Stored  bool         `json:"stored" jsonschema:"it was made or changed by the user"`
	Groups  []SpaceGroup `json:"groups,omitempty" jsonschema:"in their order; not in lists of spaces"`
	Undo    string       `json:"undo,omitempty" jsonschema:"of a change: what to give organize.undo to take it back"`
}

// SpaceList are spaces.
type SpaceList struct {
	Items []Space `json:"items" jsonschema:"in their order"`
}

// SpaceIn names a space.
type SpaceIn struct {
	Space string `json:"space" cli:"1" jsonschema:"its name or id"`
}

// ShowSpaceIn names a space.
type ShowSpaceIn struct {
	Space string `json:"space,omitempty" cli:"1" jsonschema:"its name or id; default: the one that is always there"`
}

// CreateSpaceIn is a space to make.
type CreateSpaceIn struct {
	Name string `json:"name" cli:"1" jsonschema:"what to call it"`
	Look
	Copy string `json:"copy,omitempty" jsonschema:"the space whose groups and items it begins with"`
}

// EditSpaceIn changes a space.
type EditSpaceIn struct {
	Space string `json:"space" cli:"1" jsonschema:"its name or id"`
	Name  string `json:"name,omitempty" jsonschema:"what to call it from now on"`
	Look
}

// PlaceSpaceIn moves a space among the others.
type PlaceSpaceIn struct {
	Space string `json:"space" cli:"1" jsonschema:"its name or id"`
	At    int    `json:"at" cli:"2" jsonschema:"how many are to stand before it" min:"0" max:"1000"`
}

// AddGroupIn is a group to make.
type AddGroupIn struct {
	Space string `json:"space" cli:"1" jsonschema:"the space, by name or id"`
	Name  string `json:"name" cli:"2" jsonschema:"the title of the group"`
	Fill  Fill   `json:"fill,omitempty" jsonschema:"what it fills itself with; default: what is put into it"`
	At    *int   `json:"at,omitempty" jsonschema:"how many groups are to stand before it; default: all" min:"0" max:"1000"`
}

// EditGroupIn renames a group.
type EditGroupIn struct {
	Group string `json:"group" cli:"1" jsonschema:"its id"`
	Name  string `json:"name" cli:"2" jsonschema:"its title from now on"`
}

// PlaceGroupIn moves a group.
type PlaceGroupIn struct {
	Group string `json:"group" cli:"1" jsonschema:"its id"`
	At    int    `json:"at" cli:"2" jsonschema:"how many groups are to stand before it" min:"0" max:"1000"`
}

// GroupIn names a group.
type GroupIn struct {
	Group string `json:"group" cli:"1" jsonschema:"its id"`
}

// AddItemIn is an item to put into a space.
type AddItemIn struct {
	Space string   `json:"space" cli:"1" jsonschema:"the space, by name or id"`
	Kind  ItemKind `json:"kind" cli:"2" jsonschema:"what it shows: location, volume, folder, tag, collection or saved"`
	Ref   string   `json:"ref" cli:"3" jsonschema:"which: name or id of a location, volume, tag or collection, path or entry id of a folder, name of a saved search"`
	Group string   `json:"group,omitempty" jsonschema:"id of the group; default: the first that does not fill itself, which is made where there is none"`
	Label string   `json:"label,omitempty" jsonschema:"what to call it here"`
	At    *int     `json:"at,omitempty" jsonschema:"how many items are to stand before it; default: all" min:"0" max:"10000"`
}

// EditItemIn renames an item.
type EditItemIn struct {
	Item  string `json:"item" cli:"1" jsonschema:"its id"`
	Label string `json:"label,omitempty" cli:"2" jsonschema:"what to call it here; nothing: what it is called elsewhere"`
}

// PlaceItemIn moves an item.
type PlaceItemIn struct {
	Item  string `json:"item" cli:"1" jsonschema:"its id"`
	At    int    `json:"at" cli:"2" jsonschema:"how many items are to stand before it" min:"0" max:"10000"`
	Group string `json:"group,omitempty" jsonschema:"id of the group into which it goes; default: its own"`
}

// ItemIn names an item.
type ItemIn struct {
	Item string `json:"item" cli:"1" jsonschema:"its id"`
}

func (s *Service) spaceOps() []op.Def {
	return []op.Def{
		op.NewQuery("space.list", "List spaces: sidebars with what you want at hand", s.spaceList, op.Example("stardrive space list")),
		op.NewQuery("space.show", "Show a space with its groups and items", s.spaceShow, op.Example("stardrive space show work")),
		op.NewCommand("space.create", "Make a space", s.spaceCreate, op.Example("stardrive space create work --copy default")),
		op.NewCommand("space.edit", "Rename a space, or change how it looks", s.spaceEdit, op.Example("stardrive space edit work --name office --icon '🏢'")),
		op.NewCommand("space.place", "Give a space another place among the others", s.spacePlace, op.Example("stardrive space place work 0")),
		op.NewCommand("space.delete", "Delete a space; what it shows stays. The default one is put back as it was made", s.spaceDelete, op.Example("stardrive space delete work")),
		op.NewCommand("space.group_add", "Make a group in a space", s.groupAdd, op.Example("stardrive space group-add work Drives --fill volumes")),
		op.NewCommand("space.group_edit", "Rename a group of a space", s.groupEdit, op.Example("stardrive space group-edit k3q7x9m2p4a5z Disks")),
		op.NewCommand("space.group_place", "Give a group another place in its space", s.groupPlace, op.Example("stardrive space group-place k3q7x9m2p4a5z 0")),
		op.NewCommand("space.group_remove", "Take a group out of its space, with its items", s.groupRemove, op.Example("stardrive space group-remove k3q7x9m2p4a5z")),
		op.NewCommand("space.item_add", "Put a location, volume, folder, tag, collection or saved search into a space", s.itemAdd,
			op.Example("stardrive space item-add work tag invoices")),
		op.NewCommand("space.item_edit", "Rename an item of a space there", s.itemEdit, op.Example("stardrive space item-edit k3q7x9m2p4a5z Bills")),
		op.NewCommand("space.item_place", "Give an item another place in a space", s.itemPlace, op.Example("stardrive space item-place k3q7x9m2p4a5z 0")),
		op.NewCommand("space.item_remove", "Take an item out of a space; what it shows stays", s.itemRemove, op.Example("stardrive space item-remove k3q7x9m2p4a5z")),
	}
}

func (s *Service) spaceList(context.Context, struct{}) (out SpaceList, err error) {
	out.Items = []Space{}
	s.model.look(func(*tree) {
		b := s.model.board()
		for _, o := range b.spaces {
			out.Items = append(out.Items, b.show(o))
		}
	})
	return out, nil
}

func (b *board) show(o *object) Space {
	return Space{ID: shortID(o.id), Name: o.one[nameField], Look: lookOf(o), Default: o.id == spaceTarget+defaultID, Stored: !b.virtual || o.id != spaceTarget+defaultID}
}
