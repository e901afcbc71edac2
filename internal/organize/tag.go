package organize

import (
	"github.com/stardrive/stardrive/internal/op"
)

// Limits of what users write.
const (
	maxName    = 200 // bytes
	maxAbout   = 10_000
	maxAliases = 1000 // of one tag
	maxTags    = 100_000
)

// TagType is what a tag is for.
type TagType string

// The types of tags.
const (
	Standard       TagType = "standard"
	Organisational TagType = "organisational" // holds other tags, and is for no file itself
	Private        TagType = "private"        // what has it is left out of searches that do not ask for it
	System         TagType = "system"         // of this program and its extensions
)

// Enum lists the types, for schemas.
func (TagType) Enum() []string {
	return []string{string(Standard), string(Organisational), string(Private), string(System)}
}

// TypeName is what clients call the type.
func (TagType) TypeName() string { return "TagType" }

// Tag is a tag as answers show it.
type Tag struct {
	ID          string   `json:"id" jsonschema:"its id, which never changes"`
	Name        string   `json:"name" jsonschema:"what it is called"`
	Namespace   string   `json:"namespace,omitempty" jsonschema:"what tells it from others of its name"`
	Type        TagType  `json:"type" jsonschema:"standard, organisational, private or system"`
	Colour      string   `json:"colour,omitempty" jsonschema:"such as #3b82f6"`
	Icon        string   `json:"icon,omitempty" jsonschema:"name of an icon, or an emoji"`
	Description string   `json:"description,omitempty" jsonschema:"what it means"`
	Aliases     []string `json:"aliases,omitempty" jsonschema:"other names by which it is found"`
	Parents     []string `json:"parents,omitempty" jsonschema:"ids of the tags that it is a sort of"`
	Synonyms    []string `json:"synonyms,omitempty" jsonschema:"ids of tags that mean the same"`
	Related     []string `json:"related,omitempty" jsonschema:"ids of tags that have to do with it"`
	Files       int      `json:"files" jsonschema:"contents and places that have it themselves"`
	Depth       int      `json:"depth,omitempty" jsonschema:"in a tree: how far below its top"`
	Idle        []string `json:"idle,omitempty" jsonschema:"ids of parents that have no effect, since they would close a circle"`
	Undo        string   `json:"undo,omitempty" jsonschema:"of a change: what to give organize.undo to take it back"`
}

// TagList are tags.
type TagList struct {
	Items []Tag `json:"items" jsonschema:"in the order of their names; in a tree each below its parents"`
}

// TagIn names a tag.
type TagIn struct {
	Tag string `json:"tag" cli:"1" jsonschema:"the tag: its name, namespace/name, an alias or its id"`
}

// CreateTagIn is a tag to make.
type CreateTagIn struct {
	Name        string   `json:"name" cli:"1" jsonschema:"what to call it"`
	Namespace   string   `json:"namespace,omitempty" jsonschema:"what tells it from others of its name"`
	Parents     []string `json:"parents,omitempty" jsonschema:"tags that it is a sort of"`
	Aliases     []string `json:"aliases,omitempty" jsonschema:"other names by which it is found"`
	Type        TagType  `json:"type,omitempty" jsonschema:"what it is for; default standard"`
	Colour      string   `json:"colour,omitempty" jsonschema:"such as #3b82f6"`
	Icon        string   `json:"icon,omitempty" jsonschema:"name of an icon, or an emoji"`
	Description string   `json:"description,omitempty" jsonschema:"what it means"`
}

// EditTagIn changes a tag.
type EditTagIn struct {
	Tag           string   `json:"tag" cli:"1" jsonschema:"the tag: its name, namespace/name, an alias or its id"`
	Name          string   `json:"name,omitempty" jsonschema:"what to call it from now on"`
	Namespace     string   `json:"namespace,omitempty" jsonschema:"what tells it from others of its name"`
	Type          TagType  `json:"type,omitempty" jsonschema:"what it is for"`
	Colour        string   `json:"colour,omitempty" jsonschema:"such as #3b82f6"`
	Icon          string   `json:"icon,omitempty" jsonschema:"name of an icon, or an emoji"`
	Description   string   `json:"description,omitempty" jsonschema:"what it means"`
	Clear         []string `json:"clear,omitempty" jsonschema:"what to empty: namespace, colour, icon or description"`
	AddAliases    []string `json:"add_aliases,omitempty" jsonschema:"other names by which it is found from now on"`
	RemoveAliases []string `json:"remove_aliases,omitempty" jsonschema:"names by which it is not found any more"`
	AddSynonyms   []string `json:"add_synonyms,omitempty" jsonschema:"tags that mean the same: who looks for one finds the other"`
	AddRelated    []string `json:"add_related,omitempty" jsonschema:"tags that have to do with it"`
	Unrelate      []string `json:"unrelate,omitempty" jsonschema:"tags that are not its synonyms, nor related, any more"`
}

// MoveTagIn moves a tag in the tree.
type MoveTagIn struct {
	Tag  string `json:"tag" cli:"1" jsonschema:"the tag"`
	To   string `json:"to,omitempty" cli:"2" jsonschema:"the tag that it is a sort of from now on; none: it stands at the top"`
	From string `json:"from,omitempty" jsonschema:"the one that it is no sort of any more; default: all"`
	Keep bool   `json:"keep,omitempty" jsonschema:"it stays a sort of what it was, too"`
}

// MergeTagsIn makes one tag of several.
type MergeTagsIn struct {
	Into string   `json:"into" cli:"1" jsonschema:"the tag that stays"`
	Tags []string `json:"tags" cli:"rest" jsonschema:"the tags that go: their files get the one that stays, and their names become its aliases"`
}

// ListTagsIn chooses tags.
type ListTagsIn struct {
	Match string `json:"match,omitempty" cli:"1" jsonschema:"only those whose name, alias or namespace holds this"`
}

// TreeIn chooses a part of the tree of tags.
type TreeIn struct {
	Tag string `json:"tag,omitempty" cli:"1" jsonschema:"only this tag with all below it"`
}

// CompleteTagIn is the beginning of a name.
type CompleteTagIn struct {
	Prefix string `json:"prefix" cli:"1" jsonschema:"what was typed so far"`
	Limit  int    `json:"limit,omitempty" jsonschema:"how many to show; default 20" min:"0" max:"1000"`
}

func (s *Service) tagOps() []op.Def {
	return []op.Def{
		op.NewQuery("tag.list", "List tags", s.tagList, op.Example("stardrive tag list")),
		op.NewQuery("tag.tree", "Show tags as a tree", s.tagTree, op.Example("stardrive tag tree")),
		op.NewQuery("tag.show", "Show a tag", s.tagShow, op.Example("stardrive tag show work")),
		op.NewQuery("tag.complete", "Complete a tag's name that is being typed", s.tagComplete, op.Hidden(), op.Example("stardrive op tag.complete '{\"prefix\":\"wo\"}'")),
		op.NewCommand("tag.create", "Make a tag", s.tagCreate, op.Example("stardrive tag create invoices --parents work --colour '#3b82f6'")),
		op.NewCommand("tag.edit", "Rename or recolour a tag, or change what else is known of it", s.tagEdit, op.Example("stardrive tag edit work --name office --add-aliases job")),
		op.NewCommand("tag.move", "Move a tag below another", s.tagMove, op.Example("stardrive tag move invoices work")),
		op.NewCommand("tag.merge", "Make one tag of several", s.tagMerge, op.Example("stardrive tag merge work job office")),
		op.NewCommand("tag.delete", "Delete a tag; files that have it stay", s.tagDelete, op.Example("stardrive tag delete draft")),
	}
}
