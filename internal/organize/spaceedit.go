package organize

import (
	"context"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

// editSpace has fn plan changes of a space, which is stored first, and shows it then.
func (s *Service) editSpace(ctx context.Context, title string, fn func(b *board) (space *object, changes []merge.Change, err error)) (out Space, err error) {
	target := ""
	undo, err := s.planTag(ctx, title, func(*tree) ([]merge.Change, error) {
		b := s.model.board()
		space, changes, err := fn(b)
		if err != nil {
			return nil, err
		}
		target = space.id
		return append(b.store(space), changes...), nil
	})
	if err != nil {
		return out, err
	}
	out, err = s.spaceShow(ctx, ShowSpaceIn{shortID(target)})
	out.Undo = undo
	return out, err
}

// title checks what groups, items and spaces are called.
func spaceTitle(what, text string) (string, error) { return checkName(what, text, maxName) }

func (s *Service) spaceCreate(ctx context.Context, in CreateSpaceIn) (out Space, err error) {
	if err := in.check(); err != nil {
		return out, err
	}
	return s.editSpace(ctx, "Make the space "+in.Name, func(b *board) (*object, []merge.Change, error) {
		name, err := spaceTitle("the name of a space", in.Name)
		if err != nil {
			return nil, nil, err
		}
		if _, err := b.space(s.model, name); !errs.Is(err, errs.NotFound) {
			return nil, nil, errs.New(errs.Conflict, "there is a space %q already", name).Try("Choose another name.")
		}
		if len(b.spaces) >= maxSpaces {
			return nil, nil, errs.New(errs.Invalid, "a library has up to %d spaces", maxSpaces)
		}
		o := &object{id: spaceTarget + newID(), one: map[string]string{nameField: name}}
		c := &plan{target: o.id}
		c.set(isField, "space")
		c.set(nameField, name)
		for _, f := range in.fields() {
			if f[1] != "" {
				c.set(f[0], f[1])
			}
		}
		c.changes = append(c.changes, place(o, b.spaces, len(b.spaces))...)
		if in.Copy != "" {
			from, err := b.space(s.model, in.Copy)
			if err != nil {
				return nil, nil, err
			}
			c.changes = append(c.changes, b.copyParts(from, o.id)...)
		}
		return o, c.changes, nil
	})
}

// copyParts plans copies of groups and items.
func (b *board) copyParts(from *object, to string) (changes []merge.Change) {
	for _, part := range b.under[from.id] {
		prefix, _, _ := strings.Cut(part.id, ":")
		c := &plan{target: prefix + ":" + newID()}
		for _, field := range []string{isField, nameField, fillField, kindField, labelField, atField} {
			if v := part.one[field]; v != "" {
				c.set(field, v)
			}
		}
		c.set(inField, to)
		for ref := range part.sets[refField] {
			c.add(refField, ref)
		}
		changes = append(append(changes, c.changes...), b.copyParts(part, c.target)...)
	}
	return changes
}

func (s *Service) spaceEdit(ctx context.Context, in EditSpaceIn) (out Space, err error) {
	if err := in.check(); err != nil {
		return out, err
	}
	return s.editSpace(ctx, "Edit the space "+in.Space, func(b *board) (*object, []merge.Change, error) {
		o, err := b.space(s.model, in.Space)
		if err != nil {
			return nil, nil, err
		}
		c := &plan{target: o.id}
		if in.Name != "" {
			name, err := spaceTitle("the name of a space", in.Name)
			if err != nil {
				return nil, nil, err
			}
			if other, err := b.space(s.model, name); !errs.Is(err, errs.NotFound) && (other == nil || other.id != o.id) {
				return nil, nil, errs.New(errs.Conflict, "there is a space %q already", name).Try("Choose another name.")
			}
			c.set(nameField, name)
		}
		for _, f := range in.fields() {
			if f[1] != "" {
				c.set(f[0], f[1])
			}
		}
		return o, c.changes, nil
	})
}

func (s *Service) spacePlace(ctx context.Context, in PlaceSpaceIn) (Space, error) {
	return s.editSpace(ctx, "Move the space "+in.Space, func(b *board) (*object, []merge.Change, error) {
		o, err := b.space(s.model, in.Space)
		if err != nil {
			return nil, nil, err
		}
		return o, place(o, b.spaces, in.At), nil
	})
}

func (s *Service) spaceDelete(ctx context.Context, in SpaceIn) (out Space, err error) {
	undo, err := s.planTag(ctx, "Delete the space "+in.Space, func(*tree) (changes []merge.Change, err error) {
		b := s.model.board()
		o, err := b.space(s.model, in.Space)
		if err != nil {
			return nil, err
		}
		if out = b.show(o); !out.Stored {
			return nil, errs.New(errs.Conflict, "the default space is as it was made, and always there")
		}
		return b.planRemove(o), nil
	})
	out.Undo = undo
	return out, err
}

// planRemove takes an object away, with all that is in it.
func (b *board) planRemove(o *object) (changes []merge.Change) {
	c := &plan{target: o.id}
	c.dropAll(o)
	changes = c.changes
	for _, part := range b.under[o.id] {
		changes = append(changes, b.planRemove(part)...)
	}
	return changes
}

func (s *Service) groupAdd(ctx context.Context, in AddGroupIn) (Space, error) {
	return s.editSpace(ctx, "Make the group "+in.Name, func(b *board) (*object, []merge.Change, error) {
		space, err := b.space(s.model, in.Space)
		if err != nil {
			return nil, nil, err
		}
		_, changes, err := b.planGroup(space, in.Name, in.Fill, in.At)
		return space, changes, err
	})
}

// planGroup plans a group of a space.
func (b *board) planGroup(space *object, name string, fill Fill, at *int) (*object, []merge.Change, error) {
	name, err := spaceTitle("the title of a group", name)
	if err != nil {
		return nil, nil, err
	}
	others := b.under[space.id]
	if len(others) >= maxGroups {
		return nil, nil, errs.New(errs.Invalid, "a space has up to %d groups", maxGroups)
	}
	o := &object{id: groupTarget + newID(), one: map[string]string{}}
	c := &plan{target: o.id}
	c.set(isField, "group")
	c.set(inField, space.id)
	c.set(nameField, name)
	if fill != "" {
		c.set(fillField, string(fill))
	}
	return o, append(c.changes, place(o, others, orAll(at, others))...), nil
}

func orAll(at *int, others []*object) int {
	if at == nil {
		return len(others)
	}
	return *at
}

// editPart has fn plan changes of a group or item.
func (s *Service) editPart(ctx context.Context, title, prefix, id string, fn func(b *board, o *object) ([]merge.Change, error)) (Space, error) {
	return s.editSpace(ctx, title, func(b *board) (*object, []merge.Change, error) {
		o, err := b.part(prefix, id)
		if err != nil {
			return nil, nil, err
		}
		changes, err := fn(b, o)
		return b.spaceOf(o), changes, err
	})
}

func (s *Service) groupEdit(ctx context.Context, in EditGroupIn) (Space, error) {
	return s.editPart(ctx, "Rename the group "+in.Name, groupTarget, in.Group, func(_ *board, o *object) ([]merge.Change, error) {
		name, err := spaceTitle("the title of a group", in.Name)
		c := &plan{target: o.id}
		c.set(nameField, name)
		return c.changes, err
	})
}

func (s *Service) groupPlace(ctx context.Context, in PlaceGroupIn) (Space, error) {
	return s.editPart(ctx, "Move a group", groupTarget, in.Group, func(b *board, o *object) ([]merge.Change, error) {
		return place(o, b.under[o.one[inField]], in.At), nil
	})
}

func (s *Service) groupRemove(ctx context.Context, in GroupIn) (Space, error) {
	return s.editPart(ctx, "Remove a group", groupTarget, in.Group, func(b *board, o *object) ([]merge.Change, error) {
		return b.planRemove(o), nil
	})
}

func (s *Service) itemEdit(ctx context.Context, in EditItemIn) (Space, error) {
	return s.editPart(ctx, "Rename an item of a space", itemTarget, in.Item, func(_ *board, o *object) (_ []merge.Change, err error) {
		if in.Label != "" {
			if in.Label, err = spaceTitle("the name of an item", in.Label); err != nil {
				return nil, err
			}
		}
		c := &plan{target: o.id}
		c.set(labelField, in.Label)
		return c.changes, nil
	})
}

func (s *Service) itemPlace(ctx context.Context, in PlaceItemIn) (Space, error) {
	return s.editPart(ctx, "Move an item of a space", itemTarget, in.Item, func(b *board, o *object) ([]merge.Change, error) {
		c := &plan{target: o.id}
		group := o.one[inField]
		if in.Group != "" && groupTarget+in.Group != group {
			g, err := b.taking(in.Group)
			if err != nil {
				return nil, err
			}
			if home := b.spaceOf(g); home != b.spaceOf(o) {
				c.changes = b.store(home)
			}
			group = g.id
			c.set(inField, group)
		}
		return append(c.changes, place(o, b.under[group], in.At)...), nil
	})
}

// taking finds a group into which items can be put.
func (b *board) taking(id string) (*object, error) {
	g, err := b.part(groupTarget, id)
	switch {
	case err != nil:
		return nil, err
	case g.one[fillField] != "":
		return nil, errs.New(errs.Invalid, "the group %q fills itself", g.one[nameField]).Try("Make another with: stardrive space group-add")
	case len(b.under[g.id]) >= maxSpaceItems:
		return nil, errs.New(errs.Invalid, "a group has up to %d items", maxSpaceItems)
	}
	return g, nil
}

func (s *Service) itemRemove(ctx context.Context, in ItemIn) (Space, error) {
	return s.editPart(ctx, "Remove an item of a space", itemTarget, in.Item, func(b *board, o *object) ([]merge.Change, error) {
		return b.planRemove(o), nil
	})
}

// ownGroup is the first group of a space that does not fill itself; nil: there is none.
func (b *board) ownGroup(space *object) *object {
	i := slices.IndexFunc(b.under[space.id], func(g *object) bool { return g.one[fillField] == "" })
	if i < 0 {
		return nil
	}
	return b.under[space.id][i]
}
