package organize

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize/merge"
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

// find returns the tag that a name means. Errors: errs.NotFound, errs.Invalid.
func (m *model) find(t *tree, name string) (*object, error) {
	if o := m.objects[tagTarget+name]; o.there() {
		return o, nil
	}
	switch ids := t.byName[collate.Fold(name)]; len(ids) {
	case 0:
		return nil, errs.New(errs.NotFound, "no tag is named %q", name).Try("See those there are with: stardrive tag list")
	case 1:
		return m.objects[ids[0]], nil
	default:
		var ways []string
		for _, id := range ids {
			ways = append(ways, m.wayTo(id))
		}
		return nil, errs.New(errs.Invalid, "several tags are named %q: %s", name, strings.Join(ways, ", ")).Try("Name the one you mean by its namespace, or by its id.")
	}
}

// wayTo names a tag so that it can be told from others.
func (m *model) wayTo(id string) string {
	o := m.objects[id]
	if space := o.one[spaceField]; space != "" {
		return space + "/" + o.one[nameField]
	}
	return o.one[nameField] + " (" + strings.TrimPrefix(id, tagTarget) + ")"
}

func shortIDs(targets []string) (out []string) {
	for _, t := range targets {
		_, id, _ := strings.Cut(t, ":")
		out = append(out, id)
	}
	return out
}

// show is a tag for answers.
func (m *model) show(t *tree, o *object) Tag {
	v := Tag{
		ID: strings.TrimPrefix(o.id, tagTarget), Name: o.one[nameField], Namespace: o.one[spaceField], Type: typeOf(o), Colour: o.one[colourField],
		Icon: o.one[iconField], Description: o.one[aboutField], Aliases: slices.Sorted(maps.Keys(o.sets[aliasField])), Parents: shortIDs(t.parents[o.id]),
		Synonyms: shortIDs(sorted(t.same[o.id])), Files: len(m.byTag[o.id]),
	}
	for r := range o.sets[relatedField] {
		if m.objects[r].there() {
			v.Related = append(v.Related, r)
		}
	}
	v.Related = shortIDs(sorted(v.Related))
	v.Idle = shortIDs(slices.Sorted(maps.Keys(t.idle[o.id])))
	return v
}

func sorted(some []string) []string {
	out := slices.Clone(some)
	slices.Sort(out)
	return slices.Compact(out)
}

func typeOf(o *object) TagType {
	if t := TagType(o.one[typeField]); slices.Contains(t.Enum(), string(t)) {
		return t
	}
	return Standard
}

func (s *Service) tagList(_ context.Context, in ListTagsIn) (out TagList, err error) {
	out.Items = []Tag{}
	match := collate.Fold(in.Match)
	s.model.look(func(t *tree) {
		once := map[string]bool{}
		for _, n := range t.names {
			for _, id := range t.byName[n] {
				if strings.Contains(n, match) && !once[id] {
					once[id] = true
					out.Items = append(out.Items, s.model.show(t, s.model.objects[id]))
				}
			}
		}
	})
	slices.SortStableFunc(out.Items, func(a, b Tag) int {
		if n := collate.Natural(a.Name, b.Name); n != 0 {
			return n
		}
		return strings.Compare(a.Namespace+a.ID, b.Namespace+b.ID)
	})
	return out, nil
}

// maxTree is how many lines a tree of tags has at most: a tag with many parents
// stands below each of them, with all that is below it.
const maxTree = 100_000

func (s *Service) tagTree(_ context.Context, in TreeIn) (out TagList, err error) {
	out.Items = []Tag{}
	s.model.look(func(t *tree) {
		roots := t.roots
		if in.Tag != "" {
			var o *object
			if o, err = s.model.find(t, in.Tag); err != nil {
				return
			}
			roots = []string{o.id}
		}
		var walk func(ids []string, depth int)
		walk = func(ids []string, depth int) {
			for _, id := range ids {
				if len(out.Items) >= maxTree {
					return
				}
				v := s.model.show(t, s.model.objects[id])
				v.Depth = depth
				out.Items = append(out.Items, v)
				walk(t.children[id], depth+1)
			}
		}
		walk(roots, 0)
	})
	return out, err
}

func (s *Service) tagShow(_ context.Context, in TagIn) (out Tag, err error) {
	s.model.look(func(t *tree) {
		var o *object
		if o, err = s.model.find(t, in.Tag); err == nil {
			out = s.model.show(t, o)
		}
	})
	return out, err
}

// tagComplete finds tags whose name or alias begins as typed, those with most files
// first.
func (s *Service) tagComplete(_ context.Context, in CompleteTagIn) (out TagList, err error) {
	out.Items = []Tag{}
	limit := in.Limit
	if limit == 0 {
		limit = 20
	}
	prefix := collate.Fold(in.Prefix)
	s.model.look(func(t *tree) {
		at, _ := slices.BinarySearch(t.names, prefix)
		once := map[string]bool{}
		for ; at < len(t.names) && strings.HasPrefix(t.names[at], prefix); at++ {
			for _, id := range t.byName[t.names[at]] {
				if !once[id] {
					once[id] = true
					out.Items = append(out.Items, s.model.show(t, s.model.objects[id]))
				}
			}
		}
	})
	slices.SortStableFunc(out.Items, func(a, b Tag) int { return b.Files - a.Files })
	out.Items = out.Items[:min(limit, len(out.Items))]
	return out, nil
}

var colourRE = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// checkName makes sure that a text can be a name: what people see, and nothing that
// hides or that a query could not hold.
func checkName(what, name string, limit int) (string, error) {
	name = strings.TrimSpace(name)
	hidden := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
	switch {
	case name == "" || len(name) > limit:
		return "", errs.New(errs.Invalid, "%s has 1 to %d bytes", what, limit).Try("Choose another name.")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, hidden):
		return "", errs.New(errs.Invalid, "%s holds signs that cannot be seen", what).Try("Choose another name.")
	case strings.ContainsAny(name, `/",`):
		return "", errs.New(errs.Invalid, "%s may not hold a slash, a comma or a quote", what).Try("Choose another name.")
	}
	return name, nil
}

// look checks what a tag looks like.
func checkLook(colour, icon, about string) error {
	switch {
	case colour != "" && !colourRE.MatchString(colour):
		return errs.New(errs.Invalid, "%q is no colour", colour).Try("Write it such as #3b82f6.")
	case len(icon) > maxName || !utf8.ValidString(icon):
		return errs.New(errs.Invalid, "an icon has up to %d bytes", maxName)
	case len(about) > maxAbout || !utf8.ValidString(about):
		return errs.New(errs.Invalid, "a description has up to %d bytes", maxAbout)
	}
	return nil
}

// free makes sure that no other tag of the namespace has the name.
func (m *model) free(t *tree, name, space, but string) error {
	key := collate.Fold(name)
	for _, id := range t.byName[key] {
		if o := m.objects[id]; id != but && collate.Fold(o.one[spaceField]) == collate.Fold(space) {
			return errs.New(errs.Conflict, "there is a tag %q already", m.wayTo(id)).Try("Choose another name, or tell them apart by a namespace.")
		}
	}
	return nil
}

// plan makes the changes to one target.
type plan struct {
	target  string
	changes []merge.Change
}

func (c *plan) set(field, value string) {
	c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: c.target, Field: field}, Value: value, Drop: value == ""})
}

func (c *plan) add(field, member string) {
	c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: c.target, Field: field, Member: member}})
}

func (c *plan) drop(field, member string) {
	c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: c.target, Field: field, Member: member}, Drop: true})
}

// dropAll takes all away that is known of a tag or the like.
func (c *plan) dropAll(o *object) {
	for _, field := range slices.Sorted(maps.Keys(o.one)) {
		c.drop(field, "")
	}
	for _, field := range slices.Sorted(maps.Keys(o.sets)) {
		for _, member := range slices.Sorted(maps.Keys(o.sets[field])) {
			c.drop(field, member)
		}
	}
}

// planTag has fn plan changes of tags with the tree before it.
func (s *Service) planTag(ctx context.Context, title string, fn func(t *tree) ([]merge.Change, error)) error {
	_, err := s.change(ctx, title, func(*page) (changes []merge.Change, err error) {
		s.model.look(func(t *tree) { changes, err = fn(t) })
		return changes, err
	})
	return err
}

func (s *Service) tagCreate(ctx context.Context, in CreateTagIn) (out Tag, err error) {
	c := &plan{target: tagTarget + newID()}
	err = s.planTag(ctx, "Make the tag "+in.Name, func(t *tree) ([]merge.Change, error) {
		err := s.planCreate(t, c, &in)
		return c.changes, err
	})
	if err != nil {
		return out, err
	}
	return s.tagShow(ctx, TagIn{Tag: strings.TrimPrefix(c.target, tagTarget)})
}

// planCreate plans a new tag. The caller holds the model.
func (s *Service) planCreate(t *tree, c *plan, in *CreateTagIn) (err error) {
	if len(t.names) >= maxTags {
		return errs.New(errs.Invalid, "a library has up to %d names of tags", maxTags)
	}
	if in.Name, err = checkName("the name of a tag", in.Name, maxName); err != nil {
		return err
	}
	if in.Namespace != "" {
		if in.Namespace, err = checkName("a namespace", in.Namespace, maxName); err != nil {
			return err
		}
	}
	if err := checkLook(in.Colour, in.Icon, in.Description); err != nil {
		return err
	}
	if err := s.model.free(t, in.Name, in.Namespace, ""); err != nil {
		return err
	}
	c.set(isField, "tag")
	for _, f := range [][2]string{{nameField, in.Name}, {spaceField, in.Namespace}, {typeField, string(in.Type)}, {colourField, in.Colour}, {iconField, in.Icon}, {aboutField, in.Description}} {
		if f[1] != "" {
			c.set(f[0], f[1])
		}
	}
	if err := s.planAliases(c, nil, in.Aliases); err != nil {
		return err
	}
	for _, p := range sorted(in.Parents) {
		o, err := s.model.find(t, p)
		if err != nil {
			return err
		}
		c.add(parentField, o.id)
	}
	return nil
}

func (s *Service) planAliases(c *plan, o *object, aliases []string) error {
	have := 0
	if o != nil {
		have = len(o.sets[aliasField])
	}
	if have+len(aliases) > maxAliases {
		return errs.New(errs.Invalid, "a tag has up to %d aliases", maxAliases)
	}
	for _, a := range sorted(aliases) {
		a, err := checkName("an alias", a, maxName)
		if err != nil {
			return err
		}
		c.add(aliasField, a)
	}
	return nil
}

func (s *Service) tagEdit(ctx context.Context, in EditTagIn) (out Tag, err error) {
	var id string
	err = s.planTag(ctx, "Edit the tag "+in.Tag, func(t *tree) ([]merge.Change, error) {
		o, err := s.model.find(t, in.Tag)
		if err != nil {
			return nil, err
		}
		id = strings.TrimPrefix(o.id, tagTarget)
		c := &plan{target: o.id}
		err = s.planEdit(t, c, o, &in)
		return c.changes, err
	})
	if err != nil {
		return out, err
	}
	return s.tagShow(ctx, TagIn{Tag: id})
}

func (s *Service) planEdit(t *tree, c *plan, o *object, in *EditTagIn) (err error) {
	name, space := o.one[nameField], o.one[spaceField]
	if in.Name != "" {
		if name, err = checkName("the name of a tag", in.Name, maxName); err != nil {
			return err
		}
	}
	if in.Namespace != "" {
		if space, err = checkName("a namespace", in.Namespace, maxName); err != nil {
			return err
		}
	}
	fields := map[string]string{"namespace": spaceField, "colour": colourField, "icon": iconField, "description": aboutField}
	for _, f := range in.Clear {
		field, ok := fields[f]
		if !ok {
			return errs.New(errs.Invalid, "%q cannot be emptied", f).Try("There are namespace, colour, icon and description.")
		}
		if field == spaceField {
			space = ""
		}
		c.set(field, "")
	}
	if err := checkLook(in.Colour, in.Icon, in.Description); err != nil {
		return err
	}
	if err := s.model.free(t, name, space, o.id); err != nil {
		return err
	}
	for _, f := range [][2]string{{nameField, in.Name}, {spaceField, in.Namespace}, {typeField, string(in.Type)}, {colourField, in.Colour}, {iconField, in.Icon}, {aboutField, in.Description}} {
		if f[1] != "" && !slices.ContainsFunc(c.changes, func(d merge.Change) bool { return d.Field == f[0] }) {
			c.set(f[0], strings.TrimSpace(f[1]))
		}
	}
	for _, a := range sorted(in.RemoveAliases) {
		c.drop(aliasField, a)
	}
	if err := s.planAliases(c, o, slices.DeleteFunc(in.AddAliases, func(a string) bool { return slices.Contains(in.RemoveAliases, a) })); err != nil {
		return err
	}
	return s.planRelations(t, c, o, in)
}

func (s *Service) planRelations(t *tree, c *plan, o *object, in *EditTagIn) error {
	done := map[string]bool{}
	for _, w := range []struct {
		field string
		names []string
		drop  bool
	}{{synonymField, in.AddSynonyms, false}, {relatedField, in.AddRelated, false}, {"", in.Unrelate, true}} {
		for _, n := range w.names {
			other, err := s.model.find(t, n)
			if err != nil {
				return err
			}
			switch {
			case done[w.field+other.id]:
			case other.id == o.id:
				return errs.New(errs.Invalid, "a tag always means the same as itself")
			case w.drop:
				for _, field := range []string{synonymField, relatedField} {
					if !done[field+other.id] {
						c.drop(field, other.id)
						c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: other.id, Field: field, Member: o.id}, Drop: true})
					}
				}
			default:
				c.add(w.field, other.id)
			}
			done[w.field+other.id] = true
		}
	}
	return nil
}

func (s *Service) tagMove(ctx context.Context, in MoveTagIn) (out Tag, err error) {
	var id string
	err = s.planTag(ctx, "Move the tag "+in.Tag, func(t *tree) ([]merge.Change, error) {
		o, err := s.model.find(t, in.Tag)
		if err != nil {
			return nil, err
		}
		id = strings.TrimPrefix(o.id, tagTarget)
		c := &plan{target: o.id}
		to := ""
		if in.To != "" {
			p, err := s.model.find(t, in.To)
			if err != nil {
				return nil, err
			}
			if to = p.id; slices.Contains(t.downward(o.id), to) {
				return nil, errs.New(errs.Invalid, "%q is the tag itself or stands below it, and a tag cannot stand below itself", p.one[nameField]).Try("Choose another.")
			}
		}
		from := slices.Sorted(maps.Keys(o.sets[parentField]))
		if in.From != "" {
			p, err := s.model.find(t, in.From)
			if err != nil {
				return nil, err
			}
			from = []string{p.id}
		}
		for _, p := range from {
			if !in.Keep && p != to {
				c.drop(parentField, p)
			}
		}
		if to != "" {
			c.add(parentField, to)
		}
		return c.changes, nil
	})
	if err != nil {
		return out, err
	}
	return s.tagShow(ctx, TagIn{Tag: id})
}

// downward returns a tag with all that stands below it.
func (t *tree) downward(id string) []string {
	seen := map[string]bool{id: true}
	out := []string{id}
	for i := 0; i < len(out); i++ {
		for _, c := range t.children[out[i]] {
			if !seen[c] {
				seen[c] = true
				out = append(out, c)
			}
		}
	}
	return out
}

func (s *Service) tagMerge(ctx context.Context, in MergeTagsIn) (out Tag, err error) {
	var id string
	err = s.planTag(ctx, "Merge tags into "+in.Into, func(t *tree) ([]merge.Change, error) {
		into, err := s.model.find(t, in.Into)
		if err != nil {
			return nil, err
		}
		id = strings.TrimPrefix(into.id, tagTarget)
		var gone []*object
		for _, n := range in.Tags {
			o, err := s.model.find(t, n)
			if err != nil {
				return nil, err
			}
			if o.id == into.id {
				return nil, errs.New(errs.Invalid, "the tag %q cannot be merged into itself", o.one[nameField])
			}
			if !slices.Contains(gone, o) {
				gone = append(gone, o)
			}
		}
		return s.planMerge(t, into, gone)
	})
	if err != nil {
		return out, err
	}
	return s.tagShow(ctx, TagIn{Tag: id})
}

// planMerge gives the files, names and children of tags to another, and deletes them.
func (s *Service) planMerge(t *tree, into *object, gone []*object) ([]merge.Change, error) {
	c := &plan{target: into.id}
	var aliases []string
	files, children := map[*file]bool{}, map[string]bool{}
	for _, o := range gone {
		aliases = append(append(aliases, o.one[nameField]), slices.Collect(maps.Keys(o.sets[aliasField]))...)
		for f := range s.model.byTag[o.id] {
			if _, has := s.model.byTag[into.id][f]; !has {
				files[f] = true
			}
		}
		for _, child := range t.children[o.id] {
			children[child] = child != into.id
		}
	}
	same := func(a string) bool {
		_, has := into.sets[aliasField][a]
		return has || a == into.one[nameField]
	}
	if err := s.planAliases(c, into, slices.DeleteFunc(aliases, same)); err != nil {
		return nil, err
	}
	for child, wanted := range children {
		if _, has := s.model.objects[child].sets[parentField][into.id]; !has && wanted && !slices.ContainsFunc(gone, func(o *object) bool { return o.id == child }) {
			c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: child, Field: parentField, Member: into.id}})
		}
	}
	for f := range files {
		c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: f.target, Field: tagField, Member: into.id}})
	}
	for _, o := range gone {
		s.planDelete(t, c, o, false)
	}
	slices.SortStableFunc(c.changes, func(a, b merge.Change) int { return strings.Compare(a.Target, b.Target) }) // not in the order of maps
	return c.changes, nil
}

// planDelete takes a tag away, from files too. up: what stands below it stands below
// its parents then.
func (s *Service) planDelete(t *tree, c *plan, o *object, up bool) {
	own := &plan{target: o.id}
	own.dropAll(o)
	c.changes = append(c.changes, own.changes...)
	for f := range s.model.byTag[o.id] {
		c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: f.target, Field: tagField, Member: o.id}, Drop: true})
	}
	for id, other := range s.model.objects {
		for _, field := range []string{parentField, synonymField, relatedField} {
			if _, has := other.sets[field][o.id]; has && id != o.id {
				c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: id, Field: field, Member: o.id}, Drop: true})
				for _, p := range t.parents[o.id] {
					if _, has := other.sets[parentField][p]; up && field == parentField && !has {
						c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: id, Field: parentField, Member: p}})
					}
				}
			}
		}
	}
}

func (s *Service) tagDelete(ctx context.Context, in TagIn) (out Tag, err error) {
	err = s.planTag(ctx, "Delete the tag "+in.Tag, func(t *tree) ([]merge.Change, error) {
		o, err := s.model.find(t, in.Tag)
		if err != nil {
			return nil, err
		}
		out = s.model.show(t, o)
		c := &plan{}
		s.planDelete(t, c, o, true)
		slices.SortStableFunc(c.changes, func(a, b merge.Change) int { return strings.Compare(a.Target, b.Target) })
		return c.changes, nil
	})
	return out, err
}
