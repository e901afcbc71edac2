package organize

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

// board are all spaces with what is in them, in their order.
type board struct {
	spaces  []*object
	under   map[string][]*object // groups by space, items by group
	byID    map[string]*object
	virtual bool // the default space is not stored
}

// defaultGroups are those of the default space until the user changes it.
var defaultGroups = []struct {
	fill Fill
	name string
}{
	{FillLocations, "Locations"}, {FillSaved, "Saved searches"}, {FillTags, "Tags"}, {FillCollections, "Collections"}, {FillFavourites, "Favourites"}, {FillVolumes, "Volumes"},
}

// defaultSpace is the default space as it is made, with its groups. It has the same ids
// everywhere, so that two devices that store it store the same.
func defaultSpace() (all []*object) {
	add := func(id string, facts map[string]string) {
		all = append(all, &object{id: id, one: facts, sets: map[string]map[string]merge.Fact{}})
	}
	add(spaceTarget+defaultID, map[string]string{isField: "space", nameField: "Home", atField: "1"})
	key := ""
	for _, g := range defaultGroups {
		key = between(key, "")
		add(groupTarget+defaultID+string(g.fill), map[string]string{
			isField: "group", nameField: g.name, fillField: string(g.fill), inField: spaceTarget + defaultID, atField: key,
		})
	}
	return all
}

// board reads the spaces. The caller holds the model.
func (m *model) board() *board {
	b := &board{under: map[string][]*object{}, byID: map[string]*object{}}
	for id, o := range m.objects {
		prefix, _, _ := strings.Cut(id, ":")
		if prefix += ":"; (prefix == spaceTarget || prefix == groupTarget || prefix == itemTarget) && o.there() {
			b.byID[id] = o
		}
	}
	if b.virtual = !m.objects[spaceTarget+defaultID].there(); b.virtual {
		for _, o := range defaultSpace() {
			b.byID[o.id] = o
		}
	}
	for id, o := range b.byID {
		if strings.HasPrefix(id, spaceTarget) {
			b.spaces = append(b.spaces, o)
		} else if in := o.one[inField]; b.byID[in] != nil {
			b.under[in] = append(b.under[in], o)
		}
	}
	inOrder(b.spaces)
	for _, some := range b.under {
		inOrder(some)
	}
	return b
}

func inOrder(some []*object) {
	slices.SortFunc(some, func(a, b *object) int {
		return cmp.Or(strings.Compare(a.one[atField], b.one[atField]), strings.Compare(a.id, b.id))
	})
}

// space finds a space by name or id. Errors: errs.NotFound, errs.Invalid.
func (b *board) space(m *model, name string) (*object, error) {
	if name == "" {
		name = defaultID
	}
	if o := b.byID[spaceTarget+name]; o != nil {
		return o, nil
	}
	o, err := m.that(spaceSort, name)
	if home := b.byID[spaceTarget+defaultID]; errs.Is(err, errs.NotFound) && b.virtual && strings.EqualFold(name, home.one[nameField]) {
		return home, nil
	}
	return o, err
}

// part finds a group or an item by id. Errors: errs.NotFound.
func (b *board) part(prefix, id string) (*object, error) {
	if o := b.byID[prefix+id]; o != nil && b.byID[o.one[inField]] != nil {
		return o, nil
	}
	what := map[string]string{groupTarget: "group", itemTarget: "item"}[prefix]
	return nil, errs.New(errs.NotFound, "no %s of a space has the id %q", what, id).Try("See those there are with: stardrive space show --json")
}

// spaceOf is the space in which a group or item is.
func (b *board) spaceOf(o *object) *object {
	for o != nil && !strings.HasPrefix(o.id, spaceTarget) {
		o = b.byID[o.one[inField]]
	}
	return o
}

// store plans the default space, where it is changed and not stored yet.
func (b *board) store(space *object) (changes []merge.Change) {
	if !b.virtual || space.id != spaceTarget+defaultID {
		return nil
	}
	for _, o := range defaultSpace() {
		c := &plan{target: o.id}
		for _, field := range []string{isField, nameField, fillField, inField, atField} {
			if v := o.one[field]; v != "" {
				c.set(field, v)
			}
		}
		changes = append(changes, c.changes...)
	}
	return changes
}

// place plans that an object stands behind so many others. The others keep their keys,
// unless there is no room between two, which were made at the same time.
func place(o *object, others []*object, at int) (changes []merge.Change) {
	set := func(target, key string) {
		changes = append(changes, merge.Change{Key: merge.Key{Target: target, Field: atField}, Value: key})
	}
	others = slices.DeleteFunc(slices.Clone(others), func(other *object) bool { return other.id == o.id })
	at = min(max(at, 0), len(others))
	before, after := "", ""
	if at > 0 {
		before = others[at-1].one[atField]
	}
	if at < len(others) {
		after = others[at].one[atField]
	}
	if after == "" || before < after {
		set(o.id, between(before, after))
		return changes
	}
	key := ""
	for _, other := range slices.Insert(others, at, o) {
		key = between(key, "")
		set(other.id, key)
	}
	return changes
}

// digits are those of keys of order, which sort as bytes.
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// between makes a key of order between two others: "" before is the beginning, and ""
// after the end. There always is one, and none ends in the first digit.
func between(before, after string) string {
	digit := func(key string, i int) int {
		if i >= len(key) {
			return 0
		}
		return max(0, strings.IndexByte(digits, key[i]))
	}
	var out []byte
	for i := 0; ; i++ {
		low, high := digit(before, i), len(digits)
		if i < len(after) {
			high = digit(after, i)
		} else if after != "" {
			after = ""
		}
		switch {
		case after == "" && low+1 < high:
			return string(append(out, digits[low+1]))
		case high-low > 1:
			return string(append(out, digits[(low+high)/2]))
		}
		out = append(out, digits[low])
		if high != low {
			after = ""
		}
	}
}
