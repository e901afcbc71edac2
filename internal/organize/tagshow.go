package organize

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
)

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
