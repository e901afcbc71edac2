package organize

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
)

// sort is something that users make besides tags: collections, custom fields ...
type sort struct {
	prefix string // of its targets
	noun   string
	area   string // of its operations
}

var (
	collectionSort = sort{collectionTarget, "collection", "collection"}
	fieldSort      = sort{fieldTarget, "custom field", "field"}
	ruleSort       = sort{ruleTarget, "rule", "rule"}
	spaceSort      = sort{spaceTarget, "space", "space"}
)

// nameOf is what an object is found by: of one with a namespace, both with a dot
// between them.
func nameOf(o *object) string {
	if space := o.one[spaceField]; space != "" && strings.HasPrefix(o.id, fieldTarget) {
		return space + "." + o.one[nameField]
	}
	return o.one[nameField]
}

func shortID(target string) string {
	_, id, _ := strings.Cut(target, ":")
	return id
}

// those are the objects of a sort, by name. The caller holds the model.
func (m *model) those(of sort) (all []*object) {
	for id, o := range m.objects {
		if strings.HasPrefix(id, of.prefix) && o.there() {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b *object) int {
		return cmp.Or(collate.Natural(nameOf(a), nameOf(b)), strings.Compare(a.id, b.id))
	})
	return all
}

// that finds an object of a sort by its name or id. The caller holds the model.
// Errors: errs.NotFound, errs.Invalid.
func (m *model) that(of sort, name string) (*object, error) {
	if o := m.objects[of.prefix+name]; o.there() {
		return o, nil
	}
	var found *object
	folded := collate.Fold(name)
	for id, o := range m.objects {
		if !strings.HasPrefix(id, of.prefix) || !o.there() || collate.Fold(nameOf(o)) != folded {
			continue
		}
		if found != nil { // made at the same time on two devices
			return nil, errs.New(errs.Invalid, "several %ss are named %q", of.noun, name).Try("Name the one you mean by its id: stardrive " + of.area + " list --json")
		}
		found = o
	}
	if found == nil {
		return nil, errs.New(errs.NotFound, "no %s is named %q", of.noun, name).Try("See those there are with: stardrive " + of.area + " list")
	}
	return found, nil
}

// free makes sure that no other object of a sort has a name. The caller holds the
// model.
func (m *model) freeAmong(of sort, name, but string) error {
	o, err := m.that(of, name)
	if errs.Is(err, errs.NotFound) || o != nil && o.id == but {
		return nil
	}
	return errs.New(errs.Conflict, "there is a %s %q already", of.noun, name).Try("Choose another name.")
}
