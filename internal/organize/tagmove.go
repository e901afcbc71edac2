package organize

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

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
	files, children := map[*file]string{}, map[string]bool{} // files with how the tag came to them
	for _, o := range gone {
		aliases = append(append(aliases, o.one[nameField]), slices.Collect(maps.Keys(o.sets[aliasField]))...)
		for f := range s.model.byTag[o.id] {
			if _, has := s.model.byTag[into.id][f]; !has {
				if how, known := files[f]; !known || how != "" { // what the user gave is his own
					files[f] = f.by[o.id].String()
				}
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
	for f, how := range files {
		c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: f.target, Field: tagField, Member: into.id}, Value: how})
	}
	for _, r := range s.model.those(ruleSort) {
		if slices.ContainsFunc(gone, func(o *object) bool { return o.id == r.one[intoField] }) {
			c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: r.id, Field: intoField}, Value: into.id})
		}
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
	for f := range s.model.refused[o.id] {
		c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: f.target, Field: refusedField, Member: o.id}, Drop: true})
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
