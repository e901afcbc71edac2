package organize

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
)

// maxCompletions is how many values Complete returns at most.
const maxCompletions = 100

// Complete returns some values of a field of searches that begin with a folded text, or
// hold it, as they are written, the likeliest first; of the field "field", the names of
// custom fields.
func (s *Service) Complete(field, folded string) (out []string) {
	s.model.look(func(t *tree) {
		key, custom := strings.CutPrefix(field, "field.")
		switch {
		case custom:
			out = s.model.valuesOf(key)
		case field == "field":
			for _, o := range s.model.those(fieldSort) {
				out = append(out, nameOf(o))
			}
		case field == "collection":
			for _, o := range s.model.those(collectionSort) {
				if o.one[queryField] == "" {
					out = append(out, o.one[nameField])
				}
			}
		case field == "tag":
			out = s.model.tagNames(t, folded)
		}
	})
	rank := func(v string) int {
		switch f := collate.Fold(v); {
		case strings.HasPrefix(f, folded):
			return 0
		case strings.Contains(f, folded):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	out = slices.DeleteFunc(out, func(v string) bool { return rank(v) == 2 })
	return out[:min(maxCompletions, len(out))]
}

// tagNames are names and aliases of tags that hold a folded text, as queries name
// them, those that most files have first. The caller holds the model.
func (m *model) tagNames(t *tree, folded string) []string {
	type named struct {
		name  string
		files int
	}
	var all []named
	for _, key := range t.names {
		if strings.Contains(key, "/") || !strings.Contains(key, folded) {
			continue
		}
		for _, id := range t.byName[key] {
			o := m.objects[id]
			name := o.one[nameField]
			for alias := range o.sets[aliasField] {
				if collate.Fold(alias) == key && collate.Fold(name) != key {
					name = alias
				}
			}
			if space := o.one[spaceField]; space != "" && len(t.byName[key]) > 1 {
				name = space + "/" + name
			}
			all = append(all, named{name, len(m.byTag[id])})
		}
	}
	slices.SortStableFunc(all, func(a, b named) int { return cmp.Compare(b.files, a.files) })
	out := make([]string, len(all))
	for i := range all {
		out[i] = all[i].name
	}
	return out
}

// valuesOf are values of a custom field: its choices, or the most frequent of those
// there are. The caller holds the model.
func (m *model) valuesOf(key string) (out []string) {
	o, err := m.field(key)
	if err != nil {
		return nil
	}
	switch fieldType(o) {
	case ChoiceField:
		return o.choices()
	case BoolField:
		return []string{"yes", "no"}
	case TextField, NumberField, DateField, URLField:
	}
	n := map[string]int{}
	for _, v := range m.values[o.id] {
		if len(v) <= maxName && !strings.ContainsAny(v, "\"\n") {
			n[v]++
		}
	}
	for v := range n {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), strings.Compare(a, b)) })
	return out
}

// EachTag calls fn with every tag that files have, as queries name it, and with the
// rows of the catalogue that have it themselves. fn must not ask the Service.
func (s *Service) EachTag(fn func(tag string, contents, entries iter.Seq[int64])) {
	s.model.look(func(t *tree) {
		for id, files := range s.model.byTag {
			o := s.model.objects[id]
			if len(files) == 0 || !o.there() || typeOf(o) == Private {
				continue
			}
			name := o.one[nameField]
			if space := o.one[spaceField]; space != "" {
				name = space + "/" + name
			}
			if len(t.byName[collate.Fold(name)]) > 1 {
				name = shortID(id)
			}
			r := s.model.foundBy(id)
			fn(name, maps.Keys(r.contents), maps.Keys(r.entries))
		}
	})
}

// About is what was added to an entry; nil: nothing was.
func (s *Service) About(ctx context.Context, id string) (*About, error) {
	select {
	case <-s.verified:
	default:
		return nil, nil // it is not known yet, and nobody waits for it
	}
	a, err := s.of(ctx, One{ID: id})
	if errs.Is(err, errs.NotFound) || err == nil && len(a.Tags)+len(a.Fields) == 0 && !a.Favourite && a.Rating == 0 && a.Note == "" {
		return nil, nil
	}
	return &a, err
}
