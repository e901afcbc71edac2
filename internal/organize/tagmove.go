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
	undo, err := s.planTag(ctx, "Move the tag "+in.Tag, func(t *tree) ([]merge.Change, error) {
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
	out, err = s.tagShow(ctx, TagIn{Tag: id})
	out.Undo = undo
	return out, err
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
	undo, err := s.planTag(ctx, "Merge tags into "+in.Into, func(t *tree) ([]merge.Change, error) {
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
	out, err = s.tagShow(ctx, TagIn{Tag: id})
	out.Undo = undo
	return out, err
}

// planMerge gives the files, names and children of tags to another, and deletes them.
func (s *Service) planMerge(t *tree, into *object, gone []*object) ([]merge.Change, error) {
	c := &plan{target: into.id}
	var aliases []string
	children := map[string]bool{}
	for _, o := range gone {
		aliases = append(append(aliases, o.one[nameField]), slices.Collect(maps.Keys(o.sets[aliasField]))...)
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
	c.changes = append(append(c.changes, s.model.mergeFiles(into.id, gone)...), s.model.mergeUses(into.id, gone)...)
	for _, o := range gone {
		s.planDelete(t, c, o, false)
	}
	slices.SortStableFunc(c.changes, func(a, b merge.Change) int { return strings.Compare(a.Target, b.Target) }) // not in the order of maps
	return c.changes, nil
}

// mergeFiles gives a tag to the files of others that go. What the user took from a file of
// any of them no rule has given it then, unless the user gave it another of them himself.
// The caller holds the model.
func (m *model) mergeFiles(into string, gone []*object) (changes []merge.Change) {
	put := func(f *file, field, value string, drop bool) {
		changes = append(changes, merge.Change{Key: merge.Key{Target: f.target, Field: field, Member: into}, Value: value, Drop: drop})
	}
	best := map[*file]application{} // how the tag came to files: the user's word first
	refused := map[*file]bool{}
	for _, id := range append([]string{into}, idsOf(gone)...) {
		for f := range m.byTag[id] {
			if was, known := best[f]; !known || f.by[id].weight() > was.weight() {
				best[f] = f.by[id]
			}
		}
		for f := range m.refused[id] {
			refused[f] = true
		}
	}
	for f, how := range best {
		_, has := m.byTag[into][f]
		_, not := m.refused[into][f]
		switch ruled := how.Source == ruleSource; {
		case ruled && refused[f]:
			if has {
				put(f, tagField, "", true)
			}
			continue
		case !has || how != f.by[into]:
			put(f, tagField, how.String(), false)
		}
		if delete(refused, f); not && how == (application{}) {
			put(f, refusedField, "", true)
		}
	}
	for f := range refused {
		if _, not := m.refused[into][f]; !not {
			put(f, refusedField, "", false)
		}
	}
	return changes
}

func idsOf(some []*object) (ids []string) {
	for _, o := range some {
		ids = append(ids, o.id)
	}
	return ids
}

// mergeUses has rules give a tag in place of those that go, and spaces show it. The caller
// holds the model.
func (m *model) mergeUses(into string, gone []*object) (changes []merge.Change) {
	for _, o := range gone {
		for id, user := range m.objects {
			if user.there() && strings.HasPrefix(id, ruleTarget) && user.one[intoField] == o.id {
				changes = append(changes, merge.Change{Key: merge.Key{Target: id, Field: intoField}, Value: into})
			}
			if _, shows := user.sets[refField][o.id]; shows && user.there() {
				changes = append(changes, merge.Change{Key: merge.Key{Target: id, Field: refField, Member: into}},
					merge.Change{Key: merge.Key{Target: id, Field: refField, Member: o.id}, Drop: true})
			}
		}
	}
	return changes
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
	undo, err := s.planTag(ctx, "Delete the tag "+in.Tag, func(t *tree) ([]merge.Change, error) {
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
	out.Undo = undo
	return out, err
}
