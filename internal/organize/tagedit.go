package organize

import (
	"context"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

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

func (s *Service) tagCreate(ctx context.Context, in CreateTagIn) (out Tag, err error) {
	c := &plan{target: tagTarget + newID()}
	undo, err := s.planTag(ctx, "Make the tag "+in.Name, func(t *tree) ([]merge.Change, error) {
		err := s.planCreate(t, c, &in)
		return c.changes, err
	})
	if err != nil {
		return out, err
	}
	out, err = s.tagShow(ctx, TagIn{Tag: strings.TrimPrefix(c.target, tagTarget)})
	out.Undo = undo
	return out, err
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
	undo, err := s.planTag(ctx, "Edit the tag "+in.Tag, func(t *tree) ([]merge.Change, error) {
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
	out, err = s.tagShow(ctx, TagIn{Tag: id})
	out.Undo = undo
	return out, err
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
